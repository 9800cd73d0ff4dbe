//! The journal: what a group adds to `zone_commit` and `zone_change`, in few statements.

use easement_core::{ChangeSource, Origin, Timestamp};
use easement_zone::{ChangeSet, RecordSet};
use sqlx::QueryBuilder;

use crate::StoreError;
use crate::database::{On, Tx, on};
use crate::error::failed_to;
use crate::history::version_column;
use crate::load::LoadedZone;
use crate::packed::pack;
use crate::rows::{actor_columns, to_json};

/// Rows that are not written yet.
pub(super) struct Journal {
    next_id: i64,
    commits: Vec<(i64, CommitRow)>,
    changes: Vec<ChangeRow>,
}

impl Journal {
    /// Goes on with this id.
    pub(super) fn new(next_id: i64) -> Self {
        Self {
            next_id,
            commits: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// Goes on after the last id. There is one writer, so nobody else takes the next ones.
    pub(super) async fn after_last(tx: &mut Tx) -> Result<Self, StoreError> {
        let last: i64 = on!(tx, tx => sqlx::query_scalar(LAST_ID).fetch_one(&mut **tx).await)
            .map_err(failed_to("find the end of the journal"))?;
        Ok(Self::new(last + 1))
    }

    /// The id of the next commit.
    pub(super) fn next_id(&self) -> i64 {
        self.next_id
    }

    pub(super) fn add(&mut self, commit: CommitRow, changes: &ChangeSet) {
        let id = self.next_id;
        self.next_id += 1;
        self.commits.push((id, commit));
        let rows = changes.iter().zip(0..).map(|((key, change), position)| {
            let before = change.before.as_ref();
            let after = change.after.as_ref();
            ChangeRow {
                commit_id: id,
                position,
                owner: key.owner.as_wire().to_vec(),
                rtype: i64::from(key.rtype.number()),
                before_ttl: before.map(ttl),
                before_data: before.map(pack),
                after_ttl: after.map(ttl),
                after_data: after.map(pack),
            }
        });
        self.changes.extend(rows);
    }

    pub(super) async fn write(&self, tx: &mut Tx) -> Result<(), StoreError> {
        for rows in in_powers_of_two(&self.commits) {
            write_commits(tx, rows)
                .await
                .map_err(failed_to("write commits to the journal"))?;
        }
        for rows in in_powers_of_two(&self.changes) {
            write_changes(tx, rows)
                .await
                .map_err(failed_to("write changes to the journal"))?;
        }
        Ok(())
    }
}

const LAST_ID: &str = "SELECT coalesce(max(id), 0) FROM zone_commit";
const INSERT_COMMITS: &str = "INSERT INTO zone_commit (id, zone_id, version, serial, committed_at, \
     actor_kind, actor_id, address, source) ";
const INSERT_CHANGES: &str = "INSERT INTO zone_change (commit_id, position, owner, rtype, \
     before_ttl, before_data, after_ttl, after_data) ";

fn ttl(set: &RecordSet) -> i64 {
    i64::from(set.ttl().as_secs())
}

//------------ Rows ------------------------------------------------------------------------------

/// A row of `zone_commit`.
pub(super) struct CommitRow {
    zone_id: i64,
    version: i64,
    serial: i64,
    committed_at: i64,
    actor_kind: &'static str,
    actor_id: Option<i64>,
    address: Option<String>,
    source: String,
}

impl CommitRow {
    /// The commit that made the zone what it is.
    pub(super) fn new(
        zone: &LoadedZone,
        source: &ChangeSource,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let (actor_kind, actor_id) = actor_columns(origin.actor);
        Ok(Self {
            zone_id: zone.id.number(),
            version: version_column(zone.version),
            serial: i64::from(zone.contents.serial().number()),
            committed_at: now.as_micros(),
            actor_kind,
            actor_id,
            address: origin.address.map(|address| address.to_string()),
            source: to_json("write a commit", source)?,
        })
    }
}

/// A row of `zone_change`.
struct ChangeRow {
    commit_id: i64,
    position: i64,
    owner: Vec<u8>,
    rtype: i64,
    before_ttl: Option<i64>,
    before_data: Option<Vec<u8>>,
    after_ttl: Option<i64>,
    after_data: Option<Vec<u8>>,
}

//------------ Statements for many rows ----------------------------------------------------------

/// The most rows in one statement: 64 rows of 9 values stay far below what both databases take.
const MAX_ROWS: usize = 64;

/// Cuts rows into pieces of 64, 32, 16 ... 1, so that there are few statement texts and both databases
/// find each prepared.
pub(crate) fn in_powers_of_two<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = rows.len().checked_ilog2().map(|power| 1 << power)?;
        let (piece, rest) = rows.split_at_checked(MAX_ROWS.min(length))?;
        rows = rest;
        Some(piece)
    })
}

async fn write_commits(tx: &mut Tx, rows: &[(i64, CommitRow)]) -> sqlx::Result<()> {
    macro_rules! insert {
        ($database:ty, $tx:expr) => {
            QueryBuilder::<$database>::new(INSERT_COMMITS)
                .push_values(rows, |mut values, (id, row)| {
                    values
                        .push_bind(*id)
                        .push_bind(row.zone_id)
                        .push_bind(row.version)
                        .push_bind(row.serial)
                        .push_bind(row.committed_at)
                        .push_bind(row.actor_kind)
                        .push_bind(row.actor_id)
                        .push_bind(row.address.as_deref())
                        .push_bind(row.source.as_str());
                })
                .build()
                .execute(&mut **$tx)
                .await
                .map(|_| ())
        };
    }
    match tx {
        On::Sqlite(tx) => insert!(sqlx::Sqlite, tx),
        On::Postgres(tx) => insert!(sqlx::Postgres, tx),
    }
}

async fn write_changes(tx: &mut Tx, rows: &[ChangeRow]) -> sqlx::Result<()> {
    macro_rules! insert {
        ($database:ty, $tx:expr) => {
            QueryBuilder::<$database>::new(INSERT_CHANGES)
                .push_values(rows, |mut values, row| {
                    values
                        .push_bind(row.commit_id)
                        .push_bind(row.position)
                        .push_bind(row.owner.as_slice())
                        .push_bind(row.rtype)
                        .push_bind(row.before_ttl)
                        .push_bind(row.before_data.as_deref())
                        .push_bind(row.after_ttl)
                        .push_bind(row.after_data.as_deref());
                })
                .build()
                .execute(&mut **$tx)
                .await
                .map(|_| ())
        };
    }
    match tx {
        On::Sqlite(tx) => insert!(sqlx::Sqlite, tx),
        On::Postgres(tx) => insert!(sqlx::Postgres, tx),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_into_few_lengths() {
        for count in 0..200 {
            let rows: Vec<usize> = (0..count).collect();
            let pieces: Vec<&[usize]> = in_powers_of_two(&rows).collect();
            assert_eq!(pieces.concat(), rows);
            assert!(
                pieces
                    .iter()
                    .all(|piece| piece.len().is_power_of_two() && piece.len() <= 64)
            );
        }
    }
}
