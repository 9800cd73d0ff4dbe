//! Reading a configuration: defaults, then the file, then the environment, then the command line.

use std::ops::RangeInclusive;
use std::path::Path;

use namedrop::TempNames;
use serde::Deserialize as _;
use toml::{Table, Value};

use super::{Config, ConfigError};

/// What the names of environment variables begin with.
const PREFIX: &str = "EASEMENT_";

/// Settings from outside the file, in the order in which they override each other.
#[derive(Clone, Debug, Default)]
pub struct Overrides(Vec<Override>);

#[derive(Clone, Debug)]
struct Override {
    /// What to call it in a message.
    given: String,
    section: &'static str,
    key: &'static str,
    value: String,
}

impl Overrides {
    /// The variables of the environment that name a setting, such as `EASEMENT_LOG_LEVEL`. Others are
    /// left to those they are for.
    pub fn from_environment(variables: impl Iterator<Item = (String, String)>) -> Self {
        let overrides = variables.filter_map(|(name, value)| {
            let rest = name.strip_prefix(PREFIX)?;
            let (section, key) = settings()
                .find(|(section, key)| rest.eq_ignore_ascii_case(&format!("{section}_{key}")))?;
            Some(Override {
                given: name,
                section,
                key,
                value,
            })
        });
        Self(overrides.collect())
    }

    /// Adds an argument like `log.level=debug`.
    pub fn add_argument(&mut self, argument: &str) -> Result<(), ConfigError> {
        let unknown = || ConfigError::UnknownSetting {
            given: argument.to_owned(),
        };
        let (name, value) = argument.split_once('=').ok_or_else(unknown)?;
        let (section, key) = settings()
            .find(|(section, key)| name == format!("{section}.{key}"))
            .ok_or_else(unknown)?;
        self.0.push(Override {
            given: argument.to_owned(),
            section,
            key,
            value: value.to_owned(),
        });
        Ok(())
    }
}

impl Overrides {
    /// The settings that are overridden, as `section.key`.
    pub fn settings(&self) -> impl Iterator<Item = String> {
        self.0
            .iter()
            .map(|one| format!("{}.{}", one.section, one.key))
    }
}

