//! What a call for records is answered when nothing was done, as its clients read it.

use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use easement_core::{GrantRefused, UpdateRefused};
use easement_store::{CommitError, StoreError};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use namedrop::{CallError, ErrorDocument, Refusal};

use crate::oauth::{BearerRefused, NoGrantPermit};

/// Why a call was not carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecordsError {
    // The request
    /// A token in the query.
    #[error(
        "a token in a query stands in logs: send it in the body or the header Authorization, and get another one"
    )]
    TokenInQuery,
    /// One token in the header, another in the body.
    #[error("the header Authorization and the body have two tokens: leave one out")]
    TwoTokens,
    /// The body did not come.
    #[error("the body did not come whole")]
    Body,
    /// The body is no call.
    #[error(transparent)]
    Call(#[from] CallError),
    /// No such address.
    #[error("NameDrop has nothing at this address: look at its path")]
    NothingHere,
    /// Another method.
    #[error("this address wants another method: see the header Allow")]
    Method,

    // Who calls
    /// There is no access token, or it does not count.
    #[error(transparent)]
    Bearer(BearerRefused),
    /// The token is for something else, or its owner may not do this any more.
    #[error(transparent)]
    Forbidden(#[from] GrantRefused),
    /// The zone of the token is not served here.
    #[error("the domain of this token is not served here any more")]
    NoZone,
    /// Too many calls of a network, or with a token.
    #[error("there are too many calls from here: wait as Retry-After says")]
    TooOften {
        /// When one is taken again.
        wait: Duration,
    },

    // The call
    /// Something is wrong with its records.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The zone, or a service that is connected to it, does not allow it.
    #[error(transparent)]
    Update(#[from] UpdateRefused),

    // This server
    /// Too much happens in the zone, or the store is not available: nothing changed.
    #[error("nothing was changed: try again in a moment")]
    TryAgain,
    /// The server failed.
    #[error("the server failed")]
    Failed,
}

impl RecordsError {
    fn status(&self) -> StatusCode {
        match self {
            Self::TokenInQuery | Self::TwoTokens | Self::Body | Self::Update(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::Call(error) => status(error.status()),
            Self::Refused(refusal) => status(refusal.status()),
            Self::NothingHere => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Bearer(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) | Self::NoZone => StatusCode::FORBIDDEN,
            Self::TooOften { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::TryAgain => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn document(&self) -> ErrorDocument {
        match self {
            Self::Call(error) => ErrorDocument::from(error),
            Self::Refused(refusal) => ErrorDocument::from(refusal),
            Self::TokenInQuery
            | Self::TwoTokens
            | Self::Body
            | Self::NothingHere
            | Self::Method
            | Self::Bearer(_)
            | Self::Forbidden(_)
            | Self::NoZone
            | Self::TooOften { .. }
            | Self::Update(_)
            | Self::TryAgain
            | Self::Failed => ErrorDocument::of(self.to_string()),
        }
    }

    fn wait(&self) -> Option<Duration> {
        match self {
            Self::TooOften { wait } => Some(*wait),
            Self::TryAgain => Some(Duration::from_secs(1)),
            Self::TokenInQuery
            | Self::TwoTokens
            | Self::Body
            | Self::Call(_)
            | Self::NothingHere
            | Self::Method
            | Self::Bearer(_)
            | Self::Forbidden(_)
            | Self::NoZone
            | Self::Refused(_)
            | Self::Update(_)
            | Self::Failed => None,
        }
    }

    /// Whether a challenge says so (RFC 6750 section 3).
    fn challenge(&self) -> Option<&'static str> {
        match self {
            Self::Bearer(refused) => refused.challenge(),
            Self::Forbidden(_) | Self::NoZone => {
                Some("Bearer realm=\"easement\", error=\"insufficient_scope\"")
            }
            Self::TokenInQuery
            | Self::TwoTokens
            | Self::Body
            | Self::Call(_)
            | Self::NothingHere
            | Self::Method
            | Self::TooOften { .. }
            | Self::Refused(_)
            | Self::Update(_)
            | Self::TryAgain
            | Self::Failed => None,
        }
    }
}

fn status(number: u16) -> StatusCode {
    StatusCode::from_u16(number).unwrap_or(StatusCode::BAD_REQUEST)
}

impl IntoResponse for RecordsError {
    fn into_response(self) -> Response {
        let status = self.status();
        if status.is_client_error() {
            tracing::info!(error = %self, "a call for records was refused");
        }
        let mut response = (status, Json(self.document())).into_response();
        let headers = response.headers_mut();
        if let Some(challenge) = self.challenge() {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if let Some(wait) = self.wait() {
            let seconds = wait.as_secs().saturating_add(1);
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<BearerRefused> for RecordsError {
    fn from(refused: BearerRefused) -> Self {
        match refused {
            BearerRefused::Store(error) => error.into(),
            BearerRefused::TooManyWrong { wait } => Self::TooOften { wait },
            BearerRefused::Missing | BearerRefused::Invalid | BearerRefused::Grant(_) => {
                Self::Bearer(refused)
            }
        }
    }
}

impl From<NoGrantPermit> for RecordsError {
    fn from(error: NoGrantPermit) -> Self {
        match error {
            NoGrantPermit::Refused(refused) => refused.into(),
            NoGrantPermit::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for RecordsError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a call for records was not answered");
        if error.is_unavailable() {
            Self::TryAgain
        } else {
            Self::Failed
        }
    }
}

impl From<CommitError> for RecordsError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Grant(refused) => refused.into(),
            CommitError::Refused(error) => Self::Update(error.into()),
            CommitError::Store(error) => error.into(),
            CommitError::NotPermitted { apex } => GrantRefused::Zone { apex }.into(),
            CommitError::NoSuchZone { .. } => Self::NoZone,
            other @ (CommitError::Stale(_)
            | CommitError::ServiceConnected { .. }
            | CommitError::AccessChanged
            | CommitError::NoSuchService { .. }) => {
                tracing::warn!(error = %other, "a call for records was not committed");
                Self::TryAgain
            }
            // No record call makes a zone or comes with an API token: the same call would fail again.
            other @ (CommitError::Token(_)
            | CommitError::ZoneExists { .. }
            | CommitError::NoSuchAccount { .. }) => {
                tracing::error!(error = %other, "a call for records was not committed");
                Self::Failed
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use easement_core::{AccountId, AppliedServiceId, ZoneId};
    use easement_zone::{ApplyError, Name};

    use super::*;

    #[test]
    fn only_what_passes_says_try_again() {
        let apex = || "example.test".parse::<Name>().unwrap();
        let zone = ZoneId::new(7);
        let broken = ApplyError::Rules {
            violations: Vec::new(),
        };
        for (error, status) in [
            (CommitError::NoSuchZone { zone }, 403),
            (CommitError::NotPermitted { apex: apex() }, 403),
            (CommitError::Grant(GrantRefused::NotACall), 403),
            (CommitError::Refused(broken), 400),
            (CommitError::ZoneExists { apex: apex() }, 500),
            (
                CommitError::NoSuchAccount {
                    account: AccountId::new(1),
                },
                500,
            ),
            (CommitError::AccessChanged, 503),
            (CommitError::ServiceConnected { apex: apex() }, 503),
            (
                CommitError::NoSuchService {
                    service: AppliedServiceId::new(1),
                },
                503,
            ),
        ] {
            let said = error.to_string();
            let failed = RecordsError::from(error);
            let asks_again = failed.to_string().contains("try again");
            assert_eq!(asks_again, status == 503, "{said}: {failed}");
            let response = failed.into_response();
            assert_eq!(response.status().as_u16(), status, "{said}");
            let waits = response.headers().contains_key(RETRY_AFTER);
            assert_eq!(waits, status == 503, "{said}");
        }
    }
}
