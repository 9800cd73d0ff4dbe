//! What is forgotten of grants and their tokens, and what the history keeps of them.

use std::time::Duration;

use easement_core::{AccountId, OAuthClientId, Timestamp};

use crate::database::{Tx, detached, on};
use crate::error::failed_to;
use crate::{Store, StoreError};

impl Store {
    /// How long it is remembered that a refresh token was used, so that using it again ends its grant. Later, it
    /// is one that is not known.
    const SPENT_FOR: Duration = Duration::from_hours(24 * 30);
    /// How long codes and tokens are kept after their end.
    const OVER_FOR: Duration = Duration::from_hours(24);

    /// Forgets codes and tokens that ended, and grants whose client never came for its tokens.
    pub async fn forget_oauth_tokens(&self) -> Result<(), StoreError> {
        let (db, now) = (self.db().clone(), self.now());
        let (over, spent) = (now.minus(Self::OVER_FOR), now.minus(Self::SPENT_FOR));
        detached(async move {
            on!(db.writing(), db => sqlx::query(FORGET_TOKENS)
                .bind(over.as_micros())
                .bind(spent.as_micros())
                .execute(db)
                .await
                .map(|_| ()))
            .map_err(failed_to("forget tokens of grants"))?;
            on!(db.writing(), db => sqlx::query(FORGET_UNUSED)
                .bind(over.as_micros())
                .execute(db)
                .await
                .map(|_| ()))
            .map_err(failed_to("forget grants that were not used"))
        })
        .await
    }

    /// Forgets grants that ended before this moment. What was done with them stays in the history of zones, with
    /// the names of their clients. Says how many there were.
    pub async fn forget_grants(&self, before: Timestamp) -> Result<u64, StoreError> {
        let db = self.db().clone();
        detached(async move {
            let mut tx = db.begin().await?;
            keep_client_names(&mut tx, Gone::EndedBefore(before)).await?;
            let gone = on!(&mut tx, tx => sqlx::query(FORGET_ENDED)
                .bind(before.as_micros())
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()))
            .map_err(failed_to("forget grants that ended"))?;
            tx.commit().await?;
            Ok(gone)
        })
        .await
    }
}

/// Which grants are about to go.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Gone {
    OfClient(OAuthClientId),
    OfAccount(AccountId),
    EndedBefore(Timestamp),
}

/// Writes into the history who did what was done with grants that are about to go.
pub(crate) async fn keep_client_names(tx: &mut Tx, gone: Gone) -> Result<(), StoreError> {
    let (sql, value) = match gone {
        Gone::OfClient(client) => (NAMES_OF_CLIENT, client.number()),
        Gone::OfAccount(account) => (NAMES_OF_ACCOUNT, account.number()),
        Gone::EndedBefore(moment) => (NAMES_OF_ENDED, moment.as_micros()),
    };
    on!(tx, tx => sqlx::query(sql)
        .bind(value)
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("keep the names of clients in the history"))
}

macro_rules! names {
    ($of:literal) => {
        concat!(
            "UPDATE zone_commit SET actor_name = (SELECT oauth_client.name FROM oauth_grant \
             JOIN oauth_client ON oauth_client.id = oauth_grant.client_id \
             WHERE oauth_grant.id = zone_commit.actor_id) \
             WHERE actor_kind = 'grant' AND actor_id IN (SELECT id FROM oauth_grant WHERE ",
            $of,
            ")"
        )
    };
}

const NAMES_OF_CLIENT: &str = names!("client_id = $1");
const NAMES_OF_ACCOUNT: &str = names!("account_id = $1");
const NAMES_OF_ENDED: &str = names!("COALESCE(ended_at, expires_at) < $1");
const FORGET_ENDED: &str = "DELETE FROM oauth_grant WHERE COALESCE(ended_at, expires_at) < $1";
const FORGET_TOKENS: &str = "DELETE FROM oauth_token WHERE expires_at < $1 OR spent_at < $2";
const FORGET_UNUSED: &str = "DELETE FROM oauth_grant WHERE created_at < $1 AND used_at IS NULL \
     AND ended_at IS NULL \
     AND NOT EXISTS (SELECT 1 FROM oauth_token WHERE grant_id = oauth_grant.id)";