impl Config {
    /// Reads the configuration and checks that its parts go together.
    pub fn load(file: Option<&Path>, overrides: &Overrides) -> Result<Self, ConfigError> {
        let config = match file {
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Read {
                    path: path.to_owned(),
                    error,
                })?;
                toml::from_str(&text).map_err(|error| ConfigError::File {
                    path: path.to_owned(),
                    message: message_of(&error, &text),
                })?
            }
            None => Self::default(),
        };
        config.overridden(overrides)
    }

    /// The same configuration with some settings overridden, after the check that its parts go together.
    pub fn overridden(self, overrides: &Overrides) -> Result<Self, ConfigError> {
        let config = overrides
            .0
            .iter()
            .try_fold(self, |config, one| with_override(&config, one))?;
        config.check()?;
        Ok(config)
    }

    /// The checks that look at more than one setting.
    fn check(&self) -> Result<(), ConfigError> {
        let server = &self.server;
        for (setting, list) in [
            ("server.listen", &server.listen),
            ("dns.listen", &self.dns.listen),
        ] {
            if list.is_empty() {
                return Err(ConfigError::NoAddress { setting });
            }
        }
        if server.tls_certificate.is_some() != server.tls_key.is_some() {
            return Err(ConfigError::HalfTls);
        }
        let is_plain = server.tls_certificate.is_none() && server.trusted_proxies.is_empty();
        let open = server
            .listen
            .iter()
            .find(|address| !address.ip().is_loopback());
        if let Some(listen) = open.filter(|_| is_plain) {
            return Err(ConfigError::PlainHttp { listen: *listen });
        }
        let metrics = &self.metrics;
        let mut open = metrics
            .listen
            .iter()
            .filter(|address| !address.ip().is_loopback());
        if let Some(listen) = open.next().filter(|_| metrics.networks.is_empty()) {
            return Err(ConfigError::MetricsForNobody { listen: *listen });
        }
        let (min, max) = (self.domain_connect.ttl_min, self.domain_connect.ttl_max);
        if min > max {
            return Err(ConfigError::TtlLimits { min, max });
        }
        if self.accounts.hash_parallel == 0 {
            let setting = "accounts.hash_parallel";
            return Err(ConfigError::Zero { setting });
        }
        self.check_days()?;
        self.check_temp_names()?;
        self.check_dns_limits()
    }

    /// Times that are kept: something, and not longer than can be counted.
    fn check_days(&self) -> Result<(), ConfigError> {
        for (setting, days) in [
            ("webhooks.log_days", self.webhooks.log_days),
            ("accounts.address_days", self.accounts.address_days),
            (
                "accounts.ended_access_days",
                self.accounts.ended_access_days,
            ),
        ] {
            if !(1..=MAX_DAYS).contains(&days) {
                return Err(ConfigError::Days {
                    setting,
                    days,
                    most: MAX_DAYS,
                });
            }
        }
        Ok(())
    }

    /// Names for addresses: where there can be some, for as long as the protocol says at least.
    fn check_temp_names(&self) -> Result<(), ConfigError> {
        let namedrop = &self.namedrop;
        if let Some(base) = &namedrop.temp_zone {
            TempNames::below(base).map_err(ConfigError::TempZone)?;
        }
        let minutes = namedrop.temp_minutes;
        if !TEMP_MINUTES.contains(&minutes) {
            return Err(ConfigError::TempMinutes {
                minutes,
                least: *TEMP_MINUTES.start(),
                most: *TEMP_MINUTES.end(),
            });
        }
        for (setting, number) in [
            ("namedrop.temp_per_network", namedrop.temp_per_network),
            ("namedrop.temp_total", namedrop.temp_total),
        ] {
            if number == 0 {
                return Err(ConfigError::Zero { setting });
            }
        }
        Ok(())
    }

    fn check_dns_limits(&self) -> Result<(), ConfigError> {
        let dns = &self.dns;
        for (setting, is_zero) in [
            ("dns.tcp_connections", dns.tcp_connections == 0),
            (
                "dns.tcp_connections_per_address",
                dns.tcp_connections_per_address == 0,
            ),
            ("dns.tcp_idle_seconds", dns.tcp_idle_seconds == 0),
            ("dns.rate_limit_ipv4_bits", dns.rate_limit_ipv4_bits == 0),
            ("dns.rate_limit_ipv6_bits", dns.rate_limit_ipv6_bits == 0),
        ] {
            if is_zero {
                return Err(ConfigError::Zero { setting });
            }
        }
        for (setting, bits, most) in [
            ("dns.rate_limit_ipv4_bits", dns.rate_limit_ipv4_bits, 32),
            ("dns.rate_limit_ipv6_bits", dns.rate_limit_ipv6_bits, 128),
        ] {
            if bits > most {
                return Err(ConfigError::TooManyBits {
                    setting,
                    bits,
                    most,
                });
            }
        }
        Ok(())
    }
}

/// How long a name for an address stays: 5 minutes at least (NameDrop 0.4.0, section "GET /temp-subdomain"), and
/// a day at most.
const TEMP_MINUTES: RangeInclusive<u64> = 5..=1440;
/// Ten years.
const MAX_DAYS: u64 = 3650;

/// The message of an error, with the line that it is about, unless that may hold a password: errors
/// end up in logs and in questions to others.
fn message_of(error: &toml::de::Error, text: &str) -> String {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or(text);
    let number = before.matches('\n').count();
    let line = text.lines().nth(number).unwrap_or_default();
    if line.contains("postgres_url") || line.contains("postgres://") {
        return format!("line {}: {}", number + 1, error.message());
    }
    error.to_string()
}

/// Every setting, as section and key.
fn settings() -> impl Iterator<Item = (&'static str, &'static str)> {
    Config::SECTIONS.iter().flat_map(|(section, _, settings)| {
        settings.iter().map(move |setting| (*section, setting.key))
    })
}

