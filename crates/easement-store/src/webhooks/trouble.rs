//! Webhooks that somebody who looks after the server should know of.

use easement_core::{PublicWebhookId, Timestamp};

use crate::database::{on, row};
use crate::error::failed_to;
use crate::rows::At;
use crate::{Store, StoreError};

/// How the webhooks of all accounts stand.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct WebhookTrouble {
    /// How many are switched on.
    pub active: u64,
    /// Some that were switched off by themselves, the newest first.
    pub switched_off: Vec<PublicWebhookId>,
    /// Some that are switched on, and whose receivers took nothing since a moment.
    pub failing: Vec<PublicWebhookId>,
}

impl Store {
    /// The most webhooks of each kind that are named.
    pub const MAX_TROUBLED_WEBHOOKS: u32 = 20;

    /// Says how the webhooks of all accounts stand, and which have been failing since this moment or longer.
    pub async fn webhook_trouble(&self, since: Timestamp) -> Result<WebhookTrouble, StoreError> {
        let active: i64 = on!(self.db().reading(), db => sqlx::query_scalar(COUNT_ACTIVE)
            .fetch_one(db)
            .await)
        .map_err(failed_to("count webhooks"))?;
        let limit = i64::from(Self::MAX_TROUBLED_WEBHOOKS);
        let switched_off: Vec<NamedRow> =
            on!(self.db().reading(), db => sqlx::query_as(SWITCHED_OFF)
            .bind(limit)
            .fetch_all(db)
            .await)
            .map_err(failed_to("look for webhooks that are off"))?;
        let failing: Vec<NamedRow> = on!(self.db().reading(), db => sqlx::query_as(FAILING)
            .bind(since.as_micros())
            .bind(limit)
            .fetch_all(db)
            .await)
        .map_err(failed_to("look for webhooks that fail"))?;
        Ok(WebhookTrouble {
            active: u64::try_from(active).unwrap_or_default(),
            switched_off: names(switched_off)?,
            failing: names(failing)?,
        })
    }
}

fn names(rows: Vec<NamedRow>) -> Result<Vec<PublicWebhookId>, StoreError> {
    let name = |row: NamedRow| {
        let at = At {
            table: "webhook",
            id: row.id,
        };
        at.text("public_id", &row.public_id)
    };
    rows.into_iter().map(name).collect()
}

row! {
    struct NamedRow {
        id: i64,
        public_id: String,
    }
}

const COUNT_ACTIVE: &str = "SELECT count(*) FROM webhook WHERE disabled_at IS NULL";
const SWITCHED_OFF: &str = "SELECT id, public_id FROM webhook WHERE disabled_at IS NOT NULL \
     AND disabled_because IN ('failing', 'overrun') ORDER BY disabled_at DESC, id LIMIT $1";
const FAILING: &str = "SELECT id, public_id FROM webhook WHERE disabled_at IS NULL \
     AND failing_since <= $1 ORDER BY failing_since, id LIMIT $2";
