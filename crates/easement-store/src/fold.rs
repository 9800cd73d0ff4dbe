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
        let page = fold_page(db).await?;
        folded.changes += page.changes;
        if page.is_last {
            break;
        }
    }
    db.checkpoint().await?;
    Ok(folded)
}

/// What one transaction folded.
struct FoldedPage {
    changes: usize,
    is_last: bool,
}

async fn fold_page(db: &Db) -> Result<FoldedPage, StoreError> {
    let mut tx = db.begin().await?;
    let mut part = Part {
        after: lock_position(&mut tx).await?,
        // Read before the changes: a commit that comes meanwhile belongs to the next page.
        last_commit: read_last_commit(&mut tx).await?,
        zones: ALL_ZONES,
    };
    let changes = read_changes(&mut tx, &part, PAGE).await?;
    let page = FoldedPage {
        changes: changes.len(),
        is_last: i64::try_from(changes.len()).unwrap_or(PAGE) < PAGE,
    };
    let mut to = Position {
        commit_id: part.last_commit,
        change_position: i64::MAX,
    };
    if let Some(last) = changes.last().filter(|_| !page.is_last) {
        to = last.place();
    }
    part.last_commit = to.commit_id;
    fold_records(&mut tx, changes).await?;
    fold_zones(&mut tx, &part).await?;
    set_position(&mut tx, &to).await?;
    tx.commit().await?;
    Ok(page)
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

/// Writes the last change of each record set, in the order of the table.
async fn fold_records(tx: &mut Tx, changes: Vec<ChangeRow>) -> Result<(), StoreError> {
    let mut newest = BTreeMap::new();
    for change in changes {
        let owner: Name = change.at().name("owner", &change.owner)?;
        let key = (
            change.zone_id,
            owner.to_lowercase().as_wire().to_vec(),
            change.rtype,
        );
        newest.insert(key, change);
    }
    let mut sets = Vec::with_capacity(newest.len());
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
            (None, _) | (_, None) => remove(tx, zone_id, &owner, rtype).await?,
        }
    }
    insert_rows!(tx, PUT, &sets, PUT_AGAIN, |set| [
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
async fn fold_zones(tx: &mut Tx, part: &Part) -> Result<(), StoreError> {
    let commits = read_commits(tx, part).await?;
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
