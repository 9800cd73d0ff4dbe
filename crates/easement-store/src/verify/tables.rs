//! What is checked about the store as a whole.

use super::finding::Findings;
use super::{Problem, postgres, sqlite};
use crate::StoreError;
use crate::database::{Db, On, Tx, on, row};
use crate::error::failed_to;

/// Asks the database what it knows about damage.
pub(super) async fn check_database(db: &Db, findings: &mut Findings) -> Result<(), StoreError> {
    if let On::Sqlite(pools) = db {
        let checked = sqlite::check_file(&pools.read, findings).await;
        findings.note(checked)?;
    }
    let checked = match db {
        On::Sqlite(pools) => sqlite::check_orphans(&pools.read, findings).await,
        On::Postgres(pools) => postgres::check_orphans(&pools.common, findings).await,
    };
    findings.note(checked)?;
    Ok(())
}

row! {
    /// The table of commits, in numbers.
    struct JournalRow {
        count: i64,
        first: i64,
        last: i64,
    }
}

row! {
    struct FoldRow {
        count: i64,
        commit_id: i64,
    }
}

const JOURNAL: &str = "SELECT count(*) AS count, coalesce(min(id), 1) AS first, \
     coalesce(max(id), 0) AS last FROM zone_commit";
const FIRST_MISSING: &str = "SELECT coalesce(min(id) + 1, 1) FROM zone_commit AS earlier \
     WHERE id >= 1 AND EXISTS (SELECT 1 FROM zone_commit WHERE id = 1) \
     AND NOT EXISTS (SELECT 1 FROM zone_commit AS later WHERE later.id = earlier.id + 1)";
const FOLD: &str = "SELECT count(*) AS count, coalesce(max(commit_id), 0) AS commit_id \
     FROM fold_position";
const COUNT_ZONES: &str = "SELECT count(*) FROM zone";

/// Ids of commits follow each other from 1 without a gap, and folding is not ahead of them. Gives the
/// number of zones.
pub(super) async fn check_journal(tx: &mut Tx, findings: &mut Findings) -> Result<u64, StoreError> {
    let journal: JournalRow = on!(&mut *tx, tx => sqlx::query_as(JOURNAL)
        .fetch_one(&mut **tx)
        .await)
    .map_err(failed_to("count commits"))?;
    if journal.count != journal.last || journal.first != 1 {
        let missing = first_missing(tx).await?;
        findings.add(None, Problem::MissingCommit { missing });
    }
    let fold: FoldRow = on!(&mut *tx, tx => sqlx::query_as(FOLD).fetch_one(&mut **tx).await)
        .map_err(failed_to("find the fold position"))?;
    if fold.count != 1 {
        findings.add(None, Problem::FoldPositions { count: fold.count });
    }
    if !(0..=journal.last).contains(&fold.commit_id) {
        let (position, last) = (fold.commit_id, journal.last);
        findings.add(None, Problem::FoldPosition { position, last });
    }
    let zones: i64 = on!(tx, tx => sqlx::query_scalar(COUNT_ZONES).fetch_one(&mut **tx).await)
        .map_err(failed_to("count zones"))?;
    Ok(u64::try_from(zones).unwrap_or_default())
}

async fn first_missing(tx: &mut Tx) -> Result<i64, StoreError> {
    on!(tx, tx => sqlx::query_scalar(FIRST_MISSING).fetch_one(&mut **tx).await)
        .map_err(failed_to("look for the commit that is missing"))
}
