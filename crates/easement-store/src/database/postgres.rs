//! What PostgreSQL does in its own way.

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection as _, PgConnection, PgPool, Postgres, Row as _, Transaction};

use super::Lock;
use crate::OpenError;
use crate::error::failed_to;

const CONNECTIONS: u32 = 12;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Statements of one text but several numbers of rows make many texts.
const STATEMENT_CACHE: usize = 250;
/// The advisory lock that one server holds: "easement" in octets.
const LOCK_KEY: i64 = i64::from_be_bytes(*b"easement");
/// How long to wait for the connection of a server that died to be noticed.
const LOCK_TIMEOUT: &str = "SET lock_timeout = '5s'";
/// The code of a statement that waited longer than `lock_timeout`.
const LOCK_NOT_AVAILABLE: &str = "55P03";

pub(super) async fn open(url: &str) -> Result<(PgPool, Lock), OpenError> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| OpenError::Url(Arc::new(error)))?
        .application_name("easement")
        .statement_cache_capacity(STATEMENT_CACHE)
        // Whatever the server's default is: what is acknowledged must be durable.
        .options([("synchronous_commit", "on")]);
    let lock = take_lock(&options).await?;
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_release(|connection, _| Box::pin(is_clean(connection)))
        .connect_with(options)
        .await
        .map_err(failed_to("connect to the database"))?;
    Ok((pool, lock))
}

async fn take_lock(options: &PgConnectOptions) -> Result<Lock, OpenError> {
    let mut connection = PgConnection::connect_with(options)
        .await
        .map_err(failed_to("connect to the database"))?;
    sqlx::query(LOCK_TIMEOUT)
        .execute(&mut connection)
        .await
        .map_err(failed_to("set up a connection"))?;
    let locked = sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(LOCK_KEY)
        .execute(&mut connection)
        .await;
    match locked {
        Ok(_) => Ok(Lock::Connection(Box::new(connection))),
        Err(sqlx::Error::Database(error))
            if error.code().as_deref() == Some(LOCK_NOT_AVAILABLE) =>
        {
            Err(OpenError::LockedDatabase)
        }
        Err(error) => Err(failed_to("lock the database")(error).into()),
    }
}

/// Waits until the transactions of a server that died have ended: one whose `COMMIT` was on its way
/// when the server died may become durable after the next server took the lock.
pub(super) async fn settle(pool: &PgPool) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query("LOCK TABLE zone_commit IN SHARE MODE")
        .execute(&mut *tx)
        .await?;
    tx.rollback().await
}

/// Whether a connection that goes back to the pool is outside any transaction; if not, it is closed.
///
/// sqlx 0.9.0 leaves a connection inside a transaction when `begin` is cancelled. No transaction of
/// ours begins in a future that can be cancelled; this is the second fence. Outside a transaction both
/// times are those of this very statement. A `ROLLBACK` would do as well, but the server logs a
/// warning for each one that was not needed.
async fn is_clean(connection: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::raw_sql("SELECT now() = statement_timestamp()")
        .fetch_one(connection)
        .await?
        .try_get(0)
}

/// A transaction that sees one state of everything.
pub(super) async fn begin_reading(pool: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
    pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        .await
}
