//! Which addresses are not public (draft-03 section "IP Address Validation"; RFC 6890 and the registries
//! of IANA that it began).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::embedded::embedded;

/// A range of addresses that must not stand in public DNS as the address of a host.
///
/// The table is [`SPECIAL_RANGES`]. It holds all ranges of the draft, and those of the registries
/// "IANA IPv4 (and IPv6) Special-Purpose Address Space" that are not globally reachable, with
/// what was registered up to April 2025.
///
/// ```
/// use apertodns::address::SPECIAL_RANGES;
///
/// let private = SPECIAL_RANGES.iter().find(|range| range.to_string() == "10.0.0.0/8").unwrap();
/// assert_eq!((private.purpose, private.source, private.since), ("private use", "RFC 1918", "1996-02"));
/// assert!(private.contains("10.255.0.1".parse()?));
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SpecialRange {
    first: IpAddr,
    length: u8,
    /// What it is for.
    pub purpose: &'static str,
    /// Where that is defined.
    pub source: &'static str,
    /// The month in which it was registered.
    pub since: &'static str,
    rule: Rule,
}

/// What is to be done with an address of a range.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Rule {
    /// Refuse it.
    Refuse,
    /// Refuse it, unless documentation ranges are accepted.
    Documentation,
    /// It stands for IPv4 addresses, which decide.
    AsEmbedded,
}

impl SpecialRange {
    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (first, address, bits) = match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                (first.to_bits().into(), address.to_bits().into(), 32)
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => (first.to_bits(), address.to_bits(), 128),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
        };
        let differing: u128 = first ^ address;
        differing
            .checked_shr(bits - u32::from(self.length))
            .unwrap_or_default()
            == 0
    }
}

impl fmt::Display for SpecialRange {
    /// The range as `10.0.0.0/8`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.length)
    }
}

/// Whether the addresses of examples (`192.0.2.0/24`, `2001:db8::/32` and their like) are taken as public. A
/// test token may use them, a live one must not.
///
/// ```
/// use apertodns::address::{DocumentationRanges, check_public};
///
/// let example = "192.0.2.1".parse()?;
/// assert!(check_public(example, DocumentationRanges::Refuse).is_err());
/// assert!(check_public(example, DocumentationRanges::Accept).is_ok());
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum DocumentationRanges {
    /// They are refused, as the draft says.
    #[default]
    Refuse,
    /// They are accepted.
    Accept,
}

/// Whether an address may stand in public DNS. An IPv6 address that stands for IPv4 addresses (6to4,
/// Teredo) is public when all of them are; the narrowest range that an address is in decides.
///
/// ```
/// use apertodns::address::{DocumentationRanges, check_public};
///
/// let check = |text: &str| check_public(text.parse().unwrap(), DocumentationRanges::Refuse);
/// assert!(check("9.9.9.9").is_ok());
/// assert!(check("2620:fe::fe").is_ok());
/// assert_eq!(
///     check("192.168.1.7").unwrap_err().to_string(),
///     "192.168.1.7 is not a public address: 192.168.0.0/16 is for private use (RFC 1918)"
/// );
/// assert_eq!(
///     check("2002:c0a8:107::1").unwrap_err().to_string(),
///     "2002:c0a8:107::1 is not a public address: it stands for 192.168.1.7, and 192.168.0.0/16 is for \
///      private use (RFC 1918)"
/// );
/// ```
pub fn check_public(address: IpAddr, documentation: DocumentationRanges) -> Result<(), NotPublic> {
    let refused = |range, stands_for| NotPublic {
        address,
        range,
        stands_for,
    };
    let Some(range) = narrowest(address) else {
        return Ok(());
    };
    match (range.rule, documentation) {
        (Rule::Documentation, DocumentationRanges::Accept) => Ok(()),
        (Rule::Refuse, _) | (Rule::Documentation, DocumentationRanges::Refuse) => {
            Err(refused(range, None))
        }
        (Rule::AsEmbedded, _) => {
            for inner in embedded(address) {
                check_public(inner.into(), documentation)
                    .map_err(|inner_error| refused(inner_error.range, Some(inner)))?;
            }
            Ok(())
        }
    }
}

fn narrowest(address: IpAddr) -> Option<&'static SpecialRange> {
    SPECIAL_RANGES
        .iter()
        .filter(|range| range.contains(address))
        .max_by_key(|range| range.length)
}

//------------ The table -------------------------------------------------------------------------

