//! Who runs the server.

use easement_core::{AccountId, AuditEvent, Origin, Standing};

use crate::accounts::{count_operators_in, email_of, standing_word};
use crate::audit::note;
use crate::database::{Tx, on};
use crate::error::failed_to;
use crate::{Store, StoreError};

impl Store {
    /// Makes an account an operator, or a member again. A server that has an operator keeps one. Gives whether that
    /// changed anything; what changed is in the audit trail.
    pub async fn set_standing(
        &self,
        account: AccountId,
        standing: Standing,
        origin: &Origin,
    ) -> Result<bool, StandingError> {
        let (now, origin) = (self.now(), origin.clone());
        self.change_access(move |mut tx| async move {
            let email = email_of(&mut tx, account).await?;
            let email = email.ok_or(StandingError::NoSuchAccount)?;
            let before = count_operators_in(&mut tx).await?;
            let has_changed = put_standing(&mut tx, account, standing).await?;
            if before > 0 && count_operators_in(&mut tx).await? == 0 {
                return Err(LastOperator.into());
            }
            if has_changed {
                let event = AuditEvent::StandingSet { email, standing };
                note(&mut tx, now, &origin, &event).await?;
            }
            Ok((tx, has_changed))
        })
        .await
    }

    /// Whether nobody would run the server without this account.
    pub async fn is_last_operator(&self, account: AccountId) -> Result<bool, StoreError> {
        let (operators, others): (i64, i64) =
            on!(self.db().reading(), db => sqlx::query_as(OPERATORS)
            .bind(account.number())
            .fetch_one(db)
            .await)
            .map_err(failed_to("count operators"))?;
        Ok(operators > 0 && others == 0)
    }
}

/// Sets a standing as part of something else; gives whether it was another one.
async fn put_standing(
    tx: &mut Tx,
    account: AccountId,
    standing: Standing,
) -> Result<bool, StoreError> {
    on!(tx, tx => sqlx::query(SET_STANDING)
        .bind(account.number())
        .bind(standing_word(standing))
        .execute(&mut **tx)
        .await
        .map(|done| done.rows_affected() > 0))
    .map_err(failed_to("set a standing"))
}

const SET_STANDING: &str = "UPDATE account SET standing = $2 WHERE id = $1 AND standing <> $2";
const OPERATORS: &str = "SELECT count(*), count(CASE WHEN id <> $1 THEN 1 END) FROM account \
     WHERE standing = 'operator'";

/// Nobody would be left to run the server.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "this is the last operator of the server: make another account an operator first, with \
     `easement account operator EMAIL on`"
)]
pub struct LastOperator;

/// Why a standing was not set.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StandingError {
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
