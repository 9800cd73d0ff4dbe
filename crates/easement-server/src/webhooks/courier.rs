//! Takes what is due from the outbox and delivers it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use easement_core::{AuditEvent, DisabledBecause, RetrySchedule, Webhook, WebhookId};
use easement_outbound::http::SendError;
use easement_store::{
    DeliveryAttempt, DeliveryState, DueDelivery, NotedAttempt, Store, StoreError,
    WaitingDeliveries, WebhookChange,
};
use tokio::sync::watch;
use tokio::task::{self, JoinError, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use super::delivery_text;
use super::seats::{Seat, Seats};
use super::sender::TryError;
use crate::state::Shared;

/// How often the outbox is looked at. Nobody is told of new rows: other nodes write them, too.
const EVERY: Duration = Duration::from_millis(250);
/// How long a delivery keeps its seat when the store does not take down what became of it, so that its receiver
/// does not get it again and again.
const PAUSE: Duration = Duration::from_secs(30);
/// How long deliveries that are under way get to end when the server stops. They are made again otherwise.
const ENDING: Duration = Duration::from_secs(5);
/// How many characters are kept of why a try failed: others choose the words.
const MAX_PROBLEM: usize = 300;

/// Delivers until told to stop, while this node leads.
pub(crate) async fn run(state: Shared, mut stop: watch::Receiver<bool>) {
    let mut courier = Courier {
        state,
        seats: Seats::default(),
        under_way: JoinSet::new(),
        sitting: HashMap::new(),
        last: None,
        resting: HashMap::new(),
    };
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let ended = tokio::select! {
            _ = ticks.tick() => None,
            Some(ended) = courier.under_way.join_next_with_id() => Some(ended),
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let looked = match ended {
            Some(ended) => courier.go_on(ended).await,
            None => courier.look().await,
        };
        if let Err(error) = looked {
            tracing::debug!(%error, "the outbox of webhooks cannot be read");
        }
    }
    let ending = async { while courier.under_way.join_next().await.is_some() {} };
    if timeout(ENDING, ending).await.is_err() {
        tracing::info!("deliveries to webhooks were cut off, and are made again");
    }
}

struct Courier {
    state: Shared,
    seats: Seats,
    under_way: JoinSet<()>,
    sitting: HashMap<task::Id, Seat>,
    /// The webhook that got a seat last: the next one is first the next time.
    last: Option<WebhookId>,
    /// Webhooks that something is wrong with, and until when they are left alone.
    resting: HashMap<WebhookId, Instant>,
}

impl Courier {
    /// Looks for what is due. A webhook that something is wrong with holds up no other.
    async fn look(&mut self) -> Result<(), StoreError> {
        if !self.state.store.leads() {
            return Ok(());
        }
        let mut waiting = self.state.store.waiting_deliveries().await?;
        waiting.sort_by_key(|one| one.webhook);
        let next = waiting.partition_point(|one| Some(one.webhook) <= self.last);
        waiting.rotate_left(next);
        let now = Instant::now();
        self.resting.retain(|_, until| *until > now);
        for one in waiting {
            if self.resting.contains_key(&one.webhook) {
                continue;
            }
            if let Err(error) = self.look_at(one).await {
                let webhook = one.webhook.number();
                tracing::warn!(%error, webhook.number = webhook, "nothing is delivered to a webhook for a while");
                self.resting.insert(one.webhook, now + PAUSE);
            }
        }
        Ok(())
    }

    async fn look_at(&mut self, waiting: WaitingDeliveries) -> Result<(), StoreError> {
        let webhook = waiting.webhook;
        if waiting.count > RetrySchedule::MAX_WAITING {
            let because = DisabledBecause::Overrun;
            let change = WebhookChange::Disable(because);
            if self.state.store.change_webhook(webhook, change).await? {
                note_disabled(&self.state, webhook, because).await?;
            }
            return Ok(());
        }
        let is_due = waiting.first_due <= self.state.clock.now();
        if is_due && self.seats.free_for(webhook) > 0 {
            // Who got no seat, because those of its account are taken, keeps its place in the line.
            if self.start(webhook).await? > 0 {
                self.last = Some(webhook);
            }
        }
        Ok(())
    }

    /// One delivery is under way no more: whoever is next takes its place, which may be another webhook.
    async fn go_on(&mut self, ended: Result<(task::Id, ()), JoinError>) -> Result<(), StoreError> {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                tracing::error!(%error, "a delivery to a webhook ended badly");
                error.id()
            }
        };
        let Some(seat) = self.sitting.remove(&id) else {
            return Ok(());
        };
        self.seats.leave(seat);
        self.look().await
    }

    /// Starts what is due of a webhook, as far as there are seats; says how many deliveries that are.
    async fn start(&mut self, id: WebhookId) -> Result<usize, StoreError> {
        let store = &self.state.store;
        let due = store.due_deliveries(id, Seats::look_at()).await?;
        if due.is_empty() {
            return Ok(0);
        }
        let Some(webhook) = store.webhook(id).await? else {
            return Ok(0);
        };
        let mut started = 0_usize;
        let webhook = Arc::new(webhook);
        for delivery in due {
            let seat = Seat {
                account: webhook.account,
                webhook: id,
                delivery: delivery.id,
            };
            if self.seats.free_for(id) > 0 && self.seats.take(seat) {
                let (state, webhook) = (Arc::clone(&self.state), Arc::clone(&webhook));
                let task = self
                    .under_way
                    .spawn(async move { deliver(&state, &webhook, &delivery).await });
                self.sitting.insert(task.id(), seat);
                started = started.saturating_add(1);
            }
        }
        Ok(started)
    }
}

