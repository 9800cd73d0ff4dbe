//! Record types by number, mnemonic or `TYPEnnn` (RFC 3597).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::error::excerpt;
use super::registry;

/// The type of a record.
///
/// Any number is a type; those with a mnemonic are shown by it, the rest as `TYPEnnn`
/// (RFC 3597 section 5).
///
/// ```
/// use easement_zone::RecordType;
///
/// assert_eq!("mx".parse::<RecordType>()?, RecordType::MX);
/// assert_eq!("TYPE15".parse::<RecordType>()?.to_string(), "MX");
/// assert_eq!("TYPE65280".parse::<RecordType>()?.to_string(), "TYPE65280");
/// # Ok::<(), easement_zone::UnknownRecordType>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RecordType(u16);

macro_rules! record_types {
    ($($name:ident = $number:literal $text:literal),* $(,)?) => {
        /// The types with a mnemonic, from the IANA registry.
        impl RecordType {
            $(#[doc = concat!("`", $text, "`")] pub const $name: Self = Self($number);)*

            /// The mnemonic, when the type has one.
            pub fn mnemonic(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some($text),)*
                    _ => None,
                }
            }

            fn from_mnemonic(text: &str) -> Option<Self> {
                $(if text.eq_ignore_ascii_case($text) {
                    return Some(Self::$name);
                })*
                None
            }
        }
    };
}

record_types! {
    A = 1 "A", NS = 2 "NS", MD = 3 "MD", MF = 4 "MF", CNAME = 5 "CNAME", SOA = 6 "SOA", MB = 7 "MB",
    MG = 8 "MG", MR = 9 "MR", NULL = 10 "NULL", PTR = 12 "PTR",
    HINFO = 13 "HINFO", MINFO = 14 "MINFO", MX = 15 "MX", TXT = 16 "TXT", RP = 17 "RP",
    AFSDB = 18 "AFSDB", RT = 21 "RT", SIG = 24 "SIG", KEY = 25 "KEY", AAAA = 28 "AAAA",
    LOC = 29 "LOC", SRV = 33 "SRV", NAPTR = 35 "NAPTR", KX = 36 "KX", CERT = 37 "CERT",
    DNAME = 39 "DNAME", OPT = 41 "OPT", APL = 42 "APL", DS = 43 "DS", SSHFP = 44 "SSHFP",
    IPSECKEY = 45 "IPSECKEY", RRSIG = 46 "RRSIG", NSEC = 47 "NSEC", DNSKEY = 48 "DNSKEY",
    DHCID = 49 "DHCID", NSEC3 = 50 "NSEC3", NSEC3PARAM = 51 "NSEC3PARAM", TLSA = 52 "TLSA",
    SMIMEA = 53 "SMIMEA", HIP = 55 "HIP", CDS = 59 "CDS", CDNSKEY = 60 "CDNSKEY",
    OPENPGPKEY = 61 "OPENPGPKEY", CSYNC = 62 "CSYNC", ZONEMD = 63 "ZONEMD", SVCB = 64 "SVCB",
    HTTPS = 65 "HTTPS", SPF = 99 "SPF", EUI48 = 108 "EUI48", EUI64 = 109 "EUI64",
    TKEY = 249 "TKEY", TSIG = 250 "TSIG", IXFR = 251 "IXFR", AXFR = 252 "AXFR", ANY = 255 "ANY",
    URI = 256 "URI", CAA = 257 "CAA",
}

impl RecordType {
    /// The type with this number.
    pub const fn from_number(number: u16) -> Self {
        Self(number)
    }

    /// The number on the wire.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// Whether this is a question or transaction type that can never be a record of a zone
    /// (RFC 6895 section 3.1).
    pub fn is_meta(self) -> bool {
        matches!(self.0, 0 | 41 | 128..=255 | 65535)
    }

    /// Whether DNSSEC signing makes records of this type, so that nobody else may write them.
    pub fn is_made_by_signing(self) -> bool {
        [
            Self::RRSIG,
            Self::NSEC,
            Self::NSEC3,
            Self::NSEC3PARAM,
            Self::DNSKEY,
        ]
        .contains(&self)
    }

    /// Whether records of this type hold host addresses.
    pub fn is_address(self) -> bool {
        self == Self::A || self == Self::AAAA
    }
}

impl FromStr for RecordType {
    type Err = UnknownRecordType;

    fn from_str(text: &str) -> Result<Self, UnknownRecordType> {
        if let Some(known) = Self::from_mnemonic(text).or_else(|| registry::find(text).map(Self)) {
            return Ok(known);
        }
        text.split_at_checked(4)
            .filter(|(word, _)| word.eq_ignore_ascii_case("TYPE"))
            .filter(|(_, number)| number.bytes().all(|digit| digit.is_ascii_digit()))
            .and_then(|(_, number)| number.parse().ok())
            .map(Self)
            .ok_or_else(|| UnknownRecordType {
                text: excerpt(text),
            })
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mnemonic() {
            Some(mnemonic) => f.pad(mnemonic),
            None => f.pad(&format!("TYPE{}", self.0)),
        }
    }
}

impl fmt::Debug for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for RecordType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RecordType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// A text that names no record type.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "`{text}` is not a record type: use a mnemonic such as MX, or TYPE and a number up to 65535"
)]
pub struct UnknownRecordType {
    /// The text, or its beginning.
    pub text: String,
}
