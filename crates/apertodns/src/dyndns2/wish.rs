//! What is wanted for one host, and what comes of it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::ReplyLine;
use super::value::MAX_ADDRESSES;
use crate::address::{
    Address, AddressChange, AddressChanges, AddressError, DocumentationRanges, Family, NotPublic,
    Prefix, PrefixError, check_public,
};
use crate::v1::canonical;
use crate::{Hostname, HostnameError};

/// What is wanted for the addresses of one family.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FamilyWish<A> {
    /// They stay.
    Keep,
    /// They go.
    Delete,
    /// The address that the request came from, when it is of this family; else they stay.
    Source,
    /// These.
    Set(Vec<A>),
    /// Each gets another front: the provider gave the network another prefix.
    Rewrite(Prefix<A>),
}

/// What is wanted for one host.
///
/// ```
/// use apertodns::address::{AddressChange, DocumentationRanges};
/// use apertodns::dyndns2::{FamilyWish, HostWish, ReplyLine};
///
/// let wish = HostWish {
///     hostname: "home.example.com".parse()?,
///     ipv4: FamilyWish::Source,
///     ipv6: FamilyWish::Source,
/// };
/// let changes = wish.changes(Some("2620:fe::fe".parse()?), DocumentationRanges::Refuse)?;
/// assert_eq!(changes.ipv4, AddressChange::Keep);
/// assert_eq!(changes.ipv6, AddressChange::Set(vec!["2620:fe::fe".parse()?]));
/// let unknown = wish.changes(None, DocumentationRanges::Refuse);
/// assert_eq!(unknown.unwrap_err().reply_line(), ReplyLine::DnsError);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HostWish {
    /// The host.
    pub hostname: Hostname,
    /// Its records of type `A`.
    pub ipv4: FamilyWish<Ipv4Addr>,
    /// Its records of type `AAAA`.
    pub ipv6: FamilyWish<Ipv6Addr>,
}

impl HostWish {
    /// What becomes of the addresses, when the request came from `source` (nothing, when that is not known).
    /// What is set is public; what a rewriting gives is known later only, so ask [`Addresses::check_public`] then.
    ///
    /// [`Addresses::check_public`]: crate::address::Addresses::check_public
    pub fn changes(
        &self,
        source: Option<IpAddr>,
        documentation: DocumentationRanges,
    ) -> Result<AddressChanges, TargetFault> {
        let source = source.map(canonical);
        let changes = AddressChanges {
            ipv4: change(&self.ipv4, source, documentation)?,
            ipv6: change(&self.ipv6, source, documentation)?,
        };
        let asks_for_source = self.ipv4 == FamilyWish::Source || self.ipv6 == FamilyWish::Source;
        if changes == AddressChanges::KEEP && asks_for_source {
            return Err(source.map_or(TargetFault::UnknownSource, |source_address| {
                TargetFault::OtherSource { source_address }
            }));
        }
        Ok(changes)
    }
}

fn change<A: Address>(
    wish: &FamilyWish<A>,
    source: Option<IpAddr>,
    documentation: DocumentationRanges,
) -> Result<AddressChange<A>, TargetFault> {
    let set = |addresses: Vec<A>| {
        for address in &addresses {
            check_public((*address).into(), documentation)?;
        }
        Ok(AddressChange::Set(addresses))
    };
    match wish {
        FamilyWish::Keep => Ok(AddressChange::Keep),
        FamilyWish::Delete => Ok(AddressChange::Delete),
        FamilyWish::Rewrite(prefix) => Ok(AddressChange::Rewrite(*prefix)),
        FamilyWish::Set(addresses) => set(addresses.clone()),
        FamilyWish::Source => match source.and_then(A::of) {
            Some(address) => set(vec![address]),
            None => Ok(AddressChange::Keep),
        },
    }
}

//------------ TargetFault -----------------------------------------------------------------------

/// Why one host cannot be updated, whoever asks.
///
/// ```
/// use apertodns::dyndns2::{ReplyLine, UpdateCall};
///
/// let call = UpdateCall::parse([("hostname", "home.example.com"), ("myip", "my address")], None)?;
/// let fault = call.targets[0].wish.clone().unwrap_err();
/// assert_eq!(
///     fault.to_string(),
///     "`my address` is not an IPv4 address: write four decimal numbers, as in 203.0.113.7"
/// );
/// assert_eq!(fault.reply_line(), ReplyLine::DnsError);
/// # Ok::<(), apertodns::dyndns2::CallError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TargetFault {
    /// It is no hostname.
    #[error(transparent)]
    Hostname(#[from] HostnameError),
    /// Something is no address.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Something is no prefix.
    #[error(transparent)]
    Prefix(#[from] PrefixError),
    /// An address is not public.
    #[error(transparent)]
    NotPublic(#[from] NotPublic),
    /// Addresses and a prefix, or two prefixes, of one family.
    #[error("give either addresses or one prefix for {family}")]
    Mixed {
        /// The family.
        family: Family,
    },
    /// More addresses than one host may have.
    #[error("give at most {MAX_ADDRESSES} addresses for {family}")]
    TooManyAddresses {
        /// The family.
        family: Family,
    },
    /// The address that the request came from is asked for, for the other family only.
    #[error("the request came from {source_address}, which is not of the family that is to be set")]
    OtherSource {
        /// The address.
        source_address: IpAddr,
    },
    /// The address that the request came from is asked for, and a proxy in between does not say it.
    #[error(
        "it is not known from which address the request came, since a proxy in between does not say it: name \
         the address"
    )]
    UnknownSource,
}

impl TargetFault {
    /// What a client is told. The old protocol has no word for a bad address; `dnserr` is one that
    /// clients know, and after which they do not try the same again and again.
    pub fn reply_line(&self) -> ReplyLine {
        match self {
            Self::Hostname(_) => ReplyLine::NotFqdn,
            Self::Address(_)
            | Self::Prefix(_)
            | Self::NotPublic(_)
            | Self::Mixed { .. }
            | Self::TooManyAddresses { .. }
            | Self::OtherSource { .. }
            | Self::UnknownSource => ReplyLine::DnsError,
        }
    }
}
