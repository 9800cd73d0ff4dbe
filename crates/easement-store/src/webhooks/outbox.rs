//! Writing down what webhooks are to be told, with the change that they are told of.

use std::collections::HashMap;
use std::sync::Arc;

use apertodns::v1::WebhookEvent;
use easement_core::{
    AccessEpoch, AccountId, HostEvent, PublicWebhookId, Timestamp, WebhookEvents, WebhookId,
    WebhookMessage, ZoneId, host_events,
};
use easement_zone::{ChangeSet, Zone};

use crate::database::{GroupTx, Tx, detached, insert_rows, on, row};
use crate::error::failed_to;
use crate::rows::{At, to_json};
use crate::{Store, StoreError};

/// Who is told of changes, as far as somebody asked in this epoch: making a webhook and giving a role begin
/// the next one.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    epoch: Option<AccessEpoch>,
    /// Whether there is any webhook that is told of anything.
    any: bool,
    zones: HashMap<ZoneId, ZoneListeners>,
}

impl Listeners {
    /// Who is told of changes in a zone, when that is known for this epoch.
    fn get(&self, zone: ZoneId, epoch: AccessEpoch) -> Option<ZoneListeners> {
        if self.epoch != Some(epoch) {
            return None;
        }
        if self.any {
            self.zones.get(&zone).cloned()
        } else {
            Some(ZoneListeners::default())
        }
    }
}

/// The webhooks that are told of changes in one zone.
#[derive(Clone, Debug, Default)]
pub(crate) struct ZoneListeners(Option<Arc<[Listener]>>);

#[derive(Debug)]
struct Listener {
    id: WebhookId,
    public_id: PublicWebhookId,
    events: WebhookEvents,
}

impl ZoneListeners {
    fn iter(&self) -> impl Iterator<Item = &Listener> {
        self.0.iter().flat_map(|listeners| listeners.iter())
    }

    /// What a change is, when anybody wants to know.
    pub(crate) fn events(
        &self,
        before: &Zone,
        after: &Zone,
        changes: &ChangeSet,
    ) -> Vec<HostEvent> {
        if self.iter().next().is_none() {
            return Vec::new();
        }
        host_events(before, after, changes)
    }
}

//------------ Outbox ----------------------------------------------------------------------------

/// The most deliveries that one commit makes.
const MAX_OF_COMMIT: usize = 1000;

/// What a group of commits adds to the outbox.
pub(crate) struct Outbox<'w> {
    listeners: &'w mut Listeners,
    /// What was asked for in this transaction: it may have made a zone that nobody will ever see.
    asked: Option<Listeners>,
    rows: Vec<DeliveryRow>,
}

struct DeliveryRow {
    webhook: WebhookId,
    message: WebhookMessage,
    hostname: Option<String>,
    body: String,
}

impl<'w> Outbox<'w> {
    pub(crate) fn new(listeners: &'w mut Listeners) -> Self {
        Self {
            listeners,
            asked: None,
            rows: Vec::new(),
        }
    }

    /// Who is told of changes in a zone, in this epoch, which does not end before the transaction does.
    pub(crate) async fn listeners(
        &mut self,
        tx: &mut GroupTx,
        zone: ZoneId,
        epoch: AccessEpoch,
    ) -> Result<ZoneListeners, StoreError> {
        let asked = || self.asked.as_ref()?.get(zone, epoch);
        if let Some(known) = self.listeners.get(zone, epoch).or_else(asked) {
            return Ok(known);
        }
        let asked = match &mut self.asked {
            Some(asked) => asked,
            none @ None => none.insert(Listeners {
                epoch: Some(epoch),
                // One that is remembered for this epoch and knows no answer knows that there is one.
                any: self.listeners.epoch == Some(epoch) || is_any(tx.begun().await?).await?,
                zones: HashMap::new(),
            }),
        };
        if !asked.any {
            return Ok(ZoneListeners::default());
        }
        let found = listeners_of(tx.begun().await?, zone).await?;
        asked.zones.insert(zone, found.clone());
        Ok(found)
    }

    /// Adds what is told of the events of a commit, up to a limit: everybody waits for a transaction.
    pub(crate) fn add(
        &mut self,
        listeners: &ZoneListeners,
        events: &[HostEvent],
        commit: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let full = self.rows.len().saturating_add(MAX_OF_COMMIT);
        for (position, event) in events.iter().enumerate() {
            let event_id = format!("evt_{commit:x}_{position:x}");
            for listener in listeners.iter().filter(|one| one.events.has(event.event)) {
                if self.rows.len() >= full {
                    tracing::warn!(
                        commit,
                        hosts = events.len(),
                        deliveries = MAX_OF_COMMIT,
                        "a change makes more deliveries to webhooks than one may: the others are left out"
                    );
                    return Ok(());
                }
                self.rows.push(listener.told(event, &event_id, now)?);
            }
        }
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) async fn write(&self, tx: &mut Tx, now: Timestamp) -> Result<(), StoreError> {
        write(tx, &self.rows, now).await
    }

    /// The transaction is durable, and what was asked for in it is true.
    pub(crate) fn remember(&mut self) {
        let Some(asked) = self.asked.take() else {
            return;
        };
        if self.listeners.epoch == asked.epoch {
            self.listeners.zones.extend(asked.zones);
        } else {
            *self.listeners = asked;
        }
    }
}

