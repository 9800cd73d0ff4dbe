//! The whole file.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::ConfigError;
use super::source::{Source, SourceKind, SourceText};
use super::target::{Target, TargetText};

/// How often addresses are looked for, unless it is said.
const CHECK_SECONDS: u64 = 300;
/// Strangers who say an address are not asked more often.
const MIN_CHECK_OF_CHECKERS: u64 = 60;
/// After how long the same is said again, unless it is said: old services let hosts lapse after a month.
const REFRESH_DAYS: u64 = 25;
const DNS_PORT: u16 = 53;

/// What the agent is to do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Config {
    /// How often addresses are looked for.
    pub check: Duration,
    /// After how long the same is said again.
    pub refresh: Duration,
    /// The resolver that is asked; that of the machine when there is none.
    pub resolver: Option<SocketAddr>,
    /// More authorities whose certificates are believed.
    pub ca_file: Option<PathBuf>,
    /// Where the agent keeps what it remembers, when it is not the usual place.
    pub state_file: Option<PathBuf>,
    /// Where the IPv4 address comes from.
    pub ipv4: Source,
    /// Where the IPv6 address comes from.
    pub ipv6: Source,
    /// How many bits of the IPv6 address all hosts of the network share.
    pub prefix_length: u8,
    /// To whom it is said.
    pub targets: Vec<Target>,
}

impl Config {
    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text, path)
    }

    /// Reads the text of a file, which is named in messages.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let file: FileText = toml::from_str(text).map_err(|error| ConfigError::Form {
            path: path.to_owned(),
            message: error.to_string().trim_end().to_owned(),
        })?;
        file.check()
    }

    /// Whether the text of a file has a key or a section at its top.
    pub fn has_key(text: &str, key: &str) -> bool {
        let file: Result<toml::Table, _> = text.parse();
        file.is_ok_and(|file| file.contains_key(key))
    }

    /// The target of a name.
    pub fn target(&self, name: &str) -> Option<&Target> {
        self.targets
            .iter()
            .find(|target| target.name.as_str() == name)
    }
}

/// The file as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    check_seconds: Option<u64>,
    refresh_days: Option<u64>,
    resolver: Option<String>,
    ca_file: Option<PathBuf>,
    state_file: Option<PathBuf>,
    #[serde(default)]
    ipv4: SourceText,
    #[serde(default)]
    ipv6: SourceText,
    #[serde(default, rename = "target")]
    targets: Vec<TargetText>,
}

impl FileText {
    fn check(self) -> Result<Config, ConfigError> {
        if self.ipv4.prefix_length.is_some() {
            let problem = "hosts of a network share no prefix of IPv4: leave it out";
            return Err(ConfigError::value("ipv4.prefix_length", problem));
        }
        if self.ipv6.router.is_some() {
            return Err(ConfigError::value("ipv6.router", NO_ROUTER_OF_IPV6));
        }
        let prefix_length = self.ipv6.prefix_length.unwrap_or(64);
        let targets: Result<Vec<_>, _> = self.targets.into_iter().map(TargetText::check).collect();
        let config = Config {
            check: Duration::from_secs(number("check_seconds", self.check_seconds, CHECK_SECONDS)?),
            refresh: days(number("refresh_days", self.refresh_days, REFRESH_DAYS)?),
            resolver: self.resolver.as_deref().map(resolver).transpose()?,
            ca_file: self.ca_file,
            state_file: self.state_file,
            ipv4: self.ipv4.check("ipv4", SourceKind::Checkers)?,
            ipv6: self.ipv6.check("ipv6", OWN_SOURCE_OF_IPV6)?,
            prefix_length,
            targets: targets?,
        };
        config.check_together()?;
        config.check_resolver(SYSTEM_NAMES_RESOLVERS)?;
        config.check_router(SYSTEM_NAMES_ROUTER)?;
        Ok(config)
    }
}

/// Addresses of IPv6 are seldom translated: the machine knows its own, where the program can ask it.
const OWN_SOURCE_OF_IPV6: SourceKind = if cfg!(unix) {
    SourceKind::Interface
} else {
    SourceKind::Checkers
};

/// Whether the system has a file that names resolvers.
const SYSTEM_NAMES_RESOLVERS: bool = cfg!(unix);

/// Whether the system has a file that names the router.
const SYSTEM_NAMES_ROUTER: bool = cfg!(target_os = "linux");

const NO_ROUTER_OF_IPV6: &str =
    "a router translates no addresses of IPv6: name an interface, or leave it out";

