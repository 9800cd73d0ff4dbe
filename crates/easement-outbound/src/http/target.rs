//! Where a request goes.

use easement_core::{Destination, WebhookUrl};
use rustls::pki_types::ServerName;
use url::{Host, Url};

/// Where a request goes: read from a URL once, so that what is checked is what is connected to.
///
/// ```
/// use easement_core::Destination;
/// use easement_outbound::http::{Scheme, Target};
///
/// let target = Target::of(&"https://dns.example.net/v2/example.org/settings".parse()?)?;
/// assert_eq!(target.scheme(), Scheme::Https);
/// assert_eq!(target.destination(), &Destination::Name("dns.example.net".parse()?));
///
/// // Spellings of addresses that browsers understand are read as browsers read them.
/// let hidden = Target::of(&"http://0x7f.1:8080/".parse()?)?;
/// assert_eq!(hidden.destination(), &Destination::Address("127.0.0.1".parse()?));
/// assert!(Target::of(&"ftp://dns.example.net/".parse()?).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    scheme: Scheme,
    destination: Destination,
    port: u16,
    authority: String,
    path_and_query: String,
}

/// How a connection is made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scheme {
    /// In plain text.
    Http,
    /// Over TLS.
    Https,
}

impl Target {
    /// Where this URL leads. A fragment is not sent.
    pub fn of(url: &Url) -> Result<Self, TargetError> {
        let (scheme, default_port) = match url.scheme() {
            "https" => (Scheme::Https, 443),
            "http" => (Scheme::Http, 80),
            other => {
                let scheme = other.to_owned();
                return Err(TargetError::Scheme { scheme });
            }
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetError::Credentials);
        }
        let port = url.port().unwrap_or(default_port);
        if port == 0 {
            return Err(TargetError::Port);
        }
        let host = url.host_str().unwrap_or_default();
        Ok(Self {
            scheme,
            destination: destination_of(url)?,
            port,
            authority: match url.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            },
            path_and_query: match url.query() {
                Some(query) => format!("{}?{query}", url.path()),
                None => url.path().to_owned(),
            },
        })
    }

    /// How the connection is made.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// To whom.
    pub fn destination(&self) -> &Destination {
        &self.destination
    }

    /// At which port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Host and port, as the header `Host` has them.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// As the first line of a request has them.
    pub fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    /// The name that a certificate must be for.
    pub(super) fn server_name(&self) -> Option<ServerName<'static>> {
        match &self.destination {
            Destination::Address(address) => Some(ServerName::from(*address)),
            Destination::Name(name) => {
                let text = name.to_lowercase().to_text();
                ServerName::try_from(text.trim_end_matches('.').to_owned()).ok()
            }
        }
    }
}

impl From<&WebhookUrl> for Target {
    fn from(url: &WebhookUrl) -> Self {
        Self {
            scheme: Scheme::Https,
            destination: url.destination().clone(),
            port: url.port(),
            authority: url.authority().to_owned(),
            path_and_query: url.target().to_owned(),
        }
    }
}

fn destination_of(url: &Url) -> Result<Destination, TargetError> {
    match url.host() {
        Some(Host::Ipv4(address)) => Ok(Destination::Address(address.into())),
        Some(Host::Ipv6(address)) => Ok(Destination::Address(address.into())),
        Some(Host::Domain(name)) => {
            let parsed = name.parse().map_err(|_| TargetError::Host {
                host: name.to_owned(),
            })?;
            Ok(Destination::Name(parsed))
        }
        None => Err(TargetError::Host {
            host: String::new(),
        }),
    }
}

/// Why nothing is sent to a URL.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TargetError {
    /// Another scheme.
    #[error("a request goes over https or http, and not over {scheme}")]
    Scheme {
        /// Which one.
        scheme: String,
    },
    /// There is a user name or a password in it.
    #[error("there is a user name or a password in the URL")]
    Credentials,
    /// The host is not a name of DNS.
    #[error("`{host}` is not the name of a server")]
    Host {
        /// The host.
        host: String,
    },
    /// Nobody listens at port 0.
    #[error("nobody can listen at port 0")]
    Port,
}