impl Listener {
    fn told(
        &self,
        event: &HostEvent,
        event_id: &str,
        now: Timestamp,
    ) -> Result<DeliveryRow, StoreError> {
        let document = event.document(&self.public_id, event_id, now);
        Ok(DeliveryRow {
            webhook: self.id,
            message: WebhookMessage::Event(event.event),
            hostname: Some(event.data.hostname.to_string()),
            body: to_json("write what a webhook is told", &document)?,
        })
    }
}

async fn is_any(tx: &mut Tx) -> Result<bool, StoreError> {
    let active: i64 = on!(tx, tx => sqlx::query_scalar(COUNT_ACTIVE).fetch_one(&mut **tx).await)
        .map_err(failed_to("look for webhooks"))?;
    Ok(active > 0)
}

async fn listeners_of(tx: &mut Tx, zone: ZoneId) -> Result<ZoneListeners, StoreError> {
    let rows: Vec<ListenerRow> = on!(tx, tx => sqlx::query_as(OF_ZONE)
        .bind(zone.number())
        .fetch_all(&mut **tx)
        .await)
    .map_err(failed_to("look for webhooks"))?;
    let listeners: Vec<Listener> = rows
        .into_iter()
        .map(Listener::try_from)
        .collect::<Result<_, _>>()?;
    let listeners = (!listeners.is_empty()).then(|| listeners.into());
    Ok(ZoneListeners(listeners))
}

async fn write(tx: &mut Tx, rows: &[DeliveryRow], now: Timestamp) -> Result<(), StoreError> {
    insert_rows!(tx, INSERT, rows, "", |row| [
        row.webhook.number(),
        row.message.as_str(),
        row.hostname.as_deref(),
        row.body.as_str(),
        now.as_micros(),
        "waiting",
        now.as_micros(),
    ])
    .map_err(failed_to("write what webhooks are told"))
}

impl Store {
    /// Tells the webhooks of an account of something that is no change of a zone. Says how many there are.
    pub async fn tell_webhooks(
        &self,
        account: AccountId,
        event: HostEvent,
        event_id: String,
    ) -> Result<usize, StoreError> {
        let listeners = self.listeners_of_account(account, event.event).await?;
        if listeners.is_empty() {
            return Ok(0);
        }
        let (db, now) = (self.db().clone(), self.now());
        let rows = listeners
            .iter()
            .map(|listener| listener.told(&event, &event_id, now));
        let rows: Vec<DeliveryRow> = rows.collect::<Result<_, _>>()?;
        detached(async move {
            let mut tx = db.begin().await?;
            write(&mut tx, &rows, now).await?;
            tx.commit().await?;
            Ok::<_, StoreError>(rows.len())
        })
        .await
    }

    async fn listeners_of_account(
        &self,
        account: AccountId,
        event: WebhookEvent,
    ) -> Result<Vec<Listener>, StoreError> {
        let rows: Vec<ListenerRow> = on!(self.db().reading(), db => sqlx::query_as(OF_ACCOUNT)
            .bind(account.number())
            .fetch_all(db)
            .await)
        .map_err(failed_to("look for webhooks"))?;
        let listeners: Vec<Listener> = rows
            .into_iter()
            .map(Listener::try_from)
            .collect::<Result<_, _>>()?;
        let wanting = listeners.into_iter().filter(|one| one.events.has(event));
        Ok(wanting.collect())
    }

    /// Puts a test into the outbox of a webhook, whether it is told of events or not.
    pub async fn test_webhook(&self, webhook: WebhookId, body: String) -> Result<(), StoreError> {
        let (db, now) = (self.db().clone(), self.now());
        let row = DeliveryRow {
            webhook,
            message: WebhookMessage::Ping,
            hostname: None,
            body,
        };
        detached(async move {
            let mut tx = db.begin().await?;
            write(&mut tx, &[row], now).await?;
            tx.commit().await
        })
        .await
    }
}

row! {
    struct ListenerRow {
        id: i64,
        public_id: String,
        events: String,
    }
}

impl TryFrom<ListenerRow> for Listener {
    type Error = StoreError;

    fn try_from(row: ListenerRow) -> Result<Self, StoreError> {
        let at = At {
            table: "webhook",
            id: row.id,
        };
        Ok(Self {
            id: WebhookId::new(row.id),
            public_id: at.text("public_id", &row.public_id)?,
            events: at.text("events", &row.events)?,
        })
    }
}

const COUNT_ACTIVE: &str = "SELECT count(*) FROM webhook WHERE disabled_at IS NULL";
const OF_ZONE: &str = "SELECT webhook.id, webhook.public_id, webhook.events FROM zone_role \
     JOIN webhook ON webhook.account_id = zone_role.account_id \
     WHERE zone_role.zone_id = $1 AND webhook.disabled_at IS NULL ORDER BY webhook.id";
const OF_ACCOUNT: &str = "SELECT id, public_id, events FROM webhook \
     WHERE account_id = $1 AND disabled_at IS NULL ORDER BY id";
const INSERT: &str = "INSERT INTO webhook_delivery \
     (webhook_id, event, hostname, body, created_at, state, due_at) ";
