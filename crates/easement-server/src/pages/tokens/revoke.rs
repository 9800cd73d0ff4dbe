//! `/tokens/{id}/revoke`

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::super::views::{RevokeTokenPage, Section, paths};
use super::super::{PageError, show};
use super::own::{desk, find, mint, origin, row};
use crate::api_tokens::line;
use crate::http::{Member, PathParts};
use crate::state::Shared;

/// GET: names what ends.
pub(crate) async fn show_revocation(
    State(state): State<Shared>,
    member: Member,
    PathParts(id): PathParts<String>,
) -> Result<Response, PageError> {
    let chain = find(&state, &member, &id).await?.chain;
    let desk = desk(&state);
    let email = &member.account.email;
    let line = line(&chain, email.clone(), desk.now);
    if line.revoked_at.is_some() {
        return Ok(Redirect::to(&paths::token(&line.id)).into_response());
    }
    let children = desk.children(&chain, email).await?;
    let ending = children.iter().filter(|child| child.ended.is_none());
    show(&RevokeTokenPage {
        shell: member.shell(Section::Tokens),
        children: ending.map(|child| row(child, desk.now)).collect(),
        action: format!("{}/revoke", paths::token(&line.id)),
        row: row(&line, desk.now),
    })
}

/// POST
pub(crate) async fn revoke_token(
    State(state): State<Shared>,
    member: Member,
    PathParts(id): PathParts<String>,
) -> Result<Response, PageError> {
    let chain = find(&state, &member, &id).await?.chain;
    mint(&state).revoke(chain.token(), &origin(&member)).await?;
    Ok(Redirect::to(&paths::token(&chain.token().public_id)).into_response())
}