impl Config {
    fn check_resolver(&self, system_names_resolvers: bool) -> Result<(), ConfigError> {
        if system_names_resolvers || self.resolver.is_some() || self.targets.is_empty() {
            return Ok(());
        }
        let problem = "this system does not say which resolver to ask: write one like 192.0.2.53";
        Err(ConfigError::value("resolver", problem))
    }

    fn check_router(&self, system_names_router: bool) -> Result<(), ConfigError> {
        if matches!(self.ipv6, Source::Router(_)) {
            return Err(ConfigError::value("ipv6.from", NO_ROUTER_OF_IPV6));
        }
        if matches!(self.ipv4, Source::Router(None)) && !system_names_router {
            let problem =
                "this system does not say which router leads out: write one like 192.168.1.1";
            return Err(ConfigError::value("ipv4.router", problem));
        }
        Ok(())
    }

    /// What only the whole file shows.
    fn check_together(&self) -> Result<(), ConfigError> {
        if self.prefix_length == 0 || self.prefix_length > 127 {
            let problem = format!("{} is not between 1 and 127", self.prefix_length);
            return Err(ConfigError::value("ipv6.prefix_length", problem));
        }
        let is_asking = [&self.ipv4, &self.ipv6]
            .iter()
            .any(|source| matches!(source, Source::Checkers(_)));
        if is_asking && self.check.as_secs() < MIN_CHECK_OF_CHECKERS {
            let problem = format!(
                "{} is too often for servers that are asked for an address: write {MIN_CHECK_OF_CHECKERS} or more",
                self.check.as_secs()
            );
            return Err(ConfigError::value("check_seconds", problem));
        }
        for (index, target) in self.targets.iter().enumerate() {
            let earlier = self.targets.iter().take(index);
            if earlier.into_iter().any(|other| other.name == target.name) {
                let problem = format!("`{}` is the name of two targets", target.name);
                return Err(ConfigError::value("target.name", problem));
            }
        }
        for (family, source) in [("ipv4", &self.ipv4), ("ipv6", &self.ipv6)] {
            let is_empty = matches!(source, Source::Checkers(urls) if urls.is_empty());
            let is_asked = |target: &Target| target.protocol.says_addresses();
            if is_empty && !self.targets.is_empty() && !self.targets.iter().any(is_asked) {
                let problem = "name an interface, or servers that say an address, such as \
                               https://dns.example.net/checkip/v4: no server of these targets is asked for it";
                return Err(ConfigError::value(format!("{family}.checkers"), problem));
            }
        }
        Ok(())
    }
}

fn resolver(text: &str) -> Result<SocketAddr, ConfigError> {
    let with_port = text.parse();
    let without = || text.parse().map(|ip: IpAddr| SocketAddr::new(ip, DNS_PORT));
    with_port.or_else(|_| without()).map_err(|_| {
        let problem =
            format!("`{text}` is not the address of a resolver: write it like 192.0.2.53");
        ConfigError::value("resolver", problem)
    })
}

fn number(key: &str, given: Option<u64>, unsaid: u64) -> Result<u64, ConfigError> {
    let number = given.unwrap_or(unsaid);
    let most = 86_400;
    if (1..=most).contains(&number) {
        return Ok(number);
    }
    let problem = format!("{number} is not between 1 and {most}");
    Err(ConfigError::value(key, problem))
}

