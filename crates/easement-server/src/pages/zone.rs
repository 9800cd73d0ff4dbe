//! `/zones/{apex}`

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use easement_core::{CommitEntry, ServiceEntry, Version, ZoneAction};
use easement_zone::Name;

use super::views::{
    self, CommitRow, RecordList, RecordPlace, RecordQuery, Section, ServiceRow, ShownName,
    ZonePage, count, holders_of, list_records, paths,
};
use super::zone_access::{ZoneAccess, parse_apex};
use super::{PageError, show};
use crate::aside::aside;
use crate::http::{AddressQuery, Fields, Member, PathParts};
use crate::state::Shared;

/// How many commits are shown at once.
const COMMITS: u32 = 20;

/// GET
pub(crate) async fn show_zone(
    State(state): State<Shared>,
    member: Member,
    PathParts(apex): PathParts<String>,
    AddressQuery(query): AddressQuery,
) -> Result<Response, PageError> {
    let access = ZoneAccess::ask(&state, &member, &parse_apex(&apex)?, ZoneAction::View).await?;
    let services = state.store.services_of(access.entry.id).await?;
    let before = query
        .get("before")
        .and_then(|text| text.parse().ok())
        .map(Version);
    let commits = state
        .store
        .commits_of(access.entry.id, before, COMMITS)
        .await?;
    let now = state.clock.now();
    let apex = &access.entry.apex;
    let query = record_query(&query);
    let records = find_records(&access, &query, &services).await?;
    show(&ZonePage {
        shell: member.shell(Section::Zones),
        name: ShownName::new(apex),
        href: paths::zone(apex),
        hosts_href: paths::hosts(apex),
        people_href: access
            .role
            .allows(ZoneAction::ManageRoles)
            .then(|| paths::people(apex)),
        facts: facts(&access),
        notice: None,
        access: may_change(&access),
        records,
        query,
        services: services
            .iter()
            .map(|entry| ServiceRow::new(apex, entry, now))
            .collect(),
        older: older(apex, &commits),
        history: commits
            .iter()
            .map(|commit| CommitRow::new(apex, commit, now))
            .collect(),
    })
}

/// One page of records; tens of thousands may be looked at for it.
async fn find_records(
    access: &ZoneAccess,
    query: &RecordQuery,
    services: &[ServiceEntry],
) -> Result<RecordList, PageError> {
    let (snapshot, query, services) = (
        Arc::clone(&access.snapshot),
        query.clone(),
        services.to_vec(),
    );
    let found = aside(move || {
        list_records(snapshot.zone(), &query, &|owner, data| {
            holders_of(&services, owner, data)
        })
    });
    Ok(found.await?)
}

fn record_query(query: &Fields) -> RecordQuery {
    RecordQuery {
        text: query.text("q").chars().take(200).collect(),
        rtype: query.text("type").parse().ok(),
        from: query.text("from").parse().ok().map(|owner| RecordPlace {
            owner,
            skipped: query.text("skip").parse().unwrap_or_default(),
        }),
    }
}

fn facts(access: &ZoneAccess) -> Vec<String> {
    let zone = access.snapshot.zone();
    vec![
        format!("Version {}", access.snapshot.version()),
        format!("serial {}", zone.serial()),
        count(zone.set_count() as u64, "record set"),
        format!("you are its {}", access.role),
    ]
}

fn may_change(access: &ZoneAccess) -> views::ZoneAccess {
    if access.role.allows(ZoneAction::Change) {
        views::ZoneAccess::Change
    } else {
        views::ZoneAccess::View
    }
}

/// The full name of the host of a service, when it is not the apex.
pub(super) fn full_name(apex: &Name, entry: &ServiceEntry) -> Option<ShownName> {
    let host = &entry.service.key.host;
    let name = host.below(apex).ok().filter(|_| !host.is_apex())?;
    Some(ShownName::new(&name))
}

fn older(apex: &Name, commits: &[CommitEntry]) -> Option<String> {
    let is_full = commits.len() == COMMITS as usize;
    let oldest = commits
        .last()
        .filter(|oldest| is_full && oldest.version.0 > 1)?;
    Some(format!(
        "{}?before={}#history",
        paths::zone(apex),
        oldest.version
    ))
}
