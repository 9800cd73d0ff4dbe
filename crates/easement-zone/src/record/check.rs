//! Whether wire data suits its type.

use super::layout::{Field, Single, Tail, layout};
use super::{DataError, RecordType, location, parameters};
use crate::NameError;
use crate::name::wire_length;

/// The gateway of an `IPSECKEY` record is a domain name (RFC 4025 section 2.3).
pub(super) const GATEWAY_IS_NAME: u8 = 3;

/// Refuses data that a record of this type cannot have. Types that are not described may have any.
pub(super) fn check(rtype: RecordType, data: &[u8]) -> Result<(), DataError> {
    let Some(fields) = layout(rtype) else {
        return Ok(());
    };
    let refuse = |field, problem| DataError::Wire {
        rtype,
        field,
        problem,
    };
    let mut rest = data;
    let mut last = "data";
    for field in fields {
        let length =
            field_length(*field, data, rest).map_err(|problem| refuse(field.name(), problem))?;
        rest = rest.get(length..).unwrap_or_default();
        last = field.name();
    }
    if rest.is_empty() {
        Ok(())
    } else {
        Err(refuse(last, WireError::Trailing { octets: rest.len() }))
    }
}

/// How many octets of `rest`, the end of `data`, the field takes.
pub(super) fn field_length(field: Field, data: &[u8], rest: &[u8]) -> Result<usize, WireError> {
    match field {
        Field::One(_, single) => single_length(single, data, rest),
        Field::Rest(_, Tail::OptionalBase64) => Ok(rest.len()),
        Field::Rest(_, Tail::Hex | Tail::Base64) => filled(rest),
        Field::Rest(_, Tail::Digest) => digest(data, rest),
        Field::Rest(_, Tail::Strings) => strings(rest),
        Field::Rest(_, Tail::Types) => types(rest),
        Field::Rest(_, Tail::Location) if location::suits(rest) => Ok(rest.len()),
        Field::Rest(_, Tail::Location) => Err(WireError::Malformed),
        Field::Rest(_, Tail::Parameters) => parameters::check(rest).map(|()| rest.len()),
    }
}

fn single_length(single: Single, data: &[u8], rest: &[u8]) -> Result<usize, WireError> {
    match single {
        Single::U8 | Single::Algorithm => fixed(rest, 1),
        Single::U16 | Single::CertificateType => fixed(rest, 2),
        Single::U32 | Single::Seconds | Single::Ipv4 => fixed(rest, 4),
        Single::Ipv6 => fixed(rest, 16),
        Single::Eui(octets) => fixed(rest, usize::from(octets)),
        Single::Name => Ok(wire_length(rest)?),
        Single::String | Single::Salt => counted(rest),
        Single::Tag => tag(rest),
        Single::Text => Ok(rest.len()),
        Single::FilledText => filled(rest),
        Single::Gateway => match data.get(1) {
            Some(0) => Ok(0),
            Some(1) => fixed(rest, 4),
            Some(2) => fixed(rest, 16),
            Some(&GATEWAY_IS_NAME) => Ok(wire_length(rest)?),
            _ => Err(WireError::Malformed),
        },
    }
}

fn fixed(rest: &[u8], octets: usize) -> Result<usize, WireError> {
    if rest.len() < octets {
        return Err(WireError::Truncated);
    }
    Ok(octets)
}

fn counted(rest: &[u8]) -> Result<usize, WireError> {
    let length = rest.first().ok_or(WireError::Truncated)?;
    fixed(rest, 1 + usize::from(*length))
}

fn filled(rest: &[u8]) -> Result<usize, WireError> {
    if rest.is_empty() {
        return Err(WireError::Empty);
    }
    Ok(rest.len())
}

