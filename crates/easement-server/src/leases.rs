//! Takes away what was to stay in a zone for a while, when its time is over.
//!
//! **To let something else go by itself**, keep its lease in the transaction of its change, and implement [`Lapsed`].

use std::future::Future;

use easement_core::{
    Actor, ChangeSource, DynamicUpdate, Origin, Permit, UpdateRefused, Version, ZoneId,
};
use easement_store::{CommitError, Store, StoreError};
use easement_zone::{ApplyError, ChangeSet, Name, Zone};

use crate::state::ServerState;

/// How many are looked at in one go.
const AT_ONCE: u32 = 500;
/// How often it is looked in one zone: what is there after that goes in the next run.
const MOST_TIMES: u32 = 20;

/// Something whose time is over.
pub(crate) trait Lapsed: Sized + Send + Sync {
    /// What the history says of the change.
    const SOURCE: ChangeSource;

    /// In which zone it is, with the apex.
    fn place(&self) -> (ZoneId, &Name);
    /// At which name.
    fn owner(&self) -> &Name;
    /// The change that takes it away; empty when it is not there any more.
    fn removal(&self, zone: &Zone) -> ChangeSet;

    /// So many zones that have any, from after this one.
    fn zones(
        store: &Store,
        after: Option<ZoneId>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<ZoneId>, StoreError>> + Send;
    /// Those of a zone, the longest first: so many, after so many.
    fn find(
        store: &Store,
        zone: ZoneId,
        limit: u32,
        skip: u32,
    ) -> impl Future<Output = Result<Vec<Self>, StoreError>> + Send;
    /// Forgets that it was to go.
    fn forget(&self, store: &Store) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Takes away everything of a kind whose time is over, as one change for each zone. What cannot go in one zone holds
/// up no other.
pub(crate) async fn take_away_lapsed<L: Lapsed>(state: &ServerState) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let zones = L::zones(&state.store, after, AT_ONCE).await?;
        let Some(last) = zones.last() else {
            return Ok(());
        };
        after = Some(*last);
        for zone in zones {
            in_zone::<L>(state, zone).await?;
        }
    }
}

/// The same in one zone.
async fn in_zone<L: Lapsed>(state: &ServerState, zone: ZoneId) -> Result<(), StoreError> {
    let mut left = 0;
    for _ in 0..MOST_TIMES {
        let found = L::find(&state.store, zone, AT_ONCE, left).await?;
        if found.is_empty() {
            break;
        }
        match take_away(state, &found).await {
            Ok(stay) => left = left.saturating_add(stay),
            Err(error) => {
                tracing::warn!(%error, count = found.len(), what = ?L::SOURCE, "records stay for now whose time is over");
                break;
            }
        }
    }
    Ok(())
}

/// Why what is in a zone stays for now.
#[derive(Debug, thiserror::Error)]
enum NotYet {
    #[error("the zone is not served by this node yet")]
    NotServed,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// Takes away what is in one zone; what cannot go stays for ever. Says how many stay for now.
async fn take_away<L: Lapsed>(state: &ServerState, lapsed: &[L]) -> Result<u32, NotYet> {
    let Some((zone, apex)) = lapsed.first().map(Lapsed::place) else {
        return Ok(0);
    };
    let hosted = state.hosted.get(apex).ok_or(NotYet::NotServed)?;
    let permit = Permit::for_server(zone, apex);
    let snapshot = hosted.snapshot();
    let services = state.store.services_of(zone).await?;
    let mut planned = DynamicUpdate::new(&permit, snapshot.zone(), &services);
    let mut kept = Vec::new();
    let mut stay: u32 = 0;
    for one in lapsed {
        match planned.add(&one.removal(planned.zone())) {
            Ok(true) => {}
            // It went with a change that left its lease.
            Ok(false) => kept.push(one),
            Err(error) if is_final(&error) => {
                tracing::info!(%error, name = %one.owner().to_text(), "a record stays that was to go");
                kept.push(one);
            }
            Err(error) => {
                tracing::warn!(%error, name = %one.owner().to_text(), "a record stays for now whose time is over");
                stay = stay.saturating_add(1);
            }
        }
    }
    for one in kept {
        one.forget(&state.store).await?;
    }
    let plan = planned.finish(Version(snapshot.version()), L::SOURCE);
    if !plan.is_empty() {
        let origin = Origin {
            actor: Actor::Server,
            address: None,
        };
        state.store.commit(permit, plan, origin).await?;
    }
    Ok(stay)
}

/// Whether it will be refused the next time too, so that the record is the owner's from now on.
fn is_final(error: &UpdateRefused) -> bool {
    match error {
        UpdateRefused::NeededByService { .. }
        | UpdateRefused::NeedsSpfTerms { .. }
        | UpdateRefused::NeededByNameServer { .. }
        | UpdateRefused::Zone(ApplyError::Rules { .. }) => true,
        UpdateRefused::Zone(ApplyError::Stale { .. })
        | UpdateRefused::Token(_)
        | UpdateRefused::Plan(_) => false,
    }
}
