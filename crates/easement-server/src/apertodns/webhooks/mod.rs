//! `/api/webhooks`: the webhooks of the account that a token belongs to. ApertoDNS leaves their management to each
//! provider (1.4.0 section 11), so the paths and documents are ours; what all answers have in common is not.

mod deliveries;
mod documents;

use apertodns::v1::{ApiError, ErrorCode, WebhookEvent};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use easement_core::{
    Actor, Origin, PublicWebhookId, TokenKind, TokenLimits, TokenRefused, Webhook, WebhookEvents,
    WebhookRight,
};
use easement_store::{CreateWebhookError, StoredWebhook};

pub(crate) use self::deliveries::{list_deliveries, redeliver, show_delivery};
pub(crate) use self::documents::{
    DeletedDocument, DeliveryDocument, ListDocument, LogDocument, QueuedDocument, TryDocument,
    WantedDocument, WebhookDocument,
};
use super::call::{Call, Told};
use super::failed::Failed;
use crate::api_tokens::Admitted;
use crate::state::{ServerState, Shared};
use crate::webhooks::manage::{self, ManageError, Target, WantedError, WantedWebhook};

/// The variable parts of a path. What cannot be decoded is the address of nothing.
type Parts<T> = Result<Path<T>, PathRejection>;

/// GET `/api/webhooks`
pub(crate) async fn list_webhooks(State(state): State<Shared>, request: Request) -> Response {
    let call = Call::read(&state, request).await;
    let outcome = async {
        let admitted = admit(&state, &call).await?;
        let webhooks = state.store.webhooks_of(account(&admitted)).await?;
        let webhooks = webhooks.iter().map(WebhookDocument::of_stored).collect();
        Ok(Told::new(ListDocument { webhooks }, &admitted))
    };
    let outcome = outcome.await;
    call.answer(outcome)
}

/// POST `/api/webhooks`
pub(crate) async fn create_webhook(State(state): State<Shared>, request: Request) -> Response {
    let call = Call::read(&state, request).await;
    let outcome = async {
        let admitted = admit(&state, &call).await?;
        let wanted: WantedDocument = read(call.body()?)?;
        let url = wanted.url.as_deref().unwrap_or_default();
        let target = target(&state, url, wanted.events.as_deref(), WebhookEvents::ALL)?;
        let made = manage::create(&state, account(&admitted), target, &origin(&admitted)).await;
        let webhook = made.map_err(refused)?;
        Ok(Told {
            status: 201,
            ..Told::new(WebhookDocument::with_secret(&webhook), &admitted)
        })
    };
    let outcome = outcome.await;
    call.answer(outcome)
}

/// GET `/api/webhooks/{webhook}`
pub(crate) async fn show_webhook(
    State(state): State<Shared>,
    id: Parts<String>,
    request: Request,
) -> Response {
    let call = Call::read(&state, request).await;
    let outcome = async {
        let (admitted, webhook) = find_stored(&state, &call, id).await?;
        Ok(Told::new(WebhookDocument::of_stored(&webhook), &admitted))
    };
    let outcome = outcome.await;
    call.answer(outcome)
}

/// PATCH `/api/webhooks/{webhook}`: what is not named stays.
pub(crate) async fn change_webhook(
    State(state): State<Shared>,
    id: Parts<String>,
    request: Request,
) -> Response {
    let call = Call::read(&state, request).await;
    let outcome = async {
        let (admitted, stored) = find_stored(&state, &call, id).await?;
        let wanted: WantedDocument = read(call.body()?)?;
        let origin = origin(&admitted);
        if wanted.only_switches_off() {
            // Can be done with one that cannot be read, too.
            switch_off(&state, &stored, &origin).await?;
            return told_again(&state, &admitted, stored.public_id()).await;
        }
        let webhook = whole(stored.clone())?;
        if wanted.url.is_some() || wanted.events.is_some() {
            let url = wanted.url.as_deref().unwrap_or(webhook.url.as_str());
            let target = target(&state, url, wanted.events.as_deref(), webhook.events)?;
            let set = manage::set_target(&state, &webhook, target, &origin).await;
            set.map_err(refused)?;
        }
        match wanted.active {
            Some(true) => {
                let enabled = manage::enable(&state, &webhook, &origin).await;
                enabled.map_err(refused)?;
            }
            Some(false) => switch_off(&state, &stored, &origin).await?,
            None => {}
        }
        told_again(&state, &admitted, &webhook.public_id).await
    };
    let outcome = outcome.await;
    call.answer(outcome)
}

