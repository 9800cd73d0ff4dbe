//! Webhooks of accounts.
//!
//! **What it is for.** Webhooks themselves, and the outbox: rows of `webhook_delivery` that are written in the
//! transaction of the change that they tell of, and stay until the leading node has delivered them or has tried
//! often enough. They are the log of deliveries afterwards, for a while.
//!
//! **What it is not for.** Sending.
//!
//! Making and changing a webhook begins the next epoch of rights, so the queue of commits can remember for each
//! zone who is told of changes: in an epoch without any webhook, that is a look at a flag in memory.

mod deliveries;
mod outbox;
mod rows;
mod trouble;

use easement_core::{
    AccountId, DisabledBecause, PublicWebhookId, Timestamp, Webhook, WebhookEvents, WebhookId,
    WebhookSecretText, WebhookState, WebhookUrl,
};

pub use self::deliveries::{
    DeliveryAttempt, DeliveryEntry, DeliveryState, DueDelivery, NotedAttempt, WaitingDeliveries,
};
pub(crate) use self::outbox::{Listeners, Outbox, ZoneListeners};
pub use self::rows::{BrokenWebhook, StoredWebhook};
use self::rows::{WebhookRow, webhook_columns};
pub use self::trouble::WebhookTrouble;
use crate::database::{Tx, on};
use crate::error::failed_to;
use crate::zones::account_exists;
use crate::{Store, StoreError};

/// A webhook that is to be made.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// Whose.
    pub account: AccountId,
    /// What names it.
    pub public_id: PublicWebhookId,
    /// Where deliveries go.
    pub url: WebhookUrl,
    /// What it is told of.
    pub events: WebhookEvents,
    /// What deliveries are signed with.
    pub secret: WebhookSecretText,
    /// How many the account may have with this one.
    pub most: u32,
}

/// What of a webhook becomes different.
#[derive(Clone, Debug)]
pub enum WebhookChange {
    /// Where it leads, and what it is told of.
    Target(WebhookUrl, WebhookEvents),
    /// It is told of events again. What failed before is forgotten.
    Enable,
    /// It is told of nothing from now on, and what waited is dropped.
    Disable(DisabledBecause),
    /// It gets another secret, and signs with that one from the next try on.
    Secret(WebhookSecretText),
}

impl Store {
    /// Makes a webhook.
    pub async fn create_webhook(&self, new: NewWebhook) -> Result<Webhook, CreateWebhookError> {
        let now = self.now();
        self.change_access(move |mut tx| async move {
            check_room(&mut tx, &new).await?;
            let id: i64 = on!(&mut tx, tx => sqlx::query_scalar(INSERT)
                .bind(new.public_id.as_str())
                .bind(new.account.number())
                .bind(new.url.as_str())
                .bind(new.events.to_string())
                .bind(new.secret.reveal())
                .bind(now.as_micros())
                .fetch_one(&mut **tx)
                .await)
            .map_err(failed_to("make a webhook"))?;
            let webhook = Webhook {
                id: WebhookId::new(id),
                public_id: new.public_id,
                account: new.account,
                url: new.url,
                events: new.events,
                secret: new.secret,
                created_at: now,
                state: WebhookState::Active,
                failures: 0,
                failing_since: None,
            };
            Ok((tx, webhook))
        })
        .await
    }

    /// The webhooks of an account, the oldest first. One that cannot be read is among them and hides no other.
    pub async fn webhooks_of(&self, account: AccountId) -> Result<Vec<StoredWebhook>, StoreError> {
        let rows: Vec<WebhookRow> = on!(self.db().reading(), db => sqlx::query_as(OF_ACCOUNT)
            .bind(account.number())
            .fetch_all(db)
            .await)
        .map_err(failed_to("list webhooks"))?;
        rows.into_iter().map(StoredWebhook::try_from).collect()
    }

    /// A webhook by what names it, when it is this account's. One that cannot be read can be switched off and
    /// deleted all the same.
    pub async fn webhook_of(
        &self,
        account: AccountId,
        id: &PublicWebhookId,
    ) -> Result<Option<StoredWebhook>, StoreError> {
        let row: Option<WebhookRow> = on!(self.db().reading(), db => sqlx::query_as(BY_PUBLIC_ID)
            .bind(id.as_str())
            .bind(account.number())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("find a webhook"))?;
        row.map(StoredWebhook::try_from).transpose()
    }

    /// A webhook.
    pub async fn webhook(&self, id: WebhookId) -> Result<Option<Webhook>, StoreError> {
        let row: Option<WebhookRow> = on!(self.db().reading(), db => sqlx::query_as(BY_ID)
            .bind(id.number())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("read a webhook"))?;
        row.map(Webhook::try_from).transpose()
    }

