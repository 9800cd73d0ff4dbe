//! What PostgreSQL does in its own way.

mod leader;
mod locks;
mod news;

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool, Postgres, Row as _, Transaction};
use tokio::sync::watch;

pub(crate) use self::leader::Candidate;
use self::locks::Presence;
pub(crate) use self::locks::take_alone;
use crate::error::failed_to;
use crate::{OpenError, StoreError};

const CONNECTIONS: u32 = 12;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Statements of one text but several numbers of rows make many texts.
const STATEMENT_CACHE: usize = 250;
/// Long enough for the lock that is taken with the connection for zones, and not for a second try.
const ZONES_ACQUIRE_TIMEOUT: Duration = Duration::from_secs(6);
/// Whatever the server's defaults are: what is acknowledged must be durable, and a node whose machine
/// is gone must not keep its locks for hours.
const SESSION: [(&str, &str); 4] = [
    ("synchronous_commit", "on"),
    ("tcp_keepalives_idle", "10"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "3"),
];
/// Sees one state of everything.
const BEGIN_READING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

/// The connections. Besides those, a node has one that listens and one that makes it the leader.
#[derive(Clone, Debug)]
pub(crate) struct PgPools {
    /// Everything but changes of zones.
    pub(crate) common: PgPool,
    /// The one connection that changes zones, and reads what other nodes changed: whoever holds
    /// `Publishing` has it.
    zones: PgPool,
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
        .connect_with(options.clone().options([locks::IDLE_IN_TRANSACTION]))
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
        zones,
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
        let begun = self.zones.begin().await;
        let mut tx = begun.map_err(|error| self.cannot_begin(error))?;
        locks::lock_commits(&mut tx)
            .await
            .map_err(failed_to("wait until another node has committed"))?;
        Ok(tx)
    }

    /// Begins a transaction that reads what other nodes committed.
    pub(crate) async fn begin_following(
        &self,
    ) -> Result<Transaction<'static, Postgres>, StoreError> {
        let begun = self.zones.begin_with(BEGIN_READING).await;
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
        self.common.close().await;
        self.zones.close().await;
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
    sqlx::raw_sql("SELECT now() = statement_timestamp()")
        .fetch_one(connection)
        .await?
        .try_get(0)
}

/// A transaction that sees one state of everything.
pub(super) async fn begin_reading(pool: &PgPool) -> sqlx::Result<Transaction<'static, Postgres>> {
    pool.begin_with(BEGIN_READING).await
}
