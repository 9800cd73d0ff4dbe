//! Types of the IANA registry that are seldom seen.
//!
//! Their mnemonics are read, so that a zone that has one can move here with its data in the form of RFC 3597.
//! They are written as `TYPEnnn`, which every other server reads too.

/// Mnemonics and numbers (IANA registry of DNS parameters, resource record types).
const TYPES: [(&str, u16); 39] = [
    ("WKS", 11),
    ("X25", 19),
    ("ISDN", 20),
    ("NSAP", 22),
    ("NSAP-PTR", 23),
    ("PX", 26),
    ("GPOS", 27),
    ("NXT", 30),
    ("EID", 31),
    ("NIMLOC", 32),
    ("ATMA", 34),
    ("A6", 38),
    ("SINK", 40),
    ("NINFO", 56),
    ("RKEY", 57),
    ("TALINK", 58),
    ("DSYNC", 66),
    ("HHIT", 67),
    ("BRID", 68),
    ("UINFO", 100),
    ("UID", 101),
    ("GID", 102),
    ("UNSPEC", 103),
    ("NID", 104),
    ("L32", 105),
    ("L64", 106),
    ("LP", 107),
    ("NXNAME", 128),
    ("MAILB", 253),
    ("MAILA", 254),
    ("AVC", 258),
    ("DOA", 259),
    ("AMTRELAY", 260),
    ("RESINFO", 261),
    ("WALLET", 262),
    ("CLA", 263),
    ("IPN", 264),
    ("TA", 32768),
    ("DLV", 32769),
];

/// The number of the type with this mnemonic.
pub(super) fn find(mnemonic: &str) -> Option<u16> {
    let found = TYPES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(mnemonic));
    found.map(|(_, number)| *number)
}
