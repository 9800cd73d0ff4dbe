//! The task that takes requests from the queue and commits them in groups.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use easement_core::ZoneId;
use easement_zone::ZoneSnapshot;
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, timeout};

use super::batch::{Batch, Memory};
use super::{CommitError, Committed, Request};
use crate::database::Db;
use crate::load::{load_all, load_zone};
use crate::store::Publishing;
use crate::{Serving, StoreError, StoreStats};

/// The most requests in one transaction.
const MAX_BATCH: usize = 256;
/// How often zones are looked at again after a transaction that failed in an unknown way.
const RECOVER_EVERY: Duration = Duration::from_secs(1);

/// The one writer of zones.
pub(crate) struct Writer {
    db: Db,
    serving: Serving,
    publishing: Publishing,
    committed: Arc<Notify>,
    memory: Memory,
    /// Zones whose last transaction failed: it may be durable all the same.
    in_doubt: HashSet<ZoneId>,
    /// The tenure ([`Db::tenure`]) in which what is served was read or committed.
    tenure: u64,
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
            tenure: db.tenure(),
            db,
            serving,
            publishing,
            committed,
            memory: Memory::default(),
            in_doubt: HashSet::new(),
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
                count = receive(&mut queue, &mut requests, !self.in_doubt.is_empty()) => {
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
        works: Vec<super::Work>,
    ) -> Result<Vec<Result<Committed, CommitError>>, StoreError> {
        self.recover().await?;
        let publishing = Arc::clone(&self.publishing);
        let _publishing = publishing.lock().await;
        let mut batch = self.begin().await?;
        let mut results = Vec::with_capacity(works.len());
        for work in works {
            match batch.add(work).await {
                Err(CommitError::Store(error)) => return Err(error),
                result => results.push(result),
            }
        }
        let zones = batch.zones();
        match batch.commit().await {
            Ok(snapshots) => self.publish(snapshots),
            Err(error) => {
                self.in_doubt.extend(zones);
                return Err(error);
            }
        }
        self.committed.notify_one();
        Ok(results)
    }

    /// Begins a group, once what is served is what is stored.
    async fn begin(&mut self) -> Result<Batch<'_>, StoreError> {
        let tx = self.db.begin_commits().await?;
        let tenure = self.db.tenure();
        if tenure != self.tenure {
            tracing::warn!("the connection that commits was lost: all zones are read again");
            self.memory = Memory::default();
            load_all(&self.db, &self.serving).await?;
            self.tenure = tenure;
        }
        Batch::begin(tx, &self.serving, &mut self.memory).await
    }

    fn publish(&self, snapshots: Vec<ZoneSnapshot>) {
        for snapshot in snapshots {
            self.serving.hosted.publish(snapshot);
        }
    }

    /// Reads the zones again whose last transaction failed, so that what is served is what is stored.
    async fn recover(&mut self) -> Result<(), StoreError> {
        if self.in_doubt.is_empty() {
            return Ok(());
        }
        let _publishing = self.publishing.lock().await;
        // On a new connection this waits until the transaction of the lost one is over.
        self.db.begin_commits().await?.commit().await?;
        let zones: Vec<ZoneId> = self.in_doubt.iter().copied().collect();
        for zone in zones {
            if let Some(loaded) = load_zone(&self.db, zone).await? {
                self.serving
                    .hosted
                    .publish(loaded.into_snapshot(&self.serving));
            }
            self.in_doubt.remove(&zone);
        }
        Ok(())
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
