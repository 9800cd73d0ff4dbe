//! The end of an account.

use std::net::IpAddr;

use easement_core::{AccountId, Actor, AuditEvent, EmailAddress};
use easement_zone::Name;

use crate::accounts::count_operators_in;
use crate::audit::append_in;
use crate::database::{Tx, on, row};
use crate::error::failed_to;
use crate::oauth::{Gone, keep_client_names};
use crate::rows::At;
use crate::sign_in_attempts::ThrottleKey;
use crate::{LastOperator, Store, StoreError};

impl Store {
    /// The zones that have no other owner than this account, by their apexes: at most so many.
    pub async fn zones_only_of(
        &self,
        account: AccountId,
        limit: u32,
    ) -> Result<Vec<Name>, StoreError> {
        let rows: Vec<SpellingRow> = on!(self.db().reading(), db => sqlx::query_as(ONLY_OF)
            .bind(account.number())
            .bind(i64::from(limit))
            .fetch_all(db)
            .await)
        .map_err(failed_to("list the zones that only one account owns"))?;
        rows.into_iter()
            .map(|row| {
                let at = At {
                    table: "zone",
                    id: row.id,
                };
                at.text("spelling", &row.spelling)
            })
            .collect()
    }

    /// Deletes an account with its sessions, links, roles and API tokens. Its zones go on as they are. Who
    /// did it, and from where, is written down in the same transaction.
    pub async fn delete_account(
        &self,
        account: AccountId,
        email: EmailAddress,
        (actor, address): (Actor, Option<IpAddr>),
    ) -> Result<(), DeleteAccountError> {
        let now = self.now();
        self.change_access(move |mut tx| async move {
            delete(&mut tx, account, &email).await?;
            let event = AuditEvent::AccountDeleted { account };
            append_in(&mut tx, now, (Some(actor), address), &event).await?;
            Ok((tx, ()))
        })
        .await
    }
}

async fn delete(
    tx: &mut Tx,
    account: AccountId,
    email: &EmailAddress,
) -> Result<(), DeleteAccountError> {
    let before = count_operators_in(tx).await?;
    keep_client_names(tx, Gone::OfAccount(account)).await?;
    let deleted = on!(&mut *tx, tx => sqlx::query(DELETE)
        .bind(account.number())
        .execute(&mut **tx)
        .await
        .map(|done| done.rows_affected()))
    .map_err(failed_to("delete an account"))?;
    if deleted == 0 {
        return Err(DeleteAccountError::NoSuchAccount);
    }
    if before > 0 && count_operators_in(tx).await? == 0 {
        return Err(LastOperator.into());
    }
    on!(&mut *tx, tx => sqlx::query(FORGET_ATTEMPTS)
        .bind(ThrottleKey::Account(email.clone()).to_string())
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("forget failed tries"))?;
    Ok(())
}

const ONLY_OF: &str = "SELECT zone.id, zone.spelling FROM zone_role \
     JOIN zone ON zone.id = zone_role.zone_id \
     WHERE zone_role.account_id = $1 AND zone_role.role = 'owner' AND NOT EXISTS ( \
     SELECT 1 FROM zone_role AS other WHERE other.zone_id = zone.id AND other.role = 'owner' \
     AND other.account_id <> $1) ORDER BY zone.apex LIMIT $2";
const DELETE: &str = "DELETE FROM account WHERE id = $1";
const FORGET_ATTEMPTS: &str = "DELETE FROM sign_in_attempt WHERE throttle_key = $1";

row! {
    struct SpellingRow {
        id: i64,
        spelling: String,
    }
}

/// Why an account was not deleted.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DeleteAccountError {
    /// There is none.
    #[error("there is no such account any more")]
    NoSuchAccount,
    /// Nobody would be left to run the server.
    #[error(transparent)]
    LastOperator(#[from] LastOperator),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
