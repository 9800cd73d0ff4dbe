//! `/zones/{apex}/hosts` and `/zones/{apex}/hosts/{host}`

use axum::extract::State;
use axum::response::Response;
use easement_core::ZoneAction;
use easement_zone::Name;

use super::views::{HostPage, HostRow, HostsPage, Section, ShownName, paths};
use super::zone_access::{ZoneAccess, parse_apex};
use super::{PageError, show};
use crate::http::{AddressQuery, Member, PathParts};
use crate::state::Shared;

/// How many hosts are shown at once.
const SHOWN: u32 = 100;

/// GET
pub(crate) async fn show_hosts(
    State(state): State<Shared>,
    member: Member,
    PathParts(apex): PathParts<String>,
    AddressQuery(query): AddressQuery,
) -> Result<Response, PageError> {
    let access = ZoneAccess::ask(&state, &member, &parse_apex(&apex)?, ZoneAction::View).await?;
    let skip: u32 = query.text("skip").parse().unwrap_or_default();
    let apex = &access.entry.apex;
    let uses = state.store.host_uses(access.entry.id, SHOWN, skip).await?;
    let now = state.clock.now();
    let is_full = uses.len() == SHOWN as usize;
    let next = skip.saturating_add(SHOWN);
    show(&HostsPage {
        shell: member.shell(Section::Zones),
        zone: ShownName::new(apex),
        zone_href: paths::zone(apex),
        rows: uses
            .iter()
            .map(|(host, used)| HostRow::new(apex, (host, used), now))
            .collect(),
        first: (skip > 0).then(|| paths::hosts(apex)),
        next: is_full.then(|| format!("{}?skip={next}", paths::hosts(apex))),
    })
}

/// GET
pub(crate) async fn show_host(
    State(state): State<Shared>,
    member: Member,
    PathParts((apex, host)): PathParts<(String, String)>,
) -> Result<Response, PageError> {
    let access = ZoneAccess::ask(&state, &member, &parse_apex(&apex)?, ZoneAction::View).await?;
    let host: Name = host.parse().map_err(|_| PageError::NotFound)?;
    let used = state.store.host_use(access.entry.id, &host).await?;
    let used = used.ok_or(PageError::NotFound)?;
    let shell = member.shell(Section::Zones);
    let apex = &access.entry.apex;
    show(&HostPage::new(
        shell,
        apex,
        (&host, &used),
        state.clock.now(),
    ))
}
