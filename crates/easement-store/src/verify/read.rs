//! What a verification reads of one zone. Rows are looked at as they come and not kept.

use easement_zone::Name;
use futures_util::TryStreamExt as _;

use super::folded::FoldedRow;
use crate::StoreError;
use crate::database::{Tx, on, row};
use crate::error::failed_to;
use crate::history::CommitRow;
use crate::journal::{ChangeRow, Position};

/// How many commits are read at once.
const PAGE: i64 = 1_000;

row! {
    /// A zone as it is stored, unread.
    pub(super) struct HeadRow {
        id: i64,
        apex: String,
        spelling: String,
        domain_connect: bool,
        folded_version: i64,
        folded_serial: i64,
    }
}

impl HeadRow {
    /// The zone as findings call it: its name, or what stands in its place.
    pub(super) fn title(&self) -> String {
        let apex: Result<Name, _> = self.spelling.parse();
        apex.map_or_else(|_| self.spelling.clone(), |apex| apex.to_text())
    }
}

/// So many zones with ids after this one.
pub(super) async fn read_ids(tx: &mut Tx, after: i64) -> Result<Vec<i64>, StoreError> {
    on!(tx, tx => sqlx::query_scalar(IDS).bind(after).bind(PAGE).fetch_all(&mut **tx).await)
        .map_err(failed_to("list zones"))
}

pub(super) async fn read_head(tx: &mut Tx, zone: i64) -> Result<Option<HeadRow>, StoreError> {
    on!(tx, tx => sqlx::query_as(HEAD).bind(zone).fetch_optional(&mut **tx).await)
        .map_err(failed_to("read a zone"))
}

const IDS: &str = "SELECT id FROM zone WHERE id > $1 ORDER BY id LIMIT $2";
const HEAD: &str = "SELECT id, apex, spelling, domain_connect, folded_version, folded_serial \
     FROM zone WHERE id = $1";

//------------ The journal -----------------------------------------------------------------------

/// A part of one zone's journal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) zone: i64,
    /// Changes after this one, and commits after the one that it stands in.
    pub(super) after: Position,
    /// Changes up to this one, and commits up to the one that it stands in.
    pub(super) to: Position,
}

/// So many commits of a span, in the order of their versions, after this version.
pub(super) async fn read_commits(
    tx: &mut Tx,
    span: &Span,
    after_version: i64,
) -> Result<Vec<CommitRow>, StoreError> {
    on!(tx, tx => sqlx::query_as(COMMITS)
        .bind(span.zone)
        .bind(after_version)
        .bind(span.after.commit_id)
        .bind(span.to.commit_id)
        .bind(PAGE)
        .fetch_all(&mut **tx)
        .await)
    .map_err(failed_to("read the history of a zone"))
}

/// Gives each change of these versions in a span.
pub(super) async fn read_changes(
    tx: &mut Tx,
    span: &Span,
    versions: (i64, i64),
    mut each: impl FnMut(ChangeRow) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    on!(tx, tx => {
        let mut rows = sqlx::query_as::<_, ChangeRow>(CHANGES)
            .bind(span.zone)
            .bind(versions.0)
            .bind(versions.1)
            .bind(span.after.commit_id)
            .bind(span.after.change_position)
            .bind(span.to.commit_id)
            .bind(span.to.change_position)
            .fetch(&mut **tx);
        while let Some(row) = rows.try_next().await.map_err(failed_to("read changes"))? {
            each(row)?;
        }
        Ok(())
    })
}

/// Nobody's e-mail address is needed here.
const COMMITS: &str = "SELECT id, zone_id, version, serial, committed_at, actor_kind, actor_id, \
     address, source, sets_changed, records_added, records_removed, CAST(NULL AS TEXT) AS email, \
     CAST(NULL AS TEXT) AS client_name \
     FROM zone_commit WHERE zone_id = $1 AND version > $2 AND id > $3 AND id <= $4 \
     ORDER BY version LIMIT $5";
const CHANGES: &str = "SELECT zone_commit.zone_id, zone_change.commit_id, zone_change.position, \
     zone_change.owner, zone_change.rtype, zone_change.before_ttl, zone_change.before_data, \
     zone_change.after_ttl, zone_change.after_data \
     FROM zone_commit JOIN zone_change ON zone_change.commit_id = zone_commit.id \
     WHERE zone_commit.zone_id = $1 AND zone_commit.version >= $2 AND zone_commit.version <= $3 \
     AND (zone_change.commit_id, zone_change.position) > ($4, $5) \
     AND (zone_change.commit_id, zone_change.position) <= ($6, $7) \
     ORDER BY zone_commit.version, zone_change.position";

//------------ Folded records --------------------------------------------------------------------

/// Gives each folded record set of a zone, in the order of the table.
pub(super) async fn read_folded(
    tx: &mut Tx,
    zone: i64,
    mut each: impl FnMut(FoldedRow) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    on!(tx, tx => {
        let mut rows = sqlx::query_as::<_, FoldedRow>(FOLDED).bind(zone).fetch(&mut **tx);
        while let Some(row) = rows.try_next().await.map_err(failed_to("read records"))? {
            each(row)?;
        }
        Ok(())
    })
}

const FOLDED: &str = "SELECT zone_id, owner, rtype, spelling, ttl, data FROM record_set \
     WHERE zone_id = $1 ORDER BY owner, rtype";
