//! Ready-made settings for clients that others wrote.
//!
//! **What it is for.** Whoever got a token should not have to find out how their router wants it. One list of
//! clients, each a function from what the token is for to what stands in a file or in the fields of a form.
//!
//! **What it is not for.** Knowing what a token is for.
//!
//! **To add a client**, add a function to `addresses.rs` or `texts.rs`, and to the list there.
//!
//! Each client quotes differently, and some not at all. So what is put in is limited instead: a server, names
//! and a secret with any other characters than the plain ones are refused ([`SettingsError`]).
//!
//! ```
//! use apertodns::clients::{Account, Families, Server, SettingsBody, address_clients};
//!
//! let server = Server::new("https://dns.example.net")?;
//! let account = Account::new(&server, "the-secret")?;
//! let hosts = ["home.example.org".parse()?];
//! let clients = address_clients(&account, &hosts, Families::Both);
//! let ddclient = clients.iter().find(|one| one.client == "ddclient").unwrap();
//! assert!(matches!(&ddclient.body, SettingsBody::File { text, .. } if text.contains("password='the-secret'")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod addresses;
#[cfg(test)]
mod tests;
mod texts;

pub use self::addresses::{Families, address_clients, reading_clients};
pub use self::texts::{ChallengeName, invitation_clients, text_clients};

/// What one client is told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClientSettings {
    /// The client.
    pub client: &'static str,
    /// Where its settings are.
    pub place: &'static str,
    /// The settings.
    pub body: SettingsBody,
    /// What to know besides.
    pub notes: Vec<String>,
}

/// The form of settings.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SettingsBody {
    /// A file.
    File {
        /// Its contents.
        text: String,
        /// The commands that use it.
        commands: Vec<String>,
    },
    /// The fields of a form.
    Fields(Vec<(&'static str, String)>),
}

/// Where the server is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Server {
    scheme: Scheme,
    authority: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Scheme {
    Https,
    Http,
}

impl Server {
    /// Reads an origin: a scheme, a host, and a port when it is not the usual one.
    pub fn new(origin: &str) -> Result<Self, SettingsError> {
        let (scheme, authority) = match origin.split_once("://") {
            Some(("https", authority)) => (Scheme::Https, authority),
            Some(("http", authority)) => (Scheme::Http, authority),
            _ => return Err(SettingsError::Server),
        };
        let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || b".-:[]".contains(&octet);
        if authority.is_empty() || !authority.bytes().all(is_plain) {
            return Err(SettingsError::Server);
        }
        Ok(Self {
            scheme,
            authority: authority.to_owned(),
        })
    }

    fn is_https(&self) -> bool {
        self.scheme == Scheme::Https
    }

    fn url(&self, path: &str) -> String {
        let scheme = if self.is_https() { "https" } else { "http" };
        format!("{scheme}://{}{path}", self.authority)
    }

    /// Host and port, whether it is the usual one or not.
    fn with_port(&self) -> String {
        let port = self.authority.rsplit(':').next().unwrap_or_default();
        let has_port = port.len() < self.authority.len()
            && !port.is_empty()
            && port.bytes().all(|octet| octet.is_ascii_digit());
        if has_port {
            return self.authority.clone();
        }
        let usual = if self.is_https() { 443 } else { 80 };
        format!("{}:{usual}", self.authority)
    }
}

/// A server, and the secret to show there.
#[derive(Clone)]
pub struct Account<'a> {
    server: &'a Server,
    secret: &'a str,
    may_stand_in_urls: bool,
}

impl<'a> Account<'a> {
    /// With a secret, or a word that stands for it.
    pub fn new(server: &'a Server, secret: &'a str) -> Result<Self, SettingsError> {
        let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-_.~".contains(&octet);
        if secret.is_empty() || !secret.bytes().all(is_plain) {
            return Err(SettingsError::Secret);
        }
        Ok(Self {
            server,
            secret,
            may_stand_in_urls: true,
        })
    }

    /// The same, whose secret the server refuses in a URL.
    #[must_use]
    pub fn never_in_urls(self) -> Self {
        Self {
            may_stand_in_urls: false,
            ..self
        }
    }
}

impl std::fmt::Debug for Account<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

/// Why no settings can be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SettingsError {
    /// The server's address has characters that clients could take for something else.
    #[error("the address of the server does not fit into the settings of clients")]
    Server,
    /// The secret has such characters. It is not repeated.
    #[error("the secret does not fit into the settings of clients")]
    Secret,
    /// The name has such characters.
    #[error("the name does not fit into the settings of clients")]
    Name,
}
