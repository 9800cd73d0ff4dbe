//! The standing right that a page is about.

use easement_core::{Account, GrantId, GrantRight, Timestamp, ZoneRole};
use easement_store::{GrantEntry, ZoneEntry};
use easement_zone::Name;

use super::super::PageError;
use super::super::views::{GrantNames, GrantRow, ShownName, ShownTime, paths};
use crate::http::Member;
use crate::state::ServerState;

const DISABLED: &str = "It can do nothing for now: whoever runs this server disabled it.";

/// One that the person may see, and its zone.
pub(super) struct Seen {
    pub(super) entry: GrantEntry,
    pub(super) zone: ZoneEntry,
    /// Who gave it, when it was somebody else.
    pub(super) giver: Option<Account>,
}

/// The one with this id. One that is not there and one of somebody else look the same.
pub(super) async fn find(
    state: &ServerState,
    member: &Member,
    id: &str,
) -> Result<Seen, PageError> {
    let id: i64 = id.parse().map_err(|_| PageError::NotFound)?;
    let entry = state.store.grant(GrantId::new(id)).await?;
    let entry = entry.ok_or(PageError::NotFound)?;
    let zone = state.store.zone(entry.grant.zone).await?;
    let zone = zone.ok_or(PageError::NotFound)?;
    see(state, member, entry, &zone)
        .await?
        .ok_or(PageError::NotFound)
}

/// The right, when the person gave it or owns its zone.
pub(super) async fn see(
    state: &ServerState,
    member: &Member,
    entry: GrantEntry,
    zone: &ZoneEntry,
) -> Result<Option<Seen>, PageError> {
    let is_own = entry.grant.account == member.account.id;
    let role = state.store.role_of(zone.id, member.account.id).await?;
    if !is_own && role != Some(ZoneRole::Owner) {
        return Ok(None);
    }
    let giver = if is_own {
        None
    } else {
        let giver = state.store.account(entry.grant.account).await?;
        giver.map(|stored| stored.account)
    };
    Ok(Some(Seen {
        entry,
        zone: zone.clone(),
        giver,
    }))
}

/// It in short, as pages show it.
pub(super) fn row(seen: &Seen, now: Timestamp) -> GrantRow {
    let grant = &seen.entry.grant;
    let holder = &seen.entry.holder;
    GrantRow {
        client: holder.name().to_owned(),
        href: paths::app(grant.id),
        zone: ShownName::new(&seen.zone.apex),
        sentences: sentences(&grant.right, &seen.zone.apex)
            .into_iter()
            .chain(holder.is_disabled().then(|| DISABLED.to_owned()))
            .collect(),
        given_by: seen.giver.as_ref().map(|account| account.email.to_string()),
        last_use: grant.used_at.map(|at| ShownTime::new(at, now)),
        until: grant.expires_at.map(|at| ShownTime::new(at, now).absolute),
        ended: ended(seen, now),
    }
}

/// Why it does not count any more. That its client is disabled may pass, so that is no end.
fn ended(seen: &Seen, now: Timestamp) -> Option<String> {
    let checked = seen.entry.grant.check(now);
    checked.err().map(|refused| refused.to_string())
}

/// "web at example.com and www.example.com"; "get certificates for names: shop.example.com and below"
fn sentences(right: &GrantRight, apex: &Name) -> Vec<String> {
    match right {
        GrantRight::Templates {
            services, hosts, ..
        } => {
            let names: Vec<String> = hosts
                .iter()
                .map(|host| ShownName::new(host.below(apex).as_ref().unwrap_or(apex)).text)
                .collect();
            let names = names.join(", ");
            let sentence = |service| format!("{service} at {names}");
            services.iter().map(sentence).collect()
        }
        GrantRight::Names { permissions } => permissions.iter().map(GrantNames::headline).collect(),
    }
}
