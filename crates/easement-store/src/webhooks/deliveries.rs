//! Deliveries: which are due, what became of each try, and the log of both.

use std::time::Duration;

use easement_core::{
    DisabledBecause, RetrySchedule, Timestamp, WebhookDeliveryId, WebhookId, WebhookMessage,
};

use super::WebhookChange;
use crate::database::{Tx, detached, on, row};
use crate::error::failed_to;
use crate::rows::At;
use crate::{Store, StoreError};

/// How a delivery stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DeliveryState {
    /// It is to be tried, maybe again.
    Waiting,
    /// The receiver took it.
    Delivered,
    /// It was tried as often as it is.
    Failed,
    /// It was not tried any more, because its webhook was switched off.
    Dropped,
}

impl DeliveryState {
    const ALL: [Self; 4] = [Self::Waiting, Self::Delivered, Self::Failed, Self::Dropped];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A line of the log.
#[derive(Clone, Debug)]
pub struct DeliveryEntry {
    /// Its id.
    pub id: WebhookDeliveryId,
    /// What it is.
    pub message: WebhookMessage,
    /// To which host it happened.
    pub hostname: Option<String>,
    /// What is sent.
    pub body: String,
    /// When it happened.
    pub created_at: Timestamp,
    /// How it stands.
    pub state: DeliveryState,
    /// When it is tried next, while it waits.
    pub due_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: u32,
}

/// One try.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DeliveryAttempt {
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// What the receiver answered, when it did.
    pub status: Option<u16>,
    /// Why it failed, when it did.
    pub problem: Option<String>,
}

/// A delivery that is to be tried now.
#[derive(Clone, Debug)]
pub struct DueDelivery {
    /// Its id.
    pub id: WebhookDeliveryId,
    /// What it is.
    pub message: WebhookMessage,
    /// What is sent.
    pub body: String,
}

/// The deliveries of one webhook that are due or wait.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct WaitingDeliveries {
    /// The webhook.
    pub webhook: WebhookId,
    /// When the first of them is due.
    pub first_due: Timestamp,
    /// How many there are.
    pub count: u64,
}

/// What a try came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotedAttempt {
    /// How the delivery stands now; nothing when it is gone.
    pub state: Option<DeliveryState>,
    /// Whether the webhook was switched off because of it.
    pub disabled: Option<DisabledBecause>,
}

impl Store {
    /// The most tries of one delivery, those that somebody asked for among them.
    pub const MAX_ATTEMPTS: u32 = 100;
    /// The most deliveries of one webhook that stay in its log.
    const MAX_LOGGED: i64 = 1000;
    const PURGED_AT_ONCE: i64 = 500;

    /// The webhooks that deliveries wait for.
    pub async fn waiting_deliveries(&self) -> Result<Vec<WaitingDeliveries>, StoreError> {
        let rows: Vec<WaitingRow> = on!(self.db().reading(), db => sqlx::query_as(WAITING)
            .fetch_all(db)
            .await)
        .map_err(failed_to("look for deliveries"))?;
        let rows = rows.into_iter().map(|row| WaitingDeliveries {
            webhook: WebhookId::new(row.webhook_id),
            first_due: Timestamp::from_micros(row.first_due),
            count: u64::try_from(row.count).unwrap_or_default(),
        });
        Ok(rows.collect())
    }

    /// The deliveries of a webhook that are due, the longest due first.
    pub async fn due_deliveries(
        &self,
        webhook: WebhookId,
        limit: u32,
    ) -> Result<Vec<DueDelivery>, StoreError> {
        let rows: Vec<DueRow> = on!(self.db().reading(), db => sqlx::query_as(DUE)
            .bind(webhook.number())
            .bind(self.now().as_micros())
            .bind(i64::from(limit))
            .fetch_all(db)
            .await)
        .map_err(failed_to("read deliveries"))?;
        rows.into_iter().map(DueDelivery::try_from).collect()
    }

