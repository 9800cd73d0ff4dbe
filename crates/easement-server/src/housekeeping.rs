//! What is done from time to time: forgetting what no longer counts.

use std::time::Duration;

use easement_core::ThrottlePolicy;
use easement_store::{LapsedName, LapsedText, StoreError};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::leases::take_away_lapsed;
use crate::state::{ServerState, Shared};

/// How often what no longer counts is forgotten.
const FORGET_EVERY: Duration = Duration::from_hours(1);
/// How often it is looked whether the time of a text or a name is over.
const LAPSE_EVERY: Duration = Duration::from_mins(1);

/// Runs until told to stop, while this node leads.
pub(crate) async fn run(state: Shared, stop: watch::Receiver<bool>) {
    let forget = repeat(FORGET_EVERY, &state, stop.clone(), async |state| {
        if let Err(error) = forget_the_old(state).await {
            tracing::warn!(%error, "what no longer counts could not be forgotten");
        }
    });
    let lapse = repeat(LAPSE_EVERY, &state, stop, async |state| {
        if let Err(error) = take_away_what_lapsed(state).await {
            tracing::warn!(%error, "it could not be looked for records whose time is over");
        }
    });
    tokio::join!(forget, lapse);
}

/// Takes away what was to stay in zones for a while.
pub(crate) async fn take_away_what_lapsed(state: &ServerState) -> Result<(), StoreError> {
    let texts = take_away_lapsed::<LapsedText>(state).await;
    // One kind does not wait for the other.
    take_away_lapsed::<LapsedName>(state).await?;
    texts
}

async fn repeat(
    every: Duration,
    state: &Shared,
    mut stop: watch::Receiver<bool>,
    job: impl AsyncFn(&Shared),
) {
    let mut ticks = interval(every);
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
        tokio::select! {
            () = job(state) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Sessions that have ended by themselves, failed tries that no policy looks at any more, and addresses and access
/// that ended and were kept long enough.
pub(crate) async fn forget_the_old(state: &Shared) -> Result<(), StoreError> {
    let sessions = state.store.purge_sessions(&state.settings.sessions).await?;
    let policies = [ThrottlePolicy::ACCOUNT, ThrottlePolicy::ADDRESS];
    let remembered = policies.map(|policy| policy.forget_after).into_iter().max();
    let before = state.clock.now().minus(remembered.unwrap_or_default());
    let attempts = state.store.purge_attempts(before).await?;
    let addresses_until = state.clock.now().minus(state.settings.keep_addresses);
    let hosts = state.store.forget_update_sources(addresses_until).await?;
    let mut forgotten = state.forgotten_addresses.lock().await;
    let place = &mut *forgotten;
    state.store.forget_addresses(addresses_until, place).await?;
    state.store.forget_oauth_tokens().await?;
    let before = state.clock.now().minus(state.settings.keep_ended_access);
    let grants = state.store.forget_grants(before).await?;
    let before = state.clock.now().minus(state.webhooks.log_time());
    let deliveries = state.store.purge_deliveries(before).await?;
    tracing::debug!(
        hosts.without_addresses = hosts,
        sessions.ended = sessions,
        deliveries.forgotten = deliveries,
        attempts.forgotten = attempts,
        grants.forgotten = grants,
        "housekeeping"
    );
    Ok(())
}
