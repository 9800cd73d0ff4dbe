//! Rows of webhooks, as values.

use easement_core::{
    AccountId, DisabledBecause, PublicWebhookId, Timestamp, Webhook, WebhookId, WebhookSecretText,
    WebhookState, WebhookUrl,
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

//------------ StoredWebhook ---------------------------------------------------------------------

/// A webhook as its owner finds it.
#[derive(Clone, Debug)]
pub enum StoredWebhook {
    /// All of it.
    Whole(Webhook),
    /// It is there, and something about it cannot be read any more.
    Broken(BrokenWebhook),
}

/// A webhook that cannot be read: what is needed to show that it is there, to switch it off and to delete it.
#[derive(Clone, Debug)]
pub struct BrokenWebhook {
    /// Its id in the database.
    pub id: WebhookId,
    /// What names it to others.
    pub public_id: PublicWebhookId,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it is switched off, when it is.
    pub disabled_at: Option<Timestamp>,
    /// What is wrong with it.
    pub error: StoreError,
}

impl StoredWebhook {
    /// Its id in the database.
    pub fn id(&self) -> WebhookId {
        match self {
            Self::Whole(webhook) => webhook.id,
            Self::Broken(broken) => broken.id,
        }
    }

    /// What names it to others.
    pub fn public_id(&self) -> &PublicWebhookId {
        match self {
            Self::Whole(webhook) => &webhook.public_id,
            Self::Broken(broken) => &broken.public_id,
        }
    }

    /// Whether it is told of anything.
    pub fn is_active(&self) -> bool {
        match self {
            Self::Whole(webhook) => webhook.state == WebhookState::Active,
            Self::Broken(broken) => broken.disabled_at.is_none(),
        }
    }

    /// All of it, for what cannot be done with less.
    pub fn whole(self) -> Result<Webhook, StoreError> {
        match self {
            Self::Whole(webhook) => Ok(webhook),
            Self::Broken(broken) => Err(broken.error),
        }
    }
}

impl TryFrom<WebhookRow> for StoredWebhook {
    type Error = StoreError;

    /// Only one that cannot even be named is an error.
    fn try_from(row: WebhookRow) -> Result<Self, StoreError> {
        let at = At {
            table: "webhook",
            id: row.id,
        };
        let (id, public_id) = (row.id, at.text("public_id", &row.public_id)?);
        let created_at = Timestamp::from_micros(row.created_at);
        let disabled_at = row.disabled_at.map(Timestamp::from_micros);
        Ok(match Webhook::try_from(row) {
            Ok(webhook) => Self::Whole(webhook),
            Err(error) => Self::Broken(BrokenWebhook {
                id: WebhookId::new(id),
                public_id,
                created_at,
                disabled_at,
                error,
            }),
        })
    }
}
