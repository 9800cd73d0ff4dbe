//! How often it changed who may do what, so that what is remembered about it is asked again in time.
//!
//! Every change of a token, and of a role, begins the next epoch in its own transaction. Whoever remembers
//! what a token may do asks for the epoch first, which costs no query; and the queue of commits reads it in
//! the transaction of the commit, so no change is stored for a token that was revoked before, by whichever
//! node.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use easement_core::AccessEpoch;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::database::{Db, On, Pool, Tx, detached, on};
use crate::error::failed_to;
use crate::{Store, StoreError};

/// How often a node that shares its database looks for the epoch.
const EVERY: Duration = Duration::from_millis(250);
/// How long a node believes in an epoch that it cannot look for.
const BELIEVED: Duration = Duration::from_secs(2);

impl Store {
    /// The epoch, as this node knows it; nothing when it does not. A node that is alone knows it exactly,
    /// others within a quarter of a second.
    pub fn access_epoch(&self) -> Option<AccessEpoch> {
        self.access().get()
    }

    /// Looks for the epoch in the database.
    pub async fn read_access_epoch(&self) -> Result<AccessEpoch, StoreError> {
        let asked_at = Instant::now();
        let epoch = read_epoch(self.db().reading()).await?;
        self.access().note(epoch, asked_at);
        Ok(epoch)
    }

    /// Changes who may do what, in a transaction that begins the next epoch. Nothing is changed when the
    /// work fails.
    pub(crate) async fn change_access<T, E, W>(
        &self,
        work: impl FnOnce(Tx) -> W + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        W: Future<Output = Result<(Tx, T), E>> + Send,
    {
        let (db, access) = (self.db().clone(), self.access().clone());
        detached(async move {
            let mut tx = db.begin().await?;
            // First, so that changes of rights take turns, and nobody who has this row waits for another.
            let epoch = begin_epoch(&mut tx).await?;
            let (tx, outcome) = work(tx).await?;
            let asked_at = Instant::now();
            let committed = tx.commit().await;
            // Whether a transaction that failed is durable is not known.
            access.forget();
            committed?;
            access.note(epoch, asked_at);
            Ok(outcome)
        })
        .await
    }
}

async fn read_epoch(pool: Pool<'_>) -> Result<AccessEpoch, StoreError> {
    let epoch: i64 = on!(pool, db => sqlx::query_scalar(READ).fetch_one(db).await)
        .map_err(failed_to("look whether rights changed"))?;
    Ok(AccessEpoch(u64::try_from(epoch).unwrap_or_default()))
}

/// The epoch, which stays so until the transaction ends.
pub(crate) async fn lock_epoch(tx: &mut Tx) -> Result<AccessEpoch, StoreError> {
    let sql = match tx {
        // There is one writer at a time.
        On::Sqlite(_) => READ,
        On::Postgres(_) => LOCK,
    };
    let epoch: i64 = on!(tx, tx => sqlx::query_scalar(sql).fetch_one(&mut **tx).await)
        .map_err(failed_to("look whether rights changed"))?;
    Ok(AccessEpoch(u64::try_from(epoch).unwrap_or_default()))
}

async fn begin_epoch(tx: &mut Tx) -> Result<AccessEpoch, StoreError> {
    let epoch: i64 = on!(tx, tx => sqlx::query_scalar(BEGIN).fetch_one(&mut **tx).await)
        .map_err(failed_to("note that rights changed"))?;
    Ok(AccessEpoch(u64::try_from(epoch).unwrap_or_default()))
}

const READ: &str = "SELECT epoch FROM access_epoch WHERE id = 1";
const LOCK: &str = "SELECT epoch FROM access_epoch WHERE id = 1 FOR SHARE";
const BEGIN: &str = "UPDATE access_epoch SET epoch = epoch + 1 WHERE id = 1 RETURNING epoch";

//------------ KnownEpoch ------------------------------------------------------------------------

/// The epoch as this node knows it.
#[derive(Clone, Debug)]
pub(crate) struct KnownEpoch {
    /// The newest epoch, and when it was asked for.
    newest: Arc<Mutex<Option<(AccessEpoch, Instant)>>>,
    believed: Option<Duration>,
}

impl KnownEpoch {
    /// Of a node on this database: one that is alone believes in what it knows for ever.
    pub(crate) fn of(db: &Db) -> Self {
        Self {
            newest: Arc::default(),
            believed: db.shared().map(|_| BELIEVED),
        }
    }

    fn get(&self) -> Option<AccessEpoch> {
        let (epoch, asked_at) = (*self.lock())?;
        let is_fresh = self.believed.is_none_or(|limit| asked_at.elapsed() < limit);
        is_fresh.then_some(epoch)
    }

    /// An epoch that was asked for at this time. Answers may come in any order.
    fn note(&self, epoch: AccessEpoch, asked_at: Instant) {
        let mut newest = self.lock();
        if newest.is_none_or(|known| known <= (epoch, asked_at)) {
            *newest = Some((epoch, asked_at));
        }
    }

    fn forget(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(AccessEpoch, Instant)>> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks for the epoch from time to time, on a node that shares its database.
pub(crate) async fn follow(db: Db, known: KnownEpoch, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => return,
        }
        let asked_at = Instant::now();
        // That the database is away is said by those who follow commits.
        if let Ok(epoch) = read_epoch(db.reading()).await {
            known.note(epoch, asked_at);
        }
    }
}
