//! Saying addresses to servers.
//!
//! Requests and answers are those of `easement-client`. Each protocol is a file, which makes updates from wishes, and
//! reads from answers what follows: [`Said`] or a [`Fault`].
//!
//! NameDrop is to have its file here.

mod apertodns;
mod domain_connect;
mod dyndns2;
mod fault;

use easement_client::{Client, PlainHttp, UrlPrefix};
use http::HeaderValue;

pub use self::domain_connect::{
    BOTH_FAMILIES, Grant, GrantError, GrantFile, host_of, services, variables,
};
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

/// What lets the agent change something at a server.
#[derive(Clone, Debug)]
pub enum Access {
    /// A token or password.
    Secret(SecretText),
    /// What a person permitted in a browser.
    Grant(Box<GrantFile>),
}

/// A target with what opens it.
#[derive(Clone, Debug)]
pub struct Sender {
    target: Target,
    access: Access,
}

impl Sender {
    /// For a target.
    pub fn new(target: Target, access: Access) -> Self {
        Self { target, access }
    }

    /// Sends wishes; gives what was said about each, in their order.
    pub async fn send(&mut self, wishes: &[HostWish], client: &Client) -> Vec<Result<Said, Fault>> {
        // The configuration has said whether plain HTTP is right there.
        let server = self.target.server.as_ref();
        let server = server.map(|url| UrlPrefix::read(url.as_str(), PlainHttp::Allow));
        match (&self.target.protocol, &mut self.access, server) {
            (Protocol::ApertoDns { ttl }, Access::Secret(token), Some(Ok(server))) => {
                apertodns::send(server, token, *ttl, wishes, client).await
            }
            (Protocol::DynDns2 { user }, Access::Secret(password), Some(Ok(server))) => {
                dyndns2::send(server, (user, password), wishes, client).await
            }
            (Protocol::DomainConnect, Access::Grant(grant), _) => {
                domain_connect::send(grant, wishes, client).await
            }
            (_, _, Some(Err(error))) => vec![Err(Fault::last(error.to_string())); wishes.len()],
            (
                Protocol::ApertoDns { .. } | Protocol::DynDns2 { .. } | Protocol::DomainConnect,
                Access::Secret(_) | Access::Grant(_),
                _,
            ) => vec![Err(Fault::last("there is no secret for this protocol")); wishes.len()],
        }
    }
}
