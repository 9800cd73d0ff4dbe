//! `POST /oauth/revoke` (RFC 7009)

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::response::Response;
use easement_core::{Actor, GrantEnd, OAuthTokenKind, OAuthTokenText, Origin, TokenClient};
use easement_store::FoundOAuthToken;
use serde::Serialize;

use super::OAuthError;
use super::call::Call;
use super::token::not_stored;
use crate::state::{ServerState, Shared};

/// The answer is the same whether there was such a token (RFC 7009 section 2.2).
#[derive(Serialize)]
pub(crate) struct Revoked {}

/// A refresh token goes with its whole grant, an access token alone.
pub(crate) async fn revoke(
    State(state): State<Shared>,
    request: Request,
) -> Result<Response, OAuthError> {
    let call = Call::read(&state, request).await?;
    let client = call.authenticate_parameters(&state).await?.into();
    give_back(&state, (&client, call.address), call.token()?).await
}

/// Ends what a token of this client is of. A refresh token that was replaced ends it like the one in its place: it is
/// all that a client has that never got the answer to its refresh, and the token endpoint ends the grant for it too.
pub(crate) async fn give_back(
    state: &ServerState,
    (client, address): (&TokenClient, IpAddr),
    text: &str,
) -> Result<Response, OAuthError> {
    let Some(found) = find(state, text, client).await? else {
        return Ok(not_stored(&Revoked {}));
    };
    let grant = &found.token.grant;
    match found.token.form.kind() {
        OAuthTokenKind::Access => {
            let hash = OAuthTokenText::hash_of(OAuthTokenKind::Access, text);
            if let Some(hash) = hash {
                state.store.revoke_access_token(&hash).await?;
            }
        }
        OAuthTokenKind::Refresh => {
            let because = GrantEnd::RevokedByClient;
            let origin = Origin {
                actor: Actor::Grant(grant.id),
                address: Some(address),
            };
            state.store.end_grant(grant.id, because, &origin).await?;
        }
        OAuthTokenKind::Code => {}
    }
    Ok(not_stored(&Revoked {}))
}

/// The access or refresh token of this client with this text.
pub(super) async fn find(
    state: &ServerState,
    text: &str,
    client: &TokenClient,
) -> Result<Option<FoundOAuthToken>, OAuthError> {
    let Ok(token) = text.parse::<OAuthTokenText>() else {
        return Ok(None);
    };
    if token.kind() == OAuthTokenKind::Code {
        return Ok(None);
    }
    let found = state.store.oauth_token(token.kind(), &token.hash()).await?;
    Ok(found.filter(|found| client.may_hold(&found.token.grant)))
}
