//! Looks for commits of other nodes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{MissedTickBehavior, interval};

use super::{Place, catch_up};
use crate::database::{On, PgPools};
use crate::store::Publishing;
use crate::{Serving, StoreError};

/// How often to look when nobody told anything: half of the second within which a commit is served by
/// every node.
const EVERY: Duration = Duration::from_millis(500);

/// The task that follows other nodes.
pub(crate) struct Follower {
    pools: PgPools,
    serving: Serving,
    publishing: Publishing,
    /// Wakes the task that folds.
    committed: Arc<Notify>,
    is_cut_off: bool,
}

impl Follower {
    pub(crate) fn new(
        pools: PgPools,
        serving: Serving,
        publishing: Publishing,
        committed: Arc<Notify>,
    ) -> Self {
        Self {
            pools,
            serving,
            publishing,
            committed,
            is_cut_off: false,
        }
    }

    /// Runs until the store is dropped or told to stop.
    pub(crate) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut news = self.pools.news();
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let told = tokio::select! {
                told = news.changed() => match told {
                    Ok(()) => Place::from_news(&news.borrow_and_update()),
                    Err(_) => None,
                },
                _ = ticks.tick() => None,
                _ = stop.changed() => return,
            };
            let outcome = self.follow(told).await;
            self.note(outcome);
        }
    }

    /// Catches up, unless what was told is served already, as after a commit of this node itself.
    async fn follow(&self, told: Option<Place>) -> Result<(), StoreError> {
        let mut place = self.publishing.lock().await;
        if told.is_some_and(|told| place.covers(told)) {
            return Ok(());
        }
        let mut tx = On::Postgres(self.pools.begin_following().await?);
        let was_behind = catch_up(&mut tx, &self.serving, &mut place).await?;
        tx.commit().await?;
        if was_behind {
            self.committed.notify_one();
        }
        Ok(())
    }

    /// Says once that the database is away, and once that it is back.
    fn note(&mut self, outcome: Result<(), StoreError>) {
        match outcome {
            Err(error) if !self.is_cut_off => {
                tracing::error!(%error, cause = ?error, "commits of other servers cannot be followed: DNS answers with what is in memory");
                self.is_cut_off = true;
            }
            Ok(()) if self.is_cut_off => {
                tracing::info!("commits of other servers are followed again");
                self.is_cut_off = false;
            }
            Ok(()) | Err(_) => {}
        }
    }
}
