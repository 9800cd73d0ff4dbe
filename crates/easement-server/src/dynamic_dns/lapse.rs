//! Takes away texts that were to stay for a while.

use std::collections::BTreeMap;

use easement_core::{
    Actor, ChangeSource, DynamicUpdate, Origin, Permit, Version, ZoneId, without_text,
};
use easement_store::{CommitError, LapsedText, StoreError};
use easement_zone::RecordType;

use crate::state::ServerState;

/// How many texts are looked at in one go.
const AT_ONCE: u32 = 500;
/// The most texts that stay for now in one run: they are tried again in the next.
const MAX_LEFT: u32 = 10_000;

/// Takes away the texts whose time is over, as one change for each zone.
pub(crate) async fn take_away_lapsed_texts(state: &ServerState) -> Result<(), StoreError> {
    let mut left = 0;
    while left < MAX_LEFT {
        let lapsed = state.store.lapsed_texts(AT_ONCE, left).await?;
        if lapsed.is_empty() {
            break;
        }
        let mut of_zones: BTreeMap<ZoneId, Vec<LapsedText>> = BTreeMap::new();
        for text in lapsed {
            of_zones.entry(text.zone).or_default().push(text);
        }
        for texts in of_zones.into_values() {
            let count = u32::try_from(texts.len()).unwrap_or(u32::MAX);
            if let Err(error) = take_away(state, &texts).await {
                tracing::warn!(%error, texts = count, "texts of a zone stay for now that were to go");
                left = left.saturating_add(count);
            }
        }
    }
    Ok(())
}

/// Why texts of a zone stay for now.
#[derive(Debug, thiserror::Error)]
enum NotYet {
    #[error("the zone is not served by this node yet")]
    NotServed,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// Takes away texts of one zone; those that cannot go stay for ever.
async fn take_away(state: &ServerState, texts: &[LapsedText]) -> Result<(), NotYet> {
    let Some(LapsedText { zone, apex, .. }) = texts.first() else {
        return Ok(());
    };
    let hosted = state.hosted.get(apex).ok_or(NotYet::NotServed)?;
    let permit = Permit::for_server(*zone, apex);
    let snapshot = hosted.snapshot();
    let services = state.store.services_of(*zone).await?;
    let mut planned = DynamicUpdate::new(&permit, snapshot.zone(), &services);
    let mut kept = Vec::new();
    for text in texts {
        let set = planned.zone().get(&text.owner, RecordType::TXT);
        let changes = set.map(|set| without_text(&set, &text.data));
        match planned.add(&changes.unwrap_or_default()) {
            Ok(true) => {}
            // It went with a change that left its lease.
            Ok(false) => kept.push(text),
            Err(error) => {
                tracing::info!(%error, name = %text.owner.to_text(), "a text stays that was to go");
                kept.push(text);
            }
        }
    }
    for text in kept {
        state.store.end_text_lease(text).await?;
    }
    let plan = planned.finish(Version(snapshot.version()), ChangeSource::TextsLapsed);
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
