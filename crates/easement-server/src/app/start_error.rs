//! Why the server did not start.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use apertodns::HostnameError;
use easement_dns::{BindError, ServeError};
use easement_outbound::http::RootsError;
use easement_store::{OpenError, StoreError};
use easement_zone::TtlError;

use super::cookie_secret::CookieSecretFileError;
use crate::accounts::HashError;
use crate::accounts::links::LinkMakingError;
use crate::http::tls::CertificateError;
use crate::namedrop::bootstrap::BootstrapError;
use crate::templates::PolicyError;

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder for data cannot be made.
    #[error("cannot make the data folder {}: {error}", path.display())]
    DataDir {
        /// The folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An address of the web server cannot be taken.
    #[error(
        "cannot serve the web on {address}: {error}; stop what uses it, or choose another address"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// An address of the DNS server cannot be taken.
    #[error(transparent)]
    DnsBind(#[from] BindError),
    /// The secret of DNS cookies cannot be read.
    #[error(transparent)]
    CookieSecret(#[from] CookieSecretFileError),
    /// DNS cannot be served.
    #[error(transparent)]
    DnsServe(#[from] ServeError),
    /// The name below which hosts of `DuckDNS` are is none of a host.
    #[error("dynamic_dns.base: {0}")]
    DynamicDnsBase(HostnameError),
    /// No names for addresses can be made where the configuration says.
    #[error(transparent)]
    Bootstrap(#[from] BootstrapError),
    /// An address for monitoring cannot be taken.
    #[error(
        "cannot serve metrics on {address}: {error}; stop what uses it, or choose another address"
    )]
    ListenMetrics {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error(transparent)]
    Tls(#[from] CertificateError),
    /// The rules about templates cannot be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The authorities that webhooks are to believe cannot be used.
    #[error("webhooks.extra_roots: {0}")]
    WebhookRoots(#[from] RootsError),
    /// The control socket cannot be made.
    #[error("cannot make the control socket {}: {error}", path.display())]
    ControlSocket {
        /// The socket.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A TTL of the configuration is none.
    #[error("the configuration has a TTL that is none: {0}")]
    Ttl(#[from] TtlError),
    /// No password can be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The link for the first operator cannot be made.
    #[error("{0}")]
    Link(String),
}

impl From<LinkMakingError> for StartError {
    fn from(error: LinkMakingError) -> Self {
        match error {
            LinkMakingError::NoSecret(_) => Self::Link(error.to_string()),
            LinkMakingError::Store(error) => error.into(),
        }
    }
}
