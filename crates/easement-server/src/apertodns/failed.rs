//! Errors of ApertoDNS: which code, which words.

use std::fmt::Display;
use std::num::NonZeroU32;
use std::time::Duration;

use apertodns::v1::{
    ApiError, AutoError, ErrorCode, FieldError, FieldFault, RateLimit, RequestError,
};
use easement_core::{TokenRefused, UpdateRefused};
use easement_store::StoreError;

use super::call::rate_limit;
use crate::api_tokens::{Denied, NoRights, RateLeft, UpdateError};

/// Why a request was not carried out.
#[derive(Clone, Debug)]
pub(super) struct Failed {
    pub(super) error: Box<ApiError>,
    pub(super) headers: Vec<(&'static str, String)>,
}

impl Failed {
    fn new(code: ErrorCode, message: impl Display) -> Self {
        ApiError::new(code).with_message(message.to_string()).into()
    }

    /// Too often, with what the headers say about it.
    pub(super) fn too_often(
        message: impl Display,
        wait: Duration,
        spent: Option<RateLeft>,
    ) -> Self {
        let seconds = u32::try_from(wait.as_secs())
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        let error = ApiError::new(ErrorCode::RateLimited)
            .with_message(format!("{message}: wait {seconds} seconds"))
            .with_retry_after(seconds);
        let headers = match spent {
            Some(spent) => RateLimit {
                retry_after_seconds: NonZeroU32::new(seconds),
                ..rate_limit(spent)
            }
            .headers(),
            None => vec![("Retry-After", seconds.to_string())],
        };
        Self {
            error: Box::new(error),
            headers,
        }
    }
}

impl From<ApiError> for Failed {
    fn from(error: ApiError) -> Self {
        Self {
            error: Box::new(error),
            headers: Vec::new(),
        }
    }
}

impl From<ErrorCode> for Failed {
    fn from(code: ErrorCode) -> Self {
        ApiError::new(code).into()
    }
}

impl From<RequestError> for Failed {
    fn from(error: RequestError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<AutoError> for Failed {
    fn from(error: AutoError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a request of ApertoDNS was not carried out");
        if error.is_unavailable() {
            ErrorCode::Maintenance.into()
        } else {
            ErrorCode::ServerError.into()
        }
    }
}

impl From<Denied> for Failed {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unknown => Self::new(ErrorCode::InvalidToken, denied),
            Denied::Refused(refused) => refused.into(),
            Denied::RateSpent { wait, spent } | Denied::TooManyFailures { wait, spent } => {
                Self::too_often(denied, wait, Some(spent))
            }
            Denied::Busy => Self::too_often(denied, Duration::from_secs(1), None),
            Denied::Failed => ErrorCode::ServerError.into(),
            Denied::Store(error) => error.into(),
        }
    }
}

impl From<TokenRefused> for Failed {
    fn from(refused: TokenRefused) -> Self {
        let code = match &refused {
            TokenRefused::Revoked => ErrorCode::TokenRevoked,
            TokenRefused::Expired { .. } | TokenRefused::Idle { .. } => ErrorCode::TokenExpired,
            TokenRefused::Network { .. } => ErrorCode::IpForbidden,
            TokenRefused::Name { .. } => ErrorCode::HostnameForbidden,
            TokenRefused::InUrl
            | TokenRefused::RecordCount { .. }
            | TokenRefused::TooManyToCount
            | TokenRefused::Webhooks
            | TokenRefused::Scope { .. }
            | TokenRefused::ZoneNotForTesting { .. }
            | TokenRefused::Account(_)
            | TokenRefused::Type { .. }
            | TokenRefused::Operation { .. }
            | TokenRefused::Value { .. }
            | TokenRefused::Ttl { .. } => ErrorCode::Forbidden,
        };
        Self::new(code, refused)
    }
}

impl From<NoRights> for Failed {
    fn from(error: NoRights) -> Self {
        match error {
            NoRights::NoZone { .. } => Self::new(ErrorCode::HostnameNotOwned, error),
            NoRights::Refused(refused) => refused.into(),
            NoRights::Store(error) => error.into(),
        }
    }
}

impl<E: Into<Failed> + Display> From<UpdateError<E>> for Failed {
    fn from(error: UpdateError<E>) -> Self {
        match error {
            UpdateError::Wish(error) => error.into(),
            UpdateError::NoRights(error) => error.into(),
            UpdateError::Refused(refused) => not_planned(&refused),
            UpdateError::Overtaken | UpdateError::AccessChanged => {
                Self::too_often(error, Duration::from_secs(1), None)
            }
            UpdateError::Commit(_) => Self::new(ErrorCode::DnsError, error),
            UpdateError::Store(error) => error.into(),
        }
    }
}

/// Why a change does not go with what is in the zone. Only what the token may not is `forbidden`.
fn not_planned(refused: &UpdateRefused) -> Failed {
    let reason = refused.to_string();
    match refused {
        UpdateRefused::Token(refused) => refused.clone().into(),
        UpdateRefused::NeededByService { .. } | UpdateRefused::NeedsSpfTerms { .. } => {
            Failed::new(ErrorCode::Forbidden, reason)
        }
        UpdateRefused::Plan(_) => {
            tracing::error!(error = reason, "a change was not planned");
            ErrorCode::ServerError.into()
        }
        UpdateRefused::Zone(_) | UpdateRefused::NeededByNameServer { .. } => {
            let field = FieldError {
                field: "hostname".to_owned(),
                fault: FieldFault::Conflict { reason },
                provided: None,
            };
            RequestError::Fields(vec![field]).into()
        }
    }
}
