//! Saying addresses to servers.
//!
//! Each protocol is a file: it makes requests from wishes, and reads answers into [`Said`] or a [`Fault`]. Both are
//! functions without I/O; only [`Sender::send`] sends.
//!
//! NameDrop is to have its file here.

mod apertodns;
mod dyndns2;
mod request;

use easement_outbound::http::HttpClient;
use http::HeaderValue;

use crate::config::{Protocol, Target};
use crate::decide::HostWish;
use crate::fault::Fault;
use crate::files::SecretText;

/// How the agent calls itself.
pub(crate) const OWN_NAME: HeaderValue =
    HeaderValue::from_static(concat!("easement-ddns/", env!("CARGO_PKG_VERSION")));

/// What the server says about one host.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Said {
    /// Something is other than before.
    Changed,
    /// It was so already.
    Same,
}

/// A target with its secret.
#[derive(Clone, Debug)]
pub struct Sender {
    target: Target,
    secret: SecretText,
}

impl Sender {
    /// For a target.
    pub fn new(target: Target, secret: SecretText) -> Self {
        Self { target, secret }
    }

    /// Sends wishes; gives what was said about each, in their order.
    pub async fn send(&self, wishes: &[HostWish], http: &HttpClient) -> Vec<Result<Said, Fault>> {
        let Some(server) = &self.target.server else {
            return vec![Err(Fault::last("no server is known")); wishes.len()];
        };
        match &self.target.protocol {
            Protocol::ApertoDns { ttl } => {
                apertodns::send(server, &self.secret, *ttl, wishes, http).await
            }
            Protocol::DynDns2 { user } => {
                dyndns2::send(server, (user, &self.secret), wishes, http).await
            }
            Protocol::DomainConnect => {
                vec![Err(Fault::last("Domain Connect is not known yet")); wishes.len()]
            }
        }
    }
}
