//! What devices did with hosts: gathered beside the requests, and written a moment later, all together.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use easement_store::{NotedUpdate, Store};
use tokio::time::sleep;

/// How long updates are gathered before they are written.
const GATHER: Duration = Duration::from_millis(500);
/// The most updates that wait to be written. Beyond them the oldest are not counted: these are numbers for
/// people, the changes themselves are in the history of the zone.
const MAX_WAITING: usize = 100_000;

/// Gathers updates of hosts.
#[derive(Clone)]
pub(crate) struct HostNotes {
    store: Store,
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Default)]
struct Waiting {
    updates: Vec<NotedUpdate>,
    /// Whether a task is under way that will write them.
    is_due: bool,
}

impl HostNotes {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            waiting: Arc::default(),
        }
    }

    /// Notes updates; they are written a moment later.
    pub(crate) fn note(&self, updates: Vec<NotedUpdate>) {
        if updates.is_empty() {
            return;
        }
        let is_due = {
            let mut waiting = self.lock();
            let room = MAX_WAITING.saturating_sub(waiting.updates.len());
            waiting.updates.extend(updates.into_iter().take(room));
            std::mem::replace(&mut waiting.is_due, true)
        };
        if !is_due {
            let notes = self.clone();
            tokio::spawn(async move {
                sleep(GATHER).await;
                notes.lock().is_due = false;
                notes.write().await;
            });
        }
    }

    /// Writes what waits.
    pub(crate) async fn write(&self) {
        let updates = std::mem::take(&mut self.lock().updates);
        if updates.is_empty() {
            return;
        }
        let count = updates.len();
        if let Err(error) = self.store.note_host_updates(updates).await {
            tracing::warn!(%error, updates = count, "updates of hosts were not counted");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
