//! `POST {base}/introspect` (RFC 7662)

use axum::extract::{Request, State};
use axum::response::Response;

use crate::oauth::{AppForm, OAuthError, tell_about};
use crate::state::Shared;

/// Tells an app about a token of its own.
pub(crate) async fn introspect(
    State(state): State<Shared>,
    request: Request,
) -> Result<Response, OAuthError> {
    let form = AppForm::read(&state, request).await?;
    let (app, token) = form.about_token()?;
    tell_about(&state, &app, &token).await
}
