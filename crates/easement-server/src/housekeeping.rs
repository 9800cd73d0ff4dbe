//! What is done from time to time: forgetting what no longer counts.

use std::time::Duration;

use easement_core::ThrottlePolicy;
use easement_store::StoreError;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::state::Shared;

/// How often.
const EVERY: Duration = Duration::from_hours(1);

/// Runs until told to stop, while this node leads.
pub(crate) async fn run(state: Shared, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        tokio::select! {
            () = state.store.wait_to_lead() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        if let Err(error) = forget_the_old(&state).await {
            tracing::warn!(%error, "old sessions could not be forgotten");
        }
    }
}

/// Sessions that have ended by themselves, and failed tries that no policy looks at any more.
async fn forget_the_old(state: &Shared) -> Result<(), StoreError> {
    let sessions = state.store.purge_sessions(&state.settings.sessions).await?;
    let policies = [ThrottlePolicy::ACCOUNT, ThrottlePolicy::ADDRESS];
    let remembered = policies.map(|policy| policy.forget_after).into_iter().max();
    let before = state.clock.now().minus(remembered.unwrap_or_default());
    let attempts = state.store.purge_attempts(before).await?;
    tracing::debug!(
        sessions.ended = sessions,
        attempts.forgotten = attempts,
        "housekeeping"
    );
    Ok(())
}
