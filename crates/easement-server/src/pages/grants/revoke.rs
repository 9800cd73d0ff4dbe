//! `/apps/{grant}/revoke`

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use easement_core::{Actor, AuditEvent, GrantEnd};

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
    if state.store.end_grant(grant.id, because).await? {
        let event = AuditEvent::GrantEnded {
            client: seen.entry.holder.id(),
            apex: seen.apex.to_text(),
            because,
        };
        let actor = Some(Actor::Account(member.account.id));
        let address = Some(member.visitor.address);
        state.store.append_audit(actor, address, &event).await?;
    }
    Ok(Redirect::to(&paths::app(grant.id)).into_response())
}
