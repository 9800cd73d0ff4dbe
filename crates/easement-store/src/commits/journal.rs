//! The journal: what a group adds to `zone_commit` and `zone_change`, in few statements.

use easement_core::{ChangeSize, ChangeSource, Origin, Timestamp};
use easement_zone::{ChangeSet, RecordSet};

use crate::StoreError;
use crate::database::{Tx, insert_rows};
use crate::error::failed_to;
use crate::history::version_column;
use crate::journal::{ChangeRow, read_last_commit};
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
        let last = read_last_commit(tx).await?;
        Ok(Self::new(last + 1))
    }

    /// The id of the next commit.
    pub(super) fn next_id(&self) -> i64 {
        self.next_id
    }

    pub(super) fn add(&mut self, commit: CommitRow, changes: &ChangeSet) {
        let id = self.next_id;
        self.next_id += 1;
        let zone_id = commit.zone_id;
        self.commits.push((id, commit));
        let rows = changes.iter().zip(0..).map(|((key, change), position)| {
            let before = change.before.as_ref();
            let after = change.after.as_ref();
            ChangeRow {
                zone_id,
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
        insert_rows!(&mut *tx, INSERT_COMMITS, &self.commits, "", |commit| [
            commit.0,
            commit.1.zone_id,
            commit.1.version,
            commit.1.serial,
            commit.1.committed_at,
            commit.1.actor_kind,
            commit.1.actor_id,
            commit.1.address.as_deref(),
            commit.1.source.as_str(),
            commit.1.sets_changed,
            commit.1.records_added,
            commit.1.records_removed,
        ])
        .map_err(failed_to("write commits to the journal"))?;
        insert_rows!(tx, INSERT_CHANGES, &self.changes, "", |change| [
            change.commit_id,
            change.position,
            change.owner.as_slice(),
            change.rtype,
            change.before_ttl,
            change.before_data.as_deref(),
            change.after_ttl,
            change.after_data.as_deref(),
        ])
        .map_err(failed_to("write changes to the journal"))
    }
}

const INSERT_COMMITS: &str = "INSERT INTO zone_commit (id, zone_id, version, serial, committed_at, \
     actor_kind, actor_id, address, source, sets_changed, records_added, records_removed) ";
const INSERT_CHANGES: &str = "INSERT INTO zone_change (commit_id, position, owner, rtype, \
     before_ttl, before_data, after_ttl, after_data) ";

fn count_column(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

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
    sets_changed: i64,
    records_added: i64,
    records_removed: i64,
}

impl CommitRow {
    /// The commit that made the zone what it is.
    pub(super) fn new(
        zone: &LoadedZone,
        size: ChangeSize,
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
            sets_changed: count_column(size.sets),
            records_added: count_column(size.added),
            records_removed: count_column(size.removed),
        })
    }
}
