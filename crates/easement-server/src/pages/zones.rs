//! `/zones`

use axum::extract::State;
use axum::response::Response;
use easement_core::ZoneRole;
use easement_store::ZoneEntry;
use easement_zone::Name;

use super::views::{Section, ShownName, ShownTime, ZoneRow, ZonesPage, count, paths};
use super::{PageError, show};
use crate::http::{AddressQuery, Member};
use crate::state::{ServerState, Shared};

/// How many zones are on one page.
const PAGE: usize = 100;

/// GET
pub(crate) async fn show_zones(
    State(state): State<Shared>,
    member: Member,
    AddressQuery(query): AddressQuery,
) -> Result<Response, PageError> {
    let after: Option<Name> = query.text("after").parse().ok();
    // One more than is shown, to know whether there are more.
    let limit = u32::try_from(PAGE + 1).unwrap_or(u32::MAX);
    let zones = state
        .store
        .zones_of(member.account.id, after.as_ref(), limit);
    let zones = zones.await?;
    let mut rows = Vec::with_capacity(PAGE);
    for (zone, role) in zones.iter().take(PAGE) {
        rows.push(row(&state, zone, *role).await?);
    }
    let last_shown = zones.get(PAGE - 1).filter(|_| zones.len() > PAGE);
    show(&ZonesPage {
        shell: member.shell(Section::Zones),
        zones: rows,
        first: after.map(|_| paths::ZONES.to_owned()),
        next: last_shown.map(|(zone, _)| paths::zones_after(&zone.apex)),
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
