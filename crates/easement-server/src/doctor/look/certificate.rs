//! Reading the certificate and its key.

use std::path::Path;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;

use super::super::rules::certificate::{Certificate, CertificateSeen};
use super::super::validity::validity;
use crate::config::Config;

pub(in crate::doctor) fn look(config: &Config) -> CertificateSeen {
    let server = &config.server;
    let (Some(chain), Some(key)) = (&server.tls_certificate, &server.tls_key) else {
        return if server.public_url.is_https() {
            CertificateSeen::Elsewhere {
                has_proxies: !server.trusted_proxies.is_empty(),
            }
        } else {
            CertificateSeen::NotNeeded
        };
    };
    match read(chain, key, &server.public_url.host()) {
        Ok(certificate) => CertificateSeen::Read(certificate),
        Err((path, why)) => CertificateSeen::Unusable {
            path: path.display().to_string(),
            why,
        },
    }
}

/// A certificate, or the file that is at fault and why.
fn read<'a>(
    chain_file: &'a Path,
    key_file: &'a Path,
    host: &str,
) -> Result<Certificate, (&'a Path, String)> {
    let in_chain = |why: String| (chain_file, why);
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(chain_file)
        .and_then(Iterator::collect)
        .map_err(|error| in_chain(error.to_string()))?;
    let first = chain
        .first()
        .ok_or_else(|| in_chain("there is no certificate in it".to_owned()))?
        .clone();
    let key =
        PrivateKeyDer::from_pem_file(key_file).map_err(|error| (key_file, error.to_string()))?;
    let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key)
        .map_err(|error| (key_file, error.to_string()))?;
    let fits_key = CertifiedKey::new(chain, key).keys_match().is_ok();
    let parsed =
        ParsedCertificate::try_from(&first).map_err(|error| in_chain(error.to_string()))?;
    let (begins, ends) = validity(&first)
        .ok_or_else(|| in_chain("it does not say until when it is valid".to_owned()))?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let covers_host = ServerName::try_from(bare)
        .is_ok_and(|name| rustls::client::verify_server_name(&parsed, &name).is_ok());
    Ok(Certificate {
        path: chain_file.display().to_string(),
        fits_key,
        host: host.to_owned(),
        covers_host,
        begins,
        ends,
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use easement_core::Clock as _;

    use super::*;
    use easement_outbound::SystemClock;

    /// A configuration with a certificate that OpenSSL made for `dns.example`, for 30 days.
    fn with_certificate(folder: &Path) -> Option<Config> {
        let made = Command::new("openssl")
            .args([
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30",
            ])
            .args([
                "-subj",
                "/CN=dns.example",
                "-addext",
                "subjectAltName=DNS:dns.example",
            ])
            .args(["-keyout", "key.pem", "-out", "chain.pem"])
            .current_dir(folder)
            .output();
        let Ok(made) = made else {
            assert!(
                std::env::var_os("EASEMENT_REQUIRE_TOOLS").is_none(),
                "openssl is missing"
            );
            println!("SKIPPED: openssl is not installed");
            return None;
        };
        assert!(made.status.success(), "{made:?}");
        let mut config = Config::default();
        config.server.public_url = "https://dns.example".parse().unwrap();
        config.server.tls_certificate = Some(folder.join("chain.pem"));
        config.server.tls_key = Some(folder.join("key.pem"));
        Some(config)
    }

    #[track_caller]
    fn read_of(config: &Config) -> Certificate {
        let seen = look(config);
        let CertificateSeen::Read(certificate) = seen else {
            panic!("{seen:?}");
        };
        certificate
    }

    #[test]
    fn names_key_and_days_of_a_real_certificate_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        let Some(mut config) = with_certificate(folder.path()) else {
            return;
        };
        let seen = read_of(&config);
        assert!(seen.fits_key && seen.covers_host, "{seen:?}");
        let days = |left: u64| Duration::from_hours(24 * left);
        let left = seen.ends.since(SystemClock.now());
        assert!(left > days(29) && left <= days(30), "{seen:?}");
        assert!(seen.begins <= SystemClock.now(), "{seen:?}");
        config.server.public_url = "https://other.example".parse().unwrap();
        assert!(!read_of(&config).covers_host);

        let other = tempfile::tempdir().unwrap();
        with_certificate(other.path()).unwrap();
        config.server.tls_key = Some(other.path().join("key.pem"));
        assert!(!read_of(&config).fits_key);
    }

    #[test]
    fn the_file_that_cannot_be_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let Some(mut config) = with_certificate(folder.path()) else {
            return;
        };
        let at_fault = |config: &Config| {
            let seen = look(config);
            let CertificateSeen::Unusable { path, why: _ } = seen else {
                panic!("{seen:?}");
            };
            path
        };
        config.server.tls_key = Some(folder.path().join("chain.pem"));
        assert!(at_fault(&config).ends_with("chain.pem"));
        config.server.tls_key = Some(folder.path().join("none.pem"));
        assert!(at_fault(&config).ends_with("none.pem"));
        for text in [
            "",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            let wrong = folder.path().join("wrong.pem");
            std::fs::write(&wrong, text).unwrap();
            config.server.tls_key = Some(folder.path().join("key.pem"));
            config.server.tls_certificate = Some(wrong);
            assert!(at_fault(&config).ends_with("wrong.pem"));
        }
    }
}
