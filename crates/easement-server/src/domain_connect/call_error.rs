//! What a call with an access token is answered when nothing was done, as JSON.

use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use domain_connect::{ApiError, ConflictAnswer};
use easement_core::GrantRefused;
use easement_store::{CommitError, StoreError};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use crate::oauth::{BearerRefused, NoGrantPermit};

/// Why a call was not carried out.
#[derive(Debug)]
pub(super) enum CallFailed {
    /// There is no access token, or it does not count.
    Bearer(BearerRefused),
    /// The token is for something else.
    Forbidden {
        /// What was asked for and is not allowed.
        reason: String,
    },
    /// The call is wrong.
    Invalid {
        /// What is wrong with it.
        reason: String,
    },
    /// The template is not offered, or not any more.
    NoSuchTemplate,
    /// Something is in the way (Domain Connect 2.3: status 409).
    Conflict(ConflictAnswer),
    /// What was to be removed is not there (status 410).
    Gone,
    /// Too many calls of a network, or with one access.
    TooOften {
        /// When one is taken again.
        wait: Duration,
    },
    /// Too much happens in the zone, or the store is not available: nothing changed.
    TryAgain,
    /// The server failed.
    Failed,
}

impl CallFailed {
    fn status(&self) -> StatusCode {
        match self {
            Self::Bearer(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden { .. } => StatusCode::FORBIDDEN,
            Self::Invalid { .. } => StatusCode::BAD_REQUEST,
            Self::NoSuchTemplate => StatusCode::NOT_FOUND,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Gone => StatusCode::GONE,
            Self::TooOften { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::TryAgain => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The short name of the kind, and a sentence.
    fn text(&self) -> (&'static str, String) {
        match self {
            Self::Bearer(refused) => ("invalid_token", refused.to_string()),
            Self::Forbidden { reason } => ("insufficient_scope", reason.clone()),
            Self::Invalid { reason } => ("invalid_request", reason.clone()),
            Self::NoSuchTemplate => (
                "not_found",
                "this server does not offer this template, or does not any more".to_owned(),
            ),
            Self::Conflict(answer) => ("conflict", answer.message.clone()),
            Self::Gone => (
                "gone",
                "this template is not applied at this host, so there is nothing to remove"
                    .to_owned(),
            ),
            Self::TooOften { wait: _ } => (
                "too_many_requests",
                "there are too many calls from here: wait as Retry-After says".to_owned(),
            ),
            Self::TryAgain => (
                "temporarily_unavailable",
                "nothing was changed: try again in a moment".to_owned(),
            ),
            Self::Failed => ("server_error", "the server failed".to_owned()),
        }
    }

    fn wait(&self) -> Option<Duration> {
        match self {
            Self::TooOften { wait } => Some(*wait),
            Self::TryAgain => Some(Duration::from_secs(1)),
            Self::Bearer(_)
            | Self::Forbidden { .. }
            | Self::Invalid { .. }
            | Self::NoSuchTemplate
            | Self::Conflict(_)
            | Self::Gone
            | Self::Failed => None,
        }
    }
}

impl IntoResponse for CallFailed {
    fn into_response(self) -> Response {
        let (status, wait) = (self.status(), self.wait());
        let (error, description) = self.text();
        let body = ApiError {
            error: error.to_owned(),
            error_description: Some(description),
        };
        let mut response = match self {
            Self::Bearer(refused) => refused.into_response(),
            Self::Conflict(answer) => (status, Json(answer)).into_response(),
            Self::Forbidden { .. } => {
                // RFC 6750 section 3.
                let challenge = "Bearer realm=\"easement\", error=\"insufficient_scope\"";
                (status, [(WWW_AUTHENTICATE, challenge)], Json(body)).into_response()
            }
            Self::Invalid { .. }
            | Self::NoSuchTemplate
            | Self::Gone
            | Self::TooOften { .. }
            | Self::TryAgain
            | Self::Failed => (status, Json(body)).into_response(),
        };
        if let Some(wait) = wait {
            let seconds = wait.as_secs().saturating_add(1);
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<BearerRefused> for CallFailed {
    fn from(refused: BearerRefused) -> Self {
        match refused {
            BearerRefused::TooManyWrong { wait } => Self::TooOften { wait },
            refused @ (BearerRefused::Missing
            | BearerRefused::Invalid
            | BearerRefused::Grant(_)
            | BearerRefused::Store(_)) => Self::Bearer(refused),
        }
    }
}

impl From<NoGrantPermit> for CallFailed {
    fn from(error: NoGrantPermit) -> Self {
        match error {
            NoGrantPermit::Refused(refused) => refused.into(),
            NoGrantPermit::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for CallFailed {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a call with an access token was not answered");
        if error.is_unavailable() {
            Self::TryAgain
        } else {
            Self::Failed
        }
    }
}

impl From<GrantRefused> for CallFailed {
    fn from(refused: GrantRefused) -> Self {
        Self::Forbidden {
            reason: refused.to_string(),
        }
    }
}

impl From<CommitError> for CallFailed {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Grant(refused) => refused.into(),
            CommitError::Refused(error) => Self::Invalid {
                reason: error.to_string(),
            },
            CommitError::Store(error) => error.into(),
            CommitError::NotPermitted { apex } => GrantRefused::Zone { apex }.into(),
            error @ CommitError::NoSuchZone { .. } => {
                tracing::warn!(%error, "a call with an access token was not committed");
                Self::Forbidden {
                    reason: "the zone of this access is not served here any more".to_owned(),
                }
            }
            other @ (CommitError::Stale(_)
            | CommitError::ServiceConnected { .. }
            | CommitError::AccessChanged
            | CommitError::NoSuchService { .. }) => {
                tracing::warn!(error = %other, "a call with an access token was not committed");
                Self::TryAgain
            }
            // No such call makes a zone or comes with an API token: the same call would fail again.
            other @ (CommitError::Token(_)
            | CommitError::ZoneExists { .. }
            | CommitError::NoSuchAccount { .. }) => {
                tracing::error!(error = %other, "a call with an access token was not committed");
                Self::Failed
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use easement_core::ZoneId;

    use super::*;

    #[test]
    fn a_call_that_is_not_permitted_hears_why() {
        let apex = "example.test".parse().unwrap();
        let zone = ZoneId::new(7);
        for (error, says) in [
            (
                CommitError::NotPermitted { apex },
                "not for the zone example.test",
            ),
            (CommitError::NoSuchZone { zone }, "not served here any more"),
        ] {
            let failed = CallFailed::from(error);
            assert_eq!(failed.status(), StatusCode::FORBIDDEN);
            let (_, text) = failed.text();
            assert!(text.contains(says), "{text}");
        }
    }
}
