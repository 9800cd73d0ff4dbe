//! The journal: what a group adds to `zone_commit`, `zone_change` and `zone_switch`, in few statements.

use std::borrow::Cow;

use easement_core::{ChangeSize, ChangeSource, Origin, Timestamp, ZoneId};
use easement_zone::{ChangeSet, RecordSet, Zone};

use crate::database::{GroupTx, append_rows};
use crate::following::Place;
use crate::history::version_column;
use crate::journal::ChangeRow;
use crate::load::LoadedZone;
use crate::packed::pack;
use crate::rows::{actor_columns, to_json};
use crate::{StoreError, StoreStats};

/// Rows that are not written yet.
pub(super) struct Journal {
    begin: Place,
    /// The place of everything that was added. Nobody else takes the ids up to there, because one
    /// writer at a time commits, of all nodes.
    end: Place,
    commits: Vec<(i64, CommitRow, Contents)>,
    switches: Vec<(i64, ZoneId)>,
}

impl Journal {
    /// Goes on after this place, the last one.
    pub(super) fn after(place: Place) -> Self {
        Self {
            begin: place,
            end: place,
            commits: Vec::new(),
            switches: Vec::new(),
        }
    }

    pub(super) fn add_switch(&mut self, zone: ZoneId) {
        self.switches.push((self.end.next_switch(), zone));
    }

    /// Adds a commit, and gives its id.
    pub(super) fn add(&mut self, commit: CommitRow, contents: Contents) -> i64 {
        let change = (commit.zone_id, commit.version);
        let id = self.end.go_on(change, commit.committed_at);
        self.commits.push((id, commit, contents));
        id
    }

    /// Writes everything, tells the other nodes, and gives the place of it.
    pub(super) async fn write(
        &self,
        tx: &mut GroupTx,
        stats: &StoreStats,
    ) -> Result<Place, StoreError> {
        self.write_commits(tx).await?;
        self.write_changes(tx, stats).await?;
        append_rows!(tx, INSERT_SWITCHES, &self.switches, |switch| [
            switch.0,
            switch.1.number(),
        ])?;
        if self.end != self.begin {
            tx.tell(&self.end.to_string()).await?;
        }
        Ok(self.end)
    }

    async fn write_commits(&self, tx: &mut GroupTx) -> Result<(), StoreError> {
        append_rows!(tx, INSERT_COMMITS, &self.commits, |commit| [
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
    }

    fn change_rows(&self) -> Box<dyn Iterator<Item = ChangeRow> + Send + '_> {
        Box::new(self.commits.iter().flat_map(|(id, commit, contents)| {
            let sides = contents.sides();
            sides.filter_map(|sides| sides.row(commit.zone_id, *id))
        }))
    }

    /// Rows are made as they are written, so that a million of them are never there at once.
    async fn write_changes(&self, tx: &mut GroupTx, stats: &StoreStats) -> Result<(), StoreError> {
        let mut rows = self.change_rows();
        loop {
            let part: Vec<ChangeRow> = rows.by_ref().take(ROWS_AT_ONCE).collect();
            if part.is_empty() {
                return Ok(());
            }
            append_rows!(tx, INSERT_CHANGES, &part, |change| [
                change.commit_id,
                change.position,
                change.owner.as_slice(),
                change.rtype,
                change.before_ttl,
                change.before_data.as_deref(),
                change.after_ttl,
                change.after_data.as_deref(),
            ])?;
            stats.note_changes(part.len());
        }
    }
}

/// How many rows of changes are made before they are written: some statements of the most rows.
const ROWS_AT_ONCE: usize = 1_024;

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

//------------ Contents --------------------------------------------------------------------------

/// What a commit did to records.
pub(super) enum Contents {
    /// It changed some.
    Changes(ChangeSet),
    /// It made a zone with all of these.
    New(Zone),
}

impl Contents {
    /// How much that is.
    pub(super) fn size(&self) -> ChangeSize {
        match self {
            Self::Changes(changes) => ChangeSize::of(changes),
            Self::New(zone) => ChangeSize {
                sets: as_count(zone.set_count()),
                added: as_count(zone.record_count()),
                removed: 0,
            },
        }
    }

    /// Each record set before and after, with its place.
    fn sides(&self) -> Box<dyn Iterator<Item = Sides<'_>> + Send + '_> {
        match self {
            Self::Changes(changes) => Box::new(changes.iter().zip(0..).map(
                |((_, change), position)| Sides {
                    position,
                    before: change.before.as_ref().map(Cow::Borrowed),
                    after: change.after.as_ref().map(Cow::Borrowed),
                },
            )),
            Self::New(zone) => Box::new(zone.sets().zip(0..).map(|(set, position)| Sides {
                position,
                before: None,
                after: Some(Cow::Owned(set)),
            })),
        }
    }
}

/// One record set before and after.
struct Sides<'s> {
    position: i64,
    before: Option<Cow<'s, RecordSet>>,
    after: Option<Cow<'s, RecordSet>>,
}

impl Sides<'_> {
    fn row(&self, zone_id: i64, commit_id: i64) -> Option<ChangeRow> {
        let (before, after) = (self.before.as_deref(), self.after.as_deref());
        let set = before.or(after)?;
        Some(ChangeRow {
            zone_id,
            commit_id,
            position: self.position,
            owner: set.owner().as_wire().to_vec(),
            rtype: i64::from(set.rtype().number()),
            before_ttl: before.map(ttl),
            before_data: before.map(pack),
            after_ttl: after.map(ttl),
            after_data: after.map(pack),
        })
    }
}

fn as_count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
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
