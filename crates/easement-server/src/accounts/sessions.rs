//! Beginning and ending sessions.

use axum::response::Response;
use easement_core::{AccountId, PasswordHash, Secret, Session};
use easement_store::StoreError;
use http::header::{HeaderValue, SET_COOKIE};

use super::cookie;
use crate::http::Visitor;
use crate::state::ServerState;

/// Begins a session for a person who has just proven who they are. The secret is always a new one,
/// and whatever session the browser had before ends: nobody can have planted it. None begins when the
/// password was changed meanwhile, on another node.
pub(crate) async fn begin(
    state: &ServerState,
    visitor: &Visitor,
    account: AccountId,
    password: &PasswordHash,
) -> Result<Option<NewCookie>, BeginError> {
    if let Some(earlier) = &visitor.signed_in {
        state.store.end_session(&earlier.session.secret).await?;
    }
    let secret = Secret::generate(state.random.as_ref()).map_err(|_| BeginError::NoSecret)?;
    let now = state.clock.now();
    let session = Session {
        secret: secret.hash(),
        account,
        created_at: now,
        seen_at: now,
    };
    if !state.store.create_session(&session, password).await? {
        return Ok(None);
    }
    let header = cookie::set(&secret).ok_or(BeginError::NoSecret)?;
    Ok(Some(NewCookie(header)))
}

/// A cookie to send.
#[derive(Debug)]
pub(crate) struct NewCookie(HeaderValue);

impl NewCookie {
    /// The cookie that takes the session's cookie away.
    pub(crate) fn none() -> Option<Self> {
        cookie::clear().map(Self)
    }

    /// Sends it with this answer.
    pub(crate) fn with(self, mut response: Response) -> Response {
        response.headers_mut().insert(SET_COOKIE, self.0);
        response
    }
}

/// Why no session began.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BeginError {
    /// The random source gave too little.
    #[error("no secret could be made for the session")]
    NoSecret,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
