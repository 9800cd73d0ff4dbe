//! The task that takes requests from the queue and commits them in groups.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, timeout};

use super::batch::Batch;
use super::{CommitError, Committed, Request, Work};
use crate::database::{Db, GroupTx};
use crate::error::{failed_to, in_doubt};
use crate::following::{Published, catch_up};
use crate::store::Publishing;
use crate::{Serving, StoreError, StoreStats};

/// The most requests in one transaction.
const MAX_BATCH: usize = 256;
/// How often to look what became of a transaction that failed in an unknown way.
const RECOVER_EVERY: Duration = Duration::from_secs(1);

/// The one writer of zones.
pub(crate) struct Writer {
    db: Db,
    serving: Serving,
    publishing: Publishing,
    committed: Arc<Notify>,
    /// Whether the last transaction failed: it may be durable all the same.
    is_in_doubt: bool,
    stats: Arc<StoreStats>,
}

impl Writer {
    pub(crate) fn new(
        db: Db,
        serving: Serving,
        publishing: Publishing,
        committed: Arc<Notify>,
    ) -> Self {
        Self {
            db,
            serving,
            publishing,
            committed,
            is_in_doubt: false,
            stats: Arc::default(),
        }
    }

    /// Counts what it does here.
    pub(crate) fn counting(self, stats: Arc<StoreStats>) -> Self {
        Self { stats, ..self }
    }

    /// Runs until the store is dropped, or told to stop and the queue is empty.
    pub(crate) async fn run(
        mut self,
        mut queue: mpsc::Receiver<Request>,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut requests = Vec::with_capacity(MAX_BATCH);
        let mut is_stopping = false;
        loop {
            tokio::select! {
                count = receive(&mut queue, &mut requests, self.is_in_doubt) => {
                    match count {
                        Some(0) => break,
                        Some(_) => self.process(&mut requests).await,
                        None => self.recover().await.unwrap_or_default(),
                    }
                }
                _ = stop.changed(), if !is_stopping => {
                    is_stopping = true;
                    queue.close();
                }
            }
        }
    }

    async fn process(&mut self, requests: &mut Vec<Request>) {
        let (works, replies): (Vec<_>, Vec<_>) = requests
            .drain(..)
            .map(|request| (request.work, request.reply))
            .unzip();
        let started = Instant::now();
        let outcome = self.write(works).await;
        let results: Vec<Result<Committed, CommitError>> = match outcome {
            Ok(results) => results,
            Err(error) => {
                tracing::error!(%error, cause = ?error, "changes could not be committed");
                replies.iter().map(|_| Err(error.clone().into())).collect()
            }
        };
        self.stats.note_group(&results, started.elapsed());
        for (reply, result) in replies.into_iter().zip(results) {
            // A caller that went away does not need the answer.
            let _ = reply.send(result);
        }
    }

    /// Writes and publishes one group; gives the result of each.
    async fn write(
        &mut self,
        works: Vec<Work>,
    ) -> Result<Vec<Result<Committed, CommitError>>, StoreError> {
        let publishing = Arc::clone(&self.publishing);
        let mut published = publishing.lock().await;
        let db = self.db.clone();
        let written = Box::pin(self.write_after(&mut published, works));
        let written = db.unless_silent(written).await;
        written.unwrap_or_else(|silent| {
            if self.is_in_doubt {
                Err(in_doubt(silent))
            } else {
                Err(failed_to("write changes of zones")(silent))
            }
        })
    }

    async fn write_after(
        &mut self,
        published: &mut Published,
        works: Vec<Work>,
    ) -> Result<Vec<Result<Committed, CommitError>>, StoreError> {
        let tx = self.begin(published).await?;
        let mut batch = Batch::new(tx, &self.serving, published);
        let mut results = Vec::with_capacity(works.len());
        for work in works {
            match batch.add(work).await {
                Err(CommitError::Store(error)) => return Err(error),
                result => results.push(result),
            }
        }
        self.is_in_doubt = true;
        let (snapshots, next) = batch.commit(&self.stats).await?;
        self.is_in_doubt = false;
        for snapshot in snapshots {
            self.serving.hosted.publish(snapshot);
        }
        published.place = next;
        self.committed.notify_one();
        Ok(results)
    }

    /// Begins a group, once what is served is what is stored.
    async fn begin(&mut self, published: &mut Published) -> Result<GroupTx, StoreError> {
        let mut tx = self.db.begin_commits().await?;
        if self.is_in_doubt || self.db.shared().is_some() {
            catch_up(tx.begun().await?, &self.serving, published).await?;
            self.is_in_doubt = false;
        }
        Ok(tx)
    }

    /// Serves what the last transaction left, if it is durable.
    async fn recover(&mut self) -> Result<(), StoreError> {
        let publishing = Arc::clone(&self.publishing);
        let mut published = publishing.lock().await;
        let db = self.db.clone();
        let recovered = Box::pin(async { self.begin(&mut published).await?.commit().await });
        db.unless_silent(recovered)
            .await
            .unwrap_or_else(|silent| Err(failed_to("see what became of the last change")(silent)))
    }
}

/// The requests that wait, or nothing after a while when something else is to be done too.
async fn receive(
    queue: &mut mpsc::Receiver<Request>,
    requests: &mut Vec<Request>,
    has_more_to_do: bool,
) -> Option<usize> {
    let received = queue.recv_many(requests, MAX_BATCH);
    if has_more_to_do {
        timeout(RECOVER_EVERY, received).await.ok()
    } else {
        Some(received.await)
    }
}
