//! Finding the addresses of the machine.
//!
//! [`find`] asks the sources of a configuration. What it gives are public addresses alone: others mean nothing in DNS
//! for the world. A source that fails leaves what is in DNS as it is.

mod checkers;
mod command;
mod interfaces;
#[cfg(target_os = "linux")]
mod netlink;
mod router;
mod system;
mod text;

use apertodns::address::{Address, DocumentationRanges, check_public};
use easement_outbound::http::HttpClient;
use url::Url;

use crate::config::{Config, Protocol, Source};
use crate::decide::{Finding, Findings};

/// Looks for the addresses of both families.
pub async fn find(config: &Config, http: &HttpClient) -> Findings {
    let (ipv4, ipv6) = tokio::join!(
        family(&config.ipv4, config, http, "/checkip/v4"),
        family(&config.ipv6, config, http, "/checkip/v6"),
    );
    Findings {
        ipv4,
        ipv6,
        prefix_length: config.prefix_length,
    }
}

async fn family<A: Address>(
    source: &Source,
    config: &Config,
    http: &HttpClient,
    usual_path: &str,
) -> Finding<A> {
    match source {
        Source::Off => Finding::Off,
        Source::Checkers(urls) if urls.is_empty() => {
            let urls = checkers_of_targets(config, usual_path);
            checkers::ask(&urls, checkers::Trust::Each, http).await
        }
        Source::Checkers(urls) => checkers::ask(urls, checkers::Trust::of(urls), http).await,
        Source::Interfaces(name) => interfaces::look(name.as_deref()),
        Source::Command(words) => command::run(words).await,
        Source::Router(named) => router::ask(*named).await,
    }
}

/// Whether servers are asked for an address that are there for others too.
pub fn asks_strangers(config: &Config) -> bool {
    let sources = [&config.ipv4, &config.ipv6];
    let is_asking = |source: &&Source| matches!(source, Source::Checkers(_));
    sources.iter().any(is_asking)
}

/// The servers that are updated say from where they are asked, when they speak ApertoDNS or NameDrop. They gave the token,
/// so each is believed alone.
fn checkers_of_targets(config: &Config, path: &str) -> Vec<Url> {
    let mut urls: Vec<Url> = Vec::new();
    for target in &config.targets {
        let url = match (&target.protocol, &target.server) {
            (Protocol::ApertoDns { .. }, Some(server)) => server.join(path).ok(),
            (Protocol::NameDrop { .. }, Some(base)) => Some(my_ip(base.clone())),
            (Protocol::ApertoDns { .. } | Protocol::NameDrop { .. }, None)
            | (Protocol::DynDns2 { .. } | Protocol::DomainConnect, _) => None,
        };
        urls.extend(url.filter(|url| !urls.contains(url)));
    }
    urls
}

/// Where a server of NameDrop says it, of whichever family it is asked by.
fn my_ip(mut base: Url) -> Url {
    let path = format!("{}/my-ip", base.path().trim_end_matches('/'));
    base.set_path(&path);
    base
}

/// Whether an address may stand in public DNS.
fn is_public<A: Address>(address: A) -> bool {
    check_public(address.into(), DocumentationRanges::Refuse).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn of_the_targets_those_are_asked_that_say_an_address() {
        let target = |name: &str, rest: &str| {
            format!("[[target]]\nname = \"{name}\"\nhosts = [\"h.example.com\"]\n{rest}\n")
        };
        let own = target(
            "own",
            "protocol = \"apertodns\"\nserver = \"https://a.example\"",
        );
        let other = target(
            "other",
            "protocol = \"dyndns2\"\nuser = \"u\"\nserver = \"https://b.example\"",
        );
        let names = target(
            "names",
            "protocol = \"namedrop\"\nserver = \"https://c.example/nd/\"",
        );
        let text = format!("{other}{own}{names}");
        let config = Config::parse(&text, Path::new("ddns.toml")).unwrap();
        let urls = checkers_of_targets(&config, "/checkip/v4");
        let urls: Vec<_> = urls.iter().map(Url::as_str).collect();
        assert_eq!(
            urls,
            ["https://a.example/checkip/v4", "https://c.example/nd/my-ip"]
        );
    }
}
