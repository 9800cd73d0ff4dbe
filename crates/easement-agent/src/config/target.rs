//! To whom addresses are said.

use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv6Addr;
use std::path::PathBuf;
use std::str::FromStr;

use apertodns::Hostname;
use serde::Deserialize;
use url::{Host as UrlHost, Url};

use super::ConfigError;

/// The most hosts of one target: so many go into one request of DynDNS2.
const MAX_HOSTS: usize = 20;
/// What ApertoDNS takes as TTL (1.4.0 section 4).
const TTL: std::ops::RangeInclusive<u32> = 60..=86_400;

/// One server, and the hosts that are kept up to date there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    /// What it is called in messages and files.
    pub name: TargetName,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// Where it is; for Domain Connect, the grant says it. For NameDrop, what its addresses begin with.
    pub server: Option<Url>,
    /// The file with its secret, when it is not the usual one.
    pub secret_file: Option<PathBuf>,
    /// The hosts.
    pub hosts: Vec<Host>,
    /// What becomes of a family that the machine has no address of any more.
    pub absent: Absent,
    /// Which addresses are connected to.
    pub reach: Reach,
    /// Whether the secret may go over plain HTTP.
    pub allows_http: bool,
}

/// How a server is spoken to, and what belongs to that.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Protocol {
    /// ApertoDNS v1, with an API token.
    ApertoDns {
        /// The TTL of the records.
        ttl: Option<u32>,
    },
    /// DynDNS2, with user name and password.
    DynDns2 {
        /// The user name.
        user: String,
    },
    /// The asynchronous flow of Domain Connect, with a grant that a person gave in a browser.
    DomainConnect,
    /// NameDrop, with access that an owner gave in a browser.
    NameDrop {
        /// The TTL of the records.
        ttl: Option<u32>,
    },
}

impl Protocol {
    /// The TTL of the records, where it can be said.
    pub(crate) fn ttl(&self) -> Option<u32> {
        match self {
            Self::ApertoDns { ttl } | Self::NameDrop { ttl } => *ttl,
            Self::DynDns2 { .. } | Self::DomainConnect => None,
        }
    }

    /// Whether a person permits it in a browser; otherwise there is a secret.
    pub fn is_permitted_in_browser(&self) -> bool {
        match self {
            Self::DomainConnect | Self::NameDrop { .. } => true,
            Self::ApertoDns { .. } | Self::DynDns2 { .. } => false,
        }
    }

    /// Whether the server says from which address it is asked.
    pub(super) fn says_addresses(&self) -> bool {
        match self {
            Self::ApertoDns { .. } | Self::NameDrop { .. } => true,
            Self::DynDns2 { .. } | Self::DomainConnect => false,
        }
    }

    /// Whether records can be taken out.
    pub fn can_remove(&self) -> bool {
        match self {
            Self::ApertoDns { .. } | Self::NameDrop { .. } => true,
            Self::DynDns2 { .. } | Self::DomainConnect => false,
        }
    }
}

/// One host.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Host {
    /// Its name.
    pub name: Hostname,
    /// For another host of the network: the end of its IPv6 address, behind the prefix.
    pub interface_id: Option<Ipv6Addr>,
}

/// What becomes of a family that the machine has no address of any more.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Absent {
    /// What is in DNS stays.
    #[default]
    Keep,
    /// It is taken out.
    Remove,
}

/// Which addresses are connected to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reach {
    /// Public ones: somebody else says where the server is.
    Public,
    /// All: the person says it.
    Everywhere,
}

impl Target {
    /// Where it is and how it is spoken to, as one text: what was said elsewhere does not count here.
    pub fn place(&self) -> String {
        let server = self.server.as_ref().map_or("", Url::as_str);
        match &self.protocol {
            Protocol::ApertoDns { .. } => format!("apertodns {server}"),
            Protocol::DynDns2 { user } => format!("dyndns2 {user} {server}"),
            Protocol::DomainConnect => "domain-connect".to_owned(),
            Protocol::NameDrop { .. } => format!("namedrop {server}"),
        }
    }
}

