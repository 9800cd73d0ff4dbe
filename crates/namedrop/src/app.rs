//! Who asks: an app is named by its own address, and nobody registered it (NameDrop 0.4.0, "Overview").

use std::fmt;

use easement_zone::{Label, Name};
use url::{Host, Url};

use crate::kind::is_host_label;

/// An app and where its answers go: checked, so that only making one proves it.
///
/// The specification wants `client_id` to be a prefix of `redirect_uri`. As texts,
/// `https://example.com` would be one of `https://example.com.evil.example`; here both are addresses with the
/// same scheme, host and port, and the path of one is a prefix of the other's at a slash.
///
/// ```
/// use namedrop::{App, AppError};
///
/// let app = App::check("https://app.example/", "https://app.example/oauth/callback")?;
/// assert_eq!(app.origin().to_string(), "https://app.example");
/// let evil = App::check("https://app.example", "https://app.example.evil.example/");
/// assert_eq!(evil, Err(AppError::OtherOrigin));
/// # Ok::<(), AppError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct App {
    client_id: String,
    redirect: Url,
    origin: AppOrigin,
}

impl App {
    /// The most octets of `client_id`, and of `redirect_uri`.
    pub const MAX_OCTETS: usize = 2048;

    /// Checks that answers would go to whoever asks.
    pub fn check(client_id: &str, redirect_uri: &str) -> Result<Self, AppError> {
        let client = read("client_id", client_id)?;
        let redirect = read("redirect_uri", redirect_uri)?;
        let origin_of = |url: &Url| {
            let host = url.host().map(|host| host.to_owned());
            (url.scheme().to_owned(), host, url.port_or_known_default())
        };
        if origin_of(&client) != origin_of(&redirect) {
            return Err(AppError::OtherOrigin);
        }
        if !is_prefix(&client, &redirect) {
            return Err(AppError::OtherPath);
        }
        Ok(Self {
            client_id: client_id.to_owned(),
            origin: AppOrigin::of(&redirect),
            redirect,
        })
    }

    /// The name of the app, as it gives it.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Where the browser goes when the owner has decided.
    pub fn redirect(&self) -> &Url {
        &self.redirect
    }

    /// What is known about it.
    pub fn origin(&self) -> &AppOrigin {
        &self.origin
    }
}

/// What answers have (RFC 6749 sections 4.1.2 and 4.1.2.1, RFC 9207).
const RESERVED: [&str; 6] = [
    "code",
    "state",
    "error",
    "error_description",
    "error_uri",
    "iss",
];

/// An address that may name an app.
fn read(name: &'static str, text: &str) -> Result<Url, AppError> {
    if text.is_empty() {
        return Err(AppError::Missing { name });
    }
    if text.len() > App::MAX_OCTETS {
        return Err(AppError::TooLong { name });
    }
    // Browsers drop line breaks and take a backslash for a slash: then people and programs read two things.
    if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err(AppError::Character { name });
    }
    let url = Url::parse(text).map_err(|source| AppError::NoUrl { name, source })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AppError::UserInfo { name });
    }
    if url.fragment().is_some() {
        return Err(AppError::Fragment { name });
    }
    check_host(name, &url)?;
    check_query(name, &url)?;
    let is_loopback = is_loopback(&url);
    if !(url.scheme() == "https" || (url.scheme() == "http" && is_loopback)) {
        let scheme = url.scheme().to_owned();
        return Err(AppError::Scheme { name, scheme });
    }
    let path = url.path().to_ascii_lowercase();
    if path.contains("%2f") || path.contains("%5c") {
        return Err(AppError::EncodedSlash { name });
    }
    Ok(url)
}

/// Refuses parameters that the answer has: of two, one program takes the first and the next one the last.
fn check_query(name: &'static str, url: &Url) -> Result<(), AppError> {
    let taken = |key: &str| RESERVED.into_iter().find(|reserved| *reserved == key);
    match url.query_pairs().find_map(|(key, _)| taken(&key)) {
        Some(parameter) => Err(AppError::Reserved { name, parameter }),
        None => Ok(()),
    }
}