async fn switch_off(
    state: &ServerState,
    webhook: &StoredWebhook,
    origin: &Origin,
) -> Result<(), Failed> {
    // One that is off stays so, and nothing begins.
    if webhook.is_active() {
        manage::disable(state, (webhook.id(), webhook.public_id()), origin).await?;
    }
    Ok(())
}

/// A webhook as it is after a change.
async fn told_again(
    state: &ServerState,
    admitted: &Admitted,
    id: &PublicWebhookId,
) -> Result<Told<WebhookDocument>, Failed> {
    let changed = state.store.webhook_of(account(admitted), id).await?;
    let changed = changed.ok_or(ErrorCode::WebhookNotFound)?;
    Ok(Told::new(WebhookDocument::of_stored(&changed), admitted))
}

/// DELETE `/api/webhooks/{webhook}`
pub(crate) async fn delete_webhook(
    State(state): State<Shared>,
    id: Parts<String>,
    request: Request,
) -> Response {
    let call = Call::read(&state, request).await;
    let outcome = async {
        let (admitted, webhook) = find_stored(&state, &call, id).await?;
        let named = (webhook.id(), webhook.public_id());
        manage::delete(&state, named, &origin(&admitted)).await?;
        Ok(Told::new(DeletedDocument { deleted: true }, &admitted))
    };
    let outcome = outcome.await;
    call.answer(outcome)
}

/// POST `/api/webhooks/{webhook}/secret`: another one
pub(crate) async fn renew_secret(
    State(state): State<Shared>,
    id: Parts<String>,
    request: Request,
) -> Response {
    let call = Call::read(&state, request).await;
    let outcome = async {
        let (admitted, webhook) = find(&state, &call, id).await?;
        let secret = manage::renew_secret(&state, &webhook, &origin(&admitted)).await;
        let webhook = Webhook {
            secret: secret.map_err(refused)?,
            ..webhook
        };
        Ok(Told::new(WebhookDocument::with_secret(&webhook), &admitted))
    };
    let outcome = outcome.await;
    call.answer(outcome)
}

/// POST `/api/webhooks/{webhook}/test`
pub(crate) async fn test_webhook(
    State(state): State<Shared>,
    id: Parts<String>,
    request: Request,
) -> Response {
    let call = Call::read(&state, request).await;
    let outcome = async {
        let (admitted, webhook) = find(&state, &call, id).await?;
        take_asked_for(&state, &admitted)?;
        manage::test(&state, &webhook).await?;
        Ok(on_its_way(&admitted))
    };
    let outcome = outcome.await;
    call.answer(outcome)
}

fn on_its_way(admitted: &Admitted) -> Told<QueuedDocument> {
    Told {
        status: 202,
        ..Told::new(QueuedDocument { queued: true }, admitted)
    }
}

//------------ Who may ---------------------------------------------------------------------------

/// The token, when it has the right to manage webhooks: they tell of all zones of its account, so limits to names
/// give no such right. A test token has it in no case, since webhooks tell of zones that are in use.
async fn admit(state: &ServerState, call: &Call) -> Result<Admitted, Failed> {
    let admitted = call.admit(state).await?;
    let has_right = |limits: &TokenLimits| limits.webhooks == WebhookRight::Manage;
    let may = admitted.chain.limits().all(has_right);
    let token = admitted.chain.token();
    if may && token.kind == TokenKind::Live {
        return Ok(admitted);
    }
    let refused = TokenRefused::Webhooks;
    state.tokens.note_refusal(token.id, call.address, &refused);
    Err(refused.into())
}

/// A webhook of the token's account, all of it.
async fn find(
    state: &ServerState,
    call: &Call,
    id: Parts<String>,
) -> Result<(Admitted, Webhook), Failed> {
    let (admitted, webhook) = find_stored(state, call, id).await?;
    Ok((admitted, whole(webhook)?))
}

