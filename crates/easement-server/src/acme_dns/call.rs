//! What both requests have in common.

use std::net::IpAddr;

use apertodns::acme_dns::RequestError;
use axum::Json;
use axum::body::{Bytes, to_bytes};
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use easement_core::UpdateRefused;
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::api_tokens::{Denied, NoRights, UpdateError};
use crate::http::address_of;
use crate::state::ServerState;

/// The most octets of a body: the networks of an account fit.
const MAX_BODY_OCTETS: usize = 16 * 1024;

/// A request.
pub(super) struct Call {
    pub(super) headers: HeaderMap,
    pub(super) address: IpAddr,
    body: Option<Bytes>,
}

impl Call {
    pub(super) async fn read(state: &ServerState, request: Request) -> Self {
        let address = address_of(&request, &state.settings.trusted_proxies);
        let (parts, body) = request.into_parts();
        Self {
            headers: parts.headers,
            address,
            body: to_bytes(body, MAX_BODY_OCTETS).await.ok(),
        }
    }

    pub(super) fn body(&self) -> Result<&[u8], RequestError> {
        self.body.as_deref().ok_or(RequestError::Json)
    }
}

/// The answer, as certificate clients expect it.
pub(super) fn answer<T: Serialize>(
    status: StatusCode,
    outcome: Result<T, RequestError>,
) -> Response {
    match outcome {
        Ok(document) => (status, Json(document)).into_response(),
        Err(error) => {
            let status = StatusCode::from_u16(error.http_status());
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, Json(error.document())).into_response()
        }
    }
}

/// The answer when there is none of a handler.
pub(crate) fn no_answer() -> Response {
    answer::<()>(StatusCode::OK, Err(RequestError::Server))
}

/// What the client is told when a token is not admitted; why is for the log.
pub(super) fn denied(denied: &Denied) -> RequestError {
    tracing::info!(error = %denied, "a request of acme-dns was refused");
    match denied {
        Denied::Unknown | Denied::Refused(_) => RequestError::Forbidden,
        Denied::RateSpent { .. } | Denied::TooManyFailures { .. } | Denied::Busy => {
            RequestError::TooOften
        }
        Denied::Failed | Denied::Store(_) => RequestError::Server,
    }
}

/// The same for what the token may not do.
pub(super) fn no_rights(error: &NoRights) -> RequestError {
    tracing::info!(%error, "a request of acme-dns was refused");
    match error {
        NoRights::NoZone { .. } | NoRights::Refused(_) => RequestError::Forbidden,
        NoRights::Store(_) => RequestError::Server,
    }
}

/// The same for a change.
pub(super) fn not_updated<E: std::fmt::Display>(error: &UpdateError<E>) -> RequestError {
    tracing::info!(%error, "an update of acme-dns was refused");
    match error {
        UpdateError::NoRights(error) => no_rights(error),
        UpdateError::Refused(UpdateRefused::Token(_)) => RequestError::Forbidden,
        UpdateError::Wish(_) => RequestError::Txt,
        UpdateError::Refused(_)
        | UpdateError::Overtaken
        | UpdateError::AccessChanged
        | UpdateError::Commit(_)
        | UpdateError::Store(_) => RequestError::Server,
    }
}
