//! `/api/webhooks/{webhook}/deliveries`: the log of a webhook.

use apertodns::v1::ErrorCode;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use easement_store::Store;

use super::super::call::{Call, Told};
use super::{
    DeliveryDocument, LogDocument, Parts, TryDocument, find, invalid, on_its_way, take_asked_for,
};
use crate::http::Fields;
use crate::state::Shared;
use crate::webhooks::parse_delivery;

/// How many deliveries one answer has.
const LINES: u32 = 100;

/// GET `/api/webhooks/{webhook}/deliveries`, with `before` in the query
pub(crate) async fn list_deliveries(
    State(state): State<Shared>,
    id: Parts<String>,
    request: Request,
) -> Response {
    let query = Fields::parse(request.uri().query().unwrap_or_default().as_bytes());
    let call = Call::read(&state, request).await;
    let outcome = async {
        let (admitted, webhook) = find(&state, &call, id).await?;
        let before = match query.get("before") {
            Some(text) => Some(parse_delivery(text).ok_or(ErrorCode::NotFound)?),
            None => None,
        };
        let log = state.store.deliveries_of(webhook.id, before, LINES).await?;
        let deliveries = log.iter().map(DeliveryDocument::of).collect();
        Ok(Told::new(LogDocument { deliveries }, &admitted))
    };
    let outcome = outcome.await;
    call.answer(outcome)
}

/// GET `/api/webhooks/{webhook}/deliveries/{delivery}`
pub(crate) async fn show_delivery(
    State(state): State<Shared>,
    parts: Parts<(String, String)>,
    request: Request,
) -> Response {
    let call = Call::read(&state, request).await;
    let outcome = async {
        let (id, delivery) = split(parts);
        let (admitted, webhook) = find(&state, &call, id).await?;
        let number = delivery.as_deref().and_then(parse_delivery);
        let number = number.ok_or(ErrorCode::NotFound)?;
        let found = state.store.delivery_of(webhook.id, number).await?;
        let (entry, tries) = found.ok_or(ErrorCode::NotFound)?;
        let document = DeliveryDocument {
            body: serde_json::from_str(&entry.body).ok(),
            tries: Some(tries.into_iter().map(TryDocument::of).collect()),
            ..DeliveryDocument::of(&entry)
        };
        Ok(Told::new(document, &admitted))
    };
    let outcome = outcome.await;
    call.answer(outcome)
}

/// POST `/api/webhooks/{webhook}/deliveries/{delivery}/redeliver`
pub(crate) async fn redeliver(
    State(state): State<Shared>,
    parts: Parts<(String, String)>,
    request: Request,
) -> Response {
    let call = Call::read(&state, request).await;
    let outcome = async {
        let (id, delivery) = split(parts);
        let (admitted, webhook) = find(&state, &call, id).await?;
        let number = delivery.as_deref().and_then(parse_delivery);
        let number = number.ok_or(ErrorCode::NotFound)?;
        if state.store.delivery_of(webhook.id, number).await?.is_none() {
            return Err(ErrorCode::NotFound.into());
        }
        take_asked_for(&state, &admitted)?;
        if state.store.redeliver(webhook.id, number).await? {
            return Ok(on_its_way(&admitted));
        }
        let most = Store::MAX_ATTEMPTS;
        let message = format!("the delivery waits already, or was tried {most} times");
        Err(invalid(message))
    };
    let outcome = outcome.await;
    call.answer(outcome)
}

fn split(parts: Parts<(String, String)>) -> (Parts<String>, Option<String>) {
    match parts {
        Ok(Path((id, delivery))) => (Ok(Path(id)), Some(delivery)),
        Err(rejection) => (Err(rejection), None),
    }
}
