//! Looks for commits of other nodes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::{Place, catch_up};
use crate::database::{On, PgPools, Trouble, Turn};
use crate::error::failed_to;
use crate::store::Publishing;
use crate::{Serving, StoreError, StoreStats};

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
    trouble: Trouble,
    stats: Arc<StoreStats>,
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
            trouble: Trouble::default(),
            stats: Arc::default(),
        }
    }

    /// Counts what it does here.
    pub(crate) fn counting(self, stats: Arc<StoreStats>) -> Self {
        Self { stats, ..self }
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
            self.note(&outcome);
        }
    }

    /// Catches up, unless what was told is served already, as after a commit of this node itself.
    async fn follow(&self, told: Option<Place>) -> Result<(), StoreError> {
        let mut published = self.publishing.lock().await;
        let begun = Instant::now();
        if told.is_some_and(|told| published.place.covers(told)) {
            return Ok(());
        }
        let followed = async {
            let mut tx = On::Postgres(self.pools.begin_following().await?);
            let was_behind = catch_up(&mut tx, &self.serving, &mut published).await?;
            tx.commit().await?;
            Ok(was_behind)
        };
        let followed = self.pools.unless_silent(followed).await;
        let was_behind =
            followed.unwrap_or_else(|silent| Err(failed_to("follow other servers")(silent)))?;
        self.stats.note_caught_up(begun);
        if was_behind {
            self.committed.notify_one();
        }
        Ok(())
    }

    /// Says once that the database is away, and once that it is back.
    fn note(&mut self, outcome: &Result<(), StoreError>) {
        match (self.trouble.note(outcome), outcome) {
            (Some(Turn::Begins), Err(error)) => {
                tracing::error!(%error, cause = ?error, "commits of other servers cannot be followed: DNS answers with what is in memory");
            }
            (Some(Turn::Ends), _) => tracing::info!("commits of other servers are followed again"),
            (Some(Turn::Begins), Ok(())) | (None, _) => {}
        }
    }
}
