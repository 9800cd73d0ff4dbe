//! What record data is made of: the fields of each type.
//!
//! One table serves everything that looks inside data: the check of wire data, reading and writing
//! text, comparing names without regard to case, and finding the hosts that a record points to.
//!
//! **To describe one more type**, add its fields to [`layout`]. Types without an entry are kept as
//! they are and written in the form of RFC 3597.

use super::RecordType;
use super::check::{GATEWAY_IS_NAME, field_length};

/// One field: what people call it, and what it holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Field {
    /// A field that is written as one word.
    One(&'static str, Single),
    /// The last field: all octets and all words that are left.
    Rest(&'static str, Tail),
}

/// What a field of one word holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Single {
    /// One octet, in decimal.
    U8,
    /// Two octets, in decimal.
    U16,
    /// One octet, in decimal or as the mnemonic of a DNSSEC algorithm.
    Algorithm,
    /// Two octets, in decimal or as a mnemonic of `CERT` (RFC 4398 section 2.1).
    CertificateType,
    /// Four octets, in decimal.
    U32,
    /// Four octets: seconds, also with units.
    Seconds,
    /// An IPv4 address.
    Ipv4,
    /// An IPv6 address.
    Ipv6,
    /// An uncompressed domain name that compares without regard to case (RFC 4034 section 6.2).
    Name,
    /// A length octet and so many octets, quoted.
    String,
    /// A length octet and letters or digits, not quoted.
    Tag,
    /// Every octet that is left, quoted.
    Text,
    /// Every octet that is left, quoted; at least one.
    FilledText,
    /// A length octet and so many octets, in hexadecimal; `-` when there are none.
    Salt,
    /// So many octets in pairs of hexadecimal digits with hyphens between (RFC 7043).
    Eui(u8),
    /// The gateway of `IPSECKEY`: its form stands in the second octet of the data (RFC 4025).
    Gateway,
}

/// What a last field holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tail {
    /// One or more character strings.
    Strings,
    /// Octets in hexadecimal; at least one.
    Hex,
    /// A digest in hexadecimal; its type stands in the fourth octet of the data (RFC 4034
    /// section 5.1).
    Digest,
    /// Octets in base64; at least one.
    Base64,
    /// Octets in base64; may be none.
    OptionalBase64,
    /// The bitmap of record types (RFC 4034 section 4.1.2).
    Types,
    /// The parameters of `SVCB` and `HTTPS` (RFC 9460 section 2.2).
    Parameters,
    /// A place on the earth (RFC 1876).
    Location,
}

impl Field {
    /// What people call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::One(name, _) | Self::Rest(name, _) => name,
        }
    }

    /// Whether the field may hold a domain name.
    fn may_be_name(self) -> bool {
        matches!(self, Self::One(_, Single::Name | Single::Gateway))
    }
}

/// The fields of a type, when it is described.
pub(crate) fn layout(rtype: RecordType) -> Option<&'static [Field]> {
    use Field::{One, Rest};
    use Single::{FilledText, Ipv4, Ipv6, Name, Seconds, String, Tag, Text, U8, U16, U32};
    Some(match rtype {
        RecordType::A => &[One("address", Ipv4)],
        RecordType::AAAA => &[One("address", Ipv6)],
        RecordType::NS
        | RecordType::CNAME
        | RecordType::PTR
        | RecordType::DNAME
        | RecordType::MD
        | RecordType::MF
        | RecordType::MB
        | RecordType::MG
        | RecordType::MR => &[One("target", Name)],
        RecordType::SOA => &[
            One("primary", Name),
            One("mailbox", Name),
            One("serial", U32),
            One("refresh", Seconds),
            One("retry", Seconds),
            One("expire", Seconds),
            One("minimum", Seconds),
        ],
        RecordType::RP => &[One("mailbox", Name), One("text", Name)],
        RecordType::MINFO => &[One("mailbox", Name), One("errors", Name)],
        RecordType::MX | RecordType::RT | RecordType::KX => {
            &[One("preference", U16), One("host", Name)]
        }
        RecordType::AFSDB => &[One("subtype", U16), One("host", Name)],
        RecordType::SRV => &[
            One("priority", U16),
            One("weight", U16),
            One("port", U16),
            One("target", Name),
        ],
        RecordType::NAPTR => &[
            One("order", U16),
            One("preference", U16),
            One("flags", String),
            One("services", String),
            One("regexp", String),
            One("replacement", Name),
        ],
        RecordType::HINFO => &[One("cpu", String), One("os", String)],
        RecordType::TXT | RecordType::SPF => &[Rest("text", Tail::Strings)],
        RecordType::CAA => &[One("flags", U8), One("tag", Tag), One("value", Text)],
        RecordType::URI => &[
            One("priority", U16),
            One("weight", U16),
            One("target", FilledText),
        ],
        RecordType::SVCB | RecordType::HTTPS => &[
            One("priority", U16),
            One("target", Name),
            Rest("parameter", Tail::Parameters),
        ],
        _ => return key_layout(rtype),
    })
}