/// All of a webhook. Whoever has one that cannot be read is told what can be done with it.
fn whole(webhook: StoredWebhook) -> Result<Webhook, Failed> {
    match webhook {
        StoredWebhook::Whole(webhook) => Ok(webhook),
        StoredWebhook::Broken(broken) => {
            manage::log_broken(&broken);
            let message = format!(
                "what is stored of the webhook {} cannot be read: it can be switched off, with `active` alone, and \
                 deleted; make another one in its place",
                broken.public_id
            );
            let error = ApiError::new(ErrorCode::InvalidRequest).with_message(message);
            Err(error.into())
        }
    }
}

/// A webhook of the token's account, whether it can be read or not. Those of others are not there.
async fn find_stored(
    state: &ServerState,
    call: &Call,
    id: Parts<String>,
) -> Result<(Admitted, StoredWebhook), Failed> {
    let admitted = admit(state, call).await?;
    let id = id.ok().and_then(|Path(id)| id.parse().ok());
    let id = id.ok_or(ErrorCode::WebhookNotFound)?;
    let found = state.store.webhook_of(account(&admitted), &id).await?;
    Ok((admitted, found.ok_or(ErrorCode::WebhookNotFound)?))
}

fn account(admitted: &Admitted) -> easement_core::AccountId {
    admitted.chain.token().account
}

fn origin(admitted: &Admitted) -> Origin {
    Origin {
        actor: Actor::ApiToken(admitted.chain.token().id),
        address: Some(admitted.address),
    }
}

fn take_asked_for(state: &ServerState, admitted: &Admitted) -> Result<(), Failed> {
    let taken = state
        .webhooks
        .take_asked_for(account(admitted), state.clock.now());
    taken.map_err(|wait| {
        let message = "your account asked for too many deliveries";
        Failed::too_often(message, wait, None)
    })
}

//------------ What is asked for -----------------------------------------------------------------

fn read(body: &[u8]) -> Result<WantedDocument, Failed> {
    // A list would be taken for the members in their order.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(invalid("the body must be an object".to_owned()));
    }
    serde_json::from_slice(body).map_err(|error| {
        let code = match error.classify() {
            serde_json::error::Category::Data => ErrorCode::ValidationError,
            serde_json::error::Category::Io
            | serde_json::error::Category::Syntax
            | serde_json::error::Category::Eof => ErrorCode::InvalidJson,
        };
        ApiError::new(code).with_message(error.to_string()).into()
    })
}

fn target(
    state: &ServerState,
    url: &str,
    events: Option<&[String]>,
    otherwise: WebhookEvents,
) -> Result<Target, Failed> {
    let otherwise: Vec<&str> = otherwise.iter().map(WebhookEvent::as_str).collect();
    let events = events.map(|events| events.iter().map(String::as_str).collect());
    let wanted = WantedWebhook {
        url,
        events: events.unwrap_or(otherwise),
    };
    wanted.read(state).map_err(|error| {
        let field = match error {
            WantedError::Url(_) | WantedError::Refused(_) => "url",
            WantedError::Events(_) => "events",
        };
        invalid(format!("{field}: {error}"))
    })
}

fn invalid(message: String) -> Failed {
    ApiError::new(ErrorCode::ValidationError)
        .with_message(message)
        .into()
}

fn refused(error: ManageError) -> Failed {
    match error {
        ManageError::Store(error) | ManageError::Create(CreateWebhookError::Store(error)) => {
            error.into()
        }
        ManageError::Create(error @ CreateWebhookError::TooMany { .. }) => {
            invalid(error.to_string())
        }
        ManageError::TooOften { wait } => Failed::too_often(error, wait, None),
        ManageError::Secret(_) | ManageError::Create(_) => {
            tracing::error!(%error, "a webhook was not made");
            ErrorCode::ServerError.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_an_object() {
        assert!(read(br#" {"active": true}"#).is_ok());
        for (body, code) in [
            (
                br#"["https://hook.example.com"]"#.as_slice(),
                ErrorCode::ValidationError,
            ),
            (b" []", ErrorCode::ValidationError),
            (b"1", ErrorCode::ValidationError),
            (b"{", ErrorCode::InvalidJson),
            (b"\xff", ErrorCode::InvalidJson),
        ] {
            assert_eq!(read(body).unwrap_err().error.code, code);
        }
    }
}
