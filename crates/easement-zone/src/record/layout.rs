//! Where the domain names are inside record data.
//!
//! Comparing data without regard to the case of the names in it, finding the hosts that a record
//! points to, and completing relative names in text need no more than this.

use super::RecordType;

/// One field of record data.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Field {
    /// So many octets.
    Octets(usize),
    /// A length octet and so many octets.
    CharacterString,
    /// An uncompressed domain name that compares without regard to case (RFC 4034 section 6.2).
    Name,
}

/// The fields that data of this type begins with; what follows them holds no name.
pub(crate) fn leading_fields(rtype: RecordType) -> &'static [Field] {
    use Field::{CharacterString, Name, Octets};
    match rtype {
        RecordType::NS | RecordType::CNAME | RecordType::PTR | RecordType::DNAME => &[Name],
        RecordType::SOA | RecordType::RP | RecordType::MINFO => &[Name, Name],
        RecordType::MX
        | RecordType::AFSDB
        | RecordType::RT
        | RecordType::KX
        | RecordType::SVCB
        | RecordType::HTTPS => &[Octets(2), Name],
        RecordType::SRV => &[Octets(6), Name],
        RecordType::NAPTR => &[
            Octets(4),
            CharacterString,
            CharacterString,
            CharacterString,
            Name,
        ],
        _ => &[],
    }
}

/// Calls `visit` with each run of octets and whether the run is a domain name.
///
/// Data that ends inside its fields is given as one plain run from there on.
pub(crate) fn walk<'a>(rtype: RecordType, data: &'a [u8], mut visit: impl FnMut(&'a [u8], Run)) {
    let mut rest = data;
    for field in leading_fields(rtype) {
        let (length, run) = match field {
            Field::Octets(count) => (Some(*count), Run::Plain),
            Field::CharacterString => (
                rest.first().map(|length| 1 + usize::from(*length)),
                Run::Plain,
            ),
            Field::Name => (
                crate::Name::split_from_wire(rest)
                    .ok()
                    .map(|(name, _)| name.as_wire().len()),
                Run::Name,
            ),
        };
        let Some((octets, after)) = length.and_then(|length| rest.split_at_checked(length)) else {
            break;
        };
        visit(octets, run);
        rest = after;
    }
    visit(rest, Run::Plain);
}

/// What a run of octets is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Run {
    /// Octets that compare exactly.
    Plain,
    /// A domain name.
    Name,
}
