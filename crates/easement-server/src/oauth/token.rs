//! `POST /v2/oauth/access_token` and `POST /oauth/token`

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use easement_core::{
    Actor, AuthenticatedClient, Grant, GrantEnd, HolderId, OAuthTokenKind, OAuthTokenText,
    RefreshIssue, TokenRequest,
};
use easement_store::{FreshTokens, Redeemed};
use http::header::{CACHE_CONTROL, PRAGMA};
use serde::Serialize;

use super::OAuthError;
use super::call::Call;
use super::revoke::note_end;
use crate::state::{ServerState, Shared};

/// The tokens (RFC 6749 section 5.1). It does not print itself.
#[derive(Serialize)]
pub(crate) struct TokenReply {
    access_token: String,
    token_type: &'static str,
    /// How many seconds the access token counts.
    expires_in: u64,
    refresh_token: String,
}

/// Gives tokens for a code or a refresh token.
pub(crate) async fn give_token(
    State(state): State<Shared>,
    request: Request,
) -> Result<Response, OAuthError> {
    let call = Call::read(&state, request).await?;
    let wanted = TokenRequest::read(&call.parameters)?;
    let secret = wanted.secret.as_ref();
    let client = call.authenticate(&state, &wanted.client, secret).await?;
    let random = state.random.as_ref();
    let access = OAuthTokenText::generate(OAuthTokenKind::Access, random)?;
    let refresh = OAuthTokenText::generate(OAuthTokenKind::Refresh, random)?;
    let fresh = FreshTokens {
        access: access.hash(),
        refresh: refresh.hash(),
    };
    let redeemed = state
        .store
        .redeem(client.clone().into(), wanted.wish, fresh)
        .await?;
    match redeemed {
        Redeemed::Issued { grant, issue, at } => {
            tracing::info!(grant.id = %grant.id, oauth.client = %wanted.client, "tokens were given");
            let refresh_token = match issue.refresh {
                RefreshIssue::Another { .. } | RefreshIssue::Again { .. } => refresh.reveal(),
                RefreshIssue::Same { .. } => shown(&call)?,
            };
            Ok(not_stored(&TokenReply {
                access_token: access.reveal(),
                token_type: "bearer",
                expires_in: issue.access_until.since(at).as_secs(),
                refresh_token,
            }))
        }
        Redeemed::Refused(refused) => Err(refused.into()),
        Redeemed::Ended {
            refused,
            grant,
            because,
        } => {
            end(&state, &call, (&client, &grant), because).await?;
            Err(refused.into())
        }
    }
}

/// The refresh token that stays.
fn shown(call: &Call) -> Result<String, OAuthError> {
    let token = TokenRequest::parameter(&call.parameters, "refresh_token")?;
    Ok(token.unwrap_or_default().to_owned())
}

async fn end(
    state: &ServerState,
    call: &Call,
    (client, grant): (&AuthenticatedClient, &Grant),
    because: GrantEnd,
) -> Result<(), OAuthError> {
    let client = client.client();
    tracing::warn!(
        grant.id = %grant.id,
        oauth.client = %client.registration.client,
        reason = %because,
        "a grant ended"
    );
    let actor = (Some(Actor::Grant(grant.id)), Some(call.address));
    let holder = HolderId::Client(client.registration.client.clone());
    note_end(state, actor, (holder, grant), because).await
}

/// The answer, which no cache may keep.
pub(super) fn not_stored(document: &impl Serialize) -> Response {
    let headers = [(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")];
    (headers, Json(document)).into_response()
}
