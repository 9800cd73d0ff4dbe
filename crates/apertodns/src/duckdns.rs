//! The protocol of DuckDNS: `GET /update?domains=...&token=...`, and the same as a path for routers that
//! cannot send parameters.
//!
//! ```
//! use apertodns::address::{AddressChange, DocumentationRanges};
//! use apertodns::duckdns::UpdateCall;
//!
//! let base = "dyn.example.com".parse()?;
//! let query = [("domains", "home"), ("token", "s3cret"), ("ip", ""), ("verbose", "true")];
//! let call = UpdateCall::parse(query, Some(&base))?;
//! assert_eq!(call.hosts[0].to_string(), "home.dyn.example.com");
//! let changes = call.changes(Some("9.9.9.9".parse()?), DocumentationRanges::Refuse)?;
//! assert_eq!(changes.ipv4, AddressChange::Set(vec!["9.9.9.9".parse()?]));
//! assert_eq!(changes.ipv6, AddressChange::Keep);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::address::{AddressChanges, AddressError, Addresses, DocumentationRanges};
use crate::dyndns2::parameters::Parameters;
use crate::dyndns2::{FamilyWish, HostWish, TargetFault, value};
use crate::v1::{TxtValue, TxtValueError};
use crate::{Hostname, HostnameError, Secret};

/// A call of `/update`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UpdateCall {
    /// The hosts; at least one, at most [`MAX_HOSTS`](Self::MAX_HOSTS).
    pub hosts: Vec<Hostname>,
    /// Who asks.
    pub token: Secret,
    /// What is wanted.
    pub wish: Wish,
    /// How much to say.
    pub detail: Detail,
}

/// What a call wants.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Wish {
    /// These addresses.
    Addresses {
        /// The records of type `A`.
        ipv4: FamilyWish<Ipv4Addr>,
        /// The records of type `AAAA`.
        ipv6: FamilyWish<Ipv6Addr>,
    },
    /// No addresses any more.
    Clear,
    /// This text for the host, and no other.
    SetTxt(TxtValue),
    /// No text for it any more.
    ClearTxt,
}

/// How much a reply says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Detail {
    /// One word.
    Short,
    /// What is there now, too.
    Verbose,
}

impl UpdateCall {
    /// The most hosts of one call, as for DynDNS2.
    pub const MAX_HOSTS: usize = crate::dyndns2::UpdateCall::MAX_HOSTS;

    /// Reads the parameters of a query string, decoded. A domain of one label is below `base`.
    pub fn parse<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        base: Option<&Hostname>,
    ) -> Result<Self, CallError> {
        let parameters = Parameters::new(pairs);
        let domains = parameters.joined("domains").unwrap_or_default();
        let token = parameters.first("token").filter(|token| !token.is_empty());
        let verbose = parameters.is_yes("verbose");
        Ok(Self {
            hosts: hosts(&domains, base)?,
            token: token.map(Secret::new).ok_or(CallError::NoToken)?,
            wish: wish(&parameters)?,
            detail: if verbose {
                Detail::Verbose
            } else {
                Detail::Short
            },
        })
    }

    /// Reads what follows `/update/` in the path: one domain, the token, and perhaps an address.
    ///
    /// ```
    /// use apertodns::duckdns::{UpdateCall, Wish};
    ///
    /// let base = "dyn.example.com".parse()?;
    /// let call = UpdateCall::parse_path("home/s3cret/9.9.9.9", Some(&base))?;
    /// assert_eq!(call.hosts[0].to_string(), "home.dyn.example.com");
    /// assert!(matches!(call.wish, Wish::Addresses { .. }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse_path(path: &str, base: Option<&Hostname>) -> Result<Self, CallError> {
        let mut parts = path.trim_end_matches('/').split('/');
        let mut part = || parts.next().unwrap_or_default();
        let (domain, token, ip) = (part(), part(), part());
        Self::parse([("domains", domain), ("token", token), ("ip", ip)], base)
    }

    /// What becomes of the addresses of each host, when the call came from `source`; nothing, when that is not known.
    pub fn changes(
        &self,
        source: Option<IpAddr>,
        documentation: DocumentationRanges,
    ) -> Result<AddressChanges, TargetFault> {
        match (&self.wish, self.hosts.first()) {
            (Wish::Addresses { ipv4, ipv6 }, Some(hostname)) => {
                let wish = HostWish {
                    hostname: hostname.clone(),
                    ipv4: ipv4.clone(),
                    ipv6: ipv6.clone(),
                };
                wish.changes(source, documentation)
            }
            (Wish::Clear, _) => Ok(AddressChanges::DELETE),
            (Wish::SetTxt(_) | Wish::ClearTxt | Wish::Addresses { .. }, _) => {
                Ok(AddressChanges::KEEP)
            }
        }
    }
}