    /// Notes what a try came to, and when there is another one. A webhook whose receiver took nothing for a
    /// long time is switched off.
    pub async fn note_delivery_attempt(
        &self,
        delivery: WebhookDeliveryId,
        attempt: DeliveryAttempt,
    ) -> Result<NotedAttempt, StoreError> {
        let now = self.now();
        let noted = {
            let db = self.db().clone();
            detached(async move {
                let mut tx = db.begin().await?;
                let noted = note(&mut tx, delivery, &attempt, now).await?;
                tx.commit().await?;
                Ok::<_, StoreError>(noted)
            })
            .await?
        };
        let Some((webhook, state, because)) = noted else {
            return Ok(NotedAttempt {
                state: None,
                disabled: None,
            });
        };
        // In a transaction of its own: rights are changed before anything else.
        let disabled = match because {
            Some(because) => self
                .change_webhook(webhook, WebhookChange::Disable(because))
                .await?
                .then_some(because),
            None => None,
        };
        Ok(NotedAttempt {
            state: Some(state),
            disabled,
        })
    }

    /// The log of a webhook from before this delivery, the newest first.
    pub async fn deliveries_of(
        &self,
        webhook: WebhookId,
        before: Option<WebhookDeliveryId>,
        limit: u32,
    ) -> Result<Vec<DeliveryEntry>, StoreError> {
        let rows: Vec<EntryRow> = on!(self.db().reading(), db => sqlx::query_as(LOG)
            .bind(webhook.number())
            .bind(before.map_or(i64::MAX, WebhookDeliveryId::number))
            .bind(i64::from(limit))
            .fetch_all(db)
            .await)
        .map_err(failed_to("read the log of a webhook"))?;
        rows.into_iter().map(DeliveryEntry::try_from).collect()
    }

    /// A delivery of a webhook, with all its tries.
    pub async fn delivery_of(
        &self,
        webhook: WebhookId,
        delivery: WebhookDeliveryId,
    ) -> Result<Option<(DeliveryEntry, Vec<DeliveryAttempt>)>, StoreError> {
        let row: Option<EntryRow> = on!(self.db().reading(), db => sqlx::query_as(ENTRY)
            .bind(webhook.number())
            .bind(delivery.number())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("read a delivery"))?;
        let Some(row) = row else {
            return Ok(None);
        };
        let tries: Vec<AttemptRow> = on!(self.db().reading(), db => sqlx::query_as(ATTEMPTS)
            .bind(delivery.number())
            .fetch_all(db)
            .await)
        .map_err(failed_to("read the tries of a delivery"))?;
        let tries = tries.into_iter().map(DeliveryAttempt::try_from);
        Ok(Some((row.try_into()?, tries.collect::<Result<_, _>>()?)))
    }

    /// Tries a delivery again that does not wait, with all its retries. Says whether it does.
    pub async fn redeliver(
        &self,
        webhook: WebhookId,
        delivery: WebhookDeliveryId,
    ) -> Result<bool, StoreError> {
        on!(self.db().writing(), db => sqlx::query(REDELIVER)
            .bind(webhook.number())
            .bind(delivery.number())
            .bind(self.now().as_micros())
            .bind(i64::from(Self::MAX_ATTEMPTS))
            .execute(db)
            .await
            .map(|done| done.rows_affected() > 0))
        .map_err(failed_to("deliver again"))
    }

    /// Forgets deliveries from before this moment, and those that are too many for the log of their webhook;
    /// says how many there were. What waits stays. A few go at a time, so that no change of a zone waits long.
    pub async fn purge_deliveries(&self, before: Timestamp) -> Result<u64, StoreError> {
        let mut purged = 0_u64;
        loop {
            let gone = on!(self.db().writing(), db => sqlx::query(PURGE)
                .bind(before.as_micros())
                .bind(Self::MAX_LOGGED)
                .bind(Self::PURGED_AT_ONCE)
                .execute(db)
                .await
                .map(|done| done.rows_affected()))
            .map_err(failed_to("forget old deliveries"))?;
            purged = purged.saturating_add(gone);
            if gone == 0 {
                return Ok(purged);
            }
        }
    }
}

type Noted = Option<(WebhookId, DeliveryState, Option<DisabledBecause>)>;

