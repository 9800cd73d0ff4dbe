//! Goes on in the journal from where this node stopped, and serves what it finds.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use easement_zone::ChangeSet;

use super::place::{Place, Published, is_still_there, read_place};
use super::zone::{CommitRow, FollowedZone, SwitchRow};
use crate::database::{Tx, on};
use crate::error::failed_to;
use crate::journal::{ALL_ZONES, Part, Position, read_changes};
use crate::load::{load_all_in, load_zone_in};
use crate::{Serving, StoreError};

/// How many commits are followed at once.
const MAX_COMMITS: i64 = 500;
/// How many record sets they may have changed, unless the first one changed more.
const MAX_SETS: i64 = 20_000;
/// How many of their changes are read at once.
const MAX_CHANGES: i64 = 10_000;

/// Serves everything that is durable, and says whether something was new. To be called by whoever holds
/// `Publishing`, with a transaction that sees one state of the journal: one that reads, or the one that
/// keeps others from committing, before it has written anything.
pub(crate) async fn catch_up(
    tx: &mut Tx,
    serving: &Serving,
    published: &mut Published,
) -> Result<bool, StoreError> {
    let end = read_place(tx).await?;
    let place = &mut published.place;
    if end == *place {
        return Ok(false);
    }
    let mut goes_on = end.covers(*place) && is_still_there(tx, *place).await?;
    while goes_on && place.commit_id < end.commit_id {
        let mut commits = read_commits(tx, *place, end).await?;
        commits.truncate(how_many_at_once(&commits));
        goes_on = begins_after(place.commit_id, &commits);
        if let Some(next) = place.of_last(&commits).filter(|_| goes_on) {
            serve_commits(tx, serving, commits).await?;
            *place = next;
        }
    }
    if goes_on {
        for row in read_switches(tx, *place, end).await? {
            serve(tx, serving, row.try_into()?).await?;
        }
        *place = end;
    } else {
        begin_again(tx, serving).await?;
        *published = Published::at(end);
    }
    Ok(true)
}

/// How many of these commits change so few record sets that all of them fit in memory.
fn how_many_at_once(commits: &[CommitRow]) -> usize {
    let sums = commits.iter().scan(0_i64, |sum, commit| {
        *sum = sum.saturating_add(commit.sets_changed);
        Some(*sum)
    });
    sums.take_while(|sum| *sum <= MAX_SETS).count().max(1)
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

impl Place {
    fn of_last(self, commits: &[CommitRow]) -> Option<Self> {
        let last = commits.last()?;
        Some(Self {
            commit_id: last.id,
            zone_id: last.zone_id,
            version: last.version,
            committed_at: last.committed_at,
            ..self
        })
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
     zone_commit.serial, zone_commit.committed_at, zone_commit.sets_changed, zone.spelling, \
     zone.domain_connect FROM zone_commit JOIN zone ON zone.id = zone_commit.zone_id \
     WHERE zone_commit.id > $1 AND zone_commit.id <= $2 ORDER BY zone_commit.id LIMIT $3";
const SWITCHES: &str = "SELECT DISTINCT zone.id AS zone_id, zone.spelling, zone.domain_connect \
     FROM zone_switch JOIN zone ON zone.id = zone_switch.zone_id \
     WHERE zone_switch.id > $1 AND zone_switch.id <= $2";

#[cfg(test)]
mod tests {
    use super::*;

    fn commits(sets: &[i64]) -> Vec<CommitRow> {
        let rows = sets.iter().zip(1..).map(|(sets_changed, id)| CommitRow {
            id,
            zone_id: 1,
            version: id,
            serial: id,
            committed_at: id,
            sets_changed: *sets_changed,
            spelling: "example.test".to_owned(),
            domain_connect: true,
        });
        rows.collect()
    }

    #[test]
    fn commits_are_followed_at_once_while_what_they_change_is_small() {
        for (sets, expected) in [
            (&[1, 1, 1][..], 3),
            (&[MAX_SETS, 0, 1][..], 2),
            (&[1, MAX_SETS, 1][..], 1),
            (&[MAX_SETS + 1, 1][..], 1),
            (&[i64::MAX, i64::MAX][..], 1),
        ] {
            assert_eq!(how_many_at_once(&commits(sets)), expected, "{sets:?}");
        }
    }
}
