//! The DNS server, as it is configured.

use std::io;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use easement_core::Random;
use easement_dns::{
    BoundSockets, CookieSecrets, DnsServer, Features, Identity, ListenConfig, RateLimiter,
    ResponseRates, TcpLimits,
};

use super::{StartError, Surroundings};
use crate::config::DnsSection;

/// The most octets that a file of secrets may have.
const MAX_FILE_OCTETS: usize = 4096;

/// Takes the sockets that were handed over, or the configured addresses when there are none.
pub(super) fn take_server(
    section: &DnsSection,
    inherited: BoundSockets,
    around: &Surroundings,
) -> Result<DnsServer, StartError> {
    let features = features(section, around.random.as_ref())?;
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

fn features(section: &DnsSection, random: &dyn Random) -> Result<Features, StartError> {
    let cookies = match &section.cookie_secret_file {
        Some(path) => read_secrets(path).map_err(|error| StartError::CookieSecret {
            path: path.clone(),
            error,
        })?,
        None => CookieSecrets::daily(octets(random)),
    };
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
    Ok(Features {
        identity: Identity {
            nsid: section.nsid.clone(),
            name: section.chaos_name.clone(),
            version: section.chaos_version.clone(),
        },
        cookies: Some(cookies),
        limiter,
    })
}

fn octets<const COUNT: usize>(random: &dyn Random) -> [u8; COUNT] {
    let mut octets = [0; COUNT];
    for (octet, random) in octets.iter_mut().zip(random.octets(COUNT)) {
        *octet = random;
    }
    octets
}

//------------ Secrets of cookies ----------------------------------------------------------------

fn read_secrets(path: &Path) -> Result<CookieSecrets, CookieSecretError> {
    let text = std::fs::read_to_string(path)?;
    if text.len() > MAX_FILE_OCTETS {
        return Err(CookieSecretError::Contents);
    }
    parse_secrets(&text).ok_or(CookieSecretError::Contents)
}

/// A secret a line: the current one, maybe the one before it. Lines that begin with # are comments.
fn parse_secrets(text: &str) -> Option<CookieSecrets> {
    let lines = text.lines().map(str::trim);
    let mut secrets = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let current = parse_secret(secrets.next()?)?;
    let previous = match secrets.next() {
        Some(line) => Some(parse_secret(line)?),
        None => None,
    };
    secrets
        .next()
        .is_none()
        .then(|| CookieSecrets::shared(current, previous))
}

fn parse_secret(digits: &str) -> Option<[u8; CookieSecrets::OCTETS]> {
    let is_whole = digits.len() == 2 * CookieSecrets::OCTETS;
    let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let number = u128::from_str_radix(digits, 16).ok();
    number
        .filter(|_| is_whole && is_hexadecimal)
        .map(u128::to_be_bytes)
}

/// Why the secret of DNS cookies cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CookieSecretError {
    /// The file cannot be read.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The file holds something else. It is not shown, because it may be secret.
    #[error(
        "it must hold one or two lines of 32 hexadecimal digits: the current secret, and the one \
         before it (`openssl rand -hex 16` makes one)"
    )]
    Contents,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_the_current_secret_and_maybe_the_one_before_it() {
        let one = "e5e973e5a6b2a43f48e7dc849e37bfcf";
        let other = "DD3BDF9344B678B185A6F5CB60FCA715";
        for good in [
            one.to_owned(),
            format!("\n# current\n {one} \n\n# before\n{other}\n"),
        ] {
            assert!(parse_secrets(&good).is_some(), "{good}");
        }
        for bad in [
            String::new(),
            "# nothing\n".to_owned(),
            one[1..].to_owned(),
            format!("{one}00"),
            format!("+{}", &one[1..]),
            format!("{one}\nsecret"),
            format!("{one}\n{other}\n{one}"),
        ] {
            assert!(parse_secrets(&bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_secret_is_said_without_showing_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, "hunter2").unwrap();
        let section = DnsSection {
            cookie_secret_file: Some(path.clone()),
            ..DnsSection::default()
        };
        let around = Surroundings::of_this_machine();
        let error = features(&section, around.random.as_ref()).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("32 hexadecimal") && text.contains("secret"),
            "{text}"
        );
        assert!(!text.contains("hunter2"), "{text}");
        std::fs::remove_file(&path).unwrap();
        let error = features(&section, around.random.as_ref()).unwrap_err();
        assert!(error.to_string().contains("No such file"), "{error}");
    }
}