/// Tries one delivery, and notes what became of it.
async fn deliver(state: &Shared, webhook: &Webhook, delivery: &DueDelivery) {
    let (at, started) = (state.clock.now(), Instant::now());
    let sent_at = apertodns::Timestamp::from_unix_millis(at.as_micros() / 1000);
    let sent = state.webhooks.sender.send(webhook, delivery, sent_at).await;
    let took = started.elapsed();
    count(state, &sent);
    let (status, problem) = match &sent {
        Ok(status) => (Some(*status), None),
        Err(error) => {
            let problem = error.to_string().chars().take(MAX_PROBLEM).collect();
            (error.status(), Some(problem))
        }
    };
    let attempt = DeliveryAttempt {
        at,
        took,
        status: status.map(|status| status.as_u16()),
        problem,
    };
    log(webhook, delivery, &attempt);
    match note(&state.store, delivery, attempt).await {
        Ok(NotedAttempt {
            disabled: Some(because),
            ..
        }) => {
            if let Err(error) = note_disabled(state, webhook.id, because).await {
                tracing::error!(%error, "that a webhook was switched off is not in the audit trail");
            }
        }
        Ok(_) => {}
        Err(error) => {
            tracing::warn!(%error, webhook.id = %webhook.public_id, "what became of a delivery was not noted");
            sleep(PAUSE).await;
        }
    }
}

async fn note(
    store: &Store,
    delivery: &DueDelivery,
    attempt: DeliveryAttempt,
) -> Result<NotedAttempt, StoreError> {
    let noted = store.note_delivery_attempt(delivery.id, attempt).await?;
    if noted.state == Some(DeliveryState::Failed) {
        tracing::info!(delivery.id = %delivery_text(delivery.id), "a delivery is not tried any more");
    }
    Ok(noted)
}

/// The path of a URL may hold a secret: the host alone is logged.
fn log(webhook: &Webhook, delivery: &DueDelivery, attempt: &DeliveryAttempt) {
    let (id, host) = (&webhook.public_id, webhook.url.authority());
    let (event, delivery) = (delivery.message, delivery_text(delivery.id));
    match &attempt.problem {
        None => {
            tracing::debug!(webhook.id = %id, webhook.host = host, %event, delivery.id = delivery, "delivered");
        }
        Some(error) => {
            tracing::info!(
                webhook.id = %id, webhook.host = host, %event, delivery.id = delivery, error,
                "a webhook could not be delivered"
            );
        }
    }
}

fn count(state: &Shared, sent: &Result<http::StatusCode, TryError>) {
    let tries = &state.metrics.webhooks;
    let counter = match sent {
        Ok(_) => &tries.delivered,
        Err(TryError::NotSent(SendError::Refused(_))) => &tries.refused,
        Err(_) => &tries.failed,
    };
    counter.add_one();
}

async fn note_disabled(
    state: &Shared,
    webhook: WebhookId,
    because: DisabledBecause,
) -> Result<(), StoreError> {
    state.metrics.webhooks.disabled.add_one();
    let Some(webhook) = state.store.webhook(webhook).await? else {
        return Ok(());
    };
    tracing::warn!(
        webhook.id = %webhook.public_id, webhook.host = webhook.url.authority(), because = because.as_str(),
        "a webhook was switched off"
    );
    let event = AuditEvent::WebhookDisabled {
        webhook: webhook.public_id.to_string(),
        because,
    };
    state.store.append_audit(None, None, &event).await
}
