//! What devices did with hosts: gathered beside the requests, and written a moment later, some hosts at a
//! time, so that no change of a zone waits for long.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use easement_core::{HostUpdate, ZoneId};
use easement_store::{NotedUpdate, Store};
use easement_zone::Name;
use tokio::time::sleep;

/// How long updates are gathered before some are written.
const GATHER: Duration = Duration::from_millis(500);
/// Of how many hosts updates are written in one transaction.
const HOSTS_AT_ONCE: usize = 100;
/// The most updates that wait to be written. Those beyond are not counted: these are numbers for people, the
/// changes themselves are in the history of the zone.
const MAX_WAITING: usize = 50_000;

/// Gathers updates of hosts.
#[derive(Clone)]
pub(crate) struct HostNotes {
    store: Store,
    waiting: Arc<Mutex<Waiting>>,
}

/// A host of a zone.
type Key = (ZoneId, Name);

/// What waits to be written.
#[derive(Debug, Default)]
struct Waiting {
    of_hosts: HashMap<Key, Vec<HostUpdate>>,
    /// The hosts, the one that waits longest first.
    order: VecDeque<Key>,
    /// How many updates that is.
    count: usize,
    /// How many were left out since some were written last.
    left_out: usize,
    /// Whether a task is under way that writes them.
    is_being_written: bool,
}

impl Waiting {
    fn add(&mut self, noted: NotedUpdate) {
        if self.count >= MAX_WAITING {
            self.left_out += 1;
            return;
        }
        self.count += 1;
        let key = (noted.zone, noted.host);
        let updates = self.of_hosts.entry(key.clone()).or_default();
        if updates.is_empty() {
            self.order.push_back(key);
        }
        updates.push(noted.update);
    }

    /// The updates of so many hosts, and how many were left out.
    fn take(&mut self, hosts: usize) -> (Vec<NotedUpdate>, usize) {
        let mut taken = Vec::new();
        let some = hosts.min(self.order.len());
        for key in self.order.drain(..some) {
            let updates = self.of_hosts.remove(&key).unwrap_or_default();
            let (zone, host) = key;
            taken.extend(updates.into_iter().map(|update| NotedUpdate {
                zone,
                host: host.clone(),
                update,
            }));
        }
        self.count = self.count.saturating_sub(taken.len());
        (taken, std::mem::take(&mut self.left_out))
    }
}

impl HostNotes {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            waiting: Arc::default(),
        }
    }

    /// Notes updates; they are written a moment later.
    pub(crate) fn note(&self, updates: impl Iterator<Item = NotedUpdate>) {
        let has_writer = {
            let mut waiting = self.lock();
            updates.for_each(|update| waiting.add(update));
            if waiting.order.is_empty() {
                return;
            }
            std::mem::replace(&mut waiting.is_being_written, true)
        };
        if !has_writer {
            tokio::spawn(self.clone().write_in_time());
        }
    }

    async fn write_in_time(self) {
        loop {
            sleep(GATHER).await;
            self.write_some().await;
            let mut waiting = self.lock();
            if waiting.order.is_empty() {
                waiting.is_being_written = false;
                return;
            }
        }
    }

    /// Writes all that waits.
    pub(crate) async fn write(&self) {
        while self.write_some().await {}
    }

    /// Says whether there was anything.
    async fn write_some(&self) -> bool {
        let (updates, left_out) = self.lock().take(HOSTS_AT_ONCE);
        if left_out > 0 {
            tracing::warn!(
                updates = left_out,
                "too many updates of hosts to count them all"
            );
        }
        if updates.is_empty() {
            return false;
        }
        let count = updates.len();
        if let Err(error) = self.store.note_host_updates(updates).await {
            tracing::warn!(%error, updates = count, "updates of hosts were not counted");
        }
        true
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use easement_core::{Timestamp, UpdateProtocol};

    use super::*;

    fn noted(host: &str) -> NotedUpdate {
        NotedUpdate {
            zone: ZoneId::new(1),
            host: host.parse().unwrap(),
            update: HostUpdate {
                at: Timestamp::from_micros(0),
                addresses: Vec::new(),
                from: None,
                token: "x".parse().unwrap(),
                protocol: UpdateProtocol::Dyndns2,
                changed: true,
            },
        }
    }

    fn hosts(taken: &[NotedUpdate]) -> Vec<String> {
        taken.iter().map(|one| one.host.to_text()).collect()
    }

    #[test]
    fn hosts_are_taken_in_their_order_with_all_their_updates() {
        let mut waiting = Waiting::default();
        for host in ["a.test", "b.test", "A.test", "c.test"] {
            waiting.add(noted(host));
        }
        assert_eq!(hosts(&waiting.take(2).0), ["a.test", "a.test", "b.test"]);
        waiting.add(noted("a.test"));
        assert_eq!(hosts(&waiting.take(9).0), ["c.test", "a.test"]);
        assert_eq!((waiting.count, waiting.of_hosts.len()), (0, 0));
    }

    #[test]
    fn what_is_too_much_is_left_out_and_told() {
        let mut waiting = Waiting::default();
        for _ in 0..MAX_WAITING + 3 {
            waiting.add(noted("a.test"));
        }
        let (taken, left_out) = waiting.take(1);
        assert_eq!((taken.len(), left_out), (MAX_WAITING, 3));
        waiting.add(noted("a.test"));
        assert_eq!(waiting.take(1).1, 0);
    }
}
