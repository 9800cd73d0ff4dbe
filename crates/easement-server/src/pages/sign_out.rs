//! `/sign-out`

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use easement_core::{Actor, AuditEvent};

use super::{PageError, sign_in};
use crate::accounts::sessions::NewCookie;
use crate::http::Visitor;
use crate::state::Shared;

/// POST. Signing out twice is no error.
pub(crate) async fn sign_out(
    State(state): State<Shared>,
    visitor: Visitor,
) -> Result<Response, PageError> {
    if let Some(person) = &visitor.signed_in {
        state.store.end_session(&person.session.secret).await?;
        let actor = Some(Actor::Account(person.account.id));
        state
            .store
            .append_audit(actor, Some(visitor.address), &AuditEvent::SignedOut)
            .await?;
    }
    let response = Redirect::to(&sign_in::after_sign_out()).into_response();
    Ok(match NewCookie::none() {
        Some(cookie) => cookie.with(response),
        None => response,
    })
}
