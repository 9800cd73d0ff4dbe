//! `/apps/{grant}/narrow`

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use easement_core::GrantRight;
use easement_store::NarrowGrantError;
use namedrop::{Permission, Permissions};

use super::super::PageError;
use super::super::views::{paths, with_capital};
use super::own::{find, origin};
use crate::http::{Fields, Member, PathParts, PostedForm};
use crate::state::Shared;

/// POST: what is not ticked ends. When that is all of it, the person is asked whether to take the access back.
pub(crate) async fn narrow_grant(
    State(state): State<Shared>,
    member: Member,
    PathParts(id): PathParts<String>,
    PostedForm(form): PostedForm,
) -> Result<Response, PageError> {
    let seen = find(&state, &member, &id).await?;
    let grant = &seen.entry.grant;
    let GrantRight::Names { permissions } = &grant.right else {
        return Err(PageError::NotFound);
    };
    let kept = kept(permissions, &form);
    let page = paths::app(grant.id);
    if kept.is_empty() {
        return Ok(Redirect::to(&format!("{page}/revoke")).into_response());
    }
    let right = GrantRight::Names { permissions: kept };
    let origin = origin(&member);
    state.store.narrow_grant(grant.id, right, &origin).await?;
    Ok(Redirect::to(&page).into_response())
}

/// Those that are ticked, of those that are there.
fn kept(given: &Permissions, form: &Fields) -> Permissions {
    let is_ticked = |one: &&Permission| {
        let name = one.to_string();
        form.all("keep").any(|ticked| ticked == name)
    };
    Permissions::new(given.iter().filter(is_ticked).cloned()).unwrap_or_default()
}

impl From<NarrowGrantError> for PageError {
    fn from(error: NarrowGrantError) -> Self {
        match error {
            NarrowGrantError::Store(error) => error.into(),
            NarrowGrantError::Not(reason) => Self::BadForm {
                reason: format!("{reason}."),
            },
            NarrowGrantError::NotShorter(reason) => Self::BadForm {
                reason: with_capital(&format!("{reason}.")),
            },
        }
    }
}