/// All ranges. The purpose completes the sentence "the range is for ...".
pub static SPECIAL_RANGES: &[SpecialRange] = &[
    v4([0, 0, 0, 0], 8, "\"this network\"", "RFC 791", "1981-09"),
    v4([10, 0, 0, 0], 8, "private use", "RFC 1918", "1996-02"),
    v4(
        [100, 64, 0, 0],
        10,
        "networks behind the NAT of a provider",
        "RFC 6598",
        "2012-04",
    ),
    v4([127, 0, 0, 0], 8, "loopback", "RFC 1122", "1981-09"),
    v4([169, 254, 0, 0], 16, "one link", "RFC 3927", "2005-05"),
    v4([172, 16, 0, 0], 12, "private use", "RFC 1918", "1996-02"),
    v4(
        [192, 0, 0, 0],
        24,
        "protocols of the IETF",
        "RFC 6890",
        "2010-01",
    ),
    example_v4([192, 0, 2, 0], "RFC 5737", "2010-01"),
    v4(
        [192, 88, 99, 0],
        24,
        "6to4 relays, which are given up",
        "RFC 7526",
        "2001-06",
    ),
    v4([192, 168, 0, 0], 16, "private use", "RFC 1918", "1996-02"),
    v4([198, 18, 0, 0], 15, "measurements", "RFC 2544", "1999-03"),
    example_v4([198, 51, 100, 0], "RFC 5737", "2010-01"),
    example_v4([203, 0, 113, 0], "RFC 5737", "2010-01"),
    v4([224, 0, 0, 0], 4, "multicast", "RFC 5771", "2010-03"),
    v4([240, 0, 0, 0], 4, "later use", "RFC 1112", "1989-08"),
    v4([255, 255, 255, 255], 32, "broadcast", "RFC 919", "1984-10"),
    v6([0; 8], 128, "no address", "RFC 4291", "2006-02"),
    v6(
        [0, 0, 0, 0, 0, 0, 0, 1],
        128,
        "loopback",
        "RFC 4291",
        "2006-02",
    ),
    v6(
        [0; 8],
        96,
        "IPv4-compatible addresses, which are given up",
        "RFC 4291",
        "2006-02",
    ),
    v6(
        [0, 0, 0, 0, 0, 0xffff, 0, 0],
        96,
        "IPv4-mapped addresses",
        "RFC 4291",
        "2006-02",
    ),
    v6(
        [0x64, 0xff9b, 0, 0, 0, 0, 0, 0],
        96,
        "translation to IPv4",
        "RFC 6052",
        "2010-10",
    ),
    v6(
        [0x64, 0xff9b, 1, 0, 0, 0, 0, 0],
        48,
        "translation to IPv4 in one network",
        "RFC 8215",
        "2017-06",
    ),
    v6(
        [0x100, 0, 0, 0, 0, 0, 0, 0],
        64,
        "what is to be discarded",
        "RFC 6666",
        "2012-06",
    ),
    v6(
        [0x100, 0, 0, 1, 0, 0, 0, 0],
        64,
        "stand-ins for an address",
        "RFC 9780",
        "2025-04",
    ),
    v6(
        [0x2001, 0, 0, 0, 0, 0, 0, 0],
        23,
        "protocols of the IETF",
        "RFC 2928",
        "2000-09",
    ),
    embedding(
        [0x2001, 0, 0, 0, 0, 0, 0, 0],
        32,
        "Teredo",
        "RFC 4380",
        "2006-01",
    ),
    example_v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, "RFC 3849", "2004-07"),
    embedding(
        [0x2002, 0, 0, 0, 0, 0, 0, 0],
        16,
        "6to4",
        "RFC 3056",
        "2001-02",
    ),
    example_v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, "RFC 9637", "2024-07"),
    v6(
        [0x5f00, 0, 0, 0, 0, 0, 0, 0],
        16,
        "segment routing",
        "RFC 9602",
        "2024-04",
    ),
    v6(
        [0xfc00, 0, 0, 0, 0, 0, 0, 0],
        7,
        "unique local addresses",
        "RFC 4193",
        "2005-10",
    ),
    v6(
        [0xfe80, 0, 0, 0, 0, 0, 0, 0],
        10,
        "one link",
        "RFC 4291",
        "2006-02",
    ),
    v6(
        [0xfec0, 0, 0, 0, 0, 0, 0, 0],
        10,
        "one site, which is given up",
        "RFC 3879",
        "2004-09",
    ),
    v6(
        [0xff00, 0, 0, 0, 0, 0, 0, 0],
        8,
        "multicast",
        "RFC 4291",
        "2006-02",
    ),
];

const fn v4(
    first: [u8; 4],
    length: u8,
    purpose: &'static str,
    source: &'static str,
    since: &'static str,
) -> SpecialRange {
    SpecialRange {
        first: IpAddr::V4(Ipv4Addr::from_octets(first)),
        length,
        purpose,
        source,
        since,
        rule: Rule::Refuse,
    }
}

const fn v6(
    first: [u16; 8],
    length: u8,
    purpose: &'static str,
    source: &'static str,
    since: &'static str,
) -> SpecialRange {
    SpecialRange {
        first: IpAddr::V6(Ipv6Addr::from_segments(first)),
        length,
        purpose,
        source,
        since,
        rule: Rule::Refuse,
    }
}

const fn embedding(
    first: [u16; 8],
    length: u8,
    purpose: &'static str,
    source: &'static str,
    since: &'static str,
) -> SpecialRange {
    SpecialRange {
        rule: Rule::AsEmbedded,
        ..v6(first, length, purpose, source, since)
    }
}

const fn example_v4(first: [u8; 4], source: &'static str, since: &'static str) -> SpecialRange {
    SpecialRange {
        rule: Rule::Documentation,
        ..v4(first, 24, "examples in documents", source, since)
    }
}

const fn example_v6(
    first: [u16; 8],
    length: u8,
    source: &'static str,
    since: &'static str,
) -> SpecialRange {
    SpecialRange {
        rule: Rule::Documentation,
        ..v6(first, length, "examples in documents", source, since)
    }
}

//------------ NotPublic -------------------------------------------------------------------------

/// Why an address must not stand in public DNS.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{address} is not a public address: {}{range} is for {} ({})",
    stands_for_text(*.stands_for), .range.purpose, .range.source)]
pub struct NotPublic {
    /// The address.
    pub address: IpAddr,
    /// The range that it, or what it stands for, is in.
    pub range: &'static SpecialRange,
    /// The IPv4 address that it stands for.
    pub stands_for: Option<Ipv4Addr>,
}

fn stands_for_text(inner: Option<Ipv4Addr>) -> String {
    inner.map_or_else(String::new, |inner| format!("it stands for {inner}, and "))
}
