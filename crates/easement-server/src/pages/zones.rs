//! `/zones`

use axum::extract::State;
use axum::response::Response;
use easement_core::ZoneRole;
use easement_store::ZoneEntry;

use super::views::{Section, ShownName, ShownTime, ZoneRow, ZonesPage, count, paths};
use super::{PageError, show};
use crate::http::Member;
use crate::state::{ServerState, Shared};

/// How many zones the list shows.
const SHOWN: u32 = 500;

/// GET
pub(crate) async fn show_zones(
    State(state): State<Shared>,
    member: Member,
) -> Result<Response, PageError> {
    let zones = state.store.zones_of(member.account.id, None, SHOWN).await?;
    let mut rows = Vec::with_capacity(zones.len());
    for (zone, role) in zones {
        rows.push(row(&state, &zone, role).await?);
    }
    show(&ZonesPage {
        shell: member.shell(Section::Zones),
        zones: rows,
    })
}

async fn row(state: &ServerState, zone: &ZoneEntry, role: ZoneRole) -> Result<ZoneRow, PageError> {
    let services = state.store.services_of(zone.id).await?;
    let newest = state.store.commits_of(zone.id, None, 1).await?;
    let sets = state
        .hosted
        .get(&zone.apex)
        .map_or(0, |hosted| hosted.load().zone().set_count());
    let now = state.clock.now();
    Ok(ZoneRow {
        name: ShownName::new(&zone.apex),
        href: paths::zone(&zone.apex),
        role: role.to_string(),
        size: count(sets as u64, "record set"),
        services: services.iter().map(|entry| entry.service.title()).collect(),
        changed: newest.first().map(|commit| ShownTime::new(commit.at, now)),
    })
}
