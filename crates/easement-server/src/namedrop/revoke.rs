//! `POST {base}/revoke` (RFC 7009)

use axum::extract::{Request, State};
use axum::response::Response;

use crate::oauth::{AppForm, OAuthError, give_back};
use crate::state::Shared;

/// A refresh token goes with its whole grant, an access token alone. Whoever has a token of an app may end it.
pub(crate) async fn revoke(
    State(state): State<Shared>,
    request: Request,
) -> Result<Response, OAuthError> {
    let form = AppForm::read(&state, request).await?;
    let (app, token) = form.about_token()?;
    give_back(&state, (&app, form.address), &token).await
}
