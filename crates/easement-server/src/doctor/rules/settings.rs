//! Settings that are valid each, and do not make a server that others can use.

use super::super::Check;
use crate::config::{Config, ExposedFile};

const CHECK: &str = "configuration";

pub(in crate::doctor) fn judge(config: &Config, exposed: &[ExposedFile]) -> Vec<Check> {
    let mut checks = vec![Check::ok(CHECK, "it is valid")];
    checks.extend(exposed.iter().map(|file| {
        Check::warn(
            CHECK,
            file.to_string(),
            "take the permissions of others away, as it says",
        )
    }));
    if config.dns.name_servers.is_empty() {
        checks.push(Check::warn(
            CHECK,
            "no name servers are configured: no zone can be made, and service providers are told none",
            "set dns.name_servers to the names of this server",
        ));
    }
    if !config.server.public_url.is_https() {
        checks.push(Check::warn(
            CHECK,
            format!(
                "the public address is {}: nobody else can come, and service providers are sent there",
                config.server.public_url
            ),
            "set server.public_url to the https address that people type",
        ));
    }
    if config
        .dns
        .listen
        .iter()
        .all(|address| address.ip().is_loopback())
    {
        checks.push(Check::warn(
            CHECK,
            "DNS is answered on this machine only",
            "set dns.listen to port 53 of the machine's own addresses",
        ));
    }
    checks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Outcome;

    #[test]
    fn a_server_for_this_machine_alone_is_told() {
        let mut config = Config::default();
        let outcomes = |config: &Config| -> Vec<Outcome> {
            let checks = judge(config, &[]);
            checks.iter().map(|check| check.outcome).collect()
        };
        let warn = Outcome::Warn;
        assert_eq!(outcomes(&config), [Outcome::Ok, warn, warn, warn]);
        config.dns.name_servers = vec!["ns1.example.net".parse().unwrap()];
        config.server.public_url = "https://dns.example.net".parse().unwrap();
        config.dns.listen = vec!["192.0.2.1:53".parse().unwrap()];
        assert_eq!(outcomes(&config), [Outcome::Ok]);
    }
}
