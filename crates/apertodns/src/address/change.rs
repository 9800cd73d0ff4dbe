//! What becomes of the addresses at a host: the one answer that every protocol here leads to.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Address, DocumentationRanges, NotPublic, Prefix, check_public};

/// What becomes of the addresses of one family.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AddressChange<A> {
    /// They stay.
    Keep,
    /// They go.
    Delete,
    /// These take their place; never empty.
    Set(Vec<A>),
    /// Each gets another front.
    Rewrite(Prefix<A>),
}

impl<A: Address> AddressChange<A> {
    /// The addresses after the change. Rewriting may make one of two.
    ///
    /// ```
    /// use std::net::Ipv4Addr;
    ///
    /// use apertodns::address::AddressChange;
    ///
    /// let now: [Ipv4Addr; 1] = ["192.0.2.7".parse()?];
    /// assert_eq!(AddressChange::Keep.apply(&now), now);
    /// assert!(AddressChange::Delete.apply(&now).is_empty());
    /// let moved = AddressChange::Rewrite("198.51.100.0/24".parse()?).apply(&now);
    /// assert_eq!(moved, ["198.51.100.7".parse::<Ipv4Addr>()?]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn apply(&self, current: &[A]) -> Vec<A> {
        match self {
            Self::Keep => current.to_vec(),
            Self::Delete => Vec::new(),
            Self::Set(addresses) => without_repeats(addresses.iter().copied()),
            Self::Rewrite(prefix) => {
                without_repeats(current.iter().map(|address| prefix.rewrite(*address)))
            }
        }
    }
}

/// The same, each once, in their order.
pub(crate) fn without_repeats<A: Address>(addresses: impl Iterator<Item = A>) -> Vec<A> {
    let mut kept = Vec::new();
    for address in addresses {
        if !kept.contains(&address) {
            kept.push(address);
        }
    }
    kept
}

/// What becomes of the addresses of a host.
///
/// ```
/// use apertodns::address::{AddressChange, AddressChanges, Addresses, DocumentationRanges};
///
/// let now = Addresses { ipv4: vec!["9.9.9.9".parse()?], ipv6: vec!["2620:fe::fe".parse()?] };
/// let changes = AddressChanges {
///     ipv4: AddressChange::Keep,
///     ipv6: AddressChange::Rewrite("2620:fe:1::/64".parse()?),
/// };
/// let then = changes.apply(&now);
/// assert_eq!(then.to_string(), "9.9.9.9,2620:fe:1::fe");
/// assert!(then.check_public(DocumentationRanges::Refuse).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AddressChanges {
    /// The records of type `A`.
    pub ipv4: AddressChange<Ipv4Addr>,
    /// The records of type `AAAA`.
    pub ipv6: AddressChange<Ipv6Addr>,
}

impl AddressChanges {
    /// Both families stay as they are.
    pub const KEEP: Self = Self {
        ipv4: AddressChange::Keep,
        ipv6: AddressChange::Keep,
    };
    /// Both families go.
    pub const DELETE: Self = Self {
        ipv4: AddressChange::Delete,
        ipv6: AddressChange::Delete,
    };

    /// The addresses after the changes.
    pub fn apply(&self, current: &Addresses) -> Addresses {
        Addresses {
            ipv4: self.ipv4.apply(&current.ipv4),
            ipv6: self.ipv6.apply(&current.ipv6),
        }
    }
}

/// The addresses of a host. Written as DynDNS2 replies have them: joined by commas, IPv4 first.
///
/// ```
/// use apertodns::address::Addresses;
///
/// let addresses = Addresses { ipv4: vec!["192.0.2.1".parse()?], ipv6: vec!["2001:db8::1".parse()?] };
/// assert_eq!(addresses.to_string(), "192.0.2.1,2001:db8::1");
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Addresses {
    /// Those of IPv4.
    pub ipv4: Vec<Ipv4Addr>,
    /// Those of IPv6.
    pub ipv6: Vec<Ipv6Addr>,
}

impl Addresses {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ipv4.is_empty() && self.ipv6.is_empty()
    }

    /// All of them, IPv4 first.
    pub fn iter(&self) -> impl Iterator<Item = IpAddr> + '_ {
        let ipv6 = self.ipv6.iter().copied().map(IpAddr::V6);
        self.ipv4.iter().copied().map(IpAddr::V4).chain(ipv6)
    }

    /// Whether all may stand in public DNS. To be asked of what a rewriting gave, too.
    pub fn check_public(&self, documentation: DocumentationRanges) -> Result<(), NotPublic> {
        self.iter()
            .try_for_each(|address| check_public(address, documentation))
    }
}

impl fmt::Display for Addresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, address) in self.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            write!(f, "{comma}{address}")?;
        }
        Ok(())
    }
}
