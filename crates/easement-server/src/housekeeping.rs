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

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use easement_outbound::{SystemClock, SystemRandom};
    use tempfile::TempDir;
    use tokio::task::{JoinHandle, LocalSet, spawn_local, yield_now};

    use super::*;
    use crate::config::{Config, PublicUrl};
    use crate::oauth::test_place::Place;
    use crate::{App, ServiceProviders, Surroundings};

    /// A node, and a job of it that counts how often it runs.
    struct Node {
        app: App,
        runs: Arc<AtomicU64>,
        job: JoinHandle<()>,
        stop: watch::Sender<bool>,
        _folder: TempDir,
    }

    impl Node {
        async fn start(place: &Place) -> Self {
            let folder = TempDir::with_prefix("easement-node-").unwrap();
            let mut config = Config::default();
            let web = SocketAddr::from(([127, 0, 0, 1], 0));
            config.server.public_url = PublicUrl::loopback(web).unwrap();
            config.server.listen = vec![web];
            config.dns.listen = vec![web];
            config.dns.name_servers = vec!["ns1.example.test".parse().unwrap()];
            config.store.data_dir = folder.path().to_owned();
            config.store.postgres_url = place.url();
            let around = Surroundings {
                clock: Arc::new(SystemClock),
                random: Arc::new(SystemRandom),
                service_providers: ServiceProviders::OnThisMachine,
            };
            let app = Box::pin(App::start(config, around)).await.unwrap();
            let runs = Arc::<AtomicU64>::default();
            let (stop, stopping) = watch::channel(false);
            let (state, counter) = (Arc::clone(app.state()), Arc::clone(&runs));
            let job = spawn_local(async move {
                repeat(Duration::from_millis(5), &state, stopping, async |state| {
                    // What every run of housekeeping does: the purge of deliveries, and the sweep of leases.
                    forget_the_old(state).await.unwrap();
                    take_away_what_lapsed(state).await.unwrap();
                    counter.fetch_add(1, Ordering::Relaxed);
                })
                .await;
            });
            Self {
                app,
                runs,
                job,
                stop,
                _folder: folder,
            }
        }

        fn runs(&self) -> u64 {
            self.runs.load(Ordering::Relaxed)
        }

        /// The test runner ends a test in which it never comes.
        async fn has_run(&self, times: u64) {
            while self.runs() < times {
                yield_now().await;
            }
        }

        async fn stop(self) {
            self.stop.send_replace(true);
            self.job.await.unwrap();
            self.app.shutdown().await;
        }
    }

    #[tokio::test]
    async fn jobs_run_on_one_node_and_then_on_the_next() {
        let test = "jobs_run_on_one_node_and_then_on_the_next";
        let Some(place) = Place::postgres(test) else {
            return;
        };
        let nodes = async {
            let one = Box::pin(Node::start(&place)).await;
            let two = Box::pin(Node::start(&place)).await;
            one.has_run(20).await;
            assert_eq!(two.runs(), 0, "the first node does it");
            one.stop().await;
            two.has_run(5).await;
            two.stop().await;
        };
        LocalSet::new().run_until(Box::pin(nodes)).await;
    }
}
