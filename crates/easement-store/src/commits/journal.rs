//! The journal: what a group adds to `zone_commit`, `zone_change` and `zone_switch`, in few statements.

use easement_core::{ChangeSize, ChangeSource, Origin, Timestamp, ZoneId};
use easement_zone::{ChangeSet, RecordSet};

use crate::StoreError;
use crate::database::{Tx, insert_rows};
use crate::error::failed_to;
use crate::following::Place;
use crate::history::version_column;
use crate::journal::ChangeRow;
use crate::load::LoadedZone;
use crate::packed::pack;
use crate::rows::{actor_columns, to_json};

/// Rows that are not written yet.
pub(super) struct Journal {
    begin: Place,
    /// The place of everything that was added. Nobody else takes the ids up to there, because one
    /// writer at a time commits, of all nodes.
    end: Place,
    commits: Vec<(i64, CommitRow)>,
    changes: Vec<ChangeRow>,
    switches: Vec<(i64, ZoneId)>,
}

impl Journal {
    /// Goes on after this place, the last one.
    pub(super) fn after(place: Place) -> Self {
        Self {
            begin: place,
            end: place,
            commits: Vec::new(),
            changes: Vec::new(),
            switches: Vec::new(),
        }
    }

    pub(super) fn add_switch(&mut self, zone: ZoneId) {
        self.switches.push((self.end.next_switch(), zone));
    }

    pub(super) fn add(&mut self, commit: CommitRow, changes: &ChangeSet) {
        let id = self.end.next_commit();
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

    /// Writes everything, tells the other nodes, and gives the place of it.
    pub(super) async fn write(&self, tx: &mut Tx) -> Result<Place, StoreError> {
        self.write_commits(tx).await?;
        insert_rows!(&mut *tx, INSERT_SWITCHES, &self.switches, "", |switch| [
            switch.0,
            switch.1.number(),
        ])
        .map_err(failed_to("write down that Domain Connect was switched"))?;
        if self.end != self.begin {
            tx.tell(&self.end.to_string()).await?;
        }
        Ok(self.end)
    }

    async fn write_commits(&self, tx: &mut Tx) -> Result<(), StoreError> {
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

const INSERT_SWITCHES: &str = "INSERT INTO zone_switch (id, zone_id) ";

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
