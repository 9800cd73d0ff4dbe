//! The URL of a webhook.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use easement_zone::Name;
use url::{Host, Url};

/// The URL that deliveries are posted to: https, and nothing in it that is not sent.
///
/// Spellings of addresses that browsers understand (decimal, octal, hexadecimal, short, percent-encoded, with
/// a dot at the end) are read as browsers read them, so what is checked is what is connected to.
///
/// ```
/// use easement_core::{Destination, WebhookUrl};
///
/// let url: WebhookUrl = "https://hooks.example.net/easement?key=1".parse()?;
/// assert_eq!(url.destination(), &Destination::Name("hooks.example.net".parse()?));
/// assert_eq!((url.port(), url.authority(), url.target()), (443, "hooks.example.net", "/easement?key=1"));
///
/// let hidden: WebhookUrl = "https://0xa9fea9fe:8443/".parse()?;
/// assert_eq!(hidden.destination(), &Destination::Address("169.254.169.254".parse()?));
/// assert!("http://hooks.example.net/".parse::<WebhookUrl>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct WebhookUrl {
    url: Url,
    authority: String,
    target: String,
    destination: Destination,
    port: u16,
}

/// To whom a connection is made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Destination {
    /// To whatever address this name has.
    Name(Name),
    /// To this address.
    Address(IpAddr),
}

impl WebhookUrl {
    /// The longest URL.
    pub const MAX_OCTETS: usize = 2000;
    const HTTPS_PORT: u16 = 443;

    /// A URL that was taken once: its length does not matter any more, so what is stored can always be read.
    pub fn from_stored(text: &str) -> Result<Self, WebhookUrlError> {
        read(text)
    }

    /// The URL as text. Its path may hold a secret of the receiver.
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// Host and port, as the header `Host` has them. No secret.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Path and query, as the first line of a request has them.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// To whom a connection is made.
    pub fn destination(&self) -> &Destination {
        &self.destination
    }

    /// At which port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl FromStr for WebhookUrl {
    type Err = WebhookUrlError;

    fn from_str(text: &str) -> Result<Self, WebhookUrlError> {
        if text.len() > Self::MAX_OCTETS {
            return Err(WebhookUrlError::TooLong { octets: text.len() });
        }
        let url = read(text)?;
        // What is not ASCII is three times as long in the URL.
        let octets = url.as_str().len();
        if octets > Self::MAX_OCTETS {
            return Err(WebhookUrlError::TooLong { octets });
        }
        Ok(url)
    }
}

fn read(text: &str) -> Result<WebhookUrl, WebhookUrlError> {
    let url = Url::parse(text).map_err(|reason| WebhookUrlError::NotAUrl {
        reason: reason.to_string(),
    })?;
    if url.scheme() != "https" {
        let scheme = url.scheme().to_owned();
        return Err(WebhookUrlError::NotHttps { scheme });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(WebhookUrlError::Credentials);
    }
    if url.fragment().is_some() {
        return Err(WebhookUrlError::Fragment);
    }
    let destination = destination_of(&url)?;
    let port = url.port().unwrap_or(WebhookUrl::HTTPS_PORT);
    if port == 0 {
        return Err(WebhookUrlError::Port);
    }
    let host = url.host_str().unwrap_or_default();
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    Ok(WebhookUrl {
        authority: match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        },
        target,
        destination,
        port,
        url,
    })
}

fn destination_of(url: &Url) -> Result<Destination, WebhookUrlError> {
    match url.host() {
        Some(Host::Ipv4(address)) => Ok(Destination::Address(address.into())),
        Some(Host::Ipv6(address)) => Ok(Destination::Address(address.into())),
        Some(Host::Domain(name)) => {
            let parsed = name.parse().map_err(|_| WebhookUrlError::Host {
                host: name.to_owned(),
            })?;
            Ok(Destination::Name(parsed))
        }
        None => Err(WebhookUrlError::Host {
            host: String::new(),
        }),
    }
}

impl fmt::Display for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for WebhookUrl {
    /// Leaves out the path, which may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookUrl(https://{}/...)", self.authority)
    }
}

