//! The history of a zone: every commit, with the records before and after.

use easement_core::{CommitEntry, Timestamp, Version, ZoneId};
use easement_zone::{ChangeSet, RecordSet, RecordType};

use crate::database::{Tx, detached, on, row};
use crate::error::failed_to;
use crate::packed::unpack;
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
const CHANGES: &str = "SELECT commit_id, position, owner, rtype, before_ttl, before_data, \
     after_ttl, after_data FROM zone_change WHERE commit_id = $1 ORDER BY position";

pub(crate) fn version_column(version: Version) -> i64 {
    i64::try_from(version.0).unwrap_or(i64::MAX)
}

async fn changes_of(tx: &mut Tx, commit: i64) -> Result<ChangeSet, StoreError> {
    let rows: Vec<ChangeRow> = on!(tx, tx => sqlx::query_as(CHANGES)
        .bind(commit)
        .fetch_all(&mut **tx)
        .await)
    .map_err(failed_to("read the changes of a commit"))?;
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

row! {
    /// One record set before and after a commit.
    pub(crate) struct ChangeRow {
        commit_id: i64,
        position: i64,
        owner: Vec<u8>,
        rtype: i64,
        before_ttl: Option<i64>,
        before_data: Option<Vec<u8>>,
        after_ttl: Option<i64>,
        after_data: Option<Vec<u8>>,
    }
}

impl ChangeRow {
    /// The record set before and after.
    pub(crate) fn sets(&self) -> Result<(Option<RecordSet>, Option<RecordSet>), StoreError> {
        let before = self.set("before_data", self.before_ttl, self.before_data.as_deref())?;
        let after = self.set("after_data", self.after_ttl, self.after_data.as_deref())?;
        Ok((before, after))
    }

    fn set(
        &self,
        column: &'static str,
        ttl: Option<i64>,
        data: Option<&[u8]>,
    ) -> Result<Option<RecordSet>, StoreError> {
        let at = At {
            table: "zone_change",
            id: format!("commit {}, position {}", self.commit_id, self.position),
        };
        let owner = at.name("owner", &self.owner)?;
        let rtype = RecordType::from_number(at.number("rtype", self.rtype)?);
        match (ttl, data) {
            (None, None) => Ok(None),
            (Some(ttl), Some(data)) => unpack(&owner, rtype, ttl, data)
                .map(Some)
                .map_err(|error| at.corrupt(column, error)),
            (Some(_), None) | (None, Some(_)) => {
                Err(at.corrupt(column, "a TTL and data come together or not at all"))
            }
        }
    }
}
