//! The store itself: opened, used by everyone, shut down.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use easement_core::Timestamp;
use tokio::sync::{Mutex, Notify, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use crate::access::{self, KnownEpoch};
use crate::commits::{Request, Writer};
use crate::database::{ANSWER, Db, FileLock};
use crate::error::failed_to;
use crate::following::{Follower, Leading, Place, Published, read_place};
use crate::own_thread::spawn_on_own_thread;
use crate::{OpenError, Serving, StoreConfig, StoreError, StoreStats, fold, migrations};

/// How many changes may wait for the queue; further callers wait before they enter it.
const QUEUE_CAPACITY: usize = 1024;
/// How long a store waits for its last changes when it stops.
const STOP: Duration = Duration::from_secs(6);

/// Everything that is kept, in SQLite or PostgreSQL. Cloning is cheap and gives the same store.
///
/// There is one concrete store and no trait for each capability: both databases are used through the
/// same code, so nothing else would implement such a trait. Tests use a real store in a temporary
/// folder.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    serving: Serving,
    queue: mpsc::Sender<Request>,
    stop: watch::Sender<bool>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    publishing: Publishing,
    stats: Arc<StoreStats>,
    leading: Leading,
    access: KnownEpoch,
    /// Kept until the database is closed, also while work goes on that nobody waits for.
    lock: Mutex<Option<Arc<FileLock>>>,
}

/// Held from reading what is stored until it is served, so that nobody serves an older state in place
/// of a newer one. Says how far what is served has come.
pub(crate) type Publishing = Arc<Mutex<Published>>;

impl Store {
    /// Opens the store, makes it when it is not there, and brings its tables up to date.
    ///
    /// Zones are not served yet: see [`Store::load_all`]. A file is kept from other processes until
    /// [`Store::shutdown`] has finished, or the process ends. On PostgreSQL this is one node of
    /// several: it serves what the others commit. A server that says nothing is not waited for.
    pub async fn open(config: &StoreConfig, serving: Serving) -> Result<Self, OpenError> {
        let (db, lock) = Db::open(config).await?;
        // On the heap: whoever opens a store has futures of their own around it.
        Box::pin(migrations::migrate(&db)).await?;
        let (queue, requests) = mpsc::channel(QUEUE_CAPACITY);
        let (stop, stopping) = watch::channel(false);
        let committed = Arc::new(Notify::new());
        let place = Box::pin(db.unless_silent_at_start(ANSWER, last_place(&db))).await?;
        let publishing: Publishing = Arc::new(Mutex::new(Published::at(place)));
        let (leading, standing) = Leading::start(&db, stopping.clone()).await;
        let stats = Arc::new(StoreStats::default());
        let writer = Writer::new(
            db.clone(),
            serving.clone(),
            Arc::clone(&publishing),
            Arc::clone(&committed),
        )
        .counting(Arc::clone(&stats));
        let access = KnownEpoch::of(&db);
        let access_follower = db.shared().map(|_| {
            let following = access::follow(db.clone(), access.clone(), stopping.clone());
            tokio::spawn(following)
        });
        let follower = db.shared().map(|pools| {
            let (publishing, committed) = (Arc::clone(&publishing), Arc::clone(&committed));
            stats.note_caught_up(Instant::now());
            let follower = Follower::new(pools.clone(), serving.clone(), publishing, committed)
                .counting(Arc::clone(&stats));
            tokio::spawn(follower.run(stopping.clone()))
        });
        let writer = holding(lock.clone(), writer.run(requests, stopping.clone()));
        let folding = fold::run(db.clone(), committed, leading.clone(), stopping);
        let mut tasks = vec![
            start_writer(&db, writer)?,
            tokio::spawn(holding(lock.clone(), folding)),
        ];
        tasks.extend(follower);
        tasks.extend(access_follower);
        tasks.extend(standing);
        Ok(Self {
            inner: Arc::new(Inner {
                db,
                serving,
                queue,
                stop,
                tasks: Mutex::new(tasks),
                publishing,
                stats,
                leading,
                access,
                lock: Mutex::new(lock),
            }),
        })
    }

    /// Waits until this node is the one that does what only one node may do at a time. A store that
    /// shares its database with nobody need not wait; one that was shut down waits for ever.
    pub async fn wait_to_lead(&self) {
        self.inner.leading.clone().wait().await;
    }

    /// Whether this node does at this moment what only one node may do at a time.
    pub fn leads(&self) -> bool {
        self.inner.leading.is_now()
    }

    /// Commits what is in the queue, refuses what comes later, and closes the database.
    pub async fn shutdown(&self) {
        self.inner.stop.send_replace(true);
        let end = Instant::now() + STOP;
        for task in self.inner.tasks.lock().await.drain(..) {
            self.end(task, end).await;
        }
        self.inner.db.close().await;
        self.inner.lock.lock().await.take();
    }

    /// Waits for a task; on a database of its own to its end, on a server that may have gone only until
    /// this time.
    async fn end(&self, mut task: JoinHandle<()>, limit: Instant) {
        let ended = match self.inner.db.shared() {
            None => Ok((&mut task).await),
            Some(_) => timeout_at(limit, &mut task).await,
        };
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "a task of the store ended badly"),
            Err(_) => {
                tracing::warn!("the database does not answer: the store stops without it");
                task.abort();
            }
        }
    }

    /// What surrounds the store.
    pub fn serving(&self) -> &Serving {
        &self.inner.serving
    }

    /// What the queue has done and how it is doing.
    pub fn stats(&self) -> &StoreStats {
        &self.inner.stats
    }

    /// How many changes are in the queue now, not yet taken by the writer.
    pub fn queue_length(&self) -> usize {
        let queue = self.queue();
        queue.max_capacity().saturating_sub(queue.capacity())
    }

    pub(crate) fn access(&self) -> &KnownEpoch {
        &self.inner.access
    }

    pub(crate) fn db(&self) -> &Db {
        &self.inner.db
    }

    pub(crate) fn publishing(&self) -> Publishing {
        Arc::clone(&self.inner.publishing)
    }

    pub(crate) fn queue(&self) -> &mpsc::Sender<Request> {
        &self.inner.queue
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.serving.clock.now()
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Store")
    }
}

/// On a file, commits are calls that wait for the disk.
fn start_writer(
    db: &Db,
    writer: impl Future<Output = ()> + Send + 'static,
) -> Result<JoinHandle<()>, StoreError> {
    match db.shared() {
        None => spawn_on_own_thread("commits", writer)
            .map_err(sqlx::Error::Io)
            .map_err(failed_to("start the thread of commits")),
        Some(_) => Ok(tokio::spawn(writer)),
    }
}

/// Where the journal ends now: what is served from here on, is followed from here on. A damaged database
/// that cannot say so is opened all the same, to be verified, and would be followed from its beginning.
async fn last_place(db: &Db) -> Result<Place, OpenError> {
    let mut tx = db.begin_reading().await?;
    match read_place(&mut tx).await {
        Ok(place) => {
            tx.commit().await?;
            Ok(place)
        }
        Err(error) if error.is_unavailable() => Err(error.into()),
        Err(_) => Ok(Place::default()),
    }
}

/// Runs a task that keeps the lock until it ends: a store that was shut down, or dropped with all its
/// commits done, can be opened again.
async fn holding(lock: Option<Arc<FileLock>>, task: impl Future<Output = ()>) {
    task.await;
    drop(lock);
}
