//! Finding the addresses of the machine.
//!
//! [`find`] asks the sources of a configuration. What it gives are public addresses alone: others mean nothing in DNS
//! for the world. A source that fails leaves what is in DNS as it is.

mod checkers;
mod command;
mod interfaces;
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
            checkers::ask(&checkers_of_targets(config, usual_path), http).await
        }
        Source::Checkers(urls) => checkers::ask(urls, http).await,
        Source::Interfaces(name) => interfaces::look(name.as_deref()),
        Source::Command(words) => command::run(words).await,
    }
}

/// The servers that are updated say from where they are asked, when they are Easement.
fn checkers_of_targets(config: &Config, path: &str) -> Vec<Url> {
    let mut urls: Vec<Url> = Vec::new();
    for target in &config.targets {
        let server = match &target.protocol {
            Protocol::ApertoDns { .. } | Protocol::DynDns2 { .. } => target.server.as_ref(),
            Protocol::DomainConnect => None,
        };
        let url = server.and_then(|server| server.join(path).ok());
        urls.extend(url.filter(|url| !urls.contains(url)));
    }
    urls
}

/// Whether an address may stand in public DNS.
fn is_public<A: Address>(address: A) -> bool {
    check_public(address.into(), DocumentationRanges::Refuse).is_ok()
}