    /// Changes a webhook. Says whether it was there, and not as it is to be already.
    pub async fn change_webhook(
        &self,
        id: WebhookId,
        change: WebhookChange,
    ) -> Result<bool, StoreError> {
        let now = self.now();
        self.change_access(move |mut tx| async move {
            let is_changed = change_in(&mut tx, id, &change, now).await?;
            Ok((tx, is_changed))
        })
        .await
    }

    /// Deletes a webhook, and everything that was to be delivered to it. Says whether it was there.
    pub async fn delete_webhook(&self, id: WebhookId) -> Result<bool, StoreError> {
        self.change_access(move |mut tx| async move {
            let deleted = on!(&mut tx, tx => sqlx::query(DELETE)
                .bind(id.number())
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()))
            .map_err(failed_to("delete a webhook"))?;
            Ok((tx, deleted > 0))
        })
        .await
    }
}

async fn check_room(tx: &mut Tx, new: &NewWebhook) -> Result<(), CreateWebhookError> {
    let account = new.account;
    if !account_exists(tx, account).await? {
        return Err(CreateWebhookError::NoSuchAccount { account });
    }
    let count: i64 = on!(tx, tx => sqlx::query_scalar(COUNT)
        .bind(account.number())
        .fetch_one(&mut **tx)
        .await)
    .map_err(failed_to("count webhooks"))?;
    if count >= i64::from(new.most) {
        return Err(CreateWebhookError::TooMany { most: new.most });
    }
    Ok(())
}

async fn change_in(
    tx: &mut Tx,
    id: WebhookId,
    change: &WebhookChange,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let id = id.number();
    let changed = match change {
        WebhookChange::Target(url, events) => on!(&mut *tx, tx => sqlx::query(SET_TARGET)
            .bind(id)
            .bind(url.as_str())
            .bind(events.to_string())
            .execute(&mut **tx)
            .await
            .map(|done| done.rows_affected())),
        WebhookChange::Enable => on!(&mut *tx, tx => sqlx::query(ENABLE)
            .bind(id)
            .execute(&mut **tx)
            .await
            .map(|done| done.rows_affected())),
        WebhookChange::Disable(because) => on!(&mut *tx, tx => sqlx::query(DISABLE)
            .bind(id)
            .bind(now.as_micros())
            .bind(because.as_str())
            .execute(&mut **tx)
            .await
            .map(|done| done.rows_affected())),
        WebhookChange::Secret(secret) => on!(&mut *tx, tx => sqlx::query(SET_SECRET)
            .bind(id)
            .bind(secret.reveal())
            .execute(&mut **tx)
            .await
            .map(|done| done.rows_affected())),
    };
    let changed = changed.map_err(failed_to("change a webhook"))?;
    if changed > 0 && matches!(change, WebhookChange::Disable(_)) {
        on!(tx, tx => sqlx::query(DROP_WAITING).bind(id).execute(&mut **tx).await.map(|_| ()))
            .map_err(failed_to("drop what waits for a webhook"))?;
    }
    Ok(changed > 0)
}

const INSERT: &str = "INSERT INTO webhook (public_id, account_id, url, events, secret, created_at) \
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
const COUNT: &str = "SELECT count(*) FROM webhook WHERE account_id = $1";
const OF_ACCOUNT: &str = concat!(webhook_columns!(), "WHERE account_id = $1 ORDER BY id");
const BY_PUBLIC_ID: &str = concat!(
    webhook_columns!(),
    "WHERE public_id = $1 AND account_id = $2"
);
const BY_ID: &str = concat!(webhook_columns!(), "WHERE id = $1");
const SET_TARGET: &str = "UPDATE webhook SET url = $2, events = $3 WHERE id = $1";
const SET_SECRET: &str = "UPDATE webhook SET secret = $2 WHERE id = $1";
const ENABLE: &str = "UPDATE webhook SET disabled_at = NULL, disabled_because = NULL, failures = 0, \
     failing_since = NULL WHERE id = $1 AND disabled_at IS NOT NULL";
const DISABLE: &str = "UPDATE webhook SET disabled_at = $2, disabled_because = $3 \
     WHERE id = $1 AND disabled_at IS NULL";
const DROP_WAITING: &str = "UPDATE webhook_delivery SET state = 'dropped', due_at = NULL \
     WHERE webhook_id = $1 AND due_at IS NOT NULL";
const DELETE: &str = "DELETE FROM webhook WHERE id = $1";

/// Why a webhook was not made.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CreateWebhookError {
    /// There is no such account.
    #[error("there is no account with the id {account}")]
    NoSuchAccount {
        /// The id.
        account: AccountId,
    },
    /// The account has too many.
    #[error("an account has at most {most} webhooks: delete one first")]
    TooMany {
        /// How many it may have.
        most: u32,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
