//! `/apps/{grant}/revoke`

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use easement_core::{Actor, GrantEnd, Origin};

use super::super::views::{RevokeGrantPage, Section, paths};
use super::super::{PageError, show};
use super::own::{find, row};
use crate::http::{Member, PathParts};
use crate::state::Shared;

/// GET: names what ends.
pub(crate) async fn show_revocation(
    State(state): State<Shared>,
    member: Member,
    PathParts(id): PathParts<String>,
) -> Result<Response, PageError> {
    let seen = find(&state, &member, &id).await?;
    let row = row(&seen, state.clock.now());
    if row.ended.is_some() {
        return Ok(Redirect::to(&row.href).into_response());
    }
    show(&RevokeGrantPage {
        shell: member.shell(Section::Apps),
        action: format!("{}/revoke", row.href),
        row,
    })
}

/// POST
pub(crate) async fn revoke_grant(
    State(state): State<Shared>,
    member: Member,
    PathParts(id): PathParts<String>,
) -> Result<Response, PageError> {
    let seen = find(&state, &member, &id).await?;
    let grant = &seen.entry.grant;
    let because = GrantEnd::RevokedByOwner;
    let origin = Origin {
        actor: Actor::Account(member.account.id),
        address: Some(member.visitor.address),
    };
    // One that ended meanwhile is shown as it is.
    state.store.end_grant(grant.id, because, &origin).await?;
    Ok(Redirect::to(&paths::app(grant.id)).into_response())
}
