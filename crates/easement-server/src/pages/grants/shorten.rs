//! `/apps/{grant}/shorten`

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::super::PageError;
use super::super::views::paths;
use super::Until;
use super::own::{find, origin};
use crate::http::{Member, PathParts, PostedForm};
use crate::state::Shared;

/// POST: the access ends with the day that was chosen, when that is earlier than it would.
pub(crate) async fn shorten_grant(
    State(state): State<Shared>,
    member: Member,
    PathParts(id): PathParts<String>,
    PostedForm(form): PostedForm,
) -> Result<Response, PageError> {
    let seen = find(&state, &member, &id).await?;
    let grant = seen.entry.grant.id;
    let end = Until::day_of(&form).read(state.clock.now());
    let end = end.map_err(|problem| PageError::BadForm {
        reason: problem.message,
    })?;
    if let Some(end) = end {
        let origin = origin(&member);
        state.store.shorten_grant(grant, end, &origin).await?;
    }
    Ok(Redirect::to(&paths::app(grant)).into_response())
}
