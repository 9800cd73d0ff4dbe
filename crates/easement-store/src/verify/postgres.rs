//! What is asked of PostgreSQL about its tables.
//!
//! It has no check of its files that every user may call; `pg_amcheck` does that.

use sqlx::{AssertSqlSafe, PgPool};

use super::Problem;
use super::finding::Findings;
use crate::StoreError;
use crate::database::row;
use crate::error::failed_to;

/// Every foreign key, in names that may stand in a statement. Ours have one column.
const FOREIGN_KEYS: &str = "SELECT conrelid::regclass::text AS child, \
     quote_ident(own.attname) AS child_column, confrelid::regclass::text AS parent, \
     quote_ident(other.attname) AS parent_column FROM pg_constraint \
     JOIN pg_attribute AS own ON own.attrelid = conrelid AND own.attnum = conkey[1] \
     JOIN pg_attribute AS other ON other.attrelid = confrelid AND other.attnum = confkey[1] \
     WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY 1, 2";

row! {
    struct ForeignKeyRow {
        child: String,
        child_column: String,
        parent: String,
        parent_column: String,
    }
}

/// Checks whether rows that others belong to are there. The server sees to it, unless somebody told it
/// not to, or restored a part of the tables.
pub(super) async fn check_orphans(
    pool: &PgPool,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let keys: Vec<ForeignKeyRow> = sqlx::query_as(FOREIGN_KEYS)
        .fetch_all(pool)
        .await
        .map_err(failed_to("list the foreign keys"))?;
    for key in keys {
        let count = count_orphans(pool, &key).await;
        if let Some(count) = findings.note(count)?.filter(|count| *count > 0) {
            findings.add(
                None,
                Problem::Orphans {
                    table: key.child,
                    parent: key.parent,
                    count,
                },
            );
        }
    }
    Ok(())
}

async fn count_orphans(pool: &PgPool, key: &ForeignKeyRow) -> Result<i64, StoreError> {
    let ForeignKeyRow {
        child,
        child_column,
        parent,
        parent_column,
    } = key;
    let sql = format!(
        "SELECT count(*) FROM {child} AS child WHERE child.{child_column} IS NOT NULL \
         AND NOT EXISTS (SELECT FROM {parent} AS parent \
         WHERE parent.{parent_column} = child.{child_column})"
    );
    // The names come from the server's own catalogue, quoted by it.
    sqlx::query_scalar(AssertSqlSafe(sql))
        .fetch_one(pool)
        .await
        .map_err(failed_to("look for rows that belong nowhere"))
}
