//! Takes away texts that were to stay for a while.

use std::collections::BTreeMap;

use easement_core::{
    Actor, ChangeSource, DynamicUpdate, Origin, Permit, Version, ZoneId, without_texts,
};
use easement_store::{LapsedText, StoreError};
use easement_zone::{ChangeSet, Name, RecordData, RecordType, Zone};

use crate::state::ServerState;

/// The most texts that are looked at in one go.
const AT_ONCE: u32 = 500;

/// Takes away the texts whose time is over, as one change for each zone.
pub(crate) async fn take_away_lapsed_texts(state: &ServerState) -> Result<(), StoreError> {
    let mut of_zones: BTreeMap<ZoneId, Vec<LapsedText>> = BTreeMap::new();
    for lapsed in state.store.lapsed_texts(AT_ONCE).await? {
        of_zones.entry(lapsed.zone).or_default().push(lapsed);
    }
    for (zone, texts) in of_zones {
        take_away(state, zone, &texts).await?;
    }
    Ok(())
}

async fn take_away(
    state: &ServerState,
    zone: ZoneId,
    texts: &[LapsedText],
) -> Result<(), StoreError> {
    let Some(first) = texts.first() else {
        return Ok(());
    };
    let hosted = state.hosted.zone_over(&first.owner);
    let entry = match &hosted {
        Some(hosted) => state.store.zone_by_apex(hosted.apex()).await?,
        None => None,
    };
    let (Some(hosted), Some(entry)) = (hosted, entry) else {
        return Ok(());
    };
    // The name may be in another zone by now, which was made below this one.
    if entry.id != zone {
        return keep(state, texts).await;
    }
    let permit = Permit::for_server(zone, hosted.apex());
    let snapshot = hosted.snapshot();
    let services = state.store.services_of(zone).await?;
    let mut planned = DynamicUpdate::new(&permit, snapshot.zone(), &services);
    let mut kept = Vec::new();
    for (owner, texts) in by_owner(texts) {
        let changes = changes_without(planned.zone(), owner, &texts);
        match planned.add(&changes) {
            Ok(true) => {}
            // They went with an earlier change that left their lease, or something needs them now.
            Ok(false) => kept.extend(texts),
            Err(error) => {
                tracing::info!(%error, name = %owner.to_text(), "texts stay that were to go");
                kept.extend(texts);
            }
        }
    }
    let kept: Vec<LapsedText> = kept.into_iter().cloned().collect();
    keep(state, &kept).await?;
    let plan = planned.finish(Version(snapshot.version()), ChangeSource::TextsLapsed);
    if plan.is_empty() {
        return Ok(());
    }
    let origin = Origin {
        actor: Actor::Server,
        address: None,
    };
    // What was overtaken by another change is tried again the next time.
    if let Err(error) = state.store.commit(permit, plan, origin).await {
        tracing::info!(%error, zone = %hosted.apex().to_text(), "texts were not taken away yet");
    }
    Ok(())
}

async fn keep(state: &ServerState, texts: &[LapsedText]) -> Result<(), StoreError> {
    for text in texts {
        state.store.end_text_lease(text).await?;
    }
    Ok(())
}

fn by_owner(texts: &[LapsedText]) -> BTreeMap<&Name, Vec<&LapsedText>> {
    let mut names: BTreeMap<&Name, Vec<&LapsedText>> = BTreeMap::new();
    for text in texts {
        names.entry(&text.owner).or_default().push(text);
    }
    names
}

fn changes_without(zone: &Zone, owner: &Name, texts: &[&LapsedText]) -> ChangeSet {
    let Some(set) = zone.get(owner, RecordType::TXT) else {
        return ChangeSet::new();
    };
    let gone: Vec<RecordData> = texts.iter().map(|text| text.data.clone()).collect();
    without_texts(&set, &gone)
}
