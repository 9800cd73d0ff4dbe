//! The history of a zone: every commit, with the records before and after.

use easement_core::{CommitEntry, Timestamp, Version, ZoneId};
use easement_zone::ChangeSet;

use crate::database::{Tx, detached, on, row};
use crate::error::failed_to;
use crate::journal::{ALL_ZONES, Part, Position, read_changes};
use crate::rows::At;
use crate::{Store, StoreError};

impl Store {
    /// So many commits of a zone, the newest first, from before this version.
    pub async fn commits_of(
        &self,
        zone: ZoneId,
        before: Option<Version>,
        limit: u32,
    ) -> Result<Vec<CommitEntry>, StoreError> {
        let before = before.map_or(i64::MAX, version_column);
        self.read_commits(zone, 0..before, limit).await
    }

    /// The commit that made this version of a zone.
    pub async fn commit_of(
        &self,
        zone: ZoneId,
        version: Version,
    ) -> Result<Option<CommitEntry>, StoreError> {
        let version = version_column(version);
        let versions = version..version.saturating_add(1);
        let mut commits = self.read_commits(zone, versions, 1).await?;
        Ok(commits.pop())
    }

    async fn read_commits(
        &self,
        zone: ZoneId,
        versions: std::ops::Range<i64>,
        limit: u32,
    ) -> Result<Vec<CommitEntry>, StoreError> {
        let db = self.db().clone();
        detached(async move {
            let mut tx = db.begin_reading().await?;
            let commits: Vec<CommitRow> = on!(&mut tx, tx => sqlx::query_as(COMMITS)
                .bind(zone.number())
                .bind(versions.start)
                .bind(versions.end)
                .bind(i64::from(limit))
                .fetch_all(&mut **tx)
                .await)
            .map_err(failed_to("read the history of a zone"))?;
            let mut entries = Vec::with_capacity(commits.len());
            for commit in commits {
                let changes = changes_of(&mut tx, commit.id).await?;
                entries.push(commit.into_entry(zone, changes)?);
            }
            tx.commit().await?;
            Ok(entries)
        })
        .await
    }
}

const COMMITS: &str = "SELECT zone_commit.id, zone_commit.version, zone_commit.serial, \
     zone_commit.committed_at, zone_commit.actor_kind, zone_commit.actor_id, \
     zone_commit.address, zone_commit.source, account.email \
     FROM zone_commit LEFT JOIN account \
     ON zone_commit.actor_kind = 'account' AND account.id = zone_commit.actor_id \
     WHERE zone_commit.zone_id = $1 AND zone_commit.version >= $2 AND zone_commit.version < $3 \
     ORDER BY zone_commit.version DESC LIMIT $4";

pub(crate) fn version_column(version: Version) -> i64 {
    i64::try_from(version.0).unwrap_or(i64::MAX)
}

async fn changes_of(tx: &mut Tx, commit: i64) -> Result<ChangeSet, StoreError> {
    let part = Part {
        after: Position {
            commit_id: commit,
            change_position: -1,
        },
        last_commit: commit,
        zones: ALL_ZONES,
    };
    let rows = read_changes(tx, &part, i64::MAX).await?;
    let mut changes = ChangeSet::new();
    for row in rows {
        let (before, after) = row.sets()?;
        changes.record(before, after);
    }
    Ok(changes)
}

//------------ Rows ------------------------------------------------------------------------------

row! {
    struct CommitRow {
        id: i64,
        version: i64,
        serial: i64,
        committed_at: i64,
        actor_kind: String,
        actor_id: Option<i64>,
        address: Option<String>,
        source: String,
        email: Option<String>,
    }
}

impl CommitRow {
    fn into_entry(self, zone: ZoneId, changes: ChangeSet) -> Result<CommitEntry, StoreError> {
        let at = At {
            table: "zone_commit",
            id: self.id,
        };
        Ok(CommitEntry {
            zone,
            version: Version(at.number("version", self.version)?),
            serial: at.number("serial", self.serial)?,
            at: Timestamp::from_micros(self.committed_at),
            actor: at.actor(&self.actor_kind, self.actor_id)?,
            actor_email: self.email,
            address: at.address(self.address)?,
            source: at.json("source", &self.source)?,
            changes,
        })
    }
}
