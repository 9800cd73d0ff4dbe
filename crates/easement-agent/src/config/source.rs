//! Where addresses come from.

use std::net::Ipv4Addr;

use serde::Deserialize;
use url::Url;

use super::ConfigError;
use super::target::is_loopback;

const MAX_CHECKERS: usize = 8;

/// Where an address comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    /// Servers that say from where they are asked. None: those of the targets.
    Checkers(Vec<Url>),
    /// The interfaces of the machine: this one, or all.
    Interfaces(Option<String>),
    /// A program that prints it, with its arguments.
    Command(Vec<String>),
    /// The router, which has the address outside: this one, or the one that leads out. Of IPv4 alone.
    Router(Option<Ipv4Addr>),
    /// From nowhere.
    Off,
}

/// As it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceText {
    from: Option<SourceKind>,
    checkers: Option<Vec<String>>,
    interface: Option<String>,
    command: Option<Vec<String>>,
    /// Of IPv4 alone.
    pub(super) router: Option<String>,
    /// Of IPv6 alone.
    pub(super) prefix_length: Option<u8>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum SourceKind {
    Checkers,
    Interface,
    Command,
    Router,
    Off,
}

impl SourceText {
    pub(super) fn check(self, section: &str, unsaid: SourceKind) -> Result<Source, ConfigError> {
        let key = |key: &str| format!("{section}.{key}");
        let kind = self.from.unwrap_or(match &self {
            Self {
                interface: Some(_), ..
            } => SourceKind::Interface,
            Self {
                checkers: Some(_), ..
            } => SourceKind::Checkers,
            Self {
                command: Some(_), ..
            } => SourceKind::Command,
            Self {
                router: Some(_), ..
            } => SourceKind::Router,
            Self { .. } => unsaid,
        });
        for (name, is_there, of) in [
            ("checkers", self.checkers.is_some(), SourceKind::Checkers),
            ("interface", self.interface.is_some(), SourceKind::Interface),
            ("command", self.command.is_some(), SourceKind::Command),
            ("router", self.router.is_some(), SourceKind::Router),
        ] {
            if is_there && kind != of {
                let problem = "it has no meaning with the `from` of this section: leave one out";
                return Err(ConfigError::value(key(name), problem));
            }
        }
        match kind {
            SourceKind::Off => Ok(Source::Off),
            SourceKind::Interface => Ok(Source::Interfaces(self.interface)),
            SourceKind::Command => match self.command {
                Some(words) if !words.is_empty() => Ok(Source::Command(words)),
                _ => {
                    let problem =
                        "write the program and its arguments: command = [\"/path/to/program\"]";
                    Err(ConfigError::value(key("command"), problem))
                }
            },
            SourceKind::Router => {
                let named = self.router.as_deref();
                let named = named.map(|text| router(&key("router"), text)).transpose()?;
                Ok(Source::Router(named))
            }
            SourceKind::Checkers => {
                let urls = self.checkers.unwrap_or_default();
                if urls.len() > MAX_CHECKERS {
                    let problem = format!("{} are too many: {MAX_CHECKERS} are enough", urls.len());
                    return Err(ConfigError::value(key("checkers"), problem));
                }
                let urls = urls.iter().map(|text| checker(&key("checkers"), text));
                Ok(Source::Checkers(urls.collect::<Result<_, _>>()?))
            }
        }
    }
}

fn checker(key: &str, text: &str) -> Result<Url, ConfigError> {
    let refuse = |problem: &str| ConfigError::value(key, format!("`{text}` {problem}"));
    let url: Url = text.parse().map_err(|_| refuse("is not a URL"))?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(refuse(
            "does not begin with https://: anybody on the way could lie",
        )),
    }
}

/// A router has an address of the network at home: whoever has another is a stranger, and is not asked.
fn router(key: &str, text: &str) -> Result<Ipv4Addr, ConfigError> {
    let refuse = |problem: &str| ConfigError::value(key, format!("`{text}` {problem}"));
    let address: Ipv4Addr = text
        .parse()
        .map_err(|_| refuse("is not the address of a router: write it like 192.168.1.1"))?;
    if is_at_home(address) {
        Ok(address)
    } else {
        Err(refuse("is not an address of a network at home"))
    }
}

/// Whether an address is of a network that nobody reaches from outside (RFC 1918, RFC 3927, RFC 6598), or this machine.
pub(crate) fn is_at_home(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let is_shared = first == 100 && second & 0xc0 == 64;
    address.is_private() || address.is_link_local() || address.is_loopback() || is_shared
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_networks_at_home_have_a_router() {
        for (text, is_router) in [
            ("192.168.1.1", true),
            ("10.0.0.138", true),
            ("172.31.255.254", true),
            ("169.254.1.1", true),
            ("100.64.0.1", true),
            ("127.0.0.1", true),
            ("100.128.0.1", false),
            ("172.32.0.1", false),
            ("9.9.9.9", false),
            ("0.0.0.0", false),
            ("239.255.255.250", false),
            ("255.255.255.255", false),
            ("fritz.box", false),
            ("fe80::1", false),
        ] {
            assert_eq!(router("ipv4.router", text).is_ok(), is_router, "{text}");
        }
    }
}
