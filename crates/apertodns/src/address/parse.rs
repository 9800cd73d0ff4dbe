//! Reading of addresses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address family.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Family {
    /// IPv4: records of type `A`.
    Ipv4,
    /// IPv6: records of type `AAAA`.
    Ipv6,
}

impl Family {
    /// The family of an address.
    ///
    /// ```
    /// use apertodns::address::Family;
    ///
    /// assert_eq!(Family::of("2001:db8::1".parse()?), Family::Ipv6);
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::Ipv4,
            IpAddr::V6(_) => Self::Ipv6,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
        })
    }
}

/// An address of one family: [`Ipv4Addr`] or [`Ipv6Addr`].
///
/// ```
/// use std::net::{Ipv4Addr, Ipv6Addr};
///
/// use apertodns::address::{Address as _, AddressError, Family};
///
/// assert_eq!(Ipv4Addr::parse("192.0.2.1")?, Ipv4Addr::new(192, 0, 2, 1));
/// for text in ["192.0.2.01", "0xc0.0.2.1", "192.0.513", "3221225985", " 192.0.2.1", "192.0.2.1 "] {
///     assert!(Ipv4Addr::parse(text).is_err(), "{text}");
/// }
/// assert!(matches!(Ipv6Addr::parse("fe80::1%eth0"), Err(AddressError::Zone { .. })));
/// assert!(matches!(
///     Ipv6Addr::parse("192.0.2.1"),
///     Err(AddressError::OtherFamily { wanted: Family::Ipv6, .. })
/// ));
/// # Ok::<(), AddressError>(())
/// ```
pub trait Address:
    Copy + Eq + Ord + fmt::Debug + fmt::Display + Into<IpAddr> + sealed::Sealed
{
    /// The family.
    const FAMILY: Family;
    /// How many bits an address has.
    const BITS: u8;

    /// The address as a number.
    fn to_number(self) -> u128;

    /// The address of a number; higher bits than the family has are left out.
    fn from_number(number: u128) -> Self;

    /// The address, when it is of this family.
    fn of(address: IpAddr) -> Option<Self>;

    /// Reads an address in its usual text form: for IPv4 four decimal numbers without leading zeros,
    /// for IPv6 any form of RFC 4291 section 2.2, without a zone. Octal, hexadecimal and short forms
    /// of IPv4 mean different things to different programs, so they mean nothing here.
    fn parse(text: &str) -> Result<Self, AddressError> {
        let error = || AddressError::NotAnAddress {
            text: excerpt(text),
            wanted: Self::FAMILY,
        };
        if text.contains('%') {
            return Err(AddressError::Zone {
                text: excerpt(text),
            });
        }
        let address: IpAddr = text.parse().map_err(|_| error())?;
        Self::of(address).ok_or(AddressError::OtherFamily {
            address,
            wanted: Self::FAMILY,
        })
    }
}

impl Address for Ipv4Addr {
    const FAMILY: Family = Family::Ipv4;
    const BITS: u8 = 32;

    fn to_number(self) -> u128 {
        self.to_bits().into()
    }

    fn from_number(number: u128) -> Self {
        let [.., a, b, c, d] = number.to_be_bytes();
        Self::new(a, b, c, d)
    }

    fn of(address: IpAddr) -> Option<Self> {
        match address {
            IpAddr::V4(address) => Some(address),
            IpAddr::V6(_) => None,
        }
    }
}

impl Address for Ipv6Addr {
    const FAMILY: Family = Family::Ipv6;
    const BITS: u8 = 128;

    fn to_number(self) -> u128 {
        self.to_bits()
    }

    fn from_number(number: u128) -> Self {
        Self::from_bits(number)
    }

    fn of(address: IpAddr) -> Option<Self> {
        match address {
            IpAddr::V4(_) => None,
            IpAddr::V6(address) => Some(address),
        }
    }
}

mod sealed {
    /// Keeps the families at two.
    pub trait Sealed {}

    impl Sealed for std::net::Ipv4Addr {}
    impl Sealed for std::net::Ipv6Addr {}
}

/// The beginning of a text, for messages.
pub(crate) fn excerpt(text: &str) -> String {
    text.chars().take(80).collect()
}

//------------ AddressError ----------------------------------------------------------------------

/// Why a text is not an address.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AddressError {
    /// It is none at all.
    #[error("`{text}` is not an {wanted} address: {}", how_to_write(*.wanted))]
    NotAnAddress {
        /// The text, cut after 80 characters.
        text: String,
        /// What it should be.
        wanted: Family,
    },
    /// It is one of the other family.
    #[error("{address} is not an {wanted} address: give it in the field for its own family")]
    OtherFamily {
        /// The address.
        address: IpAddr,
        /// What it should be.
        wanted: Family,
    },
    /// It has a zone (`%eth0`), which means something on one machine only.
    #[error(
        "`{text}` has a zone after the percent sign, which no other machine knows: leave it out"
    )]
    Zone {
        /// The text, cut after 80 characters.
        text: String,
    },
}

fn how_to_write(family: Family) -> &'static str {
    match family {
        Family::Ipv4 => "write four decimal numbers, as in 203.0.113.7",
        Family::Ipv6 => "write it as in 2001:db8::7",
    }
}
