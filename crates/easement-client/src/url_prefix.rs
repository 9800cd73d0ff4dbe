//! URLs that others named, checked once.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::{Host, Url};

/// The longest URL that is read.
const MAX_OCTETS: usize = 2048;

/// Where plain HTTP is spoken; elsewhere it is always https.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum PlainHttp {
    /// Nowhere.
    #[default]
    Refuse,
    /// To this machine: `localhost`, `127.0.0.0/8`, `::1`.
    ToLoopback,
    /// Everywhere. Tokens and passwords can be read on the way.
    Allow,
}

/// A URL that paths are appended to: `https` unless [`PlainHttp`] says otherwise, without user name, password, query
/// and fragment.
///
/// ```
/// use easement_client::{PlainHttp, UrlPrefix};
///
/// let prefix = UrlPrefix::read("https://dns.example/api/", PlainHttp::Refuse)?;
/// assert_eq!(prefix.as_str(), "https://dns.example/api");
/// assert_eq!(prefix.join("/v2/x").as_str(), "https://dns.example/api/v2/x");
///
/// for refused in ["http://dns.example", "https://a@dns.example", "https://dns.example/?q", "javascript:alert(1)"] {
///     assert!(UrlPrefix::read(refused, PlainHttp::ToLoopback).is_err());
/// }
/// assert!(UrlPrefix::read("http://localhost:8080", PlainHttp::ToLoopback).is_ok());
/// # Ok::<(), easement_client::UrlPrefixError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UrlPrefix {
    url: Url,
}

impl UrlPrefix {
    /// Reads a URL.
    pub fn read(text: &str, plain_http: PlainHttp) -> Result<Self, UrlPrefixError> {
        let fail = |fault| UrlPrefixError {
            text: text.chars().take(120).collect(),
            fault,
        };
        if text.len() > MAX_OCTETS {
            return Err(fail(UrlFault::TooLong));
        }
        let mut url = Url::parse(text.trim()).map_err(|_| fail(UrlFault::NotAUrl))?;
        check(&url, plain_http).map_err(fail)?;
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self { url })
    }

    /// The URL, without a slash at its end.
    pub fn as_str(&self) -> &str {
        self.url.as_str().trim_end_matches('/')
    }

    /// The URL with this path, which begins with a slash and is percent-encoded already, behind its own.
    #[must_use]
    pub fn join(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{path}", self.url.path().trim_end_matches('/')));
        url
    }

    /// Whether another URL is at the same scheme, host and port.
    pub fn has_origin_of(&self, other: &Url) -> bool {
        self.url.origin() == other.origin()
    }
}

impl fmt::Display for UrlPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for UrlPrefix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// What was stored was checked before; only what can never be right is refused.
impl<'de> Deserialize<'de> for UrlPrefix {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text, PlainHttp::Allow).map_err(serde::de::Error::custom)
    }
}

fn check(url: &Url, plain_http: PlainHttp) -> Result<(), UrlFault> {
    let is_plain_allowed = match plain_http {
        PlainHttp::Refuse => false,
        PlainHttp::ToLoopback => is_loopback(url),
        PlainHttp::Allow => true,
    };
    match url.scheme() {
        "https" => {}
        "http" if is_plain_allowed => {}
        "http" => return Err(UrlFault::Plain),
        _ => return Err(UrlFault::Scheme),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlFault::UserInfo);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(UrlFault::Query);
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(UrlFault::NotAUrl);
    }
    Ok(())
}

/// Whether a URL leads to this machine, by its text.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(host)) => host == "localhost" || host.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A URL that is not used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{}` is not used: {fault}", text.escape_debug())]
pub struct UrlPrefixError {
    /// The URL.
    pub text: String,
    /// Why.
    pub fault: UrlFault,
}

/// Why a URL is not used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum UrlFault {
    /// It is longer than anybody needs.
    #[error("it is longer than {MAX_OCTETS} octets")]
    TooLong,
    /// It is none.
    #[error("it is not a URL with a host")]
    NotAUrl,
    /// It is `http`.
    #[error("it must begin with https")]
    Plain,
    /// It is something else altogether.
    #[error("it must begin with https, and nothing else is followed")]
    Scheme,
    /// It has a user name or password.
    #[error("it must not have a user name or password")]
    UserInfo,
    /// It has a query or fragment.
    #[error("it must not have a query or a fragment")]
    Query,
}
