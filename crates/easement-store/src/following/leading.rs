//! One node leads: it does what only one node may do at a time.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::database::{Candidate, Db};

/// How often the leader gives a sign of life, and others try to become it.
const EVERY: Duration = Duration::from_secs(1);

/// Knows whether this node leads.
#[derive(Clone, Debug)]
pub(crate) struct Leading(watch::Receiver<bool>);

impl Leading {
    /// Leads, or waits to. A store that shares its database with nobody leads always.
    pub(crate) async fn start(
        db: &Db,
        stop: watch::Receiver<bool>,
    ) -> (Self, Option<JoinHandle<()>>) {
        let Some(pools) = db.shared() else {
            return (Self(watch::channel(true).1), None);
        };
        let mut candidate = pools.candidate();
        // The first node leads from the beginning.
        let (sender, receiver) = watch::channel(candidate.leads().await);
        let task = tokio::spawn(run(candidate, sender, stop));
        (Self(receiver), Some(task))
    }

    /// Whether it does at this moment.
    pub(crate) fn is_now(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until this node leads. When the store was shut down, that is never.
    pub(crate) async fn wait(&mut self) {
        if self.0.wait_for(|leads| *leads).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

async fn run(
    mut candidate: Candidate,
    leads: watch::Sender<bool>,
    mut stop: watch::Receiver<bool>,
) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.changed() => break,
        }
        let now = candidate.leads().await;
        if leads.send_replace(now) != now {
            tracing::info!(
                leads = now,
                "the server that does the periodic jobs changed"
            );
        }
    }
    leads.send_replace(false);
    candidate.resign().await;
}
