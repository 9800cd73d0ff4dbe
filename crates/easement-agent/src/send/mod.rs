//! Saying addresses to servers.
//!
//! Requests and answers are those of `easement-client`. Each protocol is a file, which makes updates from wishes, and
//! reads from answers what follows: [`Said`] or a [`Fault`].

mod apertodns;
mod domain_connect;
mod dyndns2;
mod fault;
mod grant_file;
mod namedrop;
mod order;

use easement_client::{Client, PlainHttp, UrlPrefix};
use http::HeaderValue;

pub use self::domain_connect::{BOTH_FAMILIES, host_of, services, variables};
pub use self::grant_file::{Grant, GrantError, GrantFile};
pub use self::namedrop::{NamesFile, NamesGrant};
use crate::config::{Protocol, Target};
use crate::decide::{FamilyWish, HostWish};
use crate::fault::Fault;
use crate::files::{FileError, SecretText};
use crate::state::{Sent, TargetState};

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

/// What the server says about a wish, or about a part of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reply {
    /// The wish, or the part.
    pub wish: HostWish,
    /// What is said.
    pub said: Result<Said, Fault>,
}

/// What lets the agent change something at a server.
#[derive(Clone, Debug)]
pub enum Access {
    /// A token or password.
    Secret(SecretText),
    /// What a person permitted in a browser (Domain Connect).
    Grant(Box<GrantFile>),
    /// What an owner gave in a browser (NameDrop).
    Names(Box<NamesFile>),
    /// There is none, so that nothing can be sent.
    Missing {
        /// Why.
        reason: String,
    },
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

    /// The target.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// What opens it.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// What is not said to the server though it may be wanted.
    pub fn leaves_out(&self) -> Option<&'static str> {
        match &self.access {
            Access::Grant(grant) if !grant.has_ipv6() => Some(
                "the template that the DNS provider takes has no IPv6: IPv4 alone is kept up to date",
            ),
            Access::Grant(_) | Access::Names(_) | Access::Secret(_) | Access::Missing { .. } => {
                None
            }
        }
    }

    /// Takes out of wishes what the server cannot be told, and what is not for this machine to say.
    pub fn keep_to_what_can_be_said(&self, wishes: &mut [HostWish], known: &TargetState) {
        for wish in wishes {
            if self.leaves_out().is_some() {
                wish.ipv6 = FamilyWish::Keep;
            }
            // Its calls name the address, so that those of others at the host stay.
            if let Access::Names(_) = &self.access {
                let before = known.host(&wish.host);
                keep_what_was_not_sent(&mut wish.ipv4, before.ipv4);
                keep_what_was_not_sent(&mut wish.ipv6, before.ipv6);
            }
        }
    }

    /// Writes tokens that could not be written before.
    pub fn save(&mut self) -> Result<(), FileError> {
        match &mut self.access {
            Access::Grant(grant) => grant.save(),
            Access::Names(names) => names.save(),
            Access::Secret(_) | Access::Missing { .. } => Ok(()),
        }
    }

    /// Sends wishes, and gives what was said about each. What was sent before is taken out where protocols name it.
    pub async fn send(
        &mut self,
        wishes: &[HostWish],
        known: &TargetState,
        client: &Client,
    ) -> Vec<Reply> {
        // The configuration has said whether plain HTTP is right there.
        let server = self.target.server.as_ref();
        let server = server.map(|url| UrlPrefix::read(url.as_str(), PlainHttp::Allow));
        let fault = match (&self.target.protocol, &mut self.access, server) {
            (Protocol::ApertoDns { ttl }, Access::Secret(token), Some(Ok(server))) => {
                return apertodns::send(server, token, *ttl, wishes, client).await;
            }
            (Protocol::DynDns2 { user }, Access::Secret(password), Some(Ok(server))) => {
                return dyndns2::send(server, (user, password), wishes, client).await;
            }
            (Protocol::DomainConnect, Access::Grant(grant), _) => {
                return domain_connect::send(grant, wishes, client).await;
            }
            (Protocol::NameDrop { ttl }, Access::Names(names), Some(Ok(server))) => {
                return namedrop::send(&server, names, *ttl, (wishes, known), client).await;
            }
            (_, _, Some(Err(error))) => Fault::last(error.to_string()),
            (
                Protocol::ApertoDns { .. }
                | Protocol::DynDns2 { .. }
                | Protocol::DomainConnect
                | Protocol::NameDrop { .. },
                Access::Secret(_) | Access::Grant(_) | Access::Names(_) | Access::Missing { .. },
                _,
            ) => Fault::last("there is no secret for this protocol"),
        };
        order::refused(wishes, &fault)
    }
}

/// Only an address that was sent is taken out.
fn keep_what_was_not_sent<A>(wish: &mut FamilyWish<A>, before: Option<Sent<A>>) {
    if matches!(wish, FamilyWish::Remove) && before.and_then(|sent| sent.address).is_none() {
        *wish = FamilyWish::Keep;
    }
}
