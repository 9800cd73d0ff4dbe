//! One request after another, each over a connection of its own.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use apertodns::address::Family;
use easement_core::{Destination, Network, OutboundRefused, Random, check_outbound};
use http::{HeaderMap, Method, StatusCode};
use hyper::body::Bytes;
use rustls::ClientConfig;
use tokio::time::timeout;

use super::exchange::{ExchangeError, Head, exchange};
use super::target::{Scheme, Target};
use super::trust::{RootsError, tls_config};
use crate::dns::{AddressesError, Resolvers, addresses_of};

/// How long a request may take, from the look-up to the end of the answer.
const LIMIT: Duration = Duration::from_secs(10);
/// How long a resolver is waited for, so that a family that it says nothing about leaves time for the other.
const LOOKING_UP: Duration = Duration::from_secs(3);
/// The most addresses that are tried.
const MAX_TRIED: usize = 3;

/// Makes requests to public addresses, and to those of the networks that it is allowed.
#[derive(Clone)]
pub struct HttpClient {
    resolvers: Resolvers,
    random: Arc<dyn Random>,
    allowed: Arc<[Network]>,
    tls: Arc<ClientConfig>,
    limit: Duration,
    family: Option<Family>,
}

/// What is sent.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// The headers besides `Host` and `Connection`.
    pub headers: HeaderMap,
    /// The body; empty when there is none.
    pub body: Bytes,
}

/// How much of the body of an answer is wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reading {
    /// None: the beginning is read so that the other side may finish its sentence, and given to nobody.
    Status,
    /// All of it, up to so many octets; a longer one is an error.
    Whole {
        /// How many.
        max: usize,
    },
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as far as it was wanted.
    pub body: Bytes,
}

impl HttpClient {
    /// A client that asks these resolvers, or one, and believes in the public authorities and those in a file.
    pub fn new(
        resolvers: impl Into<Resolvers>,
        random: Arc<dyn Random>,
        allowed: &[Network],
        extra_roots: Option<&Path>,
    ) -> Result<Self, RootsError> {
        Ok(Self {
            resolvers: resolvers.into(),
            random,
            allowed: allowed.into(),
            tls: tls_config(extra_roots)?,
            limit: LIMIT,
            family: None,
        })
    }

    /// The same, with another limit for the whole of a request. Ten seconds otherwise.
    #[must_use]
    pub fn with_limit(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// The same, over one address family alone: whoever is asked from where a request comes says an address of it.
    #[must_use]
    pub fn over(self, family: Family) -> Self {
        let family = Some(family);
        Self { family, ..self }
    }

    /// Whether a destination is one that is connected to, as far as that can be said without a look-up.
    pub fn check(&self, destination: &Destination) -> Result<(), OutboundRefused> {
        match destination {
            Destination::Address(address) => check_outbound(*address, &self.allowed),
            Destination::Name(_) => Ok(()),
        }
    }

    /// Sends once, and gives what was answered, whatever the status.
    pub async fn send(
        &self,
        target: &Target,
        outgoing: Outgoing,
        reading: Reading,
    ) -> Result<Answer, SendError> {
        let told = OnceLock::new();
        let sending = self.send_without_limit(target, outgoing, reading, &told);
        match timeout(self.limit, sending).await {
            Ok(sent) => sent,
            // A status that came in time counts, when nothing else was wanted.
            Err(_) => match (reading, told.get()) {
                (Reading::Status, Some(head)) => Ok(head.clone().without_body()),
                (Reading::Status | Reading::Whole { .. }, _) => {
                    Err(SendError::TimedOut { limit: self.limit })
                }
            },
        }
    }

    async fn send_without_limit(
        &self,
        target: &Target,
        outgoing: Outgoing,
        reading: Reading,
        told: &OnceLock<Head>,
    ) -> Result<Answer, SendError> {
        let addresses = self.addresses(target).await?;
        let tls = match target.scheme() {
            Scheme::Http => None,
            Scheme::Https => {
                let name = target.server_name().ok_or(SendError::NoServerName)?;
                Some((Arc::clone(&self.tls), name))
            }
        };
        Ok(exchange(&addresses, tls, target, outgoing, (reading, told)).await?)
    }

    /// Where to connect to. One address that is not allowed is enough to refuse them all: which of several is
    /// meant is for whoever runs the name to say, at every look-up anew.
    async fn addresses(&self, target: &Target) -> Result<Vec<SocketAddr>, SendError> {
        let found = match target.destination() {
            Destination::Address(address) => vec![*address],
            Destination::Name(name) => {
                let asked = (&self.resolvers, LOOKING_UP.min(self.limit));
                addresses_of(name, asked, self.random.as_ref()).await?
            }
        };
        for address in &found {
            check_outbound(*address, &self.allowed)?;
        }
        let is_wanted = |address: &IpAddr| {
            let family = Family::of(address.to_canonical());
            self.family.is_none_or(|wanted| wanted == family)
        };
        let wanted = found.into_iter().filter(is_wanted).take(MAX_TRIED);
        let with_port = wanted.map(|address| SocketAddr::new(address, target.port()));
        let with_port: Vec<_> = with_port.collect();
        match self.family {
            Some(family) if with_port.is_empty() => Err(SendError::NoAddressOfFamily { family }),
            Some(_) | None => Ok(with_port),
        }
    }
}

impl std::fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpClient")
            .field("resolvers", &self.resolvers)
            .field("allowed", &self.allowed)
            .finish_non_exhaustive()
    }
}

/// Why nothing was answered.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// It leads to where nothing is sent.
    #[error(transparent)]
    Refused(#[from] OutboundRefused),
    /// Its name has no address that is known.
    #[error(transparent)]
    Lookup(#[from] AddressesError),
    /// The other side did not answer.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// It all took too long.
    #[error("no answer came within {} seconds", limit.as_secs())]
    TimedOut {
        /// How long a request may take.
        limit: Duration,
    },
    /// It has no address of the family that is wanted.
    #[error("the name has no {family} address")]
    NoAddressOfFamily {
        /// The family.
        family: Family,
    },
    /// The name cannot stand in a certificate.
    #[error("no certificate can be for the name")]
    NoServerName,
}
