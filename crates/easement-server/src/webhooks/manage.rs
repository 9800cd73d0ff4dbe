//! Making and changing webhooks, for the pages and the HTTP interface.

use std::time::Duration;

use apertodns::v1::WebhookEvent;
use easement_core::{
    AccountId, AuditEvent, DisabledBecause, NoWebhookEvents, Origin, OutboundRefused,
    PublicWebhookId, SecretError, Webhook, WebhookEvents, WebhookId, WebhookSecretText,
    WebhookState, WebhookUrl, WebhookUrlError,
};
use easement_store::{BrokenWebhook, CreateWebhookError, NewWebhook, StoreError, WebhookChange};
use serde_json::json;

use super::new_event_id;
use crate::api_tokens::ChangeLimitKey;
use crate::state::ServerState;

/// What somebody wants a webhook to be, as it was given.
#[derive(Clone, Debug)]
pub(crate) struct WantedWebhook<'a> {
    pub(crate) url: &'a str,
    pub(crate) events: Vec<&'a str>,
}

/// The same, when it makes sense.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) url: WebhookUrl,
    pub(crate) events: WebhookEvents,
}

impl WantedWebhook<'_> {
    /// Reads it, and refuses what could never be delivered.
    pub(crate) fn read(&self, state: &ServerState) -> Result<Target, WantedError> {
        let url: WebhookUrl = self.url.trim().parse()?;
        state.webhooks.sender.check(&url)?;
        let events = self.events.iter().map(|text| text.parse::<WebhookEvent>());
        let events = events
            .collect::<Result<Vec<_>, _>>()
            .map_err(NoWebhookEvents::from)?;
        Ok(Target {
            url,
            events: WebhookEvents::new(events)?,
        })
    }
}

/// Makes a webhook. Its secret is told to whoever made it, and nobody else.
pub(crate) async fn create(
    state: &ServerState,
    account: AccountId,
    target: Target,
    origin: &Origin,
) -> Result<Webhook, ManageError> {
    take_turn(state, account)?;
    let random = state.random.as_ref();
    let new = NewWebhook {
        account,
        public_id: PublicWebhookId::generate(random),
        url: target.url,
        events: target.events,
        secret: WebhookSecretText::generate(random)?,
        most: state.webhooks.per_account(),
    };
    let webhook = state.store.create_webhook(new).await?;
    let event = AuditEvent::WebhookCreated {
        webhook: webhook.public_id.to_string(),
        host: webhook.url.authority().to_owned(),
    };
    note(state, origin, &event).await?;
    Ok(webhook)
}

/// Lets a webhook lead elsewhere, or be told of other events.
pub(crate) async fn set_target(
    state: &ServerState,
    webhook: &Webhook,
    target: Target,
    origin: &Origin,
) -> Result<(), ManageError> {
    if (&target.url, target.events) == (&webhook.url, webhook.events) {
        return Ok(());
    }
    take_turn(state, webhook.account)?;
    let event = AuditEvent::WebhookChanged {
        webhook: webhook.public_id.to_string(),
        host: target.url.authority().to_owned(),
    };
    let change = WebhookChange::Target(target.url, target.events);
    if state.store.change_webhook(webhook.id, change).await? {
        note(state, origin, &event).await?;
    }
    Ok(())
}

/// Gives a webhook another secret.
pub(crate) async fn renew_secret(
    state: &ServerState,
    webhook: &Webhook,
    origin: &Origin,
) -> Result<WebhookSecretText, ManageError> {
    take_turn(state, webhook.account)?;
    let secret = WebhookSecretText::generate(state.random.as_ref())?;
    let change = WebhookChange::Secret(secret.clone());
    if state.store.change_webhook(webhook.id, change).await? {
        let event = AuditEvent::WebhookChanged {
            webhook: webhook.public_id.to_string(),
            host: webhook.url.authority().to_owned(),
        };
        note(state, origin, &event).await?;
    }
    Ok(secret)
}