fn hosts(domains: &str, base: Option<&Hostname>) -> Result<Vec<Hostname>, CallError> {
    let domains = domains.split(',').map(str::trim);
    let hosts: Result<Vec<_>, _> = domains
        .filter(|domain| !domain.is_empty())
        .map(|domain| host(domain, base))
        .collect();
    match hosts? {
        hosts if hosts.is_empty() => Err(CallError::NoHost),
        hosts if hosts.len() > UpdateCall::MAX_HOSTS => {
            Err(CallError::TooManyHosts { hosts: hosts.len() })
        }
        hosts => Ok(hosts),
    }
}

fn host(domain: &str, base: Option<&Hostname>) -> Result<Hostname, HostnameError> {
    match base {
        Some(base) if !domain.contains('.') => Hostname::from_form(&format!("{domain}.{base}")),
        _ => Hostname::from_form(domain),
    }
}

fn wish(parameters: &Parameters) -> Result<Wish, CallError> {
    let is_clear = parameters.is_yes("clear");
    if let Some(txt) = parameters.first("txt") {
        return if is_clear {
            Ok(Wish::ClearTxt)
        } else {
            Ok(Wish::SetTxt(TxtValue::parse(txt)?))
        };
    }
    if is_clear {
        return Ok(Wish::Clear);
    }
    let ip = parameters.first("ip").unwrap_or_default();
    let (mut ipv4, mut ipv6) = (value::shared(ip)?, value::shared(ip)?);
    if let Some(text) = parameters
        .first("ipv6")
        .filter(|text| !text.trim().is_empty())
    {
        ipv6 = Some(value::own(text)?);
        ipv4 = ipv4.or(Some(FamilyWish::Keep));
    }
    if ipv4.is_none() && ipv6.is_none() {
        (ipv4, ipv6) = (Some(FamilyWish::Source), Some(FamilyWish::Source));
    }
    Ok(Wish::Addresses {
        ipv4: ipv4.unwrap_or(FamilyWish::Keep),
        ipv6: ipv6.unwrap_or(FamilyWish::Keep),
    })
}

//------------ Reply -----------------------------------------------------------------------------

/// The answer, as `text/plain` and always with status 200.
///
/// ```
/// use apertodns::address::Addresses;
/// use apertodns::duckdns::{Change, Reply};
///
/// let addresses = Addresses { ipv4: vec!["192.0.2.1".parse()?], ipv6: vec![] };
/// let reply = Reply::Addresses { now: addresses, change: Change::Updated };
/// assert_eq!(reply.to_string(), "OK\n192.0.2.1\n\nUPDATED");
/// assert_eq!(Reply::Ko.to_string(), "KO");
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reply {
    /// It worked.
    Ok,
    /// It did not, for whatever reason.
    Ko,
    /// It worked, and these addresses are there.
    Addresses {
        /// Those of the first host.
        now: Addresses,
        /// Whether that is new.
        change: Change,
    },
    /// It worked, and this text is there.
    Txt {
        /// The text; empty when there is none.
        now: String,
        /// Whether that is new.
        change: Change,
    },
}

/// Whether something is another than before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Change {
    /// It is.
    Updated,
    /// It is not.
    NoChange,
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok => f.write_str("OK"),
            Self::Ko => f.write_str("KO"),
            Self::Addresses { now, change } => {
                let ipv4 = now
                    .ipv4
                    .first()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                let ipv6 = now
                    .ipv6
                    .first()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                write!(f, "OK\n{ipv4}\n{ipv6}\n{change}")
            }
            Self::Txt { now, change } => write!(f, "OK\n{now}\n{change}"),
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Updated => "UPDATED",
            Self::NoChange => "NOCHANGE",
        })
    }
}

//------------ CallError -------------------------------------------------------------------------

/// Why a call says nothing that could be done. The client is told `KO`, this is for logs.
///
/// ```
/// use apertodns::duckdns::{CallError, UpdateCall};
///
/// assert_eq!(UpdateCall::parse([("domains", "a.example.com")], None), Err(CallError::NoToken));
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CallError {
    /// It names no host.
    #[error("no host is named: add domains=home")]
    NoHost,
    /// It names too many.
    #[error(
        "{hosts} hosts are too many: send at most {} in one request",
        UpdateCall::MAX_HOSTS
    )]
    TooManyHosts {
        /// How many it names.
        hosts: usize,
    },
    /// It has no token.
    #[error("there is no token: add token=TOKEN")]
    NoToken,
    /// A domain is no name of a host.
    #[error(transparent)]
    Hostname(#[from] HostnameError),
    /// Something is no address.
    #[error(transparent)]
    Value(#[from] TargetFault),
    /// The text is none that a record could have.
    #[error(transparent)]
    Txt(#[from] TxtValueError),
}

impl From<AddressError> for CallError {
    fn from(error: AddressError) -> Self {
        Self::Value(error.into())
    }
}