fn check_host(name: &'static str, url: &Url) -> Result<(), AppError> {
    // Browsers have no word for such an origin in the rule that says where a form may lead.
    if let Some(Host::Ipv6(_)) = url.host() {
        return Err(AppError::Ipv6 { name });
    }
    let is_usual = match url.host() {
        Some(Host::Domain(host)) => host.parse::<Name>().is_ok_and(|host| {
            host.labels()
                .all(|label| is_host_label(label) && has_no_underscore(label))
        }),
        Some(Host::Ipv4(_)) => true,
        Some(Host::Ipv6(_)) | None => false,
    };
    if is_usual {
        return Ok(());
    }
    Err(AppError::Host { name })
}

fn has_no_underscore(label: Label<'_>) -> bool {
    !label.octets().contains(&b'_')
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(host)) => host == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether the path of one address is a prefix of the other's at a slash. One with a query is a prefix
/// of nothing but itself. Dot segments are gone already.
fn is_prefix(client: &Url, redirect: &Url) -> bool {
    if client.query().is_some() {
        return client == redirect;
    }
    match redirect.path().strip_prefix(client.path()) {
        Some(rest) => rest.is_empty() || rest.starts_with('/') || client.path().ends_with('/'),
        None => false,
    }
}

//------------ AppOrigin -------------------------------------------------------------------------

/// Where an app is, as people are shown it.
///
/// ```
/// use namedrop::{App, NameHint};
///
/// let app = App::check("https://bücher.example", "https://xn--bcher-kva.example/done")?;
/// assert_eq!(app.origin().ascii(), "https://xn--bcher-kva.example");
/// assert_eq!(app.origin().unicode(), "https://bücher.example");
/// assert_eq!(app.origin().hint(), NameHint::International);
///
/// // The first letter is Cyrillic, so the name stays as machines read it.
/// let app = App::check("https://раypal.example", "https://раypal.example/")?;
/// assert_eq!(app.origin().unicode(), app.origin().ascii());
/// assert_eq!(app.origin().hint(), NameHint::Misleading);
/// # Ok::<(), namedrop::AppError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AppOrigin {
    ascii: String,
    unicode: String,
    hint: NameHint,
}

/// What a reader should know about the name of an app.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NameHint {
    /// Nothing.
    None,
    /// It has letters outside of ASCII, which may look like others: show both forms.
    International,
    /// It mixes alphabets, or has signs that cannot be told apart, so only machines read it safely.
    Misleading,
    /// It is an address without a name.
    Address,
    /// It is on the reader's own machine.
    Loopback,
}

impl AppOrigin {
    fn of(url: &Url) -> Self {
        let port = url.port().map_or(String::new(), |port| format!(":{port}"));
        let host = url.host_str().unwrap_or_default();
        let (shown, hint) = match url.host() {
            _ if is_loopback(url) => (host.to_owned(), NameHint::Loopback),
            Some(Host::Domain(domain)) => shown(domain),
            Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => (host.to_owned(), NameHint::Address),
        };
        let scheme = url.scheme();
        Self {
            ascii: format!("{scheme}://{host}{port}"),
            unicode: format!("{scheme}://{shown}{port}"),
            hint,
        }
    }

    /// With international names as machines read them.
    pub fn ascii(&self) -> &str {
        &self.ascii
    }

    /// With international names in their own script, where that does not mislead.
    pub fn unicode(&self) -> &str {
        &self.unicode
    }

    /// What a reader should know about it.
    pub fn hint(&self) -> NameHint {
        self.hint
    }
}

fn shown(domain: &str) -> (String, NameHint) {
    let is_international = |label: &str| label.starts_with("xn--");
    let shown = domain.parse::<Name>().map(|name| name.to_unicode());
    let shown = shown.unwrap_or_else(|_| domain.to_owned());
    let hint = if shown.split('.').any(is_international) {
        NameHint::Misleading
    } else if domain.split('.').any(is_international) {
        NameHint::International
    } else {
        NameHint::None
    };
    let shown = match hint {
        // One label in its own script would vouch for the others.
        NameHint::Misleading => domain.to_owned(),
        NameHint::None | NameHint::International | NameHint::Address | NameHint::Loopback => shown,
    };
    (shown, hint)
}

impl fmt::Display for AppOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.ascii)
    }
}