/// As it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TargetText {
    name: String,
    protocol: ProtocolText,
    server: Option<String>,
    user: Option<String>,
    ttl: Option<u32>,
    secret_file: Option<PathBuf>,
    hosts: Vec<String>,
    #[serde(default)]
    others: BTreeMap<String, String>,
    #[serde(default)]
    absent: Absent,
    #[serde(default)]
    allow_http: bool,
}

#[derive(Clone, Copy, Debug, Deserialize)]
enum ProtocolText {
    #[serde(rename = "apertodns")]
    ApertoDns,
    #[serde(rename = "dyndns2")]
    DynDns2,
    #[serde(rename = "domain-connect")]
    DomainConnect,
    #[serde(rename = "namedrop")]
    NameDrop,
}

impl TargetText {
    pub(super) fn check(self) -> Result<Target, ConfigError> {
        let name: TargetName = self.name.parse().map_err(|error: TargetNameError| {
            ConfigError::value("target.name", error.to_string())
        })?;
        let key = |key: &str| format!("target {name}: {key}");
        let protocol = self.protocol_of(&key)?;
        let server = match (&protocol, &self.server) {
            (Protocol::DomainConnect, None) => None,
            (Protocol::DomainConnect, Some(_)) => {
                let problem = "the grant says where the server is: leave it out";
                return Err(ConfigError::value(key("server"), problem));
            }
            (Protocol::NameDrop { .. }, None) => {
                let problem = "say where the server is, as in \"https://dns.example.net/namedrop\"";
                return Err(ConfigError::value(key("server"), problem));
            }
            (Protocol::ApertoDns { .. } | Protocol::DynDns2 { .. }, None) => {
                let problem = "say where the server is, as in \"https://dns.example.net\"";
                return Err(ConfigError::value(key("server"), problem));
            }
            (
                Protocol::ApertoDns { .. } | Protocol::DynDns2 { .. } | Protocol::NameDrop { .. },
                Some(text),
            ) => Some(server(&key("server"), text, self.allow_http)?),
        };
        let hosts = self.hosts_of(&key)?;
        if self.absent == Absent::Remove && !protocol.can_remove() {
            let problem = "\"remove\" is nothing that can be said in this protocol: use \"keep\"";
            return Err(ConfigError::value(key("absent"), problem));
        }
        let reach = match &protocol {
            Protocol::DomainConnect if !self.allow_http => Reach::Public,
            Protocol::ApertoDns { .. }
            | Protocol::DynDns2 { .. }
            | Protocol::NameDrop { .. }
            | Protocol::DomainConnect => Reach::Everywhere,
        };
        Ok(Target {
            name,
            protocol,
            server,
            secret_file: self.secret_file,
            hosts,
            absent: self.absent,
            reach,
            allows_http: self.allow_http,
        })
    }

    fn protocol_of(&self, key: &dyn Fn(&str) -> String) -> Result<Protocol, ConfigError> {
        if let Some(ttl) = self.ttl.filter(|ttl| !TTL.contains(ttl)) {
            let problem = format!("{ttl} is not between {} and {}", TTL.start(), TTL.end());
            return Err(ConfigError::value(key("ttl"), problem));
        }
        let no_meaning = |name: &str| {
            let problem = "it has no meaning with this protocol: leave it out";
            Err(ConfigError::value(key(name), problem))
        };
        match (self.protocol, &self.user, self.ttl) {
            (
                ProtocolText::ApertoDns | ProtocolText::DomainConnect | ProtocolText::NameDrop,
                Some(_),
                _,
            ) => no_meaning("user"),
            (ProtocolText::DynDns2 | ProtocolText::DomainConnect, _, Some(_)) => no_meaning("ttl"),
            (ProtocolText::ApertoDns, None, ttl) => Ok(Protocol::ApertoDns { ttl }),
            (ProtocolText::DynDns2, None, None) => {
                let problem = "write the user name of the account; where a token is enough, \"token\" will do";
                Err(ConfigError::value(key("user"), problem))
            }
            (ProtocolText::DynDns2, Some(user), None) if user.contains([':', '\r', '\n']) => {
                let problem = format!("`{}` has a colon or a line end", user.escape_debug());
                Err(ConfigError::value(key("user"), problem))
            }
            (ProtocolText::DynDns2, Some(user), None) => {
                Ok(Protocol::DynDns2 { user: user.clone() })
            }
            (ProtocolText::DomainConnect, None, None) => Ok(Protocol::DomainConnect),
            (ProtocolText::NameDrop, None, ttl) => Ok(Protocol::NameDrop { ttl }),
        }
    }

