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
use sqlx::QueryBuilder;
use tokio::sync::{Notify, watch};
use tokio::time::sleep;

use crate::commits::in_powers_of_two;
use crate::database::{Db, On, Tx, detached, on, row};
use crate::error::failed_to;
use crate::rows::At;
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
    /// Folds the whole journal now. The store does it by itself some seconds after a commit.
    pub async fn fold(&self) -> Result<Folded, StoreError> {
        let db = self.db().clone();
        detached(async move { fold_all(&db).await }).await
    }
}

/// Folds after commits until the store is dropped or told to stop.
pub(crate) async fn run(db: Db, committed: Arc<Notify>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = committed.notified() => {}
            _ = stop.changed() => return,
        }
        tokio::select! {
            () = sleep(GATHER) => {}
            _ = stop.changed() => return,
        }
        if let Err(error) = fold_all(&db).await {
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
    let from = lock_position(&mut tx).await?;
    // Read before the changes: a commit that comes meanwhile belongs to the next page.
    let end = last_commit(&mut tx).await?;
    let changes = read_changes(&mut tx, &from, end).await?;
    let is_last = i64::try_from(changes.len()).unwrap_or(PAGE) < PAGE;
    let to = match changes.last() {
        Some(last) if !is_last => Position {
            commit_id: last.commit_id,
            change_position: last.position,
        },
        Some(_) | None => Position {
            commit_id: end,
            change_position: i64::MAX,
        },
    };
    let page = FoldedPage {
        changes: changes.len(),
        is_last,
    };
    fold_records(&mut tx, changes).await?;
    fold_zones(&mut tx, &from, &to).await?;
    set_position(&mut tx, &to).await?;
    tx.commit().await?;
    Ok(page)
}

/// Also keeps another task that folds waiting: two that fold one page at once could write an older
/// state over a newer one.
const LOCK_POSITION: &str = "UPDATE fold_position SET commit_id = commit_id \
     RETURNING commit_id, change_position";
const LAST_COMMIT: &str = "SELECT coalesce(max(id), 0) FROM zone_commit";
const CHANGES: &str = "SELECT zone_commit.zone_id, zone_change.commit_id, zone_change.position, \
     zone_change.owner, zone_change.rtype, zone_change.after_ttl, zone_change.after_data \
     FROM zone_change JOIN zone_commit ON zone_commit.id = zone_change.commit_id \
     WHERE (zone_change.commit_id, zone_change.position) > ($1, $2) \
     AND zone_change.commit_id <= $3 \
     ORDER BY zone_change.commit_id, zone_change.position LIMIT $4";
const COMMITS: &str = "SELECT zone_id, version, serial FROM zone_commit \
     WHERE id >= $1 AND id <= $2 ORDER BY id";
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

async fn last_commit(tx: &mut Tx) -> Result<i64, StoreError> {
    on!(tx, tx => sqlx::query_scalar(LAST_COMMIT).fetch_one(&mut **tx).await)
        .map_err(failed_to("find the end of the journal"))
}

async fn read_changes(
    tx: &mut Tx,
    from: &Position,
    end: i64,
) -> Result<Vec<ChangeRow>, StoreError> {
    on!(tx, tx => sqlx::query_as(CHANGES)
        .bind(from.commit_id)
        .bind(from.change_position)
        .bind(end)
        .bind(PAGE)
        .fetch_all(&mut **tx)
        .await)
    .map_err(failed_to("read the journal"))
}

/// Writes the last change of each record set, in the order of the table.
async fn fold_records(tx: &mut Tx, changes: Vec<ChangeRow>) -> Result<(), StoreError> {
    let mut newest = BTreeMap::new();
    for change in changes {
        let at = At {
            table: "zone_change",
            id: format!("commit {}, position {}", change.commit_id, change.position),
        };
        let owner: Name = at.name("owner", &change.owner)?;
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
    for rows in in_powers_of_two(&sets) {
        put(tx, rows).await.map_err(failed_to("write records"))?;
    }
    Ok(())
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

async fn put(tx: &mut Tx, rows: &[SetRow]) -> sqlx::Result<()> {
    macro_rules! put {
        ($database:ty, $tx:expr) => {
            QueryBuilder::<$database>::new(PUT)
                .push_values(rows, |mut values, row| {
                    values
                        .push_bind(row.zone_id)
                        .push_bind(row.owner.as_slice())
                        .push_bind(row.rtype)
                        .push_bind(row.spelling.as_slice())
                        .push_bind(row.ttl)
                        .push_bind(row.data.as_slice());
                })
                .push(PUT_AGAIN)
                .build()
                .execute(&mut **$tx)
                .await
                .map(|_| ())
        };
    }
    match tx {
        On::Sqlite(tx) => put!(sqlx::Sqlite, tx),
        On::Postgres(tx) => put!(sqlx::Postgres, tx),
    }
}

/// Notes for each zone how far its records have come.
async fn fold_zones(tx: &mut Tx, from: &Position, to: &Position) -> Result<(), StoreError> {
    let commits: Vec<CommitRow> = on!(&mut *tx, tx => sqlx::query_as(COMMITS)
        .bind(from.commit_id)
        .bind(to.commit_id)
        .fetch_all(&mut **tx)
        .await)
    .map_err(failed_to("read the journal"))?;
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

//------------ Rows ------------------------------------------------------------------------------

row! {
    /// A change of the journal.
    pub(crate) struct Position {
        commit_id: i64,
        change_position: i64,
    }
}

row! {
    struct ChangeRow {
        zone_id: i64,
        commit_id: i64,
        position: i64,
        owner: Vec<u8>,
        rtype: i64,
        after_ttl: Option<i64>,
        after_data: Option<Vec<u8>>,
    }
}

row! {
    struct CommitRow {
        zone_id: i64,
        version: i64,
        serial: i64,
    }
}

struct SetRow {
    zone_id: i64,
    owner: Vec<u8>,
    rtype: i64,
    spelling: Vec<u8>,
    ttl: i64,
    data: Vec<u8>,
}
