//! The DNS server, as it is configured.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use easement_core::Random;
use easement_dns::{
    BoundSockets, CookieSecrets, DnsServer, Features, Identity, ListenConfig, RateLimiter,
    ResponseRates, TcpLimits,
};

use super::cookie_secret::CookieSecretFile;
use super::{StartError, Surroundings};
use crate::config::DnsSection;

/// Takes the sockets that were handed over, or the configured addresses when there are none. The file
/// of the cookie secret is the configured one, if any.
pub(super) fn take_server(
    section: &DnsSection,
    inherited: BoundSockets,
    cookies: Option<&CookieSecretFile>,
    around: &Surroundings,
) -> Result<DnsServer, StartError> {
    let features = features(section, cookies, around.random.as_ref());
    let mut listen = ListenConfig::on(section.listen.iter().copied());
    listen.tcp = TcpLimits {
        connections: section.tcp_connections,
        connections_per_address: section.tcp_connections_per_address,
        idle_timeout: Duration::from_secs(section.tcp_idle_seconds),
        ..listen.tcp
    };
    let is_configured = inherited.udp.is_empty() && inherited.tcp.is_empty();
    let server = if is_configured {
        DnsServer::bind(&listen)?
    } else {
        DnsServer::adopt(inherited, &listen)?
    };
    Ok(server.with_features(features, Arc::clone(&around.clock)))
}

fn features(
    section: &DnsSection,
    cookies: Option<&CookieSecretFile>,
    random: &dyn Random,
) -> Features {
    let cookies = cookies.map_or_else(
        || CookieSecrets::daily(octets(random)),
        CookieSecretFile::secrets,
    );
    let limiter = NonZeroU32::new(section.rate_limit).map(|per_second| {
        let rates = ResponseRates {
            per_second,
            slip: section.rate_limit_slip,
            ipv4_bits: section.rate_limit_ipv4_bits,
            ipv6_bits: section.rate_limit_ipv6_bits,
            exempt: section.rate_limit_exempt.clone(),
        };
        RateLimiter::new(rates, octets(random))
    });
    Features {
        identity: Identity {
            nsid: section.nsid.clone(),
            name: section.chaos_name.clone(),
            version: section.chaos_version.clone(),
        },
        cookies: Some(cookies),
        limiter,
    }
}

fn octets<const COUNT: usize>(random: &dyn Random) -> [u8; COUNT] {
    let mut octets = [0; COUNT];
    for (octet, random) in octets.iter_mut().zip(random.octets(COUNT)) {
        *octet = random;
    }
    octets
}
