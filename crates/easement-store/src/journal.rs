//! The journal as it is read: commits and their changes, in the order in which they were made.
//!
//! It is written by `commits`, folded by `fold`, laid over folded records by `load`, and shown by
//! `history`.

use std::ops::RangeInclusive;

use easement_zone::{RecordSet, RecordType};

use crate::StoreError;
use crate::database::{Tx, on, row};
use crate::error::failed_to;
use crate::packed::unpack;
use crate::rows::At;

/// The ids of all zones.
pub(crate) const ALL_ZONES: RangeInclusive<i64> = 0..=i64::MAX;

/// A part of the journal.
#[derive(Debug)]
pub(crate) struct Part {
    /// Changes after this one.
    pub(crate) after: Position,
    /// Changes up to those of this commit.
    pub(crate) last_commit: i64,
    /// Changes of the zones with these ids.
    pub(crate) zones: RangeInclusive<i64>,
}

/// So many changes from the beginning of a part.
pub(crate) async fn read_changes(
    tx: &mut Tx,
    part: &Part,
    limit: i64,
) -> Result<Vec<ChangeRow>, StoreError> {
    on!(tx, tx => sqlx::query_as(CHANGES)
        .bind(part.after.commit_id)
        .bind(part.after.change_position)
        .bind(part.last_commit)
        .bind(*part.zones.start())
        .bind(*part.zones.end())
        .bind(limit)
        .fetch_all(&mut **tx)
        .await)
    .map_err(failed_to("read changes of the journal"))
}

/// The commits of a part, the one that it begins within among them.
pub(crate) async fn read_commits(tx: &mut Tx, part: &Part) -> Result<Vec<CommitRow>, StoreError> {
    on!(tx, tx => sqlx::query_as(COMMITS)
        .bind(part.after.commit_id)
        .bind(part.last_commit)
        .bind(*part.zones.start())
        .bind(*part.zones.end())
        .fetch_all(&mut **tx)
        .await)
    .map_err(failed_to("read commits of the journal"))
}

impl Position {
    /// Before the first change of this commit.
    pub(crate) fn before_commit(commit_id: i64) -> Self {
        Self {
            commit_id,
            change_position: -1,
        }
    }
}

/// The id of the last commit, or zero.
pub(crate) async fn read_last_commit(tx: &mut Tx) -> Result<i64, StoreError> {
    on!(tx, tx => sqlx::query_scalar(LAST_COMMIT).fetch_one(&mut **tx).await)
        .map_err(failed_to("find the end of the journal"))
}

/// Where folding has come to. The commit that it stands in may be folded in part.
pub(crate) async fn read_position(tx: &mut Tx) -> Result<Position, StoreError> {
    on!(tx, tx => sqlx::query_as(POSITION).fetch_one(&mut **tx).await)
        .map_err(failed_to("find the fold position"))
}

/// The limits of `zone_commit.id` follow from those of the changes; they keep PostgreSQL from joining
/// with the whole history.
const CHANGES: &str = "SELECT zone_commit.zone_id, zone_change.commit_id, zone_change.position, \
     zone_change.owner, zone_change.rtype, zone_change.before_ttl, zone_change.before_data, \
     zone_change.after_ttl, zone_change.after_data \
     FROM zone_change JOIN zone_commit ON zone_commit.id = zone_change.commit_id \
     WHERE (zone_change.commit_id, zone_change.position) > ($1, $2) \
     AND zone_change.commit_id <= $3 AND zone_commit.id >= $1 AND zone_commit.id <= $3 \
     AND zone_commit.zone_id >= $4 AND zone_commit.zone_id <= $5 \
     ORDER BY zone_change.commit_id, zone_change.position LIMIT $6";
const COMMITS: &str = "SELECT zone_id, version, serial FROM zone_commit \
     WHERE id >= $1 AND id <= $2 AND zone_id >= $3 AND zone_id <= $4 ORDER BY id";
const POSITION: &str = "SELECT commit_id, change_position FROM fold_position";
const LAST_COMMIT: &str = "SELECT coalesce(max(id), 0) FROM zone_commit";

//------------ Rows ------------------------------------------------------------------------------

row! {
    /// A change of the journal.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub(crate) struct Position {
        commit_id: i64,
        change_position: i64,
    }
}

impl Position {
    /// Before every change.
    pub(crate) const BEGINNING: Self = Self {
        commit_id: i64::MIN,
        change_position: i64::MIN,
    };
    /// After every change.
    pub(crate) const END: Self = Self {
        commit_id: i64::MAX,
        change_position: i64::MAX,
    };
}

row! {
    /// What a commit made of a zone.
    pub(crate) struct CommitRow {
        zone_id: i64,
        version: i64,
        serial: i64,
    }
}

row! {
    /// One record set before and after a commit.
    pub(crate) struct ChangeRow {
        zone_id: i64,
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
    /// Where it stands.
    pub(crate) fn place(&self) -> Position {
        Position {
            commit_id: self.commit_id,
            change_position: self.position,
        }
    }

    /// The row, for the message when it makes no sense.
    pub(crate) fn at(&self) -> At<String> {
        At {
            table: "zone_change",
            id: format!("commit {}, position {}", self.commit_id, self.position),
        }
    }

    /// The record set before and after.
    pub(crate) fn sets(&self) -> Result<(Option<RecordSet>, Option<RecordSet>), StoreError> {
        let before = self.set("before_data", self.before_ttl, self.before_data.as_deref())?;
        let after = self.set("after_data", self.after_ttl, self.after_data.as_deref())?;
        Ok((before, after))
    }

    /// That the row is no change.
    pub(crate) fn is_nothing(&self) -> StoreError {
        self.at()
            .corrupt("after_data", "there is nothing before and nothing after")
    }

    fn set(
        &self,
        column: &'static str,
        ttl: Option<i64>,
        data: Option<&[u8]>,
    ) -> Result<Option<RecordSet>, StoreError> {
        let at = self.at();
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
