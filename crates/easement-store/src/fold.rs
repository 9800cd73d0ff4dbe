//! Folds the journal into the table of records, so that a start reads little of it.
//!
//! A commit only adds rows to the journal, which costs least and keeps history. Here, off the path of
//! commits, the newest change of each record set is written to `record_set`, page by page. Reading
//! lays what is not folded yet over what is, and folding again what was folded changes nothing, so a
//! stop between any two pages does no harm.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use easement_zone::Name;
use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use crate::database::{ANYTHING, Db, Tx, detached, insert_rows, on, unless_silent};
use crate::error::failed_to;
use crate::following::Leading;
use crate::journal::{
    ALL_ZONES, ChangeRow, CommitRow, Part, Position, read_changes, read_commits, read_last_commit,
    read_position,
};
use crate::{Store, StoreError};

/// How long commits gather before they are folded.
const GATHER: Duration = Duration::from_secs(2);
/// How many changes are folded in one transaction: few, because SQLite makes commits wait for it.
const PAGE: i64 = 500;

/// How much was folded.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Folded {
    /// Changes of record sets.
    pub changes: usize,
}

impl Store {
    /// Folds the whole journal now. The store that leads does it by itself some seconds after a commit.
    pub async fn fold(&self) -> Result<Folded, StoreError> {
        let db = self.db().clone();
        detached(async move { fold_all(&db).await }).await
    }
}

/// Folds after commits, of whichever node, while this node leads, until the store is dropped or told to
/// stop. Two nodes that fold at once would only wait for each other.
pub(crate) async fn run(
    db: Db,
    committed: Arc<Notify>,
    mut leading: Leading,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        tokio::select! {
            () = committed.notified() => {}
            _ = stop.changed() => return,
        }
        tokio::select! {
            () = sleep(GATHER) => {}
            _ = stop.changed() => return,
        }
        tokio::select! {
            () = leading.wait() => {}
            _ = stop.changed() => return,
        }
        let folded = unless_silent(ANYTHING, fold_all(&db)).await;
        if let Err(error) = folded.map_err(failed_to("fold")).flatten() {
            tracing::warn!(%error, cause = ?error, "the journal was not folded: it is tried again after the next commit");
        }
    }
}

async fn fold_all(db: &Db) -> Result<Folded, StoreError> {
    let mut folded = Folded::default();
    loop {
        let step = fold_page(db).await?;
        folded.changes += step.changes;
        if step.is_last {
            break;
        }
    }
    db.checkpoint().await?;
    Ok(folded)
}

/// What one transaction folded.
struct Step {
    changes: usize,
    is_last: bool,
}

/// Folds one page. What can be done before is done before the transaction that commits wait for.
async fn fold_page(db: &Db) -> Result<Step, StoreError> {
    let page = read_page(db).await?;
    let mut tx = db.begin().await?;
    if lock_position(&mut tx).await? != page.from {
        // Somebody else folds: what was read may be older than what is written there.
        return Ok(Step {
            changes: 0,
            is_last: false,
        });
    }
    write_records(&mut tx, &page).await?;
    write_zones(&mut tx, page.commits).await?;
    set_position(&mut tx, &page.to).await?;
    tx.commit().await?;
    Ok(Step {
        changes: page.changes,
        is_last: page.is_last,
    })
}

/// Some changes in a row, as they are folded.
struct Page {
    from: Position,
    to: Position,
    changes: usize,
    is_last: bool,
    /// The record sets that there are after them, in the order of the table.
    sets: Vec<SetRow>,
    /// The others: zone, owner and type.
    removed: Vec<SetPlace>,
    commits: Vec<CommitRow>,
}

/// A zone, the owner of a record set in the spelling of keys, and its type.
type SetPlace = (i64, Vec<u8>, i64);

async fn read_page(db: &Db) -> Result<Page, StoreError> {
    let mut tx = db.begin_reading().await?;
    let from = read_position(&mut tx).await?;
    let mut part = Part {
        after: from,
        last_commit: read_last_commit(&mut tx).await?,
        zones: ALL_ZONES,
    };
    let changes = read_changes(&mut tx, &part, PAGE).await?;
    let count = changes.len();
    let is_last = i64::try_from(count).unwrap_or(PAGE) < PAGE;
    let mut to = Position {
        commit_id: part.last_commit,
        change_position: i64::MAX,
    };
    if let Some(last) = changes.last().filter(|_| !is_last) {
        to = last.place();
    }
    part.last_commit = to.commit_id;
    let commits = read_commits(&mut tx, &part).await?;
    let (sets, removed) = newest(changes)?;
    Ok(Page {
        from,
        to,
        changes: count,
        is_last,
        sets,
        removed,
        commits,
    })
}

