//! Where a browser is sent with a code, compared as parsed URLs.

use std::fmt;
use std::str::FromStr;

use namedrop::App;
use serde::{Deserialize, Serialize};
use url::{Host, Url, form_urlencoded};

/// A place that a client registered: `https`, or `http` on the person's own machine (RFC 8252 section 7.3).
///
/// ```
/// use easement_core::RedirectUri;
///
/// let listed: RedirectUri = "http://127.0.0.1/done".parse()?;
/// assert!(listed.accept("http://127.0.0.1:41234/done").is_some());
/// assert!(listed.accept("http://127.0.0.1:41234/other").is_none());
/// # Ok::<(), easement_core::RedirectUriError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUri(Url);

impl RedirectUri {
    /// The most octets of a URI, also of one that is asked for.
    pub const MAX_OCTETS: usize = 2000;

    /// The place that is asked for, when it is this one. On the person's own machine, the port is free: a program
    /// there takes one that is not in use.
    pub fn accept(&self, asked: &str) -> Option<RedirectTarget> {
        let asked = Self::from_str(asked).ok()?;
        let is_same = if is_loopback(&self.0) && is_loopback(&asked.0) {
            without_port(&self.0) == without_port(&asked.0)
        } else {
            self.0 == asked.0
        };
        is_same.then_some(RedirectTarget(asked.0))
    }

    /// The URI.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for RedirectUri {
    type Err = RedirectUriError;

    fn from_str(text: &str) -> Result<Self, RedirectUriError> {
        if text.len() > Self::MAX_OCTETS {
            return Err(RedirectUriError::TooLong);
        }
        read(text).map(Self)
    }
}

/// A place that browsers may be sent to with a code.
fn read(text: &str) -> Result<Url, RedirectUriError> {
    // What the parser would drop in silence must not make two texts equal.
    if !text.bytes().all(|octet| matches!(octet, 0x21..=0x7e)) || text.contains('\\') {
        return Err(RedirectUriError::NotAUrl);
    }
    let url = Url::parse(text).map_err(|_| RedirectUriError::NotAUrl)?;
    let is_reached = match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback(&url),
        _ => false,
    };
    if !is_reached {
        return Err(RedirectUriError::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(RedirectUriError::UserInfo);
    }
    if url.fragment().is_some() {
        return Err(RedirectUriError::Fragment);
    }
    Ok(url)
}

impl TryFrom<String> for RedirectUri {
    type Error = RedirectUriError;

    fn try_from(text: String) -> Result<Self, RedirectUriError> {
        text.parse()
    }
}

impl From<RedirectUri> for String {
    fn from(uri: RedirectUri) -> Self {
        uri.0.into()
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0.as_str())
    }
}

fn is_loopback(url: &Url) -> bool {
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Domain(host)) => host == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
}

fn without_port(url: &Url) -> Url {
    let mut url = url.clone();
    // It cannot fail for a URL that has a host.
    let _ = url.set_port(None);
    url
}

/// The place that one request named, which is one that its client registered, or one of the app itself: only
/// [`RedirectUri::accept`], [`RedirectTarget::of_app`] and the store make one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RedirectTarget(Url);

impl RedirectTarget {
    /// The target that was stored.
    pub fn from_stored(text: &str) -> Result<Self, RedirectUriError> {
        read(text).map(Self)
    }

    /// Where an app that nobody registered is answered: at its own address, or below it.
    pub fn of_app(app: &App) -> Self {
        Self(app.redirect().clone())
    }

    /// Whether a token request names this same place (RFC 6749 section 4.1.3).
    pub fn is(&self, asked: &str) -> bool {
        asked
            .parse()
            .is_ok_and(|asked: RedirectUri| asked.0 == self.0)
    }

    /// Whether a token request of an app names this same place, as [`App::check`] reads addresses: it may hold an
    /// international name as letters.
    pub(super) fn is_of_app(&self, asked: &str) -> bool {
        App::check(asked, asked).is_ok_and(|app| *app.redirect() == self.0)
    }

    /// The host, for people to see where they will go.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The URI as it was asked for.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The URI with these parameters after those that it has.
    pub fn with(&self, parameters: &[(&str, &str)]) -> String {
        let mut query = self.0.query().unwrap_or_default().to_owned();
        for (name, value) in parameters {
            if !query.is_empty() && !query.ends_with('&') {
                query.push('&');
            }
            query.push_str(name);
            query.push('=');
            // A `+` of the value is `%2B` by then; a space as `+` is not what everybody reads.
            let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
            query.push_str(&value.replace('+', "%20"));
        }
        let mut url = self.0.clone();
        url.set_query(Some(&query));
        url.into()
    }
}

