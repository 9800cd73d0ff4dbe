//! The address that people type.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::{Host, Url};

/// The origin of this server as browsers see it: `https`, or `http` on a loopback address, where
/// browsers keep secure cookies as well.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// The URL of a server that is used on its own machine only.
    pub fn loopback(address: SocketAddr) -> Result<Self, PublicUrlError> {
        format!("http://{address}").parse()
    }

    /// The URL of a path on this server. The path begins with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// Scheme, host and port, as in an `Origin` header.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Host, and port unless it is the usual one.
    pub fn authority(&self) -> String {
        match self.0.port() {
            Some(port) => format!("{}:{port}", self.host()),
            None => self.host(),
        }
    }

    /// The host alone.
    pub fn host(&self) -> String {
        self.0.host_str().unwrap_or_default().to_owned()
    }

    /// Whether browsers come over TLS.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }
}

impl Default for PublicUrl {
    fn default() -> Self {
        #[expect(
            clippy::expect_used,
            reason = "the text is a constant, and a test reads it"
        )]
        let url = Url::parse("http://127.0.0.1:8080").expect("a constant URL");
        Self(url)
    }
}

impl FromStr for PublicUrl {
    type Err = PublicUrlError;

    fn from_str(text: &str) -> Result<Self, PublicUrlError> {
        let refuse = |reason| PublicUrlError {
            text: text.to_owned(),
            reason,
        };
        let url = Url::parse(text).map_err(|_| refuse("it is not a URL"))?;
        let has_more = !matches!(url.path(), "" | "/") || url.query().is_some();
        if has_more || url.fragment().is_some() || !url.username().is_empty() {
            return Err(refuse("it must be scheme, host and port only"));
        }
        match (url.scheme(), is_loopback(&url)) {
            ("https", _) | ("http", true) => Ok(Self(url)),
            ("http", false) => Err(refuse("it must be https, except on a loopback address")),
            (_, _) => Err(refuse("it must begin with https://")),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.origin())
    }
}

impl Serialize for PublicUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Why a text is not the address of a server.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` cannot be the address that people type: {reason}")]
pub struct PublicUrlError {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_origin_that_keeps_cookies_safe_is_taken() {
        for (text, origin) in [
            ("https://dns.example.net", "https://dns.example.net"),
            (
                "https://dns.example.net:8443/",
                "https://dns.example.net:8443",
            ),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            (
                "http://easement.localhost:8080",
                "http://easement.localhost:8080",
            ),
        ] {
            assert_eq!(text.parse::<PublicUrl>().unwrap().origin(), origin);
        }
        for wrong in [
            "dns.example.net",
            "http://dns.example.net",
            "ftp://127.0.0.1",
            "https://dns.example.net/path",
            "https://dns.example.net?a=b",
            "https://user@dns.example.net",
            "javascript:alert(1)",
        ] {
            assert!(wrong.parse::<PublicUrl>().is_err(), "{wrong}");
        }
        assert_eq!(PublicUrl::default().authority(), "127.0.0.1:8080");
    }
}
