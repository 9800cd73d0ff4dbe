//! The certificate of the web server.

use std::time::Duration;

use easement_core::Timestamp;

use super::super::Check;

const CHECK: &str = "certificate";
const DAY: Duration = Duration::from_hours(24);
/// A certificate that renews itself has more days left than this.
const SOON_DAYS: u64 = 14;
/// No time to find out why it did not.
const ALMOST_DAYS: u64 = 3;

/// What is known about the certificate.
#[derive(Clone, Debug)]
pub(in crate::doctor) enum CertificateSeen {
    /// The public address is one of this machine only.
    NotNeeded,
    /// None is configured: a proxy does the TLS, or should.
    Elsewhere { has_proxies: bool },
    /// A file cannot be used.
    Unusable { path: String, why: String },
    /// It was read.
    Read(Certificate),
}

/// A certificate and its key.
#[derive(Clone, Debug)]
pub(in crate::doctor) struct Certificate {
    pub(in crate::doctor) path: String,
    pub(in crate::doctor) fits_key: bool,
    /// The host of the public address, and whether the certificate is for it.
    pub(in crate::doctor) host: String,
    pub(in crate::doctor) covers_host: bool,
    /// When it begins and ends.
    pub(in crate::doctor) begins: Timestamp,
    pub(in crate::doctor) ends: Timestamp,
}

pub(in crate::doctor) fn judge(seen: &CertificateSeen, now: Timestamp) -> Check {
    match seen {
        CertificateSeen::NotNeeded => {
            Check::ok(CHECK, "none is needed: only this machine can come")
        }
        CertificateSeen::Elsewhere { has_proxies: true } => {
            Check::ok(CHECK, "none here: the proxies do the TLS")
        }
        CertificateSeen::Elsewhere { has_proxies: false } => Check::warn(
            CHECK,
            "the public address is https, and neither a certificate nor a proxy is configured",
            "set server.tls_certificate and server.tls_key, or name the proxy in server.trusted_proxies",
        ),
        CertificateSeen::Unusable { path, why } => Check::fail(
            CHECK,
            format!("{path} cannot be used: {why}"),
            "server.tls_certificate names the chain and server.tls_key the key, both PEM, and the server's \
             user must be able to read them",
        ),
        CertificateSeen::Read(certificate) => judge_read(certificate, now),
    }
}

fn judge_read(certificate: &Certificate, now: Timestamp) -> Check {
    let Certificate {
        path, host, ends, ..
    } = certificate;
    if !certificate.fits_key {
        return Check::fail(
            CHECK,
            format!("{path} and the key do not belong together"),
            "put the key beside it that it was made for (both were renewed together)",
        );
    }
    if !certificate.covers_host {
        return Check::fail(
            CHECK,
            format!("{path} is not for {host}: browsers refuse it"),
            format!("get one whose names include {host}, or correct server.public_url"),
        );
    }
    if now < certificate.begins {
        return Check::fail(
            CHECK,
            format!("{path} is valid from {} only", certificate.begins),
            "wait until then, or set the clock right",
        );
    }
    let renew = "renew it; the server takes the new one with `systemctl reload easement`";
    if now >= *ends {
        return Check::fail(CHECK, format!("{path} ended {ends}"), renew);
    }
    let days = ends.since(now).as_secs() / DAY.as_secs();
    let found = format!("{path} is for {host} until {ends}: {days} days left");
    if days <= ALMOST_DAYS {
        Check::fail(CHECK, found, renew)
    } else if days <= SOON_DAYS {
        Check::warn(CHECK, found, renew)
    } else {
        Check::ok(CHECK, found)
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_check;
    use super::*;
    use crate::doctor::Outcome::{Fail, Ok, Warn};

    const NOON: Timestamp = Timestamp::from_micros(1_795_694_400_000_000);

    fn good() -> Certificate {
        Certificate {
            path: "c.pem".to_owned(),
            fits_key: true,
            host: "dns.example".to_owned(),
            covers_host: true,
            begins: NOON.minus(DAY),
            ends: NOON.plus(DAY * 60),
        }
    }

    #[test]
    fn a_certificate_fits_and_lasts() {
        let lasting = |days| Certificate {
            ends: NOON.plus(DAY * days),
            ..good()
        };
        for (certificate, outcome, words) in [
            (
                good(),
                Ok,
                "c.pem is for dns.example until 2027-01-25T12:00:00Z: 60 days left",
            ),
            (lasting(15), Ok, "15 days left"),
            (lasting(14), Warn, "renew it"),
            (lasting(3), Fail, "3 days left"),
            (lasting(0), Fail, "ended 2026-11-26"),
            (
                Certificate {
                    begins: NOON.plus(DAY),
                    ..good()
                },
                Fail,
                "set the clock",
            ),
            (
                Certificate {
                    fits_key: false,
                    ..good()
                },
                Fail,
                "do not belong together",
            ),
            (
                Certificate {
                    covers_host: false,
                    ..good()
                },
                Fail,
                "whose names include dns.example",
            ),
        ] {
            assert_check(
                &judge(&CertificateSeen::Read(certificate), NOON),
                outcome,
                words,
            );
        }
    }

    #[test]
    fn who_does_the_tls_is_said() {
        let unusable = CertificateSeen::Unusable {
            path: "key.pem".to_owned(),
            why: "permission denied".to_owned(),
        };
        for (seen, outcome, words) in [
            (CertificateSeen::NotNeeded, Ok, "only this machine"),
            (
                CertificateSeen::Elsewhere { has_proxies: true },
                Ok,
                "proxies",
            ),
            (
                CertificateSeen::Elsewhere { has_proxies: false },
                Warn,
                "server.trusted_proxies",
            ),
            (unusable, Fail, "key.pem cannot be used: permission denied"),
        ] {
            assert_check(&judge(&seen, NOON), outcome, words);
        }
    }
}