/// The fields of types that hold keys, digests and other octets.
fn key_layout(rtype: RecordType) -> Option<&'static [Field]> {
    use Field::{One, Rest};
    use Single::{Algorithm, CertificateType, Eui, Gateway, Name, Salt, U8, U16, U32};
    Some(match rtype {
        RecordType::SSHFP => &[
            One("algorithm", U8),
            One("fingerprint-type", U8),
            Rest("fingerprint", Tail::Hex),
        ],
        RecordType::TLSA | RecordType::SMIMEA => &[
            One("usage", U8),
            One("selector", U8),
            One("matching-type", U8),
            Rest("certificate-data", Tail::Hex),
        ],
        RecordType::CERT => &[
            One("certificate-type", CertificateType),
            One("key-tag", U16),
            One("algorithm", Algorithm),
            Rest("certificate", Tail::Base64),
        ],
        RecordType::OPENPGPKEY => &[Rest("key", Tail::Base64)],
        RecordType::DHCID => &[Rest("digest", Tail::Base64)],
        RecordType::LOC => &[Rest("location", Tail::Location)],
        RecordType::EUI48 => &[One("address", Eui(6))],
        RecordType::EUI64 => &[One("address", Eui(8))],
        RecordType::IPSECKEY => &[
            One("precedence", U8),
            One("gateway-type", U8),
            One("algorithm", U8),
            One("gateway", Gateway),
            Rest("key", Tail::OptionalBase64),
        ],
        RecordType::DS | RecordType::CDS => &[
            One("key-tag", U16),
            One("algorithm", Algorithm),
            One("digest-type", U8),
            Rest("digest", Tail::Digest),
        ],
        RecordType::DNSKEY | RecordType::CDNSKEY | RecordType::KEY => &[
            One("flags", U16),
            One("protocol", U8),
            One("algorithm", Algorithm),
            Rest("key", Tail::Base64),
        ],
        RecordType::NSEC => &[One("next", Name), Rest("type", Tail::Types)],
        RecordType::NSEC3PARAM => &[
            One("algorithm", U8),
            One("flags", U8),
            One("iterations", U16),
            One("salt", Salt),
        ],
        RecordType::CSYNC => &[
            One("serial", U32),
            One("flags", U16),
            Rest("type", Tail::Types),
        ],
        RecordType::ZONEMD => &[
            One("serial", U32),
            One("scheme", U8),
            One("hash-algorithm", U8),
            Rest("digest", Tail::Hex),
        ],
        _ => return None,
    })
}

/// Whether data of this type holds domain names.
pub(crate) fn has_names(rtype: RecordType) -> bool {
    layout(rtype).is_some_and(|fields| fields.iter().any(|field| field.may_be_name()))
}

/// What a run of octets is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Run {
    /// Octets that compare exactly.
    Plain,
    /// A domain name.
    Name,
}

/// Calls `visit` with each run of octets and whether the run is a domain name.
///
/// Data that ends inside its fields is given as one plain run from there on.
pub(crate) fn walk<'a>(rtype: RecordType, data: &'a [u8], mut visit: impl FnMut(&'a [u8], Run)) {
    let mut rest = data;
    let fields = layout(rtype)
        .filter(|_| has_names(rtype))
        .unwrap_or_default();
    for field in fields {
        let length = field_length(*field, data, rest);
        let Some((octets, after)) = length.ok().and_then(|length| rest.split_at_checked(length))
        else {
            break;
        };
        let is_name = match field {
            Field::One(_, Single::Gateway) => data.get(1) == Some(&GATEWAY_IS_NAME),
            Field::One(..) | Field::Rest(..) => field.may_be_name(),
        };
        visit(octets, if is_name { Run::Name } else { Run::Plain });
        rest = after;
    }
    visit(rest, Run::Plain);
}
