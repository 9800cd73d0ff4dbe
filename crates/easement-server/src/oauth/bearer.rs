//! The access token of a request, as the grant that it is of (RFC 6750).

use std::net::IpAddr;
use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use domain_connect::ApiError;
use easement_core::{
    AccessEpoch, AdmittedGrant, GrantRefused, GrantTarget, OAuthTokenKind, OAuthTokenText, Permit,
    ZoneId,
};
use easement_store::StoreError;
use easement_zone::Name;
use http::header::{AUTHORIZATION, CACHE_CONTROL, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::OAuthError;
use crate::state::ServerState;

/// A grant that counts at this moment, by an access token in the header. A token in the query or in a form is not
/// looked at (RFC 9700 section 4.3.2).
#[derive(Debug)]
pub(crate) struct Bearer {
    /// The grant, and its client.
    pub(crate) admitted: AdmittedGrant,
    /// What it may is right in this epoch alone.
    epoch: AccessEpoch,
}

impl Bearer {
    /// Looks for the token of a request from this address.
    pub(crate) async fn read(
        state: &ServerState,
        headers: &HeaderMap,
        address: IpAddr,
    ) -> Result<Self, BearerRefused> {
        Self::admit(state, Self::token_of(headers), address).await
    }

    /// Looks for this token, wherever it came from.
    pub(crate) async fn admit(
        state: &ServerState,
        text: Option<&str>,
        address: IpAddr,
    ) -> Result<Self, BearerRefused> {
        let text = text.ok_or(BearerRefused::Missing)?;
        let wrong = || {
            let taken = state.oauth.take_wrong_token(address, state.clock.now());
            taken.map_or_else(
                |wait| BearerRefused::TooManyWrong { wait },
                |()| BearerRefused::Invalid,
            )
        };
        let hash = OAuthTokenText::hash_of(OAuthTokenKind::Access, text);
        let hash = hash.ok_or_else(wrong)?;
        // First, so that whatever is looked up after is at least as new.
        let epoch = match state.store.access_epoch() {
            Some(epoch) => epoch,
            None => state.store.read_access_epoch().await?,
        };
        let found = state
            .store
            .oauth_token(OAuthTokenKind::Access, &hash)
            .await?;
        let found = found.ok_or_else(wrong)?;
        // That one expired happens to everybody.
        let now = state.clock.now();
        if now >= found.token.expires_at {
            return Err(BearerRefused::Invalid);
        }
        let admitted = found.token.grant.admit(found.holder, now)?;
        Ok(Self { admitted, epoch })
    }

    /// The permit for one of its templates at one of its hosts of this zone.
    pub(crate) async fn permit(
        &self,
        state: &ServerState,
        (zone, apex): (ZoneId, &Name),
        target: GrantTarget,
    ) -> Result<Permit, NoGrantPermit> {
        let account = self.admitted.grant().account;
        let role = state.store.role_of(zone, account).await?;
        let permit = Permit::for_grant(&self.admitted, target, role, (zone, apex), self.epoch);
        Ok(permit?)
    }

    /// The permit for calls that name records of this zone.
    pub(crate) async fn permit_for_app(
        &self,
        state: &ServerState,
        (zone, apex): (ZoneId, &Name),
    ) -> Result<Permit, NoGrantPermit> {
        let account = self.admitted.grant().account;
        let role = state.store.role_of(zone, account).await?;
        let permit = Permit::for_app(&self.admitted, role, (zone, apex), self.epoch);
        Ok(permit?)
    }

    /// The text of the only token in the header.
    pub(crate) fn token_of(headers: &HeaderMap) -> Option<&str> {
        let mut lines = headers.get_all(AUTHORIZATION).iter();
        let (line, None) = (lines.next()?, lines.next()) else {
            return None;
        };
        let (scheme, token) = line.to_str().ok()?.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| token.trim_matches(' '))
    }
}

/// Why a grant gives no permit for something.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoGrantPermit {
    /// It is not for this.
    #[error(transparent)]
    Refused(#[from] GrantRefused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a request has no grant.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BearerRefused {
    /// It shows no token.
    #[error("this needs an access token: send it in the header Authorization: Bearer")]
    Missing,
    /// It is no access token, or its time is over. Which of the two is not told.
    #[error("the access token is not valid, or expired: get another one with the refresh token")]
    Invalid,
    /// The network showed too many that nobody has.
    #[error(
        "your network sent too many access tokens that are not valid: wait as Retry-After says"
    )]
    TooManyWrong {
        /// How long to wait.
        wait: Duration,
    },
    /// The grant does not count any more.
    #[error(transparent)]
    Grant(#[from] GrantRefused),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BearerRefused {
    /// What the header `WWW-Authenticate` says; nothing when it is not about the token.
    pub(crate) fn challenge(&self) -> Option<&'static str> {
        match self {
            Self::Store(_) | Self::TooManyWrong { .. } => None,
            // Nothing more is told to whoever did not try (RFC 6750 section 3.1).
            Self::Missing => Some("Bearer realm=\"easement\""),
            Self::Invalid | Self::Grant(_) => {
                Some("Bearer realm=\"easement\", error=\"invalid_token\"")
            }
        }
    }
}

impl IntoResponse for BearerRefused {
    fn into_response(self) -> Response {
        let challenge = self.challenge().unwrap_or_default();
        match self {
            Self::Store(error) => return OAuthError::Store(error).into_response(),
            Self::TooManyWrong { wait } => return OAuthError::TooOften { wait }.into_response(),
            Self::Missing | Self::Invalid | Self::Grant(_) => {}
        }
        tracing::info!(error = %self, "a request with an access token was refused");
        let document = ApiError {
            error: "invalid_token".to_owned(),
            error_description: Some(self.to_string()),
        };
        let headers = [
            (WWW_AUTHENTICATE, HeaderValue::from_static(challenge)),
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        (StatusCode::UNAUTHORIZED, headers, Json(document)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_token_in_the_header_counts() {
        for (lines, expected) in [
            (&["Bearer abc"][..], Some("abc")),
            (&["bearer  abc"], Some("abc")),
            (&["Basic abc"], None),
            (&["Bearer"], None),
            (&["abc"], None),
            (&[], None),
            (&["Bearer abc", "Bearer def"], None),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(AUTHORIZATION, HeaderValue::from_str(line).unwrap());
            }
            assert_eq!(Bearer::token_of(&headers), expected, "{lines:?}");
        }
    }
}
