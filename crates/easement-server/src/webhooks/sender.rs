//! One try of one delivery.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use apertodns::Timestamp;
use apertodns::v1::WebhookSecret;
use easement_core::{Destination, OutboundRefused, Random, Webhook, WebhookUrl, check_outbound};
use easement_store::DueDelivery;
use http::StatusCode;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::time::timeout;

use super::delivery_text;
use super::exchange::{ExchangeError, Post, post};
use super::lookup::{LookupFailed, addresses_of};
use super::trust::{RootsError, tls_config};
use crate::config::{Network, WebhooksSection};

/// How long a try may take, from the look-up to the answer (ApertoDNS 1.4.0 section 11.4).
const LIMIT: Duration = Duration::from_secs(10);
/// How long a resolver is waited for, so that a family that it says nothing about leaves time for the other.
const LOOKING_UP: Duration = Duration::from_secs(3);
/// The most addresses that are tried.
const MAX_TRIED: usize = 3;

/// Makes tries.
#[derive(Clone)]
pub(crate) struct Sender {
    resolver: SocketAddr,
    random: Arc<dyn Random>,
    allowed: Arc<[Network]>,
    tls: Arc<ClientConfig>,
    limit: Duration,
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sender")
            .field("resolver", &self.resolver)
            .field("allowed", &self.allowed)
            .finish_non_exhaustive()
    }
}

impl Sender {
    pub(crate) fn new(
        section: &WebhooksSection,
        resolver: SocketAddr,
        random: Arc<dyn Random>,
    ) -> Result<Self, RootsError> {
        Ok(Self {
            resolver,
            random,
            allowed: section.allow_networks.clone().into(),
            tls: tls_config(section.extra_roots.as_deref())?,
            limit: LIMIT,
        })
    }

    #[cfg(test)]
    pub(super) fn with_limit(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// Whether a URL leads to where this server sends, as far as that can be said without a look-up.
    pub(crate) fn check(&self, url: &WebhookUrl) -> Result<(), OutboundRefused> {
        match url.destination() {
            Destination::Address(address) => check_outbound(*address, &self.allowed),
            Destination::Name(_) => Ok(()),
        }
    }

    /// Tries once. Only a status of success counts; gives the status when there is one.
    pub(super) async fn send(
        &self,
        webhook: &Webhook,
        delivery: &DueDelivery,
        now: Timestamp,
    ) -> Result<StatusCode, SendError> {
        let answered = OnceLock::new();
        let sending = self.send_without_limit(webhook, delivery, now, &answered);
        // A status that came in time counts, although its body did not.
        let status = match timeout(self.limit, sending).await {
            Ok(sent) => sent?,
            Err(_) => match answered.get() {
                Some(status) => *status,
                None => return Err(SendError::TimedOut { limit: self.limit }),
            },
        };
        if status.is_success() {
            Ok(status)
        } else {
            Err(SendError::Status { status })
        }
    }

    async fn send_without_limit(
        &self,
        webhook: &Webhook,
        delivery: &DueDelivery,
        now: Timestamp,
        answered: &OnceLock<StatusCode>,
    ) -> Result<StatusCode, SendError> {
        let url = &webhook.url;
        let addresses = self.addresses(url).await?;
        let secret = WebhookSecret::new(webhook.secret.reveal()).ok_or(SendError::Secret)?;
        let body = delivery.body.as_str();
        let id = delivery_text(delivery.id);
        let headers = secret.headers(&id, delivery.message, now, body.as_bytes());
        let request = Post {
            authority: url.authority(),
            target: url.target(),
            server_name: server_name(url)?,
            headers: headers.into(),
            body,
        };
        Ok(post(&addresses, Arc::clone(&self.tls), request, answered).await?)
    }

    /// Where to connect to. One address that this server does not send to is enough to refuse them all: which of
    /// several is meant is for whoever runs the name to say, at every look-up anew.
    async fn addresses(&self, url: &WebhookUrl) -> Result<Vec<SocketAddr>, SendError> {
        let found = match url.destination() {
            Destination::Address(address) => vec![*address],
            Destination::Name(name) => {
                let asked = (self.resolver, LOOKING_UP.min(self.limit));
                addresses_of(name, asked, self.random.as_ref()).await?
            }
        };
        for address in &found {
            check_outbound(*address, &self.allowed)?;
        }
        let with_port = found.into_iter().take(MAX_TRIED);
        Ok(with_port
            .map(|address| SocketAddr::new(address, url.port()))
            .collect())
    }
}

/// The name that the certificate must be for.
fn server_name(url: &WebhookUrl) -> Result<ServerName<'static>, SendError> {
    match url.destination() {
        Destination::Address(address) => Ok(ServerName::from(*address)),
        Destination::Name(name) => {
            let text = name.to_lowercase().to_text();
            let text = text.trim_end_matches('.').to_owned();
            ServerName::try_from(text).map_err(|_| SendError::NoServerName)
        }
    }
}

/// Why a try failed. Said to whoever the webhook belongs to.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    /// It leads to where this server does not send.
    #[error(transparent)]
    Refused(#[from] OutboundRefused),
    /// Its name has no address that is known.
    #[error(transparent)]
    Lookup(#[from] LookupFailed),
    /// The receiver did not answer.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// It all took too long.
    #[error("the receiver did not answer within {} seconds", limit.as_secs())]
    TimedOut {
        /// How long a try may take.
        limit: Duration,
    },
    /// The answer is not one of success.
    #[error("{}", words_of(*.status))]
    Status {
        /// The answer.
        status: StatusCode,
    },
    /// The name cannot stand in a certificate.
    #[error("no certificate can be for the name of the receiver")]
    NoServerName,
    /// What is stored is no secret.
    #[error("the secret of this webhook cannot be used: give it a new one")]
    Secret,
}

fn words_of(status: StatusCode) -> String {
    if status.is_redirection() {
        format!("the receiver answered {status}, and redirects are not followed")
    } else {
        format!("the receiver answered {status}")
    }
}

impl SendError {
    /// What the receiver answered, when it did.
    pub(super) fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Status { status } => Some(*status),
            Self::Refused(_)
            | Self::Lookup(_)
            | Self::Exchange(_)
            | Self::TimedOut { .. }
            | Self::NoServerName
            | Self::Secret => None,
        }
    }
}
