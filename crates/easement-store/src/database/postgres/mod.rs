//! What PostgreSQL does in its own way.

mod leader;
mod locks;
mod news;
mod patient;

use std::str::FromStr as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool, Postgres, Row as _, Transaction};
use tokio::sync::watch;
use tokio::time::timeout;

pub(crate) use self::leader::Candidate;
use self::locks::Presence;
pub(crate) use self::locks::take_alone;
pub(crate) use self::patient::Patient;
use super::silence;
use crate::error::failed_to;
use crate::{OpenError, StoreError};

const CONNECTIONS: u32 = 12;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Statements of one text but several numbers of rows make many texts.
const STATEMENT_CACHE: usize = 250;
/// Long enough for the lock that is taken with the connection for zones, and not for a second try.
const ZONES_ACQUIRE_TIMEOUT: Duration = Duration::from_secs(6);
/// How long a connection may take to say that it can be used again, and all of them to be closed.
const GOOD_BYE: Duration = Duration::from_secs(3);
/// Whatever the server's defaults are: what is acknowledged must be durable, commits are seen by who waited
/// for them, and a node whose machine is gone or stands still must not keep its locks for hours.
///
/// The server must not end statements: it would end the wait for a synchronous standby, and then say that
/// the commit is done. This side gives up instead.
const SESSION: [(&str, &str); 8] = [
    ("synchronous_commit", "on"),
    ("default_transaction_isolation", "read committed"),
    ("statement_timeout", "0"),
    ("idle_in_transaction_session_timeout", "15s"),
    ("tcp_user_timeout", "25000"),
    ("tcp_keepalives_idle", "10"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "3"),
];
/// Sees one state of everything.
///
/// It holds no lock that anyone waits for, and whoever reads may be slow to use what was read.
const BEGIN_READING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; \
     SET LOCAL idle_in_transaction_session_timeout = 0";

/// The connections. Besides those, a node has one that listens and one that makes it the leader.
#[derive(Clone, Debug)]
pub(crate) struct PgPools {
    /// Everything but changes of zones.
    pub(crate) common: PgPool,
    /// The one connection that changes zones, and reads what other nodes changed: whoever holds
    /// `Publishing` has it. When it does not answer, it is left alone in its pool, and there is a new one.
    zones: Arc<Mutex<PgPool>>,
    presence: Arc<Presence>,
}

pub(super) async fn open(url: &str) -> Result<PgPools, OpenError> {
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| OpenError::Url(Arc::new(error)))?
        .application_name("easement")
        .statement_cache_capacity(STATEMENT_CACHE)
        .options(SESSION);
    let presence = Arc::new(Presence::default());
    let zones = zone_pool(&presence)
        .connect_with(options.clone())
        .await
        .map_err(|error| {
            if presence.is_refused() {
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
        zones: Arc::new(Mutex::new(zones)),
        presence,
    })
}

/// One connection, never given up on purpose, and asked before each use whether it is still there.
fn zone_pool(presence: &Arc<Presence>) -> PgPoolOptions {
    let presence = Arc::clone(presence);
    PgPoolOptions::new()
        .max_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(ZONES_ACQUIRE_TIMEOUT)
        .after_connect(move |connection, _| {
            let presence = Arc::clone(&presence);
            Box::pin(async move { presence.take(connection).await })
        })
        .after_release(|connection, _| Box::pin(is_clean(connection)))
}

impl PgPools {
    /// Begins a transaction that changes zones. No other node's is under way, and a lost one of this
    /// node is over.
    pub(super) async fn begin_commits(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        let begun = self.zones().begin().await;
        let mut tx = begun.map_err(|error| self.cannot_begin(error))?;
        locks::lock_commits(&mut tx)
            .await
            .map_err(failed_to("wait until another node has committed"))?;
        Ok(tx)
    }

    /// Does work on the connection for zones for as long as the server answers. The connection of work that
    /// was given up is not used again.
    pub(crate) async fn unless_silent<T>(&self, work: impl Future<Output = T>) -> sqlx::Result<T> {
        let outcome = silence::unless_silent(silence::ANSWER, work).await;
        if outcome.is_err() {
            let mut zones = self.zones.lock().unwrap_or_else(PoisonError::into_inner);
            let options = zones.connect_options().as_ref().clone();
            *zones = zone_pool(&self.presence).connect_lazy_with(options);
        }
        outcome
    }

    fn zones(&self) -> PgPool {
        let zones = self.zones.lock();
        zones.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// For single statements.
    pub(super) fn patient(&self) -> Patient<'_> {
        Patient(&self.common)
    }

    /// Begins a transaction that reads what other nodes committed.
    pub(crate) async fn begin_following(
        &self,
    ) -> Result<Transaction<'static, Postgres>, StoreError> {
        let begun = self.zones().begin_with(BEGIN_READING).await;
        begun.map_err(|error| self.cannot_begin(error))
    }

    fn cannot_begin(&self, error: sqlx::Error) -> StoreError {
        if self.presence.is_refused() {
            failed_to("take the database back from another Easement server")(error)
        } else {
            failed_to("begin a transaction")(error)
        }
    }

    /// Passes on what other nodes tell. An empty text means that something may have been missed.
    pub(crate) fn news(&self) -> watch::Receiver<String> {
        let (sender, receiver) = watch::channel(String::new());
        tokio::spawn(news::listen(self.clone(), sender));
        receiver
    }

    /// What makes this node the leader, or not.
    pub(crate) fn candidate(&self) -> Candidate {
        Candidate::new(self.clone())
    }

    pub(super) async fn close(&self) {
        let zones = self.zones();
        let closed = async { tokio::join!(self.common.close(), zones.close()) };
        // Connections that do not answer end with the process.
        let _ = timeout(GOOD_BYE, closed).await;
    }
}

/// Tells the other nodes, when the transaction becomes durable.
pub(super) async fn tell(
    tx: &mut Transaction<'static, Postgres>,
    news: &str,
) -> Result<(), StoreError> {
    news::tell(tx, news)
        .await
        .map_err(failed_to("tell other nodes of a commit"))
}

/// Whether a connection that goes back to the pool is outside any transaction; if not, it is closed.
///
/// sqlx 0.9.0 leaves a connection inside a transaction when `begin` is cancelled. No transaction of
/// ours begins in a future that can be cancelled; this is the second fence. Outside a transaction both
/// times are those of this very statement. A `ROLLBACK` would do as well, but the server logs a
/// warning for each one that was not needed.
async fn is_clean(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let asked = sqlx::raw_sql("SELECT now() = statement_timestamp()").fetch_one(connection);
    silence::unless_silent(GOOD_BYE, asked).await??.try_get(0)
}

/// Whether the server said that a commit failed. When nothing came, or the server ended the connection
/// while the commit waited for a standby, it may be durable.
pub(super) fn says_that_it_failed(error: &sqlx::Error) -> bool {
    let said = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    said.is_some_and(|code| !code.starts_with("57") && !code.starts_with("08"))
}

/// A transaction that sees one state of everything.
pub(super) async fn begin_reading(pool: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
    pool.begin_with(BEGIN_READING).await
}

#[cfg(test)]
mod tests;
