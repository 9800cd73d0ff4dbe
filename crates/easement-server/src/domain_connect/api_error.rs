//! The errors of the endpoints that programs call, as JSON.

use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use domain_connect::ApiError;
use easement_store::StoreError;
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};

/// Why there is no answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Unanswered {
    /// The zone is not here, or does not take part.
    NoSuchZone,
    /// The template is not offered.
    NoSuchTemplate,
    /// The network asks too often.
    TooOften {
        /// When it may ask again.
        wait: Duration,
    },
    /// The store is not available.
    Unavailable,
    /// The server failed.
    Failed,
}

impl IntoResponse for Unanswered {
    fn into_response(self) -> Response {
        let (status, error, description) = match self {
            Self::NoSuchZone => (
                StatusCode::NOT_FOUND,
                "not_found",
                "this server does not offer Domain Connect for this domain",
            ),
            Self::NoSuchTemplate => (
                StatusCode::NOT_FOUND,
                "not_found",
                "this server does not offer this template",
            ),
            Self::TooOften { wait: _ } => (
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_requests",
                "your network asks this server too often: wait as Retry-After says",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "try again in a moment",
            ),
            Self::Failed => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "server_error",
                "the server failed",
            ),
        };
        let body = ApiError {
            error: error.to_owned(),
            error_description: Some(description.to_owned()),
        };
        let mut response = (status, Json(body)).into_response();
        if let Self::TooOften { wait } = self {
            let seconds = HeaderValue::from(wait.as_secs().saturating_add(1));
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response
    }
}

impl From<StoreError> for Unanswered {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a question of Domain Connect was not answered");
        if error.is_unavailable() {
            Self::Unavailable
        } else {
            Self::Failed
        }
    }
}
