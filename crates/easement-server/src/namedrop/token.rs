//! `POST {base}/token` (NameDrop 0.4.0, "POST /token")

use axum::extract::{Request, State};
use axum::response::Response;
use easement_core::{GrantRight, TokenClient, TokenWish};
use namedrop::{Permissions, Secret, TokenDocument};

use crate::oauth::{AppForm, OAuthError, not_stored, redeem};
use crate::state::Shared;

/// Gives tokens for a code or a refresh token.
pub(crate) async fn give_token(
    State(state): State<Shared>,
    request: Request,
) -> Result<Response, OAuthError> {
    let form = AppForm::read(&state, request).await?;
    let asked = form.token_request()?;
    let app = TokenClient::App {
        client_id: asked.client_id,
    };
    let wish = TokenWish::of_app(&asked.grant);
    let given = redeem(&state, (app, form.address), wish).await?;
    let permissions = match given.grant.right {
        GrantRight::Names { permissions } => permissions,
        // No app has one of these.
        GrantRight::Templates { .. } => Permissions::default(),
    };
    Ok(not_stored(&TokenDocument {
        access_token: Secret::new(&given.access.reveal()),
        refresh_token: given.refresh.map(|token| Secret::new(&token.reveal())),
        expires_in: given.expires_in,
        permissions,
    }))
}
