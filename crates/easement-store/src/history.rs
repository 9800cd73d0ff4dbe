//! The history of a zone: every commit, and for each the records before and after.

use std::ops::Range;

use easement_core::{ChangeSize, CommitEntry, GrantId, Timestamp, Version, ZoneId};
use easement_zone::{ChangeSet, Serial};

use crate::database::{on, row};
use crate::error::failed_to;
use crate::journal::ChangeRow;
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
        self.read_history(zone, 0..before, limit).await
    }

    /// The commit that made this version of a zone.
    pub async fn commit_of(
        &self,
        zone: ZoneId,
        version: Version,
    ) -> Result<Option<CommitEntry>, StoreError> {
        let version = version_column(version);
        let versions = version..version.saturating_add(1);
        let mut commits = self.read_history(zone, versions, 1).await?;
        Ok(commits.pop())
    }

    /// The newest version of a zone that has this serial number. Commits of services alone keep the number,
    /// and the records.
    pub async fn version_with_serial(
        &self,
        zone: ZoneId,
        serial: Serial,
    ) -> Result<Option<Version>, StoreError> {
        let row: Option<VersionRow> = on!(self.db().reading(), db => sqlx::query_as(WITH_SERIAL)
            .bind(zone.number())
            .bind(i64::from(serial.number()))
            .fetch_optional(db)
            .await)
        .map_err(failed_to(
            "look up a serial number in the history of a zone",
        ))?;
        row.map(|row| {
            let at = At {
                table: "zone_commit",
                id: row.id,
            };
            at.number("version", row.version).map(Version)
        })
        .transpose()
    }

    /// The changes that a grant's client made with it: so many, the newest first.
    pub async fn commits_of_grant(
        &self,
        grant: GrantId,
        limit: u32,
    ) -> Result<Vec<CommitEntry>, StoreError> {
        let rows: Vec<CommitRow> = on!(self.db().reading(), db => sqlx::query_as(COMMITS_OF_GRANT)
            .bind(grant.number())
            .bind(i64::from(limit))
            .fetch_all(db)
            .await)
        .map_err(failed_to("read the history of a grant"))?;
        rows.into_iter().map(CommitRow::into_entry).collect()
    }

    /// The record sets before and after the commit that made this version of a zone: at most so many,
    /// in the order of their names. Nothing when there is no such commit.
    pub async fn changes_of(
        &self,
        zone: ZoneId,
        version: Version,
        limit: u32,
    ) -> Result<ChangeSet, StoreError> {
        let rows: Vec<ChangeRow> = on!(self.db().reading(), db => sqlx::query_as(CHANGES)
            .bind(zone.number())
            .bind(version_column(version))
            .bind(i64::from(limit))
            .fetch_all(db)
            .await)
        .map_err(failed_to("read the changes of a commit"))?;
        let mut changes = ChangeSet::new();
        for row in rows {
            let (before, after) = row.sets()?;
            changes.record(before, after);
        }
        Ok(changes)
    }

    /// What changed between two versions of a zone: each record set as the earlier version has it, and as
    /// the later one does. Its inverse leads back.
    pub async fn changes_between(
        &self,
        zone: ZoneId,
        versions: Range<Version>,
    ) -> Result<ChangeSet, StoreError> {
        let rows: Vec<ChangeRow> = on!(self.db().reading(), db => sqlx::query_as(CHANGES_BETWEEN)
            .bind(zone.number())
            .bind(version_column(versions.start))
            .bind(version_column(versions.end))
            .fetch_all(db)
            .await)
        .map_err(failed_to("read the changes of several commits"))?;
        let mut changes = ChangeSet::new();
        for row in rows {
            let (before, after) = row.sets()?;
            changes.record(before, after);
        }
        Ok(changes)
    }

    async fn read_history(
        &self,
        zone: ZoneId,
        versions: Range<i64>,
        limit: u32,
    ) -> Result<Vec<CommitEntry>, StoreError> {
        let rows: Vec<CommitRow> = on!(self.db().reading(), db => sqlx::query_as(COMMITS)
            .bind(zone.number())
            .bind(versions.start)
            .bind(versions.end)
            .bind(i64::from(limit))
            .fetch_all(db)
            .await)
        .map_err(failed_to("read the history of a zone"))?;
        rows.into_iter().map(CommitRow::into_entry).collect()
    }
}

