//! `GET /health`

use apertodns::v1::{Health, HealthStatus};
use axum::extract::{Request, State};
use axum::response::Response;

use super::call::{Call, Told, moment};
use crate::state::Shared;

/// Whether updates are taken. Everybody may know.
pub(crate) async fn show_health(State(state): State<Shared>, request: Request) -> Response {
    let call = Call::read(&state, request).await;
    // What is known costs no query.
    let is_known = state.store.access_epoch().is_some();
    let status = if is_known || state.store.read_access_epoch().await.is_ok() {
        HealthStatus::Healthy
    } else {
        HealthStatus::Unhealthy
    };
    let timestamp = moment(state.clock.now());
    call.answer(Ok(Told::public(Health { status, timestamp })))
}