/// Why nobody is asked, and no browser sent anywhere.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AppError {
    /// It is not there.
    #[error("the parameter `{name}` is missing: it is the address of the app")]
    Missing {
        /// The parameter.
        name: &'static str,
    },
    /// Too long.
    #[error("`{name}` is too long: at most {} octets are read", App::MAX_OCTETS)]
    TooLong {
        /// The parameter.
        name: &'static str,
    },
    /// A space, control character or backslash.
    #[error("`{name}` has a space, control character or backslash: write it percent-encoded")]
    Character {
        /// The parameter.
        name: &'static str,
    },
    /// It is no URL.
    #[error("`{name}` is not a URL: {source}")]
    NoUrl {
        /// The parameter.
        name: &'static str,
        /// Why not.
        source: url::ParseError,
    },
    /// It has a user name or password, which hides the real host from readers.
    #[error("`{name}` has a user name or password in front of the host: leave it out")]
    UserInfo {
        /// The parameter.
        name: &'static str,
    },
    /// It has a fragment.
    #[error("`{name}` has a fragment (`#`): leave it out")]
    Fragment {
        /// The parameter.
        name: &'static str,
    },
    /// It has a scheme that is not for apps.
    #[error("`{name}` has the scheme `{scheme}`: use https, or http on this same machine")]
    Scheme {
        /// The parameter.
        name: &'static str,
        /// The scheme.
        scheme: String,
    },
    /// It has no host, or one that is no hostname.
    #[error("`{name}` has no host that is a hostname or an address")]
    Host {
        /// The parameter.
        name: &'static str,
    },
    /// An IPv6 address, to which no browser would lead on from the page that asks.
    #[error(
        "`{name}` has an IPv6 address, to which browsers do not go on from a form: use a name, or 127.0.0.1 on this \
         same machine"
    )]
    Ipv6 {
        /// The parameter.
        name: &'static str,
    },
    /// It has a parameter that answers have.
    #[error("`{name}` has the parameter `{parameter}`, which answers have: leave it out")]
    Reserved {
        /// The parameter of the link.
        name: &'static str,
        /// The parameter of its query.
        parameter: &'static str,
    },
    /// An encoded slash, which servers read differently.
    #[error("`{name}` has an encoded slash or backslash in its path: leave it out")]
    EncodedSlash {
        /// The parameter.
        name: &'static str,
    },
    /// Answers would go to somebody else.
    #[error("`redirect_uri` must have the scheme, host and port of `client_id`")]
    OtherOrigin,
    /// Answers would go to another part of the site.
    #[error("the path of `client_id` must be that of `redirect_uri`, or one above it")]
    OtherPath,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_is_a_prefix_at_a_slash() {
        for (client, redirect) in [
            ("https://app.example", "https://app.example"),
            ("https://app.example", "https://app.example/"),
            ("https://app.example/", "https://app.example/done?x=1"),
            ("https://APP.example:443", "https://app.example/done"),
            ("https://app.example/a", "https://app.example/a"),
            ("https://app.example/a", "https://app.example/a/b"),
            ("https://app.example/a", "https://app.example/a?b"),
            ("https://app.example/a/", "https://app.example/a/b"),
            ("https://app.example/a", "https://app.example/b/../a/c"),
            ("https://app.example/a?x=1", "https://app.example/a?x=1"),
            ("https://bücher.example", "https://xn--bcher-kva.example/x"),
            ("http://localhost:8080", "http://localhost:8080/done"),
            ("http://127.0.0.1:1/a", "http://127.0.0.1:1/a"),
            ("https://192.0.2.1", "https://192.0.2.1/done"),
            ("https://app.example:8443", "https://app.example:8443/"),
        ] {
            let app = App::check(client, redirect);
            assert!(app.is_ok(), "{client} {redirect}: {app:?}");
        }
    }

    #[test]
    fn answers_go_to_nobody_else() {
        for (client, redirect) in [
            ("https://example.com", "https://example.com.evil.example"),
            ("https://example.com", "https://example.com@evil.example/"),
            ("https://example.com", "https://example.community/"),
            ("https://example.com", "https://www.example.com/"),
            ("https://www.example.com", "https://example.com/"),
            ("https://example.com", "http://example.com/"),
            ("http://localhost", "https://localhost/"),
            ("https://example.com", "https://example.com:8443/"),
            ("http://localhost:1", "http://localhost:2/"),
            ("http://localhost:1", "http://127.0.0.1:1/"),
            ("https://example.com", "https://example.com./"),
            ("https://example.com", "//evil.example/"),
            ("https://example.com", "/done"),
            ("https://example.com", ""),
            ("", "https://example.com"),
            ("", ""),
            ("foo", "javascript:alert(1)"),
            ("javascript:alert(1)", "javascript:alert(1)"),
            ("data:text/html,x", "data:text/html,x"),
            ("https:", "https:"),
            ("https://", "https://"),
            ("//app.example", "//app.example"),
            ("app.example", "https://app.example"),
            ("urn:app", "urn:app"),
            ("app://x/", "app://x/"),
            ("http://example.com", "http://example.com/"),
            (
                "http://localhost.evil.example",
                "http://localhost.evil.example/",
            ),
            ("http://0.0.0.0", "http://0.0.0.0/"),
            ("https://user@example.com", "https://user@example.com/"),
            ("https://:x@example.com", "https://:x@example.com/"),
            ("https://example.com/#a", "https://example.com/#a"),
            ("https://example.com", "https://example.com/#"),
            ("https://example.com/app", "https://example.com/apple"),
            ("https://example.com/app", "https://example.com/app/../evil"),
            (
                "https://example.com/app",
                "https://example.com/app/%2e%2e/evil",
            ),
            (
                "https://example.com/app",
                "https://example.com/app/..%2fevil",
            ),
            ("https://example.com/app", "https://example.com/app%2Fx"),
            ("https://example.com/app", "https://example.com/app/x%5cy"),
            ("https://example.com/app/", "https://example.com/app"),
            ("https://example.com/App", "https://example.com/app"),
            ("https://example.com/app", "https://example.com/"),
            ("https://example.com/a?x=1", "https://example.com/a?x=12"),
            ("https://example.com/a?x=1", "https://example.com/a"),
            ("https://example.com/?", "https://example.com/x"),
            ("https://example.com", "https://evil.example\\@example.com/"),
            ("https://example.com", "https://example.com/\n"),
            ("https://example.com", " https://example.com/"),
            ("https://exam ple.com", "https://exam ple.com"),
            ("https://*.example.com", "https://*.example.com/"),
            ("https://a..example", "https://a..example/"),
            ("https://a'b.example", "https://a'b.example/"),
            ("https://_x.example", "https://_x.example/"),
            ("http://[::1]:1", "http://[::1]:1/done"),
            ("https://[2001:db8::1]", "https://[2001:db8::1]/"),
            ("https://example.com", "https://example.com/?code=1"),
            ("https://example.com", "https://example.com/?a=b&st%61te"),
            (
                "https://example.com/?error=x",
                "https://example.com/?error=x",
            ),
        ] {
            let app = App::check(client, redirect);
            assert!(app.is_err(), "{client} {redirect}: {app:?}");
        }
        let long = format!("https://example.com/{}", "a".repeat(App::MAX_OCTETS));
        assert!(App::check(&long, &long).is_err());
    }

    #[test]
    fn people_see_where_an_app_is() {
        for (client, ascii, unicode, hint) in [
            (
                "https://A.example:443/x",
                "https://a.example",
                "https://a.example",
                NameHint::None,
            ),
            (
                "https://a.example:1/",
                "https://a.example:1",
                "https://a.example:1",
                NameHint::None,
            ),
            (
                "https://аррӏе.example/",
                "https://xn--80ak6aa92e.example",
                "https://аррӏе.example",
                NameHint::International,
            ),
            (
                "https://bücher.xn--ypal-43d9g.example/",
                "https://xn--bcher-kva.xn--ypal-43d9g.example",
                "https://xn--bcher-kva.xn--ypal-43d9g.example",
                NameHint::Misleading,
            ),
            (
                "https://192.0.2.1/",
                "https://192.0.2.1",
                "https://192.0.2.1",
                NameHint::Address,
            ),
            (
                "http://127.0.0.1:1/",
                "http://127.0.0.1:1",
                "http://127.0.0.1:1",
                NameHint::Loopback,
            ),
        ] {
            let app = App::check(client, client).unwrap();
            assert_eq!(app.origin().ascii(), ascii);
            assert_eq!(app.origin().unicode(), unicode);
            assert_eq!(app.origin().hint(), hint, "{client}");
        }
    }
}
