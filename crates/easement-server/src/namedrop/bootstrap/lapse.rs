//! Takes away names whose time is over.

use std::collections::BTreeMap;

use easement_core::{
    Actor, ChangeSource, DynamicUpdate, Origin, Permit, Version, ZoneId, change_of,
};
use easement_store::{CommitError, LapsedName, StoreError};
use easement_zone::{Name, RecordSet, RecordType, Zone};
use namedrop::address_of_temp_name;

use crate::state::ServerState;

/// How many names are looked at in one go.
const AT_ONCE: u32 = 500;
/// The most names that stay for now in one run: they are tried again in the next.
const MAX_LEFT: u32 = 10_000;

/// Takes away the names whose time is over, as one change for each zone. That does not depend on the
/// configuration: names go when none are made any more, too.
pub(crate) async fn take_away_lapsed_names(state: &ServerState) -> Result<(), StoreError> {
    let mut left = 0;
    while left < MAX_LEFT {
        let lapsed = state.store.lapsed_names(AT_ONCE, left).await?;
        if lapsed.is_empty() {
            break;
        }
        let mut of_zones: BTreeMap<ZoneId, Vec<LapsedName>> = BTreeMap::new();
        for name in lapsed {
            of_zones.entry(name.zone).or_default().push(name);
        }
        for names in of_zones.into_values() {
            let count = u32::try_from(names.len()).unwrap_or(u32::MAX);
            if let Err(error) = take_away(state, &names).await {
                tracing::warn!(%error, names = count, "names of a zone stay for now that were to go");
                left = left.saturating_add(count);
            }
        }
    }
    Ok(())
}

/// Why names of a zone stay for now.
#[derive(Debug, thiserror::Error)]
enum NotYet {
    #[error("the zone is not served by this node yet")]
    NotServed,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// Takes away names of one zone; those that cannot go stay for ever.
async fn take_away(state: &ServerState, names: &[LapsedName]) -> Result<(), NotYet> {
    let Some(LapsedName { zone, apex, .. }) = names.first() else {
        return Ok(());
    };
    let hosted = state.hosted.get(apex).ok_or(NotYet::NotServed)?;
    let permit = Permit::for_server(*zone, apex);
    let snapshot = hosted.snapshot();
    let services = state.store.services_of(*zone).await?;
    let mut planned = DynamicUpdate::new(&permit, snapshot.zone(), &services);
    let mut kept = Vec::new();
    for name in names {
        let set = record_of(planned.zone(), &name.owner);
        match planned.add(&change_of(set, None)) {
            Ok(true) => {}
            // It went with a change that left its lease.
            Ok(false) => kept.push(name),
            Err(error) => {
                tracing::info!(%error, name = %name.owner.to_text(), "a name stays that was to go");
                kept.push(name);
            }
        }
    }
    for name in kept {
        state.store.end_name_lease(name).await?;
    }
    let plan = planned.finish(Version(snapshot.version()), ChangeSource::TempNamesLapsed);
    if plan.is_empty() {
        return Ok(());
    }
    let origin = Origin {
        actor: Actor::Server,
        address: None,
    };
    state.store.commit(permit, plan, origin).await?;
    Ok(())
}

/// The record that was made for a name.
fn record_of(zone: &Zone, owner: &Name) -> Option<RecordSet> {
    let rtype = match address_of_temp_name(owner)? {
        std::net::IpAddr::V4(_) => RecordType::A,
        std::net::IpAddr::V6(_) => RecordType::AAAA,
    };
    zone.get(owner, rtype)
}
