//! What the commit queue has done, for monitoring.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use easement_core::{Histogram, HistogramReading};
use tokio::time::Instant;

use crate::commits::{CommitError, Committed};
use crate::database::on;
use crate::error::failed_to;
use crate::{Store, StoreError};

/// Sizes of groups: powers of two up to the largest group.
const GROUP_SIZES: [u64; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 256];
/// From a fast disk to one that an operator wants to hear about, in microseconds.
const MICROSECONDS: [u64; 11] = [
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 2_500_000, 10_000_000,
];

/// Counts since the store was opened. Reading them never slows a commit down.
#[derive(Debug)]
pub struct StoreStats {
    committed: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    waiting: AtomicU64,
    changes_written: AtomicU64,
    group_sizes: Histogram,
    group_microseconds: Histogram,
    /// When all commits of all nodes were last seen; nothing when there can be no other node.
    caught_up: Mutex<Option<Instant>>,
}

impl StoreStats {
    /// How many changes were committed.
    pub fn committed(&self) -> u64 {
        self.committed.load(Ordering::Relaxed)
    }

    /// How many changes were refused because of what they are, such as one that was planned from an old
    /// version.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// How many changes failed because of the database.
    pub fn failed(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }

    /// How many changes were asked for and not answered yet: in the queue, before it, or being written.
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// How many changes of record sets were written to the journal, those of a transaction that goes on
    /// among them: how far a long one has come.
    pub fn changes_written(&self) -> u64 {
        self.changes_written.load(Ordering::Relaxed)
    }

    /// How many changes shared a transaction.
    pub fn group_sizes(&self) -> HistogramReading {
        self.group_sizes.read()
    }

    /// How many microseconds a transaction took, from its beginning until it was durable and served.
    pub fn group_microseconds(&self) -> HistogramReading {
        self.group_microseconds.read()
    }

    pub(crate) fn note_changes(&self, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.changes_written.fetch_add(count, Ordering::Relaxed);
    }

    /// How long ago this node last saw the newest commit of any node: what it serves may be as old as that. No
    /// time at all when the database is its own.
    pub fn behind(&self) -> Duration {
        let caught_up = self.caught_up.lock();
        let caught_up = *caught_up.unwrap_or_else(PoisonError::into_inner);
        caught_up.map_or(Duration::ZERO, |at| at.elapsed())
    }

    /// This node has seen everything that was committed up to now.
    pub(crate) fn note_caught_up(&self, at: Instant) {
        let caught_up = self.caught_up.lock();
        *caught_up.unwrap_or_else(PoisonError::into_inner) = Some(at);
    }

    pub(crate) fn note_group(&self, results: &[Result<Committed, CommitError>], took: Duration) {
        let size = u64::try_from(results.len()).unwrap_or(u64::MAX);
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.group_sizes.observe(size);
        self.group_microseconds.observe(took);
        for result in results {
            let counter = match result {
                Ok(_) => &self.committed,
                Err(CommitError::Store(_)) => &self.failed,
                Err(_) => &self.refused,
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts somebody as waiting for as long as the value lives.
    pub(crate) fn wait(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(&self.waiting)
    }
}

impl Default for StoreStats {
    fn default() -> Self {
        Self {
            committed: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            waiting: AtomicU64::new(0),
            changes_written: AtomicU64::new(0),
            group_sizes: Histogram::new(&GROUP_SIZES),
            group_microseconds: Histogram::new(&MICROSECONDS),
            caught_up: Mutex::default(),
        }
    }
}

/// Somebody who waits for a change.
pub(crate) struct Waiting<'s>(&'s AtomicU64);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Store {
    /// How many commits the journal has that are not folded into the table of records yet.
    pub async fn unfolded_commits(&self) -> Result<u64, StoreError> {
        let commits: i64 = on!(self.db().reading(), db => sqlx::query_scalar(UNFOLDED)
            .fetch_one(db)
            .await)
        .map_err(failed_to("see how far the journal is folded"))?;
        Ok(u64::try_from(commits).unwrap_or_default())
    }
}

const UNFOLDED: &str = "SELECT (SELECT coalesce(max(id), 0) FROM zone_commit) - commit_id \
     FROM fold_position";