/// The last change of each record set, in the order of the table: those that are there after it, and the others.
fn newest(changes: Vec<ChangeRow>) -> Result<(Vec<SetRow>, Vec<SetPlace>), StoreError> {
    let mut newest = BTreeMap::new();
    for change in changes {
        let owner: Name = change.at().name("owner", &change.owner)?;
        let owner = owner.to_lowercase().as_wire().to_vec();
        newest.insert((change.zone_id, owner, change.rtype), change);
    }
    let (mut sets, mut removed) = (Vec::with_capacity(newest.len()), Vec::new());
    for ((zone_id, owner, rtype), change) in newest {
        match (change.after_ttl, change.after_data) {
            (Some(ttl), Some(data)) => sets.push(SetRow {
                zone_id,
                owner,
                rtype,
                spelling: change.owner,
                ttl,
                data,
            }),
            (None, _) | (_, None) => removed.push((zone_id, owner, rtype)),
        }
    }
    Ok((sets, removed))
}

/// Also keeps another task that folds waiting: two that fold one page at once could write an older
/// state over a newer one.
const LOCK_POSITION: &str = "UPDATE fold_position SET commit_id = commit_id \
     RETURNING commit_id, change_position";
const FOLD_ZONE: &str = "UPDATE zone SET folded_version = $2, folded_serial = $3 WHERE id = $1";
const SET_POSITION: &str = "UPDATE fold_position SET commit_id = $1, change_position = $2";
const REMOVE: &str = "DELETE FROM record_set WHERE zone_id = $1 AND owner = $2 AND rtype = $3";
const PUT: &str = "INSERT INTO record_set (zone_id, owner, rtype, spelling, ttl, data) ";
const PUT_AGAIN: &str = " ON CONFLICT (zone_id, owner, rtype) DO UPDATE \
     SET spelling = excluded.spelling, ttl = excluded.ttl, data = excluded.data";

async fn lock_position(tx: &mut Tx) -> Result<Position, StoreError> {
    on!(tx, tx => sqlx::query_as(LOCK_POSITION).fetch_one(&mut **tx).await)
        .map_err(failed_to("find the fold position"))
}

async fn write_records(tx: &mut Tx, page: &Page) -> Result<(), StoreError> {
    for (zone_id, owner, rtype) in &page.removed {
        remove(tx, *zone_id, owner, *rtype).await?;
    }
    insert_rows!(tx, PUT, &page.sets, PUT_AGAIN, |set| [
        set.zone_id,
        set.owner.as_slice(),
        set.rtype,
        set.spelling.as_slice(),
        set.ttl,
        set.data.as_slice(),
    ])
    .map_err(failed_to("write records"))
}

async fn remove(tx: &mut Tx, zone_id: i64, owner: &[u8], rtype: i64) -> Result<(), StoreError> {
    on!(tx, tx => sqlx::query(REMOVE)
        .bind(zone_id)
        .bind(owner)
        .bind(rtype)
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("remove records"))
}

/// Notes for each zone how far its records have come.
async fn write_zones(tx: &mut Tx, commits: Vec<CommitRow>) -> Result<(), StoreError> {
    let newest: BTreeMap<i64, CommitRow> = commits
        .into_iter()
        .map(|commit| (commit.zone_id, commit))
        .collect();
    for commit in newest.into_values() {
        on!(&mut *tx, tx => sqlx::query(FOLD_ZONE)
            .bind(commit.zone_id)
            .bind(commit.version)
            .bind(commit.serial)
            .execute(&mut **tx)
            .await
            .map(|_| ()))
        .map_err(failed_to("note the fold position of a zone"))?;
    }
    Ok(())
}

async fn set_position(tx: &mut Tx, to: &Position) -> Result<(), StoreError> {
    on!(tx, tx => sqlx::query(SET_POSITION)
        .bind(to.commit_id)
        .bind(to.change_position)
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("note the fold position"))
}

/// A row of `record_set`.
struct SetRow {
    zone_id: i64,
    owner: Vec<u8>,
    rtype: i64,
    spelling: Vec<u8>,
    ttl: i64,
    data: Vec<u8>,
}
