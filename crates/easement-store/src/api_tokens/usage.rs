//! When and from where tokens are used.

use std::net::IpAddr;
use std::time::Duration;

use easement_core::{ApiTokenId, Network, Timestamp};

use crate::database::{detached, on, row};
use crate::error::failed_to;
use crate::rows::At;
use crate::{Store, StoreError};

/// A network that a token was used from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TokenNetwork {
    /// The network.
    pub network: Network,
    /// When it was used from there first.
    pub first_at: Timestamp,
    /// When it was used from there last, to the minute.
    pub last_at: Timestamp,
}

impl Store {
    /// The most networks of one token that are remembered: one that moves all the time is no news.
    const MAX_NETWORKS: i64 = 100;

    /// Notes that a token was used from an address. Says whether it was used before, and never from that
    /// network.
    pub async fn note_token_use(
        &self,
        token: ApiTokenId,
        address: IpAddr,
        network: Network,
    ) -> Result<bool, StoreError> {
        let (db, now) = (self.db().clone(), self.now());
        detached(async move {
            let mut tx = db.begin().await?;
            on!(&mut tx, tx => sqlx::query(USED)
                .bind(token.number())
                .bind(now.as_micros())
                .bind(address.to_string())
                .execute(&mut **tx)
                .await
                .map(|_| ()))
            .map_err(failed_to("note the use of an API token"))?;
            let known: i64 = on!(&mut tx, tx => sqlx::query_scalar(COUNT_NETWORKS)
                .bind(token.number())
                .fetch_one(&mut **tx)
                .await)
            .map_err(failed_to("count the networks of an API token"))?;
            let seen = on!(&mut tx, tx => sqlx::query(SEEN)
                .bind(token.number())
                .bind(network.to_string())
                .bind(now.as_micros())
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()))
            .map_err(failed_to("note the network of an API token"))?;
            if seen == 0 && known < Self::MAX_NETWORKS {
                on!(&mut tx, tx => sqlx::query(NEW_NETWORK)
                    .bind(token.number())
                    .bind(network.to_string())
                    .bind(now.as_micros())
                    .execute(&mut **tx)
                    .await
                    .map(|_| ()))
                .map_err(failed_to("note the network of an API token"))?;
            }
            tx.commit().await?;
            Ok(seen == 0 && (1..Self::MAX_NETWORKS).contains(&known))
        })
        .await
    }

    /// What a token is refused is counted anew after so long without. No use of it ends that: whoever tries what a
    /// token may not do can use it for what it may do as well.
    const REFUSALS_COUNT_FOR: Duration = Duration::from_hours(24);

    /// Notes that a token was refused something, and says how often that was, each time within a day of the one
    /// before.
    pub async fn note_token_refusal(
        &self,
        token: ApiTokenId,
        reason: &str,
    ) -> Result<u64, StoreError> {
        let now = self.now();
        let count: Option<i64> = on!(self.db().writing(), db => sqlx::query_scalar(REFUSED)
            .bind(token.number())
            .bind(now.as_micros())
            .bind(reason)
            .bind(now.minus(Self::REFUSALS_COUNT_FOR).as_micros())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("note that an API token was refused"))?;
        Ok(count
            .and_then(|count| u64::try_from(count).ok())
            .unwrap_or_default())
    }

    /// How often a token was refused something, when last, and why.
    pub async fn token_refusals(
        &self,
        token: ApiTokenId,
    ) -> Result<Option<(u64, Timestamp, String)>, StoreError> {
        let row: Option<RefusalRow> = on!(self.db().reading(), db => sqlx::query_as(REFUSALS)
            .bind(token.number())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("read what an API token was refused"))?;
        Ok(row.and_then(|row| {
            let count = u64::try_from(row.refusals).ok()?;
            let at = row.refused_at.map(Timestamp::from_micros)?;
            Some((count, at, row.refused_reason.unwrap_or_default()))
        }))
    }

    /// The networks that a token was used from, the latest first.
    pub async fn token_networks(&self, token: ApiTokenId) -> Result<Vec<TokenNetwork>, StoreError> {
        let rows: Vec<NetworkRow> = on!(self.db().reading(), db => sqlx::query_as(NETWORKS)
            .bind(token.number())
            .fetch_all(db)
            .await)
        .map_err(failed_to("list the networks of an API token"))?;
        let at = At {
            table: "api_token_network",
            id: token,
        };
        rows.into_iter()
            .map(|row| {
                Ok(TokenNetwork {
                    network: at.text("network", &row.network)?,
                    first_at: Timestamp::from_micros(row.first_at),
                    last_at: Timestamp::from_micros(row.last_at),
                })
            })
            .collect()
    }
}

/// Never back in time.
const USED: &str = "UPDATE api_token SET used_at = $2, used_from = $3 \
     WHERE id = $1 AND (used_at IS NULL OR used_at <= $2)";
const COUNT_NETWORKS: &str = "SELECT count(*) FROM api_token_network WHERE token_id = $1";
const SEEN: &str = "UPDATE api_token_network SET last_at = $3 WHERE token_id = $1 AND network = $2";
const NEW_NETWORK: &str = "INSERT INTO api_token_network (token_id, network, first_at, last_at) \
     VALUES ($1, $2, $3, $3) ON CONFLICT (token_id, network) DO NOTHING";
const REFUSED: &str = "UPDATE api_token SET \
     refusals = CASE WHEN refused_at > $4 THEN refusals + 1 ELSE 1 END, refused_at = $2, \
     refused_reason = $3 WHERE id = $1 RETURNING refusals";
const REFUSALS: &str = "SELECT refusals, refused_at, refused_reason FROM api_token WHERE id = $1";
const NETWORKS: &str = "SELECT network, first_at, last_at FROM api_token_network \
     WHERE token_id = $1 ORDER BY last_at DESC, network";

row! {
    struct RefusalRow {
        refusals: i64,
        refused_at: Option<i64>,
        refused_reason: Option<String>,
    }
}

row! {
    struct NetworkRow {
        network: String,
        first_at: i64,
        last_at: i64,
    }
}