const COMMITS: &str = "SELECT zone_commit.id, zone_commit.zone_id, zone_commit.version, zone_commit.serial, \
     zone_commit.committed_at, zone_commit.actor_kind, zone_commit.actor_id, \
     zone_commit.address, zone_commit.source, zone_commit.sets_changed, \
     zone_commit.records_added, zone_commit.records_removed, account.email, \
     COALESCE(oauth_client.name, zone_commit.actor_name) AS client_name \
     FROM zone_commit LEFT JOIN account \
     ON zone_commit.actor_kind = 'account' AND account.id = zone_commit.actor_id \
     LEFT JOIN oauth_grant \
     ON zone_commit.actor_kind = 'grant' AND oauth_grant.id = zone_commit.actor_id \
     LEFT JOIN oauth_client ON oauth_client.id = oauth_grant.client_id \
     WHERE zone_commit.zone_id = $1 AND zone_commit.version >= $2 AND zone_commit.version < $3 \
     ORDER BY zone_commit.version DESC LIMIT $4";

const WITH_SERIAL: &str = "SELECT id, version FROM zone_commit WHERE zone_id = $1 AND serial = $2 \
     ORDER BY version DESC LIMIT 1";

const COMMITS_OF_GRANT: &str = "SELECT zone_commit.id, zone_commit.zone_id, zone_commit.version, \
     zone_commit.serial, zone_commit.committed_at, zone_commit.actor_kind, zone_commit.actor_id, \
     zone_commit.address, zone_commit.source, zone_commit.sets_changed, \
     zone_commit.records_added, zone_commit.records_removed, NULL AS email, \
     oauth_client.name AS client_name FROM zone_commit \
     JOIN oauth_grant ON oauth_grant.id = zone_commit.actor_id \
     LEFT JOIN oauth_client ON oauth_client.id = oauth_grant.client_id \
     WHERE zone_commit.actor_kind = 'grant' AND zone_commit.actor_id = $1 \
     ORDER BY zone_commit.id DESC LIMIT $2";

const CHANGES: &str = "SELECT zone_commit.zone_id, zone_change.commit_id, zone_change.position, \
     zone_change.owner, zone_change.rtype, zone_change.before_ttl, zone_change.before_data, \
     zone_change.after_ttl, zone_change.after_data \
     FROM zone_commit JOIN zone_change ON zone_change.commit_id = zone_commit.id \
     WHERE zone_commit.zone_id = $1 AND zone_commit.version = $2 \
     ORDER BY zone_change.commit_id, zone_change.position LIMIT $3";

const CHANGES_BETWEEN: &str = "SELECT zone_commit.zone_id, zone_change.commit_id, \
     zone_change.position, zone_change.owner, zone_change.rtype, zone_change.before_ttl, \
     zone_change.before_data, zone_change.after_ttl, zone_change.after_data \
     FROM zone_commit JOIN zone_change ON zone_change.commit_id = zone_commit.id \
     WHERE zone_commit.zone_id = $1 AND zone_commit.version > $2 AND zone_commit.version <= $3 \
     ORDER BY zone_change.commit_id, zone_change.position";

pub(crate) fn version_column(version: Version) -> i64 {
    i64::try_from(version.0).unwrap_or(i64::MAX)
}

//------------ Rows ------------------------------------------------------------------------------

row! {
    struct VersionRow {
        id: i64,
        version: i64,
    }
}

row! {
    pub(crate) struct CommitRow {
        id: i64,
        zone_id: i64,
        version: i64,
        serial: i64,
        committed_at: i64,
        actor_kind: String,
        actor_id: Option<i64>,
        address: Option<String>,
        source: String,
        sets_changed: i64,
        records_added: i64,
        records_removed: i64,
        email: Option<String>,
        client_name: Option<String>,
    }
}

impl CommitRow {
    /// The row, for the message when it makes no sense.
    pub(crate) fn at(&self) -> At<i64> {
        At {
            table: "zone_commit",
            id: self.id,
        }
    }

    /// The commit, without its changes.
    pub(crate) fn into_entry(self) -> Result<CommitEntry, StoreError> {
        let at = self.at();
        Ok(CommitEntry {
            zone: ZoneId::new(self.zone_id),
            version: Version(at.number("version", self.version)?),
            serial: at.number("serial", self.serial)?,
            at: Timestamp::from_micros(self.committed_at),
            actor: at.actor(&self.actor_kind, self.actor_id)?,
            actor_email: self.email,
            actor_client: self
                .client_name
                .map(|name| at.text("name", &name))
                .transpose()?,
            address: at.address(self.address)?,
            source: at.json("source", &self.source)?,
            size: ChangeSize {
                sets: at.number("sets_changed", self.sets_changed)?,
                added: at.number("records_added", self.records_added)?,
                removed: at.number("records_removed", self.records_removed)?,
            },
        })
    }
}
