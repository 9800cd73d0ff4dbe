//! A call: which hosts, which addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::parameters::Parameters;
use super::wish::{FamilyWish, HostWish, TargetFault};
use super::{Reply, ReplyLine, value};
use crate::{Hostname, Secret};

/// Parameters for IPv4 alone.
const IPV4: [&str; 1] = ["myipv4"];
/// Parameters for IPv6 alone.
const IPV6: [&str; 2] = ["myipv6", "ipv6"];
/// Parameters for both.
const SHARED: [&str; 2] = ["myip", "ip"];
/// Parameters for the prefix of the network at home, as the Fritz!Box has it.
const LAN_PREFIX: [&str; 2] = ["ip6lanprefix", "ipv6lanprefix"];

/// A call of `/nic/update`.
///
/// ```
/// use apertodns::dyndns2::{FamilyWish, UpdateCall};
///
/// let query = [("system", "dyndns"), ("hostname", "home.example.com"), ("myip", "192.0.2.10")];
/// let call = UpdateCall::parse(query, None)?;
/// let wish = call.targets[0].wish.as_ref().unwrap();
/// assert_eq!(wish.ipv4, FamilyWish::Set(vec!["192.0.2.10".parse().unwrap()]));
/// assert_eq!(wish.ipv6, FamilyWish::Keep);
/// # Ok::<(), apertodns::dyndns2::CallError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UpdateCall {
    /// The hosts in the order of the call: at least one, at most [`MAX_HOSTS`](Self::MAX_HOSTS). Each has
    /// its own line in the reply.
    pub targets: Vec<Target>,
    /// What the call says about names below the hosts. It changes nothing: `*.home.example.com` is a
    /// host of its own.
    pub wildcard: WildcardWish,
    /// The password, when it is a parameter and not in the header `Authorization`.
    pub password: Option<Secret>,
}

/// One host of a call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    /// The host as it was written.
    pub written: String,
    /// What is wanted for it, or what is wrong.
    pub wish: Result<HostWish, TargetFault>,
}

/// The parameter `wildcard`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum WildcardWish {
    /// `ON`.
    On,
    /// `OFF`.
    Off,
    /// Anything else, and nothing.
    #[default]
    NoChange,
}

impl UpdateCall {
    /// The most hosts of one call (ApertoDNS 1.4.0 section 6.3).
    pub const MAX_HOSTS: usize = 20;

    /// Reads the parameters of a query string or a form, decoded, and the user name of the header
    /// `Authorization`, which is the host when no parameter names one.
    ///
    /// ```
    /// use apertodns::dyndns2::{CallError, UpdateCall};
    ///
    /// let call = UpdateCall::parse([("myip", "192.0.2.10")], Some("home.example.com"))?;
    /// assert_eq!(call.targets[0].written, "home.example.com");
    /// assert_eq!(UpdateCall::parse([], Some("user")), Err(CallError::NoHost));
    /// # Ok::<(), CallError>(())
    /// ```
    pub fn parse<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        user: Option<&str>,
    ) -> Result<Self, CallError> {
        let parameters = Parameters::new(pairs);
        let named = named_hosts(&parameters, user);
        let own = hosts_with_own_parameters(&parameters, &named);
        let hosts = named.len() + own.len();
        if hosts == 0 {
            return Err(CallError::NoHost);
        }
        if hosts > Self::MAX_HOSTS {
            return Err(CallError::TooManyHosts { hosts });
        }
        let general = general(&parameters);
        let named = named.into_iter().map(|written| {
            let hostname = Hostname::from_form(&written).map_err(TargetFault::from);
            let wish = hostname.and_then(|hostname| wish(hostname, &parameters, general.clone()?));
            Target { written, wish }
        });
        let own = own.into_iter().map(|hostname| Target {
            written: hostname.to_string(),
            wish: wish(hostname, &parameters, General::KEEP),
        });
        Ok(Self {
            targets: named.chain(own).collect(),
            wildcard: wildcard(&parameters),
            password: parameters.first("password").map(Secret::new),
        })
    }
}

/// The hosts that a call names, as they were written: the parameter, or the user name. Some routers send
/// `hostname=YES`.
fn named_hosts(parameters: &Parameters, user: Option<&str>) -> Vec<String> {
    for name in ["hostname", "host_id"] {
        let text = parameters.joined(name).unwrap_or_default();
        let hosts: Vec<String> = text
            .split(',')
            .map(str::trim)
            .filter(|host| !host.is_empty() && !host.eq_ignore_ascii_case("yes"))
            .map(str::to_owned)
            .collect();
        if !hosts.is_empty() {
            return hosts;
        }
    }
    let names = [user, parameters.first("username")];
    let mut hosts = names.into_iter().flatten();
    let host = hosts.find(|name| Hostname::from_form(name).is_ok());
    host.map(str::to_owned).into_iter().collect()
}

