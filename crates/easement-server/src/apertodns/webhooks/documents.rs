//! What is asked for and told at `/api/webhooks`, as JSON.

use apertodns::Timestamp;
use apertodns::v1::WebhookEvent;
use easement_core::{Webhook, WebhookState};
use easement_store::{BrokenWebhook, DeliveryAttempt, DeliveryEntry, StoredWebhook};
use serde::{Deserialize, Serialize};

use super::super::call::moment;
use crate::webhooks::{delivery_text, manage};

#[derive(Debug, Deserialize)]
pub(crate) struct WantedDocument {
    pub(super) url: Option<String>,
    pub(super) events: Option<Vec<String>>,
    pub(super) active: Option<bool>,
}

impl WantedDocument {
    pub(super) fn only_switches_off(&self) -> bool {
        self.active == Some(false) && self.url.is_none() && self.events.is_none()
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct ListDocument {
    pub(super) webhooks: Vec<WebhookDocument>,
}

#[derive(Debug, Serialize)]
pub(crate) struct WebhookDocument {
    id: String,
    /// Nothing when it cannot be read any more.
    url: Option<String>,
    events: Vec<&'static str>,
    active: bool,
    disabled_because: Option<&'static str>,
    disabled_at: Option<Timestamp>,
    created_at: Timestamp,
    failed_in_a_row: u64,
    /// Right after it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl WebhookDocument {
    pub(super) fn of_stored(webhook: &StoredWebhook) -> Self {
        match webhook {
            StoredWebhook::Whole(webhook) => Self::of(webhook),
            StoredWebhook::Broken(broken) => Self::of_broken(broken),
        }
    }

    fn of_broken(broken: &BrokenWebhook) -> Self {
        manage::log_broken(broken);
        Self {
            id: broken.public_id.to_string(),
            url: None,
            events: Vec::new(),
            active: broken.disabled_at.is_none(),
            disabled_because: None,
            disabled_at: broken.disabled_at.map(moment),
            created_at: moment(broken.created_at),
            failed_in_a_row: 0,
            secret: None,
        }
    }

    pub(super) fn of(webhook: &Webhook) -> Self {
        let (active, disabled) = match webhook.state {
            WebhookState::Active => (true, None),
            WebhookState::Disabled { at, because } => (false, Some((at, because))),
        };
        Self {
            id: webhook.public_id.to_string(),
            url: Some(webhook.url.to_string()),
            events: webhook.events.iter().map(WebhookEvent::as_str).collect(),
            active,
            disabled_because: disabled.map(|(_, because)| because.as_str()),
            disabled_at: disabled.map(|(at, _)| moment(at)),
            created_at: moment(webhook.created_at),
            failed_in_a_row: webhook.failures,
            secret: None,
        }
    }

    pub(super) fn with_secret(webhook: &Webhook) -> Self {
        Self {
            secret: Some(webhook.secret.reveal().to_owned()),
            ..Self::of(webhook)
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct DeletedDocument {
    pub(super) deleted: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct QueuedDocument {
    pub(super) queued: bool,
}

#[derive(Debug, Serialize)]
pub(crate) struct LogDocument {
    pub(super) deliveries: Vec<DeliveryDocument>,
}

#[derive(Debug, Serialize)]
pub(crate) struct DeliveryDocument {
    pub(super) id: String,
    pub(super) event: &'static str,
    pub(super) hostname: Option<String>,
    pub(super) state: &'static str,
    pub(super) created_at: Timestamp,
    pub(super) next_try_at: Option<Timestamp>,
    pub(super) attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tries: Option<Vec<TryDocument>>,
}

impl DeliveryDocument {
    pub(super) fn of(entry: &DeliveryEntry) -> Self {
        Self {
            id: delivery_text(entry.id),
            event: entry.message.as_str(),
            hostname: entry.hostname.clone(),
            state: entry.state.as_str(),
            created_at: moment(entry.created_at),
            next_try_at: entry.due_at.map(moment),
            attempts: entry.attempts,
            body: None,
            tries: None,
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct TryDocument {
    at: Timestamp,
    milliseconds: u64,
    status: Option<u16>,
    problem: Option<String>,
}

impl TryDocument {
    pub(super) fn of(attempt: DeliveryAttempt) -> Self {
        Self {
            at: moment(attempt.at),
            milliseconds: u64::try_from(attempt.took.as_millis()).unwrap_or(u64::MAX),
            status: attempt.status,
            problem: attempt.problem,
        }
    }
}
