//! The second protocol of FreeDNS: `GET /u/TOKEN/`. The token says which host is meant and can do nothing
//! else, so whoever finds it in a router can do little harm.
//!
//! ```
//! use apertodns::address::{AddressChange, DocumentationRanges};
//! use apertodns::afraid::UpdateCall;
//!
//! let call = UpdateCall::parse("qRyJKTZQsYzHVdKoojXfcY8I/", [("address", "9.9.9.9")])?;
//! assert_eq!(call.token.reveal(), "qRyJKTZQsYzHVdKoojXfcY8I");
//! let changes = call.changes(Some("149.112.112.112".parse()?), DocumentationRanges::Refuse)?;
//! assert_eq!(changes.ipv4, AddressChange::Set(vec!["9.9.9.9".parse()?]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;
use std::net::IpAddr;

use crate::Hostname;
use crate::Secret;
use crate::address::{
    Address as _, AddressChange, AddressChanges, AddressError, Addresses, DocumentationRanges,
    Family, check_public,
};
use crate::dyndns2::TargetFault;
use crate::v1::canonical;

/// A call of `/u/TOKEN/`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UpdateCall {
    /// Which host, and the right to change it.
    pub token: Secret,
    /// The address; none for the one that the call came from.
    pub address: Option<IpAddr>,
}

impl UpdateCall {
    /// The most characters of a token.
    pub const MAX_TOKEN: usize = 128;

    /// Reads what follows `/u/` in the path, and the decoded parameters: `address`, `myip` or `ip`.
    pub fn parse<'a>(
        path: &str,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, CallError> {
        let token = path.trim_end_matches('/');
        let is_good = |octet: u8| octet.is_ascii_alphanumeric() || b"-_".contains(&octet);
        if !(1..=Self::MAX_TOKEN).contains(&token.len()) || !token.bytes().all(is_good) {
            return Err(CallError::Token);
        }
        let is_address = |pair: &(&str, &str)| {
            ["address", "myip", "ip"].contains(&pair.0) && !pair.1.trim().is_empty()
        };
        let address = pairs.into_iter().find(is_address);
        Ok(Self {
            token: Secret::new(token),
            address: address
                .map(|(_, text)| address_of(text.trim()))
                .transpose()?,
        })
    }

    /// What becomes of the addresses of the host, when the call came from `source` (nothing, when that is not known): those
    /// of one family change, the others stay.
    pub fn changes(
        &self,
        source: Option<IpAddr>,
        documentation: DocumentationRanges,
    ) -> Result<AddressChanges, TargetFault> {
        let address = self.address.or(source.map(canonical));
        let address = address.ok_or(TargetFault::UnknownSource)?;
        check_public(address, documentation)?;
        let mut changes = AddressChanges::KEEP;
        match address {
            IpAddr::V4(address) => changes.ipv4 = AddressChange::Set(vec![address]),
            IpAddr::V6(address) => changes.ipv6 = AddressChange::Set(vec![address]),
        }
        Ok(changes)
    }

    /// The family that the call is about.
    pub fn family(&self, source: IpAddr) -> Family {
        Family::of(self.address.unwrap_or_else(|| canonical(source)))
    }
}

fn address_of(text: &str) -> Result<IpAddr, AddressError> {
    if text.contains(':') {
        std::net::Ipv6Addr::parse(text).map(IpAddr::V6)
    } else {
        std::net::Ipv4Addr::parse(text).map(IpAddr::V4)
    }
}

/// The answer, as `text/plain`. Scripts look for its first word.
///
/// ```
/// use apertodns::address::Addresses;
/// use apertodns::afraid::Reply;
///
/// let addresses = |text: &str| Addresses { ipv4: vec![text.parse().unwrap()], ipv6: vec![] };
/// let reply = Reply::Updated {
///     hostname: "home.example.com".parse()?,
///     before: addresses("192.0.2.1"),
///     now: addresses("192.0.2.2"),
/// };
/// assert_eq!(reply.to_string(), "Updated home.example.com from 192.0.2.1 to 192.0.2.2");
/// let error = Reply::Error { message: "this token is not known".to_owned() };
/// assert_eq!(error.to_string(), "ERROR: this token is not known");
/// # Ok::<(), apertodns::HostnameError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reply {
    /// The host has other addresses now.
    Updated {
        /// The host.
        hostname: Hostname,
        /// Its addresses before.
        before: Addresses,
        /// Its addresses now.
        now: Addresses,
    },
    /// It had them before.
    NoChange {
        /// The host.
        hostname: Hostname,
        /// Its addresses.
        now: Addresses,
    },
    /// It did not work.
    Error {
        /// Why.
        message: String,
    },
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Updated {
                hostname,
                before,
                now,
            } if before.is_empty() => write!(f, "Updated {hostname} to {now}"),
            Self::Updated {
                hostname,
                before,
                now,
            } => write!(f, "Updated {hostname} from {before} to {now}"),
            Self::NoChange { hostname, now } => {
                write!(f, "No IP change detected for {hostname} with IP {now}")
            }
            Self::Error { message } => write!(f, "ERROR: {message}"),
        }
    }
}

/// Why a call says nothing that could be done.
///
/// ```
/// use apertodns::afraid::{CallError, UpdateCall};
///
/// assert_eq!(UpdateCall::parse("../etc", []), Err(CallError::Token));
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CallError {
    /// The token cannot be one.
    #[error(
        "the token must have 1 to {} letters, digits, hyphens and underscores",
        UpdateCall::MAX_TOKEN
    )]
    Token,
    /// The address is none.
    #[error(transparent)]
    Address(#[from] AddressError),
}
