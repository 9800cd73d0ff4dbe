//! What SQLite and PostgreSQL do in their own ways when a database is read or filled as a whole.

use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};

use super::archive::TableHead;
use super::tables::StoredTable;
use crate::database::{On, SqliteTx, Tx, on, take_alone};
use crate::error::failed_to;
use crate::{OpenError, StoreConfig, StoreError};

/// How long to wait for another process to let go of an SQLite file, or for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// One connection for the whole work.
pub(super) type OnePool = On<SqlitePool, PgPool>;

/// Begins to read one state of everything, beside a server that may be running.
pub(super) async fn begin_reading(config: &StoreConfig) -> Result<(OnePool, Tx), OpenError> {
    let fail = failed_to("begin to read");
    match config {
        StoreConfig::Sqlite { path } => {
            let options = SqliteConnectOptions::new()
                .filename(path)
                .read_only(true)
                .create_if_missing(false);
            let pool = sqlite_pool(options).await?;
            let tx = pool.begin().await.map_err(fail)?;
            Ok((On::Sqlite(pool), On::Sqlite(SqliteTx::Pooled(tx))))
        }
        StoreConfig::Postgres { url } => {
            let pool = postgres_pool(url).await?;
            let tx = pool
                .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                .await
                .map_err(fail)?;
            Ok((On::Postgres(pool), On::Postgres(tx)))
        }
    }
}

/// Begins to fill a new file that nobody else knows. It needs no journal: when this fails or is stopped,
/// the file is thrown away.
pub(super) async fn begin_file(path: &Path) -> Result<(OnePool, Tx), OpenError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Off)
        .synchronous(SqliteSynchronous::Off)
        .foreign_keys(true);
    let pool = sqlite_pool(options).await?;
    let tx = pool
        .begin()
        .await
        .map_err(failed_to("begin a transaction"))?;
    Ok((On::Sqlite(pool), On::Sqlite(SqliteTx::Pooled(tx))))
}

/// Begins to fill a database that no server has.
pub(super) async fn begin_filling(url: &str) -> Result<(OnePool, Tx), OpenError> {
    let pool = postgres_pool(url).await?;
    let mut tx = pool
        .begin()
        .await
        .map_err(failed_to("begin a transaction"))?;
    let is_free = take_alone(&mut tx)
        .await
        .map_err(failed_to("take the lock of the database"))?;
    if !is_free {
        return Err(OpenError::LockedDatabase);
    }
    Ok((On::Postgres(pool), On::Postgres(tx)))
}

async fn sqlite_pool(options: SqliteConnectOptions) -> Result<SqlitePool, OpenError> {
    Ok(SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options.busy_timeout(PATIENCE))
        .await
        .map_err(failed_to("open the database file"))?)
}

async fn postgres_pool(url: &str) -> Result<PgPool, OpenError> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| OpenError::Url(Arc::new(error)))?
        .application_name("easement backup");
    Ok(PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .connect_with(options)
        .await
        .map_err(failed_to("connect to the database"))?)
}

//------------ Ids -------------------------------------------------------------------------------

const SQLITE_LAST_ID: &str = "SELECT seq FROM sqlite_sequence WHERE name = $1";
const POSTGRES_LAST_ID: &str = "SELECT pg_sequence_last_value(pg_get_serial_sequence($1, 'id')::regclass) \
     FROM information_schema.columns WHERE table_schema = current_schema() \
     AND table_name = $1 AND column_name = 'id' AND is_identity = 'YES'";

/// The highest id that this table ever gave out, when it is the database that gives them.
pub(super) async fn last_id(tx: &mut Tx, table: &str) -> Result<Option<i64>, StoreError> {
    let sql = match tx {
        On::Sqlite(_) => SQLITE_LAST_ID,
        On::Postgres(_) => POSTGRES_LAST_ID,
    };
    let found: Option<Option<i64>> = on!(tx, tx => sqlx::query_scalar(sql)
        .bind(table)
        .fetch_optional(&mut **tx)
        .await)
    .map_err(failed_to("find the last id of a table"))?;
    Ok(found.flatten())
}

/// Lets a table give out ids after this one.
pub(super) async fn set_last_id(tx: &mut Tx, table: &str, id: i64) -> Result<(), StoreError> {
    /// `sqlite_sequence` has no key, so nothing there can be updated or inserted in one statement.
    const SQLITE: [&str; 2] = [
        "DELETE FROM sqlite_sequence WHERE name = $1 AND seq <> $2",
        "INSERT INTO sqlite_sequence (name, seq) SELECT $1, $2 \
         WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = $1)",
    ];
    const POSTGRES: [&str; 1] = ["SELECT setval(pg_get_serial_sequence($1, 'id'), $2)"];
    let texts: &[&'static str] = match tx {
        On::Sqlite(_) => &SQLITE,
        On::Postgres(_) => &POSTGRES,
    };
    for &text in texts {
        on!(&mut *tx, tx => sqlx::query(text)
            .bind(table)
            .bind(id)
            .execute(&mut **tx)
            .await
            .map(|_| ()))
        .map_err(failed_to("set the last id of a table"))?;
    }
    Ok(())
}

/// The statement that rows of a table are put in with, up to the values. PostgreSQL has to be told that
/// ids are given and not made.
pub(super) fn insert_text(tx: &Tx, table: &StoredTable, head: &TableHead) -> String {
    let columns: Vec<&str> = head
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    let overriding = match tx {
        On::Sqlite(_) => "",
        On::Postgres(_) => "OVERRIDING SYSTEM VALUE ",
    };
    let (name, columns) = (table.name, columns.join(", "));
    format!("INSERT INTO {name} ({columns}) {overriding}")
}

/// Removes the tables of this program, so that they can be made anew. PostgreSQL does that within the
/// transaction; an SQLite file is new.
pub(super) async fn drop_tables(tx: &mut Tx, tables: &[&str]) -> Result<(), StoreError> {
    for table in tables.iter().rev() {
        let sql = format!("DROP TABLE {table} CASCADE");
        on!(&mut *tx, tx => sqlx::query(sqlx::AssertSqlSafe(sql))
            .execute(&mut **tx)
            .await
            .map(|_| ()))
        .map_err(failed_to("remove a table"))?;
    }
    Ok(())
}