    fn hosts_of(&self, key: &dyn Fn(&str) -> String) -> Result<Vec<Host>, ConfigError> {
        let read = |field: &str, text: &str| {
            let refuse =
                |error: apertodns::HostnameError| ConfigError::value(key(field), error.to_string());
            Hostname::from_form(text).map_err(refuse)
        };
        let mut hosts = Vec::new();
        for text in &self.hosts {
            let name = read("hosts", text)?;
            hosts.push(Host {
                name,
                interface_id: None,
            });
        }
        for (text, id) in &self.others {
            let name = read("others", text)?;
            let id = id.parse().map_err(|_| {
                let problem =
                    format!("`{id}` is not the end of an IPv6 address: write it like ::50:7");
                ConfigError::value(key("others"), problem)
            })?;
            hosts.push(Host {
                name,
                interface_id: Some(id),
            });
        }
        if hosts.is_empty() || hosts.len() > MAX_HOSTS {
            let problem = format!("name 1 to {MAX_HOSTS} hosts, as in [\"home.example.com\"]");
            return Err(ConfigError::value(key("hosts"), problem));
        }
        let mut names: Vec<_> = hosts.iter().map(|host| host.name.clone()).collect();
        names.sort_unstable();
        let twice = names.windows(2).find_map(|pair| match pair {
            [one, other] if one == other => Some(one),
            _ => None,
        });
        match twice {
            Some(name) => Err(ConfigError::value(
                key("hosts"),
                format!("`{name}` stands there twice"),
            )),
            None => Ok(hosts),
        }
    }
}

fn server(key: &str, text: &str, allow_http: bool) -> Result<Url, ConfigError> {
    let refuse = |problem: &str| ConfigError::value(key, format!("`{text}` {problem}"));
    let url: Url = text
        .parse()
        .map_err(|_| refuse("is not a URL: write it like https://dns.example.net"))?;
    if !url.username().is_empty() || url.password().is_some() {
        // Said without the value: there is a secret in it.
        let problem = "there is a user name or a password in it: a file of its own is for them";
        return Err(ConfigError::value(key, problem));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("has a query or a fragment: leave it out"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if allow_http || is_loopback(&url) => Ok(url),
        "http" => Err(refuse(
            "would send the secret in plain text: use https://, or say allow_http = true on a network of your own",
        )),
        _ => Err(refuse("does not begin with https://")),
    }
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(UrlHost::Ipv4(address)) => address.is_loopback(),
        Some(UrlHost::Ipv6(address)) => address.is_loopback(),
        Some(UrlHost::Domain(name)) => name == "localhost",
        None => false,
    }
}

//------------ TargetName ------------------------------------------------------------------------

/// What a target is called: 1 to 32 small letters, digits and hyphens, since files are called so.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct TargetName(String);

impl TargetName {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TargetName {
    type Err = TargetNameError;

    fn from_str(text: &str) -> Result<Self, TargetNameError> {
        let is_good =
            |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-';
        let fits = (1..=32).contains(&text.len()) && text.bytes().all(is_good);
        if fits && !text.starts_with('-') {
            return Ok(Self(text.to_owned()));
        }
        Err(TargetNameError {
            text: text.chars().take(40).collect(),
        })
    }
}

impl fmt::Display for TargetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that no target is called.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is no name of a target: 1 to 32 small letters, digits and hyphens make one")]
pub struct TargetNameError {
    /// The text.
    pub text: String,
}
