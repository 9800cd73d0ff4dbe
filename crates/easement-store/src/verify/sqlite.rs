//! What SQLite finds out about its file by itself.

use sqlx::SqlitePool;

use super::Problem;
use super::finding::Findings;
use crate::StoreError;
use crate::database::row;
use crate::error::failed_to;

/// So many sentences about damage; the first one says enough.
const INTEGRITY: &str = "PRAGMA integrity_check(10)";
const WHOLE: &str = "ok";
const ORPHANS: &str = "SELECT \"table\" AS child, parent, count(*) AS count \
     FROM pragma_foreign_key_check GROUP BY 1, 2 ORDER BY 1, 2";

row! {
    struct OrphanRow {
        child: String,
        parent: String,
        count: i64,
    }
}

/// Checks pages, indexes and constraints.
pub(super) async fn check_file(
    pool: &SqlitePool,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let said: Vec<String> = sqlx::query_scalar(INTEGRITY)
        .fetch_all(pool)
        .await
        .map_err(failed_to("check the database file"))?;
    for said in said.into_iter().filter(|said| said != WHOLE) {
        findings.add(None, Problem::Damaged { said });
    }
    Ok(())
}

/// Checks whether rows that others belong to are there.
pub(super) async fn check_orphans(
    pool: &SqlitePool,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let orphans: Vec<OrphanRow> = sqlx::query_as(ORPHANS)
        .fetch_all(pool)
        .await
        .map_err(failed_to("look for rows that belong nowhere"))?;
    for orphan in orphans {
        findings.add(
            None,
            Problem::Orphans {
                table: orphan.child,
                parent: orphan.parent,
                count: orphan.count,
            },
        );
    }
    Ok(())
}
