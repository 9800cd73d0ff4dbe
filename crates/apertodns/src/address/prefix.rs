//! Prefixes: the front of an address, which a provider changes while what a host calls itself stays.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::parse::excerpt;
use super::{Address, AddressError};

/// The first bits of addresses of one family, as `2001:db8:1:2::/64`. Bits behind the prefix are left
/// out, whatever was written there.
///
/// ```
/// use std::net::Ipv6Addr;
///
/// use apertodns::address::Prefix;
///
/// let new: Prefix<Ipv6Addr> = "2001:db8:1:2::/64".parse()?;
/// let host: Ipv6Addr = "2001:db8:9:9::50:7".parse()?;
/// assert_eq!(new.rewrite(host), "2001:db8:1:2::50:7".parse::<Ipv6Addr>()?);
/// assert!(new.contains(new.rewrite(host)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Prefix<A> {
    /// The bits of the prefix, then zeros.
    first: A,
    length: u8,
}

impl<A: Address> Prefix<A> {
    /// The prefix of this length that `address` begins with; none when the family has fewer bits.
    pub fn of(address: A, length: u8) -> Option<Self> {
        (length <= A::BITS).then(|| Self {
            first: A::from_number(address.to_number() & !host_bits::<A>(length)),
            length,
        })
    }

    /// The first address.
    pub fn first(self) -> A {
        self.first
    }

    /// How many bits it has.
    pub fn length(self) -> u8 {
        self.length
    }

    /// Whether an address begins with it.
    pub fn contains(self, address: A) -> bool {
        Self::of(address, self.length) == Some(self)
    }

    /// The address that begins with this prefix and goes on as `address` does: what a host is called
    /// after its provider gave it another prefix.
    #[must_use]
    pub fn rewrite(self, address: A) -> A {
        let rest = address.to_number() & host_bits::<A>(self.length);
        A::from_number(self.first.to_number() | rest)
    }
}

/// The bits behind a prefix.
fn host_bits<A: Address>(length: u8) -> u128 {
    let count = A::BITS.saturating_sub(length);
    u128::MAX
        .checked_shr(128 - u32::from(count))
        .unwrap_or_default()
}

impl<A: Address> FromStr for Prefix<A> {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let (address, length) = text.split_once('/').ok_or_else(|| PrefixError::NoLength {
            text: excerpt(text),
        })?;
        let address = A::parse(address)?;
        let is_number = !length.is_empty() && length.bytes().all(|digit| digit.is_ascii_digit());
        let length = Some(length).filter(|_| is_number);
        length
            .and_then(|length| Self::of(address, length.parse().ok()?))
            .ok_or_else(|| PrefixError::Length {
                text: excerpt(text),
                most: A::BITS,
            })
    }
}

impl<A: Address> fmt::Display for Prefix<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.length)
    }
}

//------------ Network ---------------------------------------------------------------------------

/// A prefix of either family: whom a list of allowed addresses lets in.
///
/// ```
/// use apertodns::address::Network;
///
/// let network: Network = "192.0.2.7/24".parse()?;
/// assert_eq!(network.to_string(), "192.0.2.0/24");
/// assert!(network.contains("192.0.2.200".parse()?));
/// assert!(!network.contains("2001:db8::1".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Network {
    /// Of IPv4.
    Ipv4(Prefix<Ipv4Addr>),
    /// Of IPv6.
    Ipv6(Prefix<Ipv6Addr>),
}

impl Network {
    /// Whether an address is in it. An IPv4-mapped address is what it maps: sockets for both families
    /// show peers over IPv4 so.
    pub fn contains(self, address: IpAddr) -> bool {
        match (self, address.to_canonical()) {
            (Self::Ipv4(prefix), IpAddr::V4(address)) => prefix.contains(address),
            (Self::Ipv6(prefix), IpAddr::V6(address)) => prefix.contains(address),
            (Self::Ipv4(_), IpAddr::V6(_)) | (Self::Ipv6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Network {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, PrefixError> {
        if text.contains(':') {
            text.parse().map(Self::Ipv6)
        } else {
            text.parse().map(Self::Ipv4)
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipv4(prefix) => prefix.fmt(f),
            Self::Ipv6(prefix) => prefix.fmt(f),
        }
    }
}

impl serde::Serialize for Network {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

//------------ PrefixError -----------------------------------------------------------------------

/// Why a text is not a prefix.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PrefixError {
    /// There is no slash.
    #[error("`{text}` has no length: write it as in 192.0.2.0/24 or 2001:db8::/64")]
    NoLength {
        /// The text, cut after 80 characters.
        text: String,
    },
    /// What follows the slash is no length.
    #[error("the length of `{text}` must be a number from 0 to {most}")]
    Length {
        /// The text, cut after 80 characters.
        text: String,
        /// The greatest length.
        most: u8,
    },
    /// What stands before the slash is no address.
    #[error(transparent)]
    Address(#[from] AddressError),
}