fn with_override(config: &Config, one: &Override) -> Result<Config, ConfigError> {
    let refuse = |message: String| ConfigError::Value {
        given: one.given.clone(),
        message,
    };
    let mut table = Table::try_from(config).map_err(|error| refuse(error.to_string()))?;
    if let Some(section) = table.get_mut(one.section).and_then(Value::as_table_mut) {
        let value = value_like(section.get(one.key), &one.value).map_err(refuse)?;
        section.insert(one.key.to_owned(), value);
    }
    let mut changed = Config::deserialize(table).map_err(|error| refuse(error.to_string()))?;
    // The URL does not write itself: what came back is only right when it was the one to change.
    if (one.section, one.key) != ("store", "postgres_url") {
        changed
            .store
            .postgres_url
            .clone_from(&config.store.postgres_url);
    }
    Ok(changed)
}

/// The text as a value of the kind that the setting has now. A list is written with commas.
fn value_like(current: Option<&Value>, text: &str) -> Result<Value, String> {
    match current {
        Some(Value::Integer(_)) => text
            .parse()
            .map(Value::Integer)
            .map_err(|_| "a whole number is expected".to_owned()),
        Some(Value::Boolean(_)) => text
            .parse()
            .map(Value::Boolean)
            .map_err(|_| "true or false is expected".to_owned()),
        Some(Value::Array(_)) => {
            let items = text
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty());
            let items = items.map(|item| Value::String(item.to_owned()));
            Ok(Value::Array(items.collect()))
        }
        Some(Value::String(_) | Value::Float(_) | Value::Datetime(_) | Value::Table(_)) | None => {
            Ok(Value::String(text.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LogLevel;

    fn load(text: &str, overrides: &Overrides) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("easement.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(Some(&path), overrides)
    }

    #[test]
    fn each_source_overrides_the_ones_before_it() {
        let file = "[log]\nlevel = \"warn\"\n[domain_connect]\nttl_min = 5\nttl_max = 9\n";
        let variables = [
            ("EASEMENT_LOG_LEVEL", "debug"),
            ("EASEMENT_DOMAIN_CONNECT_TTL_MIN", "6"),
            ("EASEMENT_DNS_LISTEN", "127.0.0.1:1, [::1]:2"),
            ("EASEMENT_TEST_POSTGRES_URL", "not a setting"),
            ("HOME", "/root"),
        ];
        let mut overrides = Overrides::from_environment(
            variables
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into_iter(),
        );
        overrides.add_argument("log.level=trace").unwrap();

        let config = load(file, &overrides).unwrap();

        assert_eq!(config.log.level, LogLevel::Trace);
        assert_eq!(config.domain_connect.ttl_min, 6);
        assert_eq!(config.domain_connect.ttl_max, 9);
        assert_eq!(config.dns.listen.len(), 2);
        assert_eq!(config.server, Config::default().server);
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let error = load(
            "[log]\nlevel = \"warn\"\nlevle = 1\n",
            &Overrides::default(),
        );
        let message = error.unwrap_err().to_string();
        assert!(message.contains("line 3"), "{message}");
        assert!(message.contains("levle"), "{message}");

        let mut overrides = Overrides::default();
        assert!(overrides.add_argument("log.levle=warn").is_err());
        overrides.add_argument("log.level=loud").unwrap();
        let message = load("", &overrides).unwrap_err().to_string();
        assert!(message.contains("log.level=loud"), "{message}");
    }

    #[test]
    fn the_database_url_survives_overrides_and_is_never_written() {
        let file = "[store]\npostgres_url = \"postgres://easement:hunter2@db/easement\"\n";
        let mut overrides = Overrides::default();
        overrides.add_argument("log.level=trace").unwrap();
        let config = load(file, &overrides).unwrap();
        let url = config.store.postgres_url.as_ref().unwrap().reveal();
        assert_eq!(url, "postgres://easement:hunter2@db/easement");
        let written = format!("{}{config:?}", toml::to_string(&config).unwrap());
        assert!(!written.contains("hunter2"), "{written}");

        overrides
            .add_argument("store.postgres_url=postgres://other/easement")
            .unwrap();
        overrides.add_argument("log.level=debug").unwrap();
        let config = load(file, &overrides).unwrap();
        let url = config.store.postgres_url.as_ref().unwrap().reveal();
        assert_eq!(url, "postgres://other/easement");

        for broken in [
            "[store]\npostgres_url = \"postgres://easement:hunter2@db/easement\n",
            "[store]\npostgres_url = postgres://easement:hunter2@db/easement\n",
            "[store]\npostgres_urll = \"postgres://easement:hunter2@db/easement\"\n",
        ] {
            let message = load(broken, &Overrides::default()).unwrap_err().to_string();
            assert!(message.contains("line 2"), "{message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }

    #[test]
    fn limits_of_dns_that_make_no_sense_are_refused() {
        for (line, words) in [
            ("tcp_connections = 0", "dns.tcp_connections must be"),
            ("tcp_idle_seconds = 0", "dns.tcp_idle_seconds must be"),
            ("rate_limit_ipv4_bits = 33", "32 bits"),
            ("rate_limit_ipv6_bits = 0", "dns.rate_limit_ipv6_bits must"),
            ("rate_limit_exempt = [\"home\"]", "not a network"),
            ("nsid = \"\"", "1 to 100"),
        ] {
            let error = load(&format!("[dns]\n{line}\n"), &Overrides::default()).unwrap_err();
            assert!(error.to_string().contains(words), "{line}: {error}");
        }
    }

    #[test]
    fn names_for_addresses_stay_as_long_as_they_must_and_no_longer() {
        for (line, words) in [
            (
                "temp_minutes = 4",
                "namedrop.temp_minutes is 4: use from 5 to 1440",
            ),
            ("temp_minutes = 1441", "from 5 to 1440"),
            ("temp_per_network = 0", "namedrop.temp_per_network must be"),
            ("temp_total = 0", "namedrop.temp_total must be"),
            (
                "temp_zone = \"_ip.example\"",
                "namedrop.temp_zone: no names",
            ),
            ("temp_zone = \".\"", "it is the root"),
            ("temp_zone = \"a..b\"", "empty label"),
            ("temp_allow_networks = [\"home\"]", "not a network"),
        ] {
            let error = load(&format!("[namedrop]\n{line}\n"), &Overrides::default()).unwrap_err();
            assert!(error.to_string().contains(words), "{line}: {error}");
        }
        let good = "[namedrop]\ntemp_zone = \"ip.example\"\ntemp_minutes = 5\n";
        assert!(load(good, &Overrides::default()).is_ok());
    }

    #[test]
    fn plain_http_for_the_world_is_refused() {
        let open = "[server]\nlisten = [\"0.0.0.0:80\"]\n";
        let error = load(open, &Overrides::default()).unwrap_err();
        assert!(matches!(error, ConfigError::PlainHttp { .. }), "{error}");

        let proxied = format!("{open}trusted_proxies = [\"10.0.0.0/8\"]\n");
        assert!(load(&proxied, &Overrides::default()).is_ok());
        let half = format!("{open}tls_key = \"key.pem\"\n");
        let error = load(&half, &Overrides::default()).unwrap_err();
        assert!(matches!(error, ConfigError::HalfTls), "{error}");
    }

    #[test]
    fn what_is_kept_is_kept_for_a_number_of_days_that_can_be_counted() {
        for setting in [
            "[webhooks]\nlog_days",
            "[accounts]\naddress_days",
            "[accounts]\nended_access_days",
        ] {
            for days in ["0", "3651", "9223372036854775807"] {
                let loaded = load(&format!("{setting} = {days}"), &Overrides::default());
                let error = loaded.unwrap_err();
                assert!(matches!(error, ConfigError::Days { .. }), "{error}");
            }
            for days in ["1", "3650"] {
                let loaded = load(&format!("{setting} = {days}"), &Overrides::default());
                assert!(loaded.is_ok(), "{setting} {days}");
            }
        }
    }
}