/// Why a text is not the URL of a webhook.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum WebhookUrlError {
    /// It is too long.
    #[error(
        "the URL has {octets} octets, and at most {} are taken: use a shorter one",
        WebhookUrl::MAX_OCTETS
    )]
    TooLong {
        /// How many octets it has.
        octets: usize,
    },
    /// It is no URL.
    #[error("this is not a URL ({reason}): write it like https://hooks.example.net/path")]
    NotAUrl {
        /// Why not.
        reason: String,
    },
    /// It is not of HTTPS.
    #[error("a webhook is sent over https alone, and this URL begins with {scheme}:")]
    NotHttps {
        /// What it begins with.
        scheme: String,
    },
    /// It has a user name or a password.
    #[error(
        "the URL has a user name or password before the @: leave them out, each delivery is signed"
    )]
    Credentials,
    /// It has a part that is never sent.
    #[error("the URL has a part behind #, which is never sent: leave it out")]
    Fragment,
    /// Its host is none.
    #[error("`{host}` is not a host that can be looked up: use a name or an address")]
    Host {
        /// The host.
        host: String,
    },
    /// Its port is none.
    #[error("nothing can listen at port 0: name another one, or none for 443")]
    Port,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_address_is_that_address() {
        for host in [
            "169.254.169.254",
            "2852039166",
            "0xa9fea9fe",
            "0xA9.0xFE.0xA9.0xFE",
            "0251.0376.0251.0376",
            "025177524776",
            "169.254.43518",
            "169.16689662",
            "169.254.169.254.",
            "%31%36%39.254.169.254",
            "%31%36%39%2e254%2e169%2e254",
            "169。254。169。254",
            "１６９.２５４.１６９.２５４",
            "①⑥⑨.②⑤④.①⑥⑨.②⑤④",
        ] {
            let url: WebhookUrl = format!("https://{host}/latest").parse().unwrap();
            let metadata = Destination::Address([169, 254, 169, 254].into());
            assert_eq!(url.destination(), &metadata, "{host}");
            assert_eq!(url.authority(), "169.254.169.254", "{host}");
        }
        for (host, address) in [
            ("[::ffff:169.254.169.254]", "::ffff:a9fe:a9fe"),
            ("[::FFFF:A9FE:A9FE]", "::ffff:a9fe:a9fe"),
            ("[0:0:0:0:0:ffff:a9fe:a9fe]", "::ffff:a9fe:a9fe"),
            ("[64:ff9b::169.254.169.254]", "64:ff9b::a9fe:a9fe"),
            ("[fe80::1]", "fe80::1"),
            ("127.1", "127.0.0.1"),
            ("0", "0.0.0.0"),
        ] {
            let url: WebhookUrl = format!("https://{host}/").parse().unwrap();
            let address = Destination::Address(address.parse().unwrap());
            assert_eq!(url.destination(), &address, "{host}");
        }
    }

    #[test]
    fn what_is_sent_is_what_was_given() {
        for (text, authority, target) in [
            ("https://Hooks.Example.net", "hooks.example.net", "/"),
            (
                "https://hooks.example.net:443/a b",
                "hooks.example.net",
                "/a%20b",
            ),
            (
                "https://hooks.example.net:8443/a?b=1",
                "hooks.example.net:8443",
                "/a?b=1",
            ),
            ("https://bücher.example/", "xn--bcher-kva.example", "/"),
            ("https://[2620:fe::fe]:8443/", "[2620:fe::fe]:8443", "/"),
        ] {
            let url: WebhookUrl = text.parse().unwrap();
            assert_eq!((url.authority(), url.target()), (authority, target));
            assert_eq!(url.as_str().parse(), Ok(url), "{text}");
        }
    }

    #[test]
    fn what_is_no_url_of_a_webhook_is_refused() {
        use WebhookUrlError as E;
        let refused = |text: &str| text.parse::<WebhookUrl>().unwrap_err();
        for text in [
            "",
            "hooks.example.net",
            "https://",
            "https://[::1",
            "https://a b/",
        ] {
            assert!(matches!(refused(text), E::NotAUrl { .. }), "{text}");
        }
        for text in [
            "http://hooks.example.net/",
            "ftp://hooks.example.net/",
            "file:///etc/passwd",
            "gopher://169.254.169.254/",
            "javascript:alert(1)",
        ] {
            assert!(matches!(refused(text), E::NotHttps { .. }), "{text}");
        }
        for text in [
            "https://me@hooks.example.net/",
            "https://me:secret@hooks.example.net/",
            "https://hooks.example.net:443@169.254.169.254/",
        ] {
            assert_eq!(refused(text), E::Credentials, "{text}");
        }
        assert_eq!(refused("https://hooks.example.net/#a"), E::Fragment);
        assert_eq!(refused("https://hooks.example.net:0/"), E::Port);
        let label = "a".repeat(64);
        let long = format!("https://{label}.example.net/");
        assert!(matches!(refused(&long), E::Host { .. }));
        let long = format!("https://hooks.example.net/{}", "a".repeat(2000));
        assert!(matches!(refused(&long), E::TooLong { .. }));
        // Short as it is typed, and long as it is stored.
        let long = format!("https://hooks.example.net/{}", "ü".repeat(900));
        assert!(matches!(refused(&long), E::TooLong { octets: 5426 }));
        let stored = WebhookUrl::from_stored(&long).unwrap();
        assert_eq!(WebhookUrl::from_stored(stored.as_str()), Ok(stored));
        // No URL: the zone of an address means something on one machine only.
        assert!("https://[fe80::1%25eth0]/".parse::<WebhookUrl>().is_err());
        // A line break would begin another header.
        let url: WebhookUrl = "https://hooks.example.net/a\r\nX-Evil: 1".parse().unwrap();
        assert_eq!(url.target(), "/aX-Evil:%201");
    }

    #[test]
    fn the_path_is_not_in_logs() {
        let url: WebhookUrl = "https://hooks.example.net/secret?key=secret"
            .parse()
            .unwrap();
        assert!(!format!("{url:?}").contains("secret"));
    }
}
