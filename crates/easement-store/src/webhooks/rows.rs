//! Rows of webhooks, as values.

use easement_core::{
    AccountId, DisabledBecause, Timestamp, Webhook, WebhookId, WebhookSecretText, WebhookState,
    WebhookUrl,
};

use crate::StoreError;
use crate::database::row;
use crate::rows::At;

/// The columns of a [`WebhookRow`].
macro_rules! webhook_columns {
    () => {
        "SELECT id, public_id, account_id, url, events, secret, created_at, disabled_at, \
         disabled_because, failures, failing_since FROM webhook "
    };
}
pub(super) use webhook_columns;

row! {
    pub(super) struct WebhookRow {
        id: i64,
        public_id: String,
        account_id: i64,
        url: String,
        events: String,
        secret: String,
        created_at: i64,
        disabled_at: Option<i64>,
        disabled_because: Option<String>,
        failures: i64,
        failing_since: Option<i64>,
    }
}

impl TryFrom<WebhookRow> for Webhook {
    type Error = StoreError;

    fn try_from(row: WebhookRow) -> Result<Self, StoreError> {
        let at = At {
            table: "webhook",
            id: row.id,
        };
        let state = match (row.disabled_at, &row.disabled_because) {
            (None, None) => WebhookState::Active,
            (Some(moment), Some(word)) => WebhookState::Disabled {
                at: Timestamp::from_micros(moment),
                because: DisabledBecause::ALL
                    .into_iter()
                    .find(|one| one.as_str() == word)
                    .ok_or_else(|| {
                        at.corrupt("disabled_because", format_args!("`{word}` is no reason"))
                    })?,
            },
            (Some(_), None) | (None, Some(_)) => {
                return Err(at.corrupt("disabled_at", "it has a time or a reason, and not both"));
            }
        };
        Ok(Self {
            id: WebhookId::new(row.id),
            public_id: at.text("public_id", &row.public_id)?,
            account: AccountId::new(row.account_id),
            url: WebhookUrl::from_stored(&row.url).map_err(|error| at.corrupt("url", error))?,
            events: at.text("events", &row.events)?,
            secret: WebhookSecretText::from_stored(row.secret),
            created_at: Timestamp::from_micros(row.created_at),
            state,
            failures: at.number("failures", row.failures)?,
            failing_since: row.failing_since.map(Timestamp::from_micros),
        })
    }
}
