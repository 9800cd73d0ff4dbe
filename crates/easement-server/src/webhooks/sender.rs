//! One try of one delivery.

use std::sync::Arc;
#[cfg(test)]
use std::time::Duration;

use apertodns::Timestamp;
use apertodns::v1::WebhookSecret;
use easement_core::{OutboundRefused, Random, Webhook, WebhookUrl};
use easement_outbound::dns::Resolvers;
use easement_outbound::http::{HttpClient, Outgoing, Reading, RootsError, SendError, Target};
use easement_store::DueDelivery;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use http::{HeaderMap, Method, StatusCode};

use super::delivery_text;
use crate::config::WebhooksSection;

const AGENT: &str = concat!("Easement-Webhook/", env!("CARGO_PKG_VERSION"));

/// Makes tries. Each takes ten seconds at most (ApertoDNS 1.4.0 section 11.4), as requests of its client do.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    client: HttpClient,
}

impl Sender {
    pub(crate) fn new(
        section: &WebhooksSection,
        resolvers: impl Into<Resolvers>,
        random: Arc<dyn Random>,
    ) -> Result<Self, RootsError> {
        let roots = section.extra_roots.as_deref();
        Ok(Self {
            client: HttpClient::new(resolvers, random, &section.allow_networks, roots)?,
        })
    }

    #[cfg(test)]
    pub(super) fn with_limit(self, limit: Duration) -> Self {
        Self {
            client: self.client.with_limit(limit),
        }
    }

    /// Whether a URL leads to where this server sends, as far as that can be said without a look-up.
    pub(crate) fn check(&self, url: &WebhookUrl) -> Result<(), OutboundRefused> {
        self.client.check(url.destination())
    }

    /// Tries once. Only a status of success counts; gives the status when there is one.
    pub(super) async fn send(
        &self,
        webhook: &Webhook,
        delivery: &DueDelivery,
        now: Timestamp,
    ) -> Result<StatusCode, TryError> {
        let target = Target::from(&webhook.url);
        let outgoing = outgoing(webhook, delivery, now)?;
        let answer = self.client.send(&target, outgoing, Reading::Status).await?;
        if answer.status.is_success() {
            Ok(answer.status)
        } else {
            Err(TryError::Status {
                status: answer.status,
            })
        }
    }
}

fn outgoing(
    webhook: &Webhook,
    delivery: &DueDelivery,
    now: Timestamp,
) -> Result<Outgoing, TryError> {
    let secret = WebhookSecret::new(webhook.secret.reveal()).ok_or(TryError::Secret)?;
    let body = delivery.body.as_bytes();
    let id = delivery_text(delivery.id);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    for (name, value) in secret.headers(&id, delivery.message, now, body) {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(http::Error::from)?;
        let value = HeaderValue::from_str(&value).map_err(http::Error::from)?;
        headers.insert(name, value);
    }
    Ok(Outgoing {
        method: Method::POST,
        headers,
        body: body.to_vec().into(),
    })
}

/// Why a try failed. Said to whoever the webhook belongs to.
#[derive(Debug, thiserror::Error)]
pub(super) enum TryError {
    /// Nothing was answered.
    #[error(transparent)]
    NotSent(#[from] SendError),
    /// The answer is not one of success.
    #[error("{}", words_of(*.status))]
    Status {
        /// The answer.
        status: StatusCode,
    },
    /// The request cannot be made.
    #[error("the request cannot be made: {0}")]
    Request(#[from] http::Error),
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

impl TryError {
    /// What the receiver answered, when it did.
    pub(super) fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Status { status } => Some(*status),
            Self::NotSent(_) | Self::Request(_) | Self::Secret => None,
        }
    }
}
