//! `GET {base}/token-data` (NameDrop 0.2.0): what a token is for.

use axum::Json;
use axum::extract::{Request, State};
use namedrop::TokenData;

use super::RecordsError;
use super::caller::Incoming;
use crate::state::Shared;

/// Tells an app what it was given, by the token in the header.
pub(crate) async fn show_token_data(
    State(state): State<Shared>,
    request: Request,
) -> Result<Json<TokenData>, RecordsError> {
    let incoming = Incoming::read(&state, request).await?;
    let caller = incoming.admit(&state, None).await?;
    let (_, permissions) = caller.names()?;
    // A number that says nothing of the account but that two tokens are of the same.
    let owner = caller.bearer.admitted.grant().account.number();
    Ok(Json(TokenData::new(owner.to_string(), permissions)))
}
