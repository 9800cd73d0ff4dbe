//! `/apps`

use axum::extract::State;
use axum::response::Response;
use easement_core::ZoneRole;

use super::super::views::{GrantRow, GrantsPage, Section};
use super::super::{PageError, show};
use super::own::{row, see};
use crate::http::Member;
use crate::state::{ServerState, Shared};

/// How many of those that do not count are shown.
const ENDED: usize = 50;
/// In how many zones of the person it is looked for what others allowed.
const ZONES: u32 = 500;

/// GET
pub(crate) async fn show_grants(
    State(state): State<Shared>,
    member: Member,
) -> Result<Response, PageError> {
    let rows = rows(&state, &member).await?;
    let (mut ended, counting): (Vec<GrantRow>, Vec<GrantRow>) =
        rows.into_iter().partition(|row| row.ended.is_some());
    let more_ended = ended.len().saturating_sub(ENDED);
    ended.truncate(ENDED);
    show(&GrantsPage {
        shell: member.shell(Section::Apps),
        counting,
        ended,
        more_ended,
    })
}

/// The person's own, and those of others in zones that they own.
async fn rows(state: &ServerState, member: &Member) -> Result<Vec<GrantRow>, PageError> {
    let now = state.clock.now();
    let mut rows = Vec::new();
    for entry in state.store.grants_of_account(member.account.id).await? {
        let Some(zone) = state.store.zone(entry.grant.zone).await? else {
            continue;
        };
        if let Some(seen) = see(state, member, entry, &zone).await? {
            rows.push(row(&seen, now));
        }
    }
    let owned = state.store.zones_of(member.account.id, None, ZONES).await?;
    for (zone, role) in owned {
        if role != ZoneRole::Owner {
            continue;
        }
        for entry in state.store.grants_of_zone(zone.id).await? {
            if entry.grant.account == member.account.id {
                continue;
            }
            if let Some(seen) = see(state, member, entry, &zone).await? {
                rows.push(row(&seen, now));
            }
        }
    }
    Ok(rows)
}
