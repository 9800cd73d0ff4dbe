//! Goes on in the journal from where this node stopped, and serves what it finds.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use easement_zone::ChangeSet;

use super::place::{Place, read_place};
use super::zone::{CommitRow, FollowedZone, SwitchRow};
use crate::database::{Tx, on};
use crate::error::failed_to;
use crate::journal::{ALL_ZONES, Part, Position, read_changes};
use crate::load::{load_all_in, load_zone_in};
use crate::{Serving, StoreError};

/// How many commits are followed at once.
const MAX_COMMITS: i64 = 500;
/// How many of their changes are read at once.
const MAX_CHANGES: i64 = 10_000;

/// Serves everything that is durable, and says whether something was new. To be called by whoever holds
/// `Publishing`, with a transaction that sees one state of the journal: one that reads, or the one that
/// keeps others from committing, before it has written anything.
pub(crate) async fn catch_up(
    tx: &mut Tx,
    serving: &Serving,
    place: &mut Place,
) -> Result<bool, StoreError> {
    let end = read_place(tx).await?;
    if end == *place {
        return Ok(false);
    }
    let mut goes_on = end.covers(*place);
    while goes_on && place.commit_id < end.commit_id {
        let commits = read_commits(tx, *place, end).await?;
        goes_on = begins_after(place.commit_id, &commits);
        if let Some(last) = commits.last().map(|last| last.id).filter(|_| goes_on) {
            serve_commits(tx, serving, commits).await?;
            place.commit_id = last;
        }
    }
    if !goes_on {
        begin_again(tx, serving).await?;
    }
    for row in read_switches(tx, *place, end).await? {
        serve(tx, serving, row.try_into()?).await?;
    }
    *place = end;
    Ok(true)
}

/// Whether no commit is missing.
fn begins_after(commit_id: i64, commits: &[CommitRow]) -> bool {
    let ids = commit_id.saturating_add(1)..;
    let is_next = |(commit, id): (&CommitRow, i64)| commit.id == id;
    !commits.is_empty() && commits.iter().zip(ids).all(is_next)
}

/// The database holds another history than this node has followed, as after a backup was restored:
/// everything is read again.
async fn begin_again(tx: &mut Tx, serving: &Serving) -> Result<(), StoreError> {
    tracing::warn!(
        "the history in the database does not go on where this server stopped: all zones are read again"
    );
    load_all_in(tx, serving).await?;
    Ok(())
}

async fn serve_commits(
    tx: &mut Tx,
    serving: &Serving,
    commits: Vec<CommitRow>,
) -> Result<(), StoreError> {
    let mut changes = read_change_sets(tx, &commits).await?;
    let mut zones: BTreeMap<i64, FollowedZone> = BTreeMap::new();
    for row in commits {
        let zone = match zones.entry(row.zone_id) {
            Entry::Occupied(zone) => zone.into_mut(),
            Entry::Vacant(place) => place.insert(FollowedZone::of(&row)?),
        };
        let changes = changes.remove(&row.id).unwrap_or_default();
        zone.add(&row, changes)?;
    }
    for zone in zones.into_values() {
        serve(tx, serving, zone).await?;
    }
    Ok(())
}

async fn serve(tx: &mut Tx, serving: &Serving, zone: FollowedZone) -> Result<(), StoreError> {
    let id = zone.id();
    let zone = match zone.next(serving) {
        Some(zone) => Some(zone),
        None => load_zone_in(tx, id).await?,
    };
    if let Some(zone) = zone {
        serving.hosted.publish(zone.into_snapshot(serving));
    }
    Ok(())
}

/// What each of these commits changed.
async fn read_change_sets(
    tx: &mut Tx,
    commits: &[CommitRow],
) -> Result<BTreeMap<i64, ChangeSet>, StoreError> {
    let mut sets: BTreeMap<i64, ChangeSet> = BTreeMap::new();
    let (Some(first), Some(last)) = (commits.first(), commits.last()) else {
        return Ok(sets);
    };
    let mut part = Part {
        after: Position::before_commit(first.id),
        last_commit: last.id,
        zones: ALL_ZONES,
    };
    loop {
        let page = read_changes(tx, &part, MAX_CHANGES).await?;
        let Some(last) = page.last() else {
            return Ok(sets);
        };
        part.after = last.place();
        for row in page {
            let (before, after) = row.sets()?;
            let changes = sets.entry(row.commit_id).or_default();
            changes.record(before, after);
        }
    }
}

//------------ Rows ------------------------------------------------------------------------------

async fn read_commits(tx: &mut Tx, after: Place, end: Place) -> Result<Vec<CommitRow>, StoreError> {
    on!(tx, tx => sqlx::query_as(COMMITS)
        .bind(after.commit_id)
        .bind(end.commit_id)
        .bind(MAX_COMMITS)
        .fetch_all(&mut **tx)
        .await)
    .map_err(failed_to("read commits of the journal"))
}

async fn read_switches(
    tx: &mut Tx,
    after: Place,
    end: Place,
) -> Result<Vec<SwitchRow>, StoreError> {
    on!(tx, tx => sqlx::query_as(SWITCHES)
        .bind(after.switch_id)
        .bind(end.switch_id)
        .fetch_all(&mut **tx)
        .await)
    .map_err(failed_to(
        "read for which zones Domain Connect was switched",
    ))
}

const COMMITS: &str = "SELECT zone_commit.id, zone_commit.zone_id, zone_commit.version, \
     zone_commit.serial, zone.spelling, zone.domain_connect \
     FROM zone_commit JOIN zone ON zone.id = zone_commit.zone_id \
     WHERE zone_commit.id > $1 AND zone_commit.id <= $2 ORDER BY zone_commit.id LIMIT $3";
const SWITCHES: &str = "SELECT DISTINCT zone.id AS zone_id, zone.spelling, zone.domain_connect \
     FROM zone_switch JOIN zone ON zone.id = zone_switch.zone_id \
     WHERE zone_switch.id > $1 AND zone_switch.id <= $2";
