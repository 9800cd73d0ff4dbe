//! `/tokens/{id}/rotate`

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use easement_core::{ApiToken, parse_span};

use super::super::views::{OVERLAPS, paths};
use super::super::{PageError, show};
use super::new::failed;
use super::own::{find, made_page, mint, origin, take_turn};
use crate::api_tokens::IssueError;
use crate::http::{Member, PathParts, PostedForm};
use crate::state::Shared;

/// POST
pub(crate) async fn rotate_token(
    State(state): State<Shared>,
    member: Member,
    PathParts(id): PathParts<String>,
    PostedForm(fields): PostedForm,
) -> Result<Response, PageError> {
    let chain = find(&state, &member, &id).await?.chain;
    let text = fields.text("overlap");
    let is_offered = OVERLAPS.iter().any(|(span, _)| *span == text);
    let overlap = parse_span(text).ok().filter(|_| is_offered);
    let overlap = overlap.ok_or_else(|| PageError::BadForm {
        reason: "It does not say how long the secret that the token has counts on.".to_owned(),
    })?;
    take_turn(&state, &member)?;
    let issued = mint(&state)
        .rotate(chain.token(), overlap, &origin(&member))
        .await;
    match issued {
        Ok(issued) => {
            let ancestors: Vec<ApiToken> = chain.iter().skip(1).cloned().collect();
            let page = made_page(&state, &member, (issued, ancestors), Some(overlap));
            show(&page.await?)
        }
        // Somebody revoked it meanwhile: its page says so.
        Err(IssueError::NoSuchToken) => {
            Ok(Redirect::to(&paths::token(&chain.token().public_id)).into_response())
        }
        Err(error) => Err(failed(error)),
    }
}
