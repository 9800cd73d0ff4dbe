//! Sessions of people who are signed in.

use easement_core::{
    Account, AccountId, PasswordHash, SecretHash, Session, SessionPolicy, Timestamp,
};

use crate::database::{Tx, detached, on, row};
use crate::error::failed_to;
use crate::{Store, StoreError};

impl Store {
    /// Keeps a new session of somebody who has just given this password; nothing is kept, and the answer is
    /// no, when it was changed meanwhile. Changing a password ends the sessions that the old one began, on
    /// whichever node.
    pub async fn create_session(
        &self,
        session: &Session,
        password: &PasswordHash,
    ) -> Result<bool, StoreError> {
        let (db, session, password) = (self.db().clone(), session.clone(), password.clone());
        detached(async move {
            let mut tx = db.begin().await?;
            if !lock_password(&mut tx, session.account, &password).await? {
                return Ok(false);
            }
            on!(&mut tx, tx => sqlx::query(CREATE)
                .bind(session.secret.as_octets())
                .bind(session.account.number())
                .bind(session.created_at.as_micros())
                .bind(session.seen_at.as_micros())
                .execute(&mut **tx)
                .await
                .map(|_| ()))
            .map_err(failed_to("keep a session"))?;
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    /// The session with this secret, and whose it is. Whether it still counts is for
    /// [`Session::state`] to say.
    pub async fn find_session(
        &self,
        secret: &SecretHash,
    ) -> Result<Option<(Session, Account)>, StoreError> {
        let session: Option<SessionRow> = on!(self.db().reading(), db => sqlx::query_as(FIND)
            .bind(secret.as_octets())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("find a session"))?;
        let Some(session) = session else {
            return Ok(None);
        };
        // An account that went away just now took its sessions with it.
        let Some(stored) = self.account(AccountId::new(session.account_id)).await? else {
            return Ok(None);
        };
        let session = Session {
            secret: secret.clone(),
            account: stored.account.id,
            created_at: Timestamp::from_micros(session.created_at),
            seen_at: Timestamp::from_micros(session.seen_at),
        };
        Ok(Some((session, stored.account)))
    }

    /// Notes that a session was used.
    pub async fn touch_session(
        &self,
        secret: &SecretHash,
        seen_at: Timestamp,
    ) -> Result<(), StoreError> {
        on!(self.db().writing(), db => sqlx::query(TOUCH)
            .bind(secret.as_octets())
            .bind(seen_at.as_micros())
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(failed_to("note the use of a session"))
    }

    /// Ends a session.
    pub async fn end_session(&self, secret: &SecretHash) -> Result<(), StoreError> {
        on!(self.db().writing(), db => sqlx::query(END)
            .bind(secret.as_octets())
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(failed_to("end a session"))
    }

    /// Ends the sessions of an account but for this one, and says how many there were.
    pub async fn end_other_sessions(
        &self,
        account: AccountId,
        keep: &SecretHash,
    ) -> Result<u64, StoreError> {
        on!(self.db().writing(), db => sqlx::query(END_OTHERS)
            .bind(account.number())
            .bind(keep.as_octets())
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(failed_to("end sessions"))
    }

    /// Forgets sessions that no longer count, and says how many there were.
    pub async fn purge_sessions(&self, policy: &SessionPolicy) -> Result<u64, StoreError> {
        let now = self.now();
        on!(self.db().writing(), db => sqlx::query(PURGE)
            .bind(now.minus(policy.absolute).as_micros())
            .bind(now.minus(policy.idle).as_micros())
            .execute(db)
            .await
            .map(|done| done.rows_affected()))
        .map_err(failed_to("forget old sessions"))
    }
}

/// Whether this is the password still. It stays so until the transaction ends.
async fn lock_password(
    tx: &mut Tx,
    account: AccountId,
    password: &PasswordHash,
) -> Result<bool, StoreError> {
    let found = on!(tx, tx => sqlx::query(LOCK_PASSWORD)
        .bind(account.number())
        .bind(password.as_phc())
        .execute(&mut **tx)
        .await
        .map(|done| done.rows_affected()))
    .map_err(failed_to("look whether a password was changed"))?;
    Ok(found > 0)
}

/// Changes nothing, and makes whoever changes the password wait.
const LOCK_PASSWORD: &str = "UPDATE account SET password_hash = password_hash \
     WHERE id = $1 AND password_hash = $2";
const CREATE: &str = "INSERT INTO session (secret_hash, account_id, created_at, seen_at) \
     VALUES ($1, $2, $3, $4)";
const FIND: &str = "SELECT account_id, created_at, seen_at FROM session WHERE secret_hash = $1";
/// Never back in time: two requests of one session may be noted in either order.
const TOUCH: &str = "UPDATE session SET seen_at = $2 WHERE secret_hash = $1 AND seen_at < $2";
const END: &str = "DELETE FROM session WHERE secret_hash = $1";
const END_OTHERS: &str = "DELETE FROM session WHERE account_id = $1 AND secret_hash <> $2";
/// The limits are those of [`Session::state`].
const PURGE: &str = "DELETE FROM session WHERE created_at <= $1 OR seen_at <= $2";

row! {
    struct SessionRow {
        account_id: i64,
        created_at: i64,
        seen_at: i64,
    }
}
