//! In which protocol a request is made.

use apertodns::v1::paths as v1;
use http::Method;

use crate::router::{AFRAID, AFRAID_SLASH, UPDATE};

/// A protocol, by the form of its answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Dialect {
    /// `ApertoDNS`, and what is beside it: documents.
    Apertodns,
    /// A word for each host.
    Dyndns2,
    /// `OK` or `KO`.
    Duckdns,
    /// A sentence.
    Afraid,
    /// A document with one member.
    AcmeDns,
    /// The address of whoever asks: a line.
    CheckAddress,
}

impl Dialect {
    /// That of the pattern of a path.
    pub(super) fn of(method: &Method, path: &str) -> Self {
        match path {
            v1::LEGACY_DYNDNS2 => Self::Dyndns2,
            UPDATE if *method == Method::POST => Self::AcmeDns,
            AFRAID | AFRAID_SLASH => Self::Afraid,
            path if path.starts_with("/update") => Self::Duckdns,
            path if path.starts_with("/acme-dns") || path == "/register" => Self::AcmeDns,
            path if path.starts_with("/checkip") => Self::CheckAddress,
            _ => Self::Apertodns,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apertodns::TOKENS;
    use crate::router::{
        ACME_DNS_INVITED, ACME_DNS_INVITED_UPDATE, ACME_DNS_REGISTER, CHECK_ADDRESS_IPV4,
        DUCKDNS_PATH,
    };

    #[test]
    fn a_path_is_of_one_protocol() {
        for (method, path, dialect) in [
            (Method::GET, v1::INFO, Dialect::Apertodns),
            (Method::POST, v1::UPDATE, Dialect::Apertodns),
            (Method::POST, TOKENS, Dialect::Apertodns),
            (Method::GET, "/api/webhooks", Dialect::Apertodns),
            (Method::GET, v1::LEGACY_DYNDNS2, Dialect::Dyndns2),
            (Method::GET, UPDATE, Dialect::Duckdns),
            (Method::POST, UPDATE, Dialect::AcmeDns),
            (Method::GET, DUCKDNS_PATH, Dialect::Duckdns),
            (Method::GET, AFRAID, Dialect::Afraid),
            (Method::GET, AFRAID_SLASH, Dialect::Afraid),
            (Method::POST, ACME_DNS_REGISTER, Dialect::AcmeDns),
            (Method::POST, ACME_DNS_INVITED, Dialect::AcmeDns),
            (Method::POST, ACME_DNS_INVITED_UPDATE, Dialect::AcmeDns),
            (Method::GET, CHECK_ADDRESS_IPV4, Dialect::CheckAddress),
        ] {
            assert_eq!(Dialect::of(&method, path), dialect, "{method} {path}");
        }
    }
}
