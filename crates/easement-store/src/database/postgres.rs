//! What PostgreSQL does in its own way.

use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool, Postgres, Row as _, Transaction};

use crate::error::failed_to;
use crate::{OpenError, StoreError};

const CONNECTIONS: u32 = 12;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Statements of one text but several numbers of rows make many texts.
const STATEMENT_CACHE: usize = 250;
/// The advisory lock that one server holds: "easement" in octets.
pub(crate) const LOCK_KEY: i64 = i64::from_be_bytes(*b"easement");
/// How long to wait for the connection of a server that died to be noticed.
const LOCK_TIMEOUT: &str = "SET lock_timeout = '5s'";
const NO_LOCK_TIMEOUT: &str = "SET lock_timeout = 0";
/// Long enough for that, and not for a second try.
const LOCK_ACQUIRE_TIMEOUT: Duration = Duration::from_secs(6);
/// The code of a statement that waited longer than `lock_timeout`.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// The connections.
#[derive(Clone, Debug)]
pub(crate) struct PgPools {
    /// Everything but changes of zones.
    pub(crate) common: PgPool,
    /// The one connection that changes zones. It holds the lock that keeps other servers away, so a
    /// transaction on it cannot outlive the lock: when the connection is lost, both are.
    pub(crate) commits: PgPool,
    lock: Arc<SessionLock>,
}

/// What is known of the lock that the connection for commits takes when it is made.
#[derive(Debug, Default)]
struct SessionLock {
    taken: AtomicU64,
    is_refused: AtomicBool,
}

pub(super) async fn open(url: &str) -> Result<PgPools, OpenError> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| OpenError::Url(Arc::new(error)))?
        .application_name("easement")
        .statement_cache_capacity(STATEMENT_CACHE)
        // Whatever the server's default is: what is acknowledged must be durable.
        .options([("synchronous_commit", "on")]);
    let lock = Arc::new(SessionLock::default());
    let commits = commit_pool(&lock)
        .connect_with(options.clone())
        .await
        .map_err(|error| {
            if lock.is_refused.load(Ordering::Relaxed) {
                return OpenError::LockedDatabase;
            }
            failed_to("connect to the database")(error).into()
        })?;
    let common = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .after_release(|connection, _| Box::pin(is_clean(connection)))
        .connect_with(options)
        .await
        .map_err(failed_to("connect to the database"))?;
    Ok(PgPools {
        common,
        commits,
        lock,
    })
}

/// One connection, never given up on purpose, and asked before each use whether it is still there.
fn commit_pool(lock: &Arc<SessionLock>) -> PgPoolOptions {
    let lock = Arc::clone(lock);
    PgPoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(LOCK_ACQUIRE_TIMEOUT)
        .after_connect(move |connection, _| {
            let lock = Arc::clone(&lock);
            Box::pin(async move { lock.take(connection).await })
        })
}

impl SessionLock {
    /// Takes the lock for as long as the connection lives. An earlier connection of a server that died,
    /// or of this one, lets go of it only when its last transaction is over: none of them becomes
    /// durable after this.
    async fn take(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        sqlx::raw_sql(LOCK_TIMEOUT)
            .execute(&mut *connection)
            .await?;
        let locked = sqlx::query("SELECT pg_advisory_lock($1)")
            .bind(LOCK_KEY)
            .execute(&mut *connection)
            .await;
        let is_refused = locked.as_ref().is_err_and(is_lock_timeout);
        self.is_refused.store(is_refused, Ordering::Relaxed);
        locked?;
        sqlx::raw_sql(NO_LOCK_TIMEOUT).execute(connection).await?;
        self.taken.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

fn is_lock_timeout(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    code.as_deref() == Some(LOCK_NOT_AVAILABLE)
}

impl PgPools {
    pub(super) fn tenure(&self) -> u64 {
        self.lock.taken.load(Ordering::Relaxed)
    }

    pub(super) async fn begin_commits(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        self.commits.begin().await.map_err(|error| {
            if self.lock.is_refused.load(Ordering::Relaxed) {
                failed_to("take the database back from another Easement server")(error)
            } else {
                failed_to("begin a transaction")(error)
            }
        })
    }
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