/// A digest of `DS` or `CDS`, as long as its type says where that is known (IANA registry of digest
/// types). A shorter one makes the delegation fail for everyone who validates.
fn digest(data: &[u8], rest: &[u8]) -> Result<usize, WireError> {
    let expected = match data.get(3) {
        Some(1) => 20,
        Some(2 | 3) => 32,
        Some(4) => 48,
        _ => return filled(rest),
    };
    if rest.len() == expected {
        Ok(expected)
    } else {
        Err(WireError::DigestLength { expected })
    }
}

/// Refuses a fingerprint of `SSHFP`, or a digest of `TLSA` or `SMIMEA`, that is shorter or longer than its type
/// says (RFC 4255 section 3.1.2, RFC 6698 section 2.1.3): it matches nothing, and BIND reads no zone file that
/// has one. This is asked of new data alone, so that what is stored is served as it is.
pub(super) fn check_fingerprint(rtype: RecordType, data: &[u8]) -> Result<(), DataError> {
    let (field, before, kind) = match (rtype, data) {
        (RecordType::SSHFP, [_, kind, ..]) => ("fingerprint", 2, *kind),
        (RecordType::TLSA | RecordType::SMIMEA, [_, _, kind, ..]) => ("certificate-data", 3, *kind),
        _ => return Ok(()),
    };
    let expected = match (rtype, kind) {
        (RecordType::SSHFP, 1) => 20,
        (RecordType::SSHFP, 2) | (RecordType::TLSA | RecordType::SMIMEA, 1) => 32,
        (RecordType::TLSA | RecordType::SMIMEA, 2) => 64,
        _ => return Ok(()),
    };
    if data.len() == before + expected {
        return Ok(());
    }
    Err(DataError::Wire {
        rtype,
        field,
        problem: WireError::DigestLength { expected },
    })
}

/// One or more character strings (RFC 1035 section 3.3.14).
fn strings(rest: &[u8]) -> Result<usize, WireError> {
    let mut after = rest;
    filled(after)?;
    while !after.is_empty() {
        after = after.get(counted(after)?..).unwrap_or_default();
    }
    Ok(rest.len())
}

/// A tag of `CAA` (RFC 8659 section 4.1).
fn tag(rest: &[u8]) -> Result<usize, WireError> {
    let length = counted(rest)?;
    match rest.get(1..length) {
        Some([]) => Err(WireError::Empty),
        Some(tag) if tag.iter().all(u8::is_ascii_alphanumeric) => Ok(length),
        _ => Err(WireError::Malformed),
    }
}

/// Windows in ascending order, each with 1 to 32 octets and no zero octet at its end
/// (RFC 4034 section 4.1.2).
fn types(rest: &[u8]) -> Result<usize, WireError> {
    let mut after = rest;
    let mut least = 0;
    while let Some((window, tail)) = after.split_first() {
        let (length, tail) = tail.split_first().ok_or(WireError::Truncated)?;
        let (bits, tail) = tail
            .split_at_checked(usize::from(*length))
            .ok_or(WireError::Truncated)?;
        let is_minimal = bits.len() <= 32 && bits.last().is_some_and(|last| *last != 0);
        if u16::from(*window) < least || !is_minimal {
            return Err(WireError::Malformed);
        }
        least = u16::from(*window) + 1;
        after = tail;
    }
    Ok(rest.len())
}

/// What is wrong with a field of wire data.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum WireError {
    /// The data ends inside the field.
    #[error("is cut off")]
    Truncated,
    /// The field has to hold something.
    #[error("is empty")]
    Empty,
    /// The data goes on after its last field.
    #[error("goes on after its end (octets too many: {octets})")]
    Trailing {
        /// How many.
        octets: usize,
    },
    /// The field is not a name.
    #[error("is not a valid name: {0}")]
    Name(#[from] NameError),
    /// A digest is longer or shorter than digests of its type are.
    #[error("must have {expected} octets, as its type says")]
    DigestLength {
        /// How many octets there should be.
        expected: usize,
    },
    /// The field has a form that its type does not allow.
    #[error("has a form that is not allowed")]
    Malformed,
}