/// Why a text is no redirect URI.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RedirectUriError {
    /// Too long.
    #[error("a redirect URI has at most {} characters", RedirectUri::MAX_OCTETS)]
    TooLong,
    /// No URL.
    #[error("this is not a URL of printable ASCII characters, such as https://app.example/done")]
    NotAUrl,
    /// Reached without encryption, or no web page.
    #[error(
        "a redirect URI begins with https://, or http:// and the person's own machine, such as http://127.0.0.1/"
    )]
    Scheme,
    /// A user name hides the real host from readers.
    #[error("a redirect URI must not have a user name or password")]
    UserInfo,
    /// RFC 6749 section 3.1.2.
    #[error("a redirect URI must not have a fragment (#)")]
    Fragment,
}

#[cfg(test)]
mod tests {
    use super::*;

    const DONE: &str = "https://app.example/done";

    fn accepts(listed: &str, asked: &str) -> bool {
        let listed: RedirectUri = listed.parse().unwrap();
        listed.accept(asked).is_some()
    }

    #[test]
    fn only_the_same_place_is_accepted() {
        for asked in [
            DONE,
            "https://APP.example:443/done",
            "https://app.example/a/../done",
        ] {
            assert!(accepts(DONE, asked), "{asked}");
        }
        for asked in [
            "https://app.example/done/",
            "https://app.example/done?x=1",
            "https://app.example:8443/done",
            "https://app.example/done#top",
            "https://user@app.example/done",
            "https://app.example.evil/done",
            "https://app.example\\@evil.example/done",
            "https://app.ex\nample/done",
            " https://app.example/done",
            "http://app.example/done",
        ] {
            assert!(!accepts(DONE, asked), "{asked}");
        }
        assert!(accepts("https://a.example/?x=1", "https://a.example/?x=1"));
    }

    #[test]
    fn the_port_is_free_on_the_persons_own_machine() {
        for (listed, asked, is_accepted) in [
            ("http://127.0.0.1/", "http://127.0.0.1:4711/", true),
            ("http://127.0.0.1:1/", "http://127.0.0.1:4711/", true),
            ("http://[::1]/", "http://[::1]:4711/", true),
            ("http://localhost/", "http://localhost:4711/", true),
            ("http://127.0.0.1/", "http://localhost/", false),
            ("http://127.0.0.1/", "http://127.0.0.1:4711/other", false),
            ("http://127.0.0.1/", "http://192.0.2.1/", false),
            ("http://127.0.0.1/", "https://127.0.0.1/", false),
            ("https://127.0.0.1/", "https://127.0.0.1:4711/", false),
        ] {
            assert_eq!(accepts(listed, asked), is_accepted, "{listed} {asked}");
        }
    }

    #[test]
    fn what_no_client_may_register_is_refused() {
        for (text, error) in [
            ("", RedirectUriError::NotAUrl),
            ("/done", RedirectUriError::NotAUrl),
            ("https://app.example/d one", RedirectUriError::NotAUrl),
            ("javascript:alert(1)", RedirectUriError::Scheme),
            ("data:text/html,x", RedirectUriError::Scheme),
            ("app.example:/done", RedirectUriError::Scheme),
            ("urn:ietf:wg:oauth:2.0:oob", RedirectUriError::Scheme),
            ("http://app.example/done", RedirectUriError::Scheme),
            ("http://127.0.0.1.evil.example/", RedirectUriError::Scheme),
            ("https://a:b@app.example/", RedirectUriError::UserInfo),
            ("https://app.example/#", RedirectUriError::Fragment),
        ] {
            assert_eq!(text.parse::<RedirectUri>(), Err(error), "{text}");
        }
        let long = format!("https://app.example/{}", "a".repeat(2000));
        assert_eq!(long.parse::<RedirectUri>(), Err(RedirectUriError::TooLong));
    }

    #[test]
    fn parameters_follow_those_that_are_there_and_are_encoded_once() {
        let parameters = [("code", "c"), ("state", "a b+c&d=%20#\u{e4}")];
        for (uri, expected) in [
            ("https://app.example", "https://app.example/?"),
            ("https://app.example/?", "https://app.example/?"),
            ("https://app.example/?a=b", "https://app.example/?a=b&"),
            ("https://app.example/?a=b&", "https://app.example/?a=b&"),
        ] {
            let uri: RedirectUri = uri.parse().unwrap();
            let target = uri.accept(uri.as_str()).unwrap();
            let tail = "code=c&state=a%20b%2Bc%26d%3D%2520%23%C3%A4";
            assert_eq!(target.with(&parameters), format!("{expected}{tail}"));
        }
    }
}