/// Gives the webhook, how the delivery stands, and whether the webhook is to be switched off.
async fn note(
    tx: &mut Tx,
    delivery: WebhookDeliveryId,
    attempt: &DeliveryAttempt,
    now: Timestamp,
) -> Result<Noted, StoreError> {
    // Before the delivery, as deleting a webhook does, so that the two never wait for each other.
    on!(&mut *tx, tx => sqlx::query(LOCK_WEBHOOK)
        .bind(delivery.number())
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("read a webhook"))?;
    let standing: Option<StandingRow> = on!(&mut *tx, tx => sqlx::query_as(STANDING)
        .bind(delivery.number())
        .fetch_optional(&mut **tx)
        .await)
    .map_err(failed_to("read a delivery"))?;
    let Some(standing) = standing else {
        return Ok(None);
    };
    let tries = u32::try_from(standing.tries).unwrap_or(u32::MAX);
    let due_at = match (&attempt.problem, standing.due_at) {
        // It was dropped while it was under way, and stays so.
        (Some(_), Some(_)) => RetrySchedule::wait_after(tries).map(|wait| now.plus(wait)),
        (None, _) | (_, None) => None,
    };
    let state = match (&attempt.problem, standing.due_at, due_at) {
        (None, _, _) => DeliveryState::Delivered,
        (Some(_), None, _) => DeliveryState::Dropped,
        (Some(_), Some(_), Some(_)) => DeliveryState::Waiting,
        (Some(_), Some(_), None) => DeliveryState::Failed,
    };
    on!(&mut *tx, tx => sqlx::query(SET_STATE)
        .bind(delivery.number())
        .bind(state.as_str())
        .bind(due_at.map(Timestamp::as_micros))
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("note what became of a delivery"))?;
    add_attempt(tx, delivery, standing.attempts, attempt).await?;
    let webhook = WebhookId::new(standing.webhook_id);
    let because = match state {
        DeliveryState::Delivered => note_success(tx, webhook).await?,
        DeliveryState::Failed => note_failure(tx, webhook, attempt.at, now).await?,
        DeliveryState::Waiting | DeliveryState::Dropped => None,
    };
    Ok(Some((webhook, state, because)))
}

async fn add_attempt(
    tx: &mut Tx,
    delivery: WebhookDeliveryId,
    number: i64,
    attempt: &DeliveryAttempt,
) -> Result<(), StoreError> {
    let took = i64::try_from(attempt.took.as_micros()).unwrap_or(i64::MAX);
    on!(tx, tx => sqlx::query(ADD_ATTEMPT)
        .bind(delivery.number())
        .bind(number)
        .bind(attempt.at.as_micros())
        .bind(took)
        .bind(attempt.status.map(i64::from))
        .bind(attempt.problem.as_deref())
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("note a try of a delivery"))
}

async fn note_success(
    tx: &mut Tx,
    webhook: WebhookId,
) -> Result<Option<DisabledBecause>, StoreError> {
    on!(tx, tx => sqlx::query(SUCCEEDED)
        .bind(webhook.number())
        .execute(&mut **tx)
        .await
        .map(|_| None))
    .map_err(failed_to("note that a delivery arrived"))
}

async fn note_failure(
    tx: &mut Tx,
    webhook: WebhookId,
    at: Timestamp,
    now: Timestamp,
) -> Result<Option<DisabledBecause>, StoreError> {
    let row: Option<FailuresRow> = on!(tx, tx => sqlx::query_as(FAILED)
        .bind(webhook.number())
        .bind(at.as_micros())
        .fetch_optional(&mut **tx)
        .await)
    .map_err(failed_to("note that a delivery failed"))?;
    Ok(row.and_then(|row| {
        let failures = u64::try_from(row.failures).unwrap_or_default();
        let since = Timestamp::from_micros(row.failing_since?);
        RetrySchedule::gives_up(failures, since, now)
    }))
}

const WAITING: &str = "SELECT webhook_id, min(due_at) AS first_due, count(*) AS count \
     FROM webhook_delivery WHERE due_at IS NOT NULL GROUP BY webhook_id";
const DUE: &str = "SELECT id, event, body FROM webhook_delivery \
     WHERE webhook_id = $1 AND due_at IS NOT NULL AND due_at <= $2 ORDER BY due_at, id LIMIT $3";
const LOCK_WEBHOOK: &str = "UPDATE webhook SET failures = failures \
     WHERE id = (SELECT webhook_id FROM webhook_delivery WHERE id = $1)";
/// Counts the try, and locks the delivery.
const STANDING: &str = "UPDATE webhook_delivery SET tries = tries + 1, attempts = attempts + 1 \
     WHERE id = $1 RETURNING webhook_id, tries, attempts, due_at";