/// The hosts that are named by parameters of their own and not otherwise, once each.
fn hosts_with_own_parameters(parameters: &Parameters, named: &[String]) -> Vec<Hostname> {
    let named: Vec<Hostname> = named
        .iter()
        .filter_map(|host| Hostname::from_form(host).ok())
        .collect();
    let mut hosts: Vec<Hostname> = Vec::new();
    for name in IPV4.iter().chain(&IPV6) {
        for (host, _) in parameters.hosts(name) {
            if !named.contains(&host) && !hosts.contains(&host) {
                hosts.push(host);
            }
        }
    }
    hosts
}

/// What holds for every host that is named.
#[derive(Clone, Debug)]
struct General {
    ipv4: FamilyWish<Ipv4Addr>,
    ipv6: FamilyWish<Ipv6Addr>,
}

impl General {
    const KEEP: Self = Self {
        ipv4: FamilyWish::Keep,
        ipv6: FamilyWish::Keep,
    };
    const DELETE: Self = Self {
        ipv4: FamilyWish::Delete,
        ipv6: FamilyWish::Delete,
    };
    const SOURCE: Self = Self {
        ipv4: FamilyWish::Source,
        ipv6: FamilyWish::Source,
    };
}

/// What the parameters say for all hosts. When none says anything, the address that the call came from is
/// meant; when one does, a family that none speaks of stays as it is.
fn general(parameters: &Parameters) -> Result<General, TargetFault> {
    if parameters.is_yes("offline") {
        return Ok(General::DELETE);
    }
    let ipv4 = family(parameters, &IPV4)?;
    let ipv6 = match family(parameters, &IPV6)? {
        Some(wish) => Some(wish),
        None => from_lan_prefix(parameters)?,
    };
    Ok(match (ipv4, ipv6) {
        (None, None) => General::SOURCE,
        (ipv4, ipv6) => General {
            ipv4: ipv4.unwrap_or(FamilyWish::Keep),
            ipv6: ipv6.unwrap_or(FamilyWish::Keep),
        },
    })
}

/// What the first parameter says that says something about a family: those for it alone go first.
fn family<A: value::Listable>(
    parameters: &Parameters,
    own: &[&str],
) -> Result<Option<FamilyWish<A>>, TargetFault> {
    for name in own {
        if let Some(text) = parameters.joined(name) {
            return value::own(&text).map(Some);
        }
    }
    for name in SHARED {
        let text = parameters.joined(name).unwrap_or_default();
        if let Some(wish) = value::shared(&text)? {
            return Ok(Some(wish));
        }
    }
    Ok(None)
}

fn from_lan_prefix(parameters: &Parameters) -> Result<Option<FamilyWish<Ipv6Addr>>, TargetFault> {
    let texts = LAN_PREFIX.iter().filter_map(|name| parameters.first(name));
    for text in texts {
        if let Some(wish) = value::lan_prefix(text)? {
            return Ok(Some(wish));
        }
    }
    Ok(None)
}

/// What is wanted for a host: its own parameters go before those for all.
fn wish(
    hostname: Hostname,
    parameters: &Parameters,
    general: General,
) -> Result<HostWish, TargetFault> {
    let mut general = general;
    for name in IPV4 {
        if let Some(text) = parameters.of_host(name, &hostname) {
            general.ipv4 = value::own(&text)?;
        }
    }
    for name in IPV6 {
        if let Some(text) = parameters.of_host(name, &hostname) {
            general.ipv6 = value::own(&text)?;
        }
    }
    Ok(HostWish {
        hostname,
        ipv4: general.ipv4,
        ipv6: general.ipv6,
    })
}

fn wildcard(parameters: &Parameters) -> WildcardWish {
    match parameters
        .first("wildcard")
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        Some("on") => WildcardWish::On,
        Some("off") => WildcardWish::Off,
        _ => WildcardWish::NoChange,
    }
}

//------------ CallError -------------------------------------------------------------------------

/// Why a call says nothing that could be done.
///
/// ```
/// use apertodns::dyndns2::UpdateCall;
///
/// let error = UpdateCall::parse([("hostname", "a.example,".repeat(21).as_str())], None).unwrap_err();
/// assert_eq!(error.to_string(), "21 hosts are too many: send at most 20 in one request");
/// assert_eq!(error.reply().to_string(), "numhost");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CallError {
    /// It names no host.
    #[error("no host is named: add hostname=home.example.com")]
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
}

impl CallError {
    /// What the client is told, in one line: the hosts were not counted through.
    pub fn reply(self) -> Reply {
        let line = match self {
            Self::NoHost => ReplyLine::NotFqdn,
            Self::TooManyHosts { .. } => ReplyLine::NumHost,
        };
        Reply::repeat(&line, 1)
    }
}
