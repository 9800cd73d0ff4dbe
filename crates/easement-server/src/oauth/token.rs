//! `POST /v2/oauth/access_token` and `POST /oauth/token`

use std::net::IpAddr;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use easement_core::{
    Grant, GrantClient, GrantEnd, HolderId, OAuthTokenKind, OAuthTokenText, RefreshIssue,
    TokenClient, TokenRequest, TokenWish,
};
use easement_store::{FreshTokens, Redeemed};
use http::header::{CACHE_CONTROL, PRAGMA};
use serde::Serialize;

use super::OAuthError;
use super::call::Call;
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
    let given = redeem(&state, (client.into(), call.address), wanted.wish).await?;
    let refresh_token = match &given.refresh {
        Some(another) => another.reveal(),
        None => shown(&call)?,
    };
    Ok(not_stored(&TokenReply {
        access_token: given.access.reveal(),
        token_type: "bearer",
        expires_in: given.expires_in,
        refresh_token,
    }))
}

/// Tokens that are stored, and were not given out yet.
pub(crate) struct Given {
    /// What they are of.
    pub(crate) grant: Grant,
    pub(crate) access: OAuthTokenText,
    /// Nothing when the one that was shown stays.
    pub(crate) refresh: Option<OAuthTokenText>,
    /// For how many seconds the access token counts.
    pub(crate) expires_in: u64,
}

/// Does what is decided about a code or a refresh token that was shown.
pub(crate) async fn redeem(
    state: &ServerState,
    (client, address): (TokenClient, IpAddr),
    wish: TokenWish,
) -> Result<Given, OAuthError> {
    count(state, &client, &wish).await?;
    let random = state.random.as_ref();
    let access = OAuthTokenText::generate(OAuthTokenKind::Access, random)?;
    let refresh = OAuthTokenText::generate(OAuthTokenKind::Refresh, random)?;
    let fresh = FreshTokens {
        access: access.hash(),
        refresh: refresh.hash(),
    };
    let redeemed = state
        .store
        .redeem(client.clone(), wish, fresh, Some(address))
        .await?;
    match redeemed {
        Redeemed::Issued { grant, issue, at } => {
            tracing::info!(grant.id = %grant.id, "tokens were given");
            Ok(Given {
                grant,
                access,
                refresh: match issue.refresh {
                    RefreshIssue::Another { .. } | RefreshIssue::Again { .. } => Some(refresh),
                    RefreshIssue::Same { .. } => None,
                },
                expires_in: issue.access_until.since(at).as_secs(),
            })
        }
        Redeemed::Refused(refused) => Err(refused.into()),
        Redeemed::Ended {
            refused,
            grant,
            because,
        } => {
            log_end(&client, &grant, because);
            Err(refused.into())
        }
    }
}

/// Counts the refresh tokens of a grant, for whoever holds one: each costs rows that stay for a while. Access tokens are
/// given back one by one, so that is limited with it.
async fn count(
    state: &ServerState,
    client: &TokenClient,
    wish: &TokenWish,
) -> Result<(), OAuthError> {
    let (OAuthTokenKind::Refresh, Some(hash)) = wish.presented() else {
        return Ok(());
    };
    let found = state
        .store
        .oauth_token(OAuthTokenKind::Refresh, hash)
        .await?;
    let held = found.filter(|found| client.may_hold(&found.token.grant));
    let Some(held) = held else { return Ok(()) };
    let taken = state
        .oauth
        .take_refresh(held.token.grant.id, state.clock.now());
    taken.map_err(|wait| OAuthError::TooOften { wait })
}

/// The refresh token that stays.
fn shown(call: &Call) -> Result<String, OAuthError> {
    let token = TokenRequest::parameter(&call.parameters, "refresh_token")?;
    Ok(token.unwrap_or_default().to_owned())
}

fn log_end(client: &TokenClient, grant: &Grant, because: GrantEnd) {
    let holder = match (client, &grant.client) {
        (TokenClient::Registered(client), _) => {
            HolderId::Client(client.client().registration.client.clone())
        }
        (TokenClient::App { .. }, GrantClient::App(app)) => HolderId::App(app.clone()),
        // An app ends what an app holds.
        (TokenClient::App { .. }, GrantClient::Registered(_)) => return,
    };
    tracing::warn!(
        grant.id = %grant.id,
        oauth.client = %holder,
        reason = %because,
        "a grant ended"
    );
}

/// The answer, which no cache may keep.
pub(crate) fn not_stored(document: &impl Serialize) -> Response {
    let headers = [(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")];
    (headers, Json(document)).into_response()
}