const SET_STATE: &str = "UPDATE webhook_delivery SET state = $2, due_at = $3 WHERE id = $1";
const ADD_ATTEMPT: &str = "INSERT INTO webhook_attempt \
     (delivery_id, number, at, microseconds, status, problem) VALUES ($1, $2, $3, $4, $5, $6)";
const SUCCEEDED: &str = "UPDATE webhook SET failures = 0, failing_since = NULL \
     WHERE id = $1 AND failing_since IS NOT NULL";
const FAILED: &str = "UPDATE webhook SET failures = failures + 1, \
     failing_since = coalesce(failing_since, $2) WHERE id = $1 RETURNING failures, failing_since";
const LOG: &str = "SELECT id, event, hostname, body, created_at, state, due_at, attempts \
     FROM webhook_delivery WHERE webhook_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
const ENTRY: &str = "SELECT id, event, hostname, body, created_at, state, due_at, attempts \
     FROM webhook_delivery WHERE webhook_id = $1 AND id = $2";
const ATTEMPTS: &str = "SELECT at, microseconds, status, problem FROM webhook_attempt \
     WHERE delivery_id = $1 ORDER BY number";
const REDELIVER: &str = "UPDATE webhook_delivery SET state = 'waiting', due_at = $3, tries = 0 \
     WHERE webhook_id = $1 AND id = $2 AND due_at IS NULL AND attempts < $4";
const PURGE: &str = "DELETE FROM webhook_delivery WHERE due_at IS NULL AND id IN ( \
     SELECT id FROM (SELECT id, created_at, \
     row_number() OVER (PARTITION BY webhook_id ORDER BY id DESC) AS place \
     FROM webhook_delivery WHERE due_at IS NULL) AS finished \
     WHERE created_at < $1 OR place > $2 LIMIT $3)";

//------------ Rows ------------------------------------------------------------------------------

row! {
    struct WaitingRow {
        webhook_id: i64,
        first_due: i64,
        count: i64,
    }
}

row! {
    struct DueRow {
        id: i64,
        event: String,
        body: String,
    }
}

row! {
    struct StandingRow {
        webhook_id: i64,
        tries: i64,
        attempts: i64,
        due_at: Option<i64>,
    }
}

row! {
    struct FailuresRow {
        failures: i64,
        failing_since: Option<i64>,
    }
}

row! {
    struct EntryRow {
        id: i64,
        event: String,
        hostname: Option<String>,
        body: String,
        created_at: i64,
        state: String,
        due_at: Option<i64>,
        attempts: i64,
    }
}

row! {
    struct AttemptRow {
        at: i64,
        microseconds: i64,
        status: Option<i64>,
        problem: Option<String>,
    }
}

fn at(id: i64) -> At<i64> {
    At {
        table: "webhook_delivery",
        id,
    }
}

impl TryFrom<DueRow> for DueDelivery {
    type Error = StoreError;

    fn try_from(row: DueRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: WebhookDeliveryId::new(row.id),
            message: at(row.id).text("event", &row.event)?,
            body: row.body,
        })
    }
}

impl TryFrom<EntryRow> for DeliveryEntry {
    type Error = StoreError;

    fn try_from(row: EntryRow) -> Result<Self, StoreError> {
        let at = at(row.id);
        let state = DeliveryState::from_word(&row.state);
        Ok(Self {
            id: WebhookDeliveryId::new(row.id),
            message: at.text("event", &row.event)?,
            hostname: row.hostname,
            body: row.body,
            created_at: Timestamp::from_micros(row.created_at),
            state: state
                .ok_or_else(|| at.corrupt("state", format_args!("`{}` is no state", row.state)))?,
            due_at: row.due_at.map(Timestamp::from_micros),
            attempts: at.number("attempts", row.attempts)?,
        })
    }
}

impl TryFrom<AttemptRow> for DeliveryAttempt {
    type Error = StoreError;

    fn try_from(row: AttemptRow) -> Result<Self, StoreError> {
        let at = At {
            table: "webhook_attempt",
            id: row.at,
        };
        Ok(Self {
            at: Timestamp::from_micros(row.at),
            took: Duration::from_micros(at.number("microseconds", row.microseconds)?),
            status: row.status.map(|one| at.number("status", one)).transpose()?,
            problem: row.problem,
        })
    }
}