/// Switches a webhook on.
pub(crate) async fn enable(
    state: &ServerState,
    webhook: &Webhook,
    origin: &Origin,
) -> Result<(), ManageError> {
    if webhook.state == WebhookState::Active {
        return Ok(());
    }
    take_turn(state, webhook.account)?;
    let change = WebhookChange::Enable;
    if state.store.change_webhook(webhook.id, change).await? {
        let webhook = webhook.public_id.to_string();
        note(state, origin, &AuditEvent::WebhookEnabled { webhook }).await?;
    }
    Ok(())
}

/// Counts one change of the webhooks of an account: each begins an epoch, as those of tokens do.
fn take_turn(state: &ServerState, account: AccountId) -> Result<(), ManageError> {
    let key = ChangeLimitKey::Webhooks(account);
    let taken = state.token_changes.take(key, state.clock.now());
    taken.map_err(|wait| ManageError::TooOften { wait })
}

/// Switches a webhook off. What names it is enough, so that it can be done when the rest of it cannot be read. It
/// is not counted: it has to be on, and switching on is.
pub(crate) async fn disable(
    state: &ServerState,
    (id, public_id): (WebhookId, &PublicWebhookId),
    origin: &Origin,
) -> Result<(), StoreError> {
    let because = DisabledBecause::Asked;
    let change = WebhookChange::Disable(because);
    if state.store.change_webhook(id, change).await? {
        let webhook = public_id.to_string();
        note(
            state,
            origin,
            &AuditEvent::WebhookDisabled { webhook, because },
        )
        .await?;
    }
    Ok(())
}

/// Deletes a webhook with its log. What names it is enough here, too.
pub(crate) async fn delete(
    state: &ServerState,
    (id, public_id): (WebhookId, &PublicWebhookId),
    origin: &Origin,
) -> Result<(), StoreError> {
    if state.store.delete_webhook(id).await? {
        let webhook = public_id.to_string();
        note(state, origin, &AuditEvent::WebhookDeleted { webhook }).await?;
    }
    Ok(())
}

/// Sends a test: a message that is no event.
pub(crate) async fn test(state: &ServerState, webhook: &Webhook) -> Result<(), StoreError> {
    let now = state.clock.now();
    let body = json!({
        "event": "ping",
        "event_id": new_event_id(state.random.as_ref()),
        "timestamp": apertodns::Timestamp::from_unix_millis(now.as_micros() / 1000),
        "webhook_id": webhook.public_id.to_string(),
        "data": {},
    });
    state.store.test_webhook(webhook.id, body.to_string()).await
}

/// Says in the log why a webhook cannot be read. Its owner is told that it cannot, which is enough to get rid of it.
pub(crate) fn log_broken(broken: &BrokenWebhook) {
    tracing::warn!(error = %broken.error, webhook.id = %broken.public_id, "a webhook cannot be read");
}

async fn note(state: &ServerState, origin: &Origin, event: &AuditEvent) -> Result<(), StoreError> {
    let Origin { actor, address } = origin;
    state
        .store
        .append_audit(Some(*actor), *address, event)
        .await
}

/// Why a webhook cannot be what somebody wants.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum WantedError {
    /// Its URL is none.
    #[error(transparent)]
    Url(#[from] WebhookUrlError),
    /// Its URL leads to where this server does not send.
    #[error(transparent)]
    Refused(#[from] OutboundRefused),
    /// Its events are none.
    #[error(transparent)]
    Events(#[from] NoWebhookEvents),
}

/// Why a webhook was not made or changed.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum ManageError {
    /// The random source gives too little.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The account changes its webhooks too often.
    #[error("the webhooks of this account were changed too often in the last hour")]
    TooOften {
        /// How long to wait.
        wait: Duration,
    },
    /// The store refused.
    #[error(transparent)]
    Create(#[from] CreateWebhookError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