fn days(count: u64) -> Duration {
    Duration::from_hours(count * 24)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Protocol;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(text, Path::new("ddns.toml"))
    }

    const HOME: &str = "[[target]]\nname = \"home\"\nprotocol = \"apertodns\"\n\
                        server = \"https://dns.example.net\"\nhosts = [\"home.example.com\"]\n";

    #[test]
    fn little_has_to_be_said() {
        let config = parse(HOME).unwrap();
        assert_eq!(config.check, Duration::from_mins(5));
        assert_eq!(config.refresh, Duration::from_hours(25 * 24));
        assert_eq!(config.ipv4, Source::Checkers(Vec::new()));
        assert_eq!(config.prefix_length, 64);
        assert!(config.target("home").is_some());
        let elsewhere = config.check_resolver(false).unwrap_err().to_string();
        assert!(elsewhere.contains("192.0.2.53"), "{elsewhere}");
        let names = HOME.replace("apertodns\"", "namedrop\"\nttl = 60\nabsent = \"remove\"");
        let protocol = &parse(&names).unwrap().targets[0].protocol;
        assert_eq!(*protocol, Protocol::NameDrop { ttl: Some(60) });
        let router = parse(&format!("[ipv4]\nrouter = \"192.168.1.1\"\n{HOME}")).unwrap();
        assert_eq!(router.ipv4, Source::Router(Some([192, 168, 1, 1].into())));
        router.check_router(false).unwrap();
        let interface = parse(&format!("[ipv6]\ninterface = \"eth0\"\n{HOME}")).unwrap();
        assert_eq!(interface.ipv6, Source::Interfaces(Some("eth0".to_owned())));
    }

    #[test]
    fn a_router_is_one_at_home_and_of_ipv4() {
        for (text, words) in [
            (
                "[ipv4]\nrouter = \"fritz.box\"\n",
                "`fritz.box` is not the address of a router",
            ),
            (
                "[ipv4]\nrouter = \"9.9.9.9\"\n",
                "`9.9.9.9` is not an address of a network at home",
            ),
            (
                "[ipv4]\nfrom = \"off\"\nrouter = \"192.168.1.1\"\n",
                "`ipv4.router`",
            ),
            (
                "[ipv6]\nrouter = \"192.168.1.1\"\n",
                "`ipv6.router`: a router translates no",
            ),
            (
                "[ipv6]\nfrom = \"router\"\n",
                "`ipv6.from`: a router translates no",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(words), "{words}: {error}");
        }
    }

    #[test]
    fn where_the_system_names_no_router_the_file_does() {
        let mut config = parse(HOME).unwrap();
        config.ipv4 = Source::Router(None);
        config.check_router(true).unwrap();
        let elsewhere = config.check_router(false).unwrap_err().to_string();
        assert!(elsewhere.contains("192.168.1.1"), "{elsewhere}");
    }

    #[test]
    fn what_means_nothing_is_refused_with_its_key_and_value() {
        let with = |more: &str| format!("{HOME}{more}");
        for (text, words) in [
            ("chek_seconds = 1\n".to_owned(), "chek_seconds"),
            (
                "check_seconds = 0\n".to_owned(),
                "`check_seconds`: 0 is not",
            ),
            ("check_seconds = 5\n".to_owned(), "5 is too often"),
            (
                "resolver = \"dns\"\n".to_owned(),
                "`dns` is not the address",
            ),
            ("[ipv4]\nfrom = \"modem\"\n".to_owned(), "modem"),
            (
                "[ipv4]\ncheckers = [\"http://a.example/\"]\n".to_owned(),
                "https://",
            ),
            (
                "[ipv4]\nfrom = \"off\"\ncommand = [\"a\"]\n".to_owned(),
                "`ipv4.command`",
            ),
            ("[ipv4]\nfrom = \"command\"\n".to_owned(), "`ipv4.command`"),
            ("[ipv6]\nprefix_length = 128\n".to_owned(), "128 is not"),
            (
                "[ipv4]\nprefix_length = 24\n".to_owned(),
                "`ipv4.prefix_length`",
            ),
            (
                HOME.replace("apertodns\"", "dyndns2\"\nuser = \"a\""),
                "`ipv4.checkers`: name an interface",
            ),
            (
                HOME.replace("apertodns\"", "namedrop\"\nuser = \"a\""),
                "user",
            ),
            (
                HOME.replace("apertodns", "namedrop")
                    .replace("https", "http"),
                "allow_http",
            ),
            (
                HOME.replace("apertodns", "namedrop")
                    .replace("server = \"https://dns.example.net\"\n", ""),
                "https://dns.example.net/namedrop",
            ),
            (
                HOME.replace(
                    "apertodns\"",
                    "dyndns2\"\nuser = \"a\"\nabsent = \"remove\"",
                ) + "[ipv4]\nfrom = \"off\"\n[ipv6]\nfrom = \"off\"\n",
                "\"remove\"",
            ),
            (with(HOME), "`home` is the name of two targets"),
            (with("user = \"a\"\n"), "user"),
            (with("ttl = 1\n"), "1"),
            (with("password = \"a\"\n"), "password"),
            (HOME.replace("https", "http"), "allow_http"),
            (HOME.replace("\"home\"", "\"../home\""), "`../home`"),
            (HOME.replace("home.example.com", "home"), "`home`"),
            (HOME.replace("[\"home.example.com\"]", "[]"), "hosts"),
            (
                HOME.replace("https://dns.example.net", "https://u:p@dns.example.net"),
                "user",
            ),
        ] {
            let error = parse(&text).unwrap_err().to_string();
            assert!(error.contains(words), "{words}: {error}");
        }
    }
}
