//! Errors in the JSON of OAuth (RFC 6749 section 5.2).

use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use domain_connect::{ApiError, ParametersError};
use easement_core::{SecretError, TokenRequestRefused};
use easement_store::StoreError;
use http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use namedrop::TokenRequestError;

/// Why a request at an endpoint of OAuth is not answered as it was hoped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OAuthError {
    /// It is refused. Clients look for the status 400, whatever the reason is.
    #[error(transparent)]
    Refused(#[from] TokenRequestRefused),
    /// The client showed itself in the Authorization header, and is not known so (RFC 6749 section 5.2).
    #[error("the client is not known, or its secret is wrong")]
    Basic,
    /// Its parameters cannot be read.
    #[error(transparent)]
    Parameters(#[from] ParametersError),
    /// Its body is too long, or did not come.
    #[error("the body is longer than 16384 octets, or did not come whole")]
    Body,
    /// A secret in the query of a request of an app.
    #[error("what is secret in a query stands in logs: send a form, and get another token")]
    Query,
    /// An app sent something else than a form.
    #[error("send a form: application/x-www-form-urlencoded")]
    NoForm,
    /// A request of an app cannot be read.
    #[error(transparent)]
    App(TokenRequestError),
    /// The same, when the app showed itself in the Authorization header.
    #[error(transparent)]
    AppHeader(TokenRequestError),
    /// Another method.
    #[error("ask with another method: see the header Allow")]
    Method,
    /// Too many requests.
    #[error("there are too many requests from here: wait as Retry-After says")]
    TooOften {
        /// How long to wait.
        wait: Duration,
    },
    /// The random source failed.
    #[error("something is broken here: try again later")]
    Random(#[from] SecretError),
    /// The store failed.
    #[error("something is broken here: try again later")]
    Store(#[from] StoreError),
}

impl OAuthError {
    fn parts(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Refused(refused) => (StatusCode::BAD_REQUEST, refused.code().as_str()),
            Self::Basic => (StatusCode::UNAUTHORIZED, "invalid_client"),
            Self::Parameters(_) | Self::Body | Self::Query | Self::NoForm => {
                (StatusCode::BAD_REQUEST, "invalid_request")
            }
            Self::App(error) => (StatusCode::BAD_REQUEST, error.code()),
            Self::AppHeader(error) => (StatusCode::UNAUTHORIZED, error.code()),
            Self::Method => (StatusCode::METHOD_NOT_ALLOWED, "invalid_request"),
            Self::TooOften { .. } => (StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable"),
            Self::Store(error) if error.is_unavailable() => {
                (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable")
            }
            Self::Random(_) | Self::Store(_) => (StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
        }
    }

    fn log(&self) {
        match self {
            Self::Store(error) => tracing::error!(%error, "a request of OAuth failed"),
            Self::Random(error) => tracing::error!(%error, "a request of OAuth failed"),
            Self::Refused(_)
            | Self::Basic
            | Self::Parameters(_)
            | Self::Body
            | Self::Query
            | Self::NoForm
            | Self::App(_)
            | Self::AppHeader(_)
            | Self::Method
            | Self::TooOften { .. } => {
                tracing::info!(error = %self, "a request of OAuth was refused");
            }
        }
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        self.log();
        let (status, code) = self.parts();
        let document = ApiError {
            error: code.to_owned(),
            error_description: Some(self.to_string()),
        };
        let mut response = (status, [(CACHE_CONTROL, "no-store")], Json(document)).into_response();
        let headers = response.headers_mut();
        if matches!(self, Self::Basic | Self::AppHeader(_)) {
            let realm = HeaderValue::from_static("Basic realm=\"easement\"");
            headers.insert(WWW_AUTHENTICATE, realm);
        }
        if let Self::TooOften { wait } = self {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        response
    }
}

/// Another method than an endpoint has.
pub(crate) async fn method_not_allowed() -> OAuthError {
    OAuthError::Method
}
