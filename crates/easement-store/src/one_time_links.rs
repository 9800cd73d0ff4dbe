//! Links that work once: found and used up in the transaction that does what they are for.

use easement_core::{
    Account, AccountId, EmailAddress, OneTimeLink, OneTimePurpose, PasswordHash, SecretHash,
    Standing, Timestamp,
};

use crate::accounts::{count_operators_in, create_in, set_password_in};
use crate::database::{Tx, detached, on, row};
use crate::error::failed_to;
use crate::rows::At;
use crate::{AccountExists, CreateAccountError, Store, StoreError};

impl Store {
    /// Keeps a link, and forgets those that no longer work.
    pub async fn create_link(&self, link: &OneTimeLink) -> Result<(), StoreError> {
        let (purpose, account) = purpose_columns(link.purpose);
        on!(self.db().writing(), db => sqlx::query(PURGE)
            .bind(self.now().as_micros())
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(failed_to("forget old one-time links"))?;
        on!(self.db().writing(), db => sqlx::query(CREATE)
            .bind(link.secret.as_octets())
            .bind(purpose)
            .bind(account)
            .bind(link.expires_at.as_micros())
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(failed_to("keep a one-time link"))
    }

    /// The link with this secret, when it still works. It still works afterwards.
    pub async fn find_link(&self, secret: &SecretHash) -> Result<Option<OneTimeLink>, StoreError> {
        let row: Option<LinkRow> = on!(self.db().reading(), db => sqlx::query_as(FIND)
            .bind(secret.as_octets())
            .bind(self.now().as_micros())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("find a one-time link"))?;
        row.map(OneTimeLink::try_from).transpose()
    }

    /// Uses up the link that makes the first operator.
    pub async fn create_first_operator(
        &self,
        secret: &SecretHash,
        email: &EmailAddress,
        password: &PasswordHash,
    ) -> Result<Account, LinkError> {
        let (db, now) = (self.db().clone(), self.now());
        let (secret, email, password) = (secret.clone(), email.clone(), password.clone());
        detached(async move {
            let mut tx = db.begin().await?;
            // All links of the purpose go at once, so two of them cannot both make a first operator.
            let links = delete_all_for_first_operator(&mut tx).await?;
            if !links
                .iter()
                .any(|link| link.secret == secret && link.expires_at > now)
            {
                return Err(LinkError::NotValid);
            }
            if count_operators_in(&mut tx).await? > 0 {
                return Err(LinkError::NotValid);
            }
            let operator = Standing::Operator;
            let account = create_in(&mut tx, &email, &password, operator, now).await?;
            tx.commit().await?;
            Ok(account)
        })
        .await
    }

    /// Uses up a link that sets an account's password, and ends the account's sessions.
    pub async fn choose_password(
        &self,
        secret: &SecretHash,
        password: &PasswordHash,
    ) -> Result<AccountId, LinkError> {
        let (db, now) = (self.db().clone(), self.now());
        let (secret, password) = (secret.clone(), password.clone());
        detached(async move {
            let mut tx = db.begin().await?;
            let found = find_in(&mut tx, &secret, now).await?;
            let account = found.and_then(|link| account_of(link.purpose));
            let account = account.ok_or(LinkError::NotValid)?;
            // The account before its links, in the order in which its deletion takes them: the other way round, the
            // two would wait for each other.
            lock_account(&mut tx, account).await?;
            if delete(&mut tx, &secret, now).await?.is_none() {
                return Err(LinkError::NotValid);
            }
            set_password_in(&mut tx, account, &password, None).await?;
            tx.commit().await?;
            Ok(account)
        })
        .await
    }
}

/// Changes nothing, and makes whoever changes or deletes the account wait.
const LOCK_ACCOUNT: &str = "UPDATE account SET password_hash = password_hash WHERE id = $1";
const CREATE: &str = "INSERT INTO one_time_link (secret_hash, purpose, account_id, expires_at) \
     VALUES ($1, $2, $3, $4)";
const PURGE: &str = "DELETE FROM one_time_link WHERE expires_at <= $1";
const FIND: &str = "SELECT secret_hash, purpose, account_id, expires_at FROM one_time_link \
     WHERE secret_hash = $1 AND expires_at > $2";
const DELETE: &str = "DELETE FROM one_time_link WHERE secret_hash = $1 AND expires_at > $2 \
     RETURNING secret_hash, purpose, account_id, expires_at";
const DELETE_FIRST_OPERATOR: &str = "DELETE FROM one_time_link WHERE purpose = 'first_operator' \
     RETURNING secret_hash, purpose, account_id, expires_at";

async fn delete(
    tx: &mut Tx,
    secret: &SecretHash,
    now: Timestamp,
) -> Result<Option<OneTimeLink>, StoreError> {
    let row: Option<LinkRow> = on!(tx, tx => sqlx::query_as(DELETE)
        .bind(secret.as_octets())
        .bind(now.as_micros())
        .fetch_optional(&mut **tx)
        .await)
    .map_err(failed_to("use up a one-time link"))?;
    row.map(OneTimeLink::try_from).transpose()
}

async fn find_in(
    tx: &mut Tx,
    secret: &SecretHash,
    now: Timestamp,
) -> Result<Option<OneTimeLink>, StoreError> {
    let row: Option<LinkRow> = on!(tx, tx => sqlx::query_as(FIND)
        .bind(secret.as_octets())
        .bind(now.as_micros())
        .fetch_optional(&mut **tx)
        .await)
    .map_err(failed_to("find a one-time link"))?;
    row.map(OneTimeLink::try_from).transpose()
}

async fn lock_account(tx: &mut Tx, account: AccountId) -> Result<(), StoreError> {
    on!(tx, tx => sqlx::query(LOCK_ACCOUNT)
        .bind(account.number())
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("keep an account as it is"))
}

async fn delete_all_for_first_operator(tx: &mut Tx) -> Result<Vec<OneTimeLink>, StoreError> {
    let rows: Vec<LinkRow> = on!(tx, tx => sqlx::query_as(DELETE_FIRST_OPERATOR)
        .fetch_all(&mut **tx)
        .await)
    .map_err(failed_to("use up a one-time link"))?;
    rows.into_iter().map(OneTimeLink::try_from).collect()
}

/// The account whose password a link sets.
fn account_of(purpose: OneTimePurpose) -> Option<AccountId> {
    match purpose {
        OneTimePurpose::FirstOperator => None,
        OneTimePurpose::ChoosePassword(account) | OneTimePurpose::ReplacePassword(account) => {
            Some(account)
        }
    }
}

fn purpose_columns(purpose: OneTimePurpose) -> (&'static str, Option<i64>) {
    let word = match purpose {
        OneTimePurpose::FirstOperator => "first_operator",
        OneTimePurpose::ChoosePassword(_) => "choose_password",
        OneTimePurpose::ReplacePassword(_) => "replace_password",
    };
    (word, account_of(purpose).map(AccountId::number))
}

row! {
    struct LinkRow {
        secret_hash: Vec<u8>,
        purpose: String,
        account_id: Option<i64>,
        expires_at: i64,
    }
}

impl TryFrom<LinkRow> for OneTimeLink {
    type Error = StoreError;

    fn try_from(row: LinkRow) -> Result<Self, StoreError> {
        let purpose = match (row.purpose.as_str(), row.account_id) {
            ("first_operator", None) => OneTimePurpose::FirstOperator,
            ("choose_password", Some(id)) => OneTimePurpose::ChoosePassword(AccountId::new(id)),
            ("replace_password", Some(id)) => OneTimePurpose::ReplacePassword(AccountId::new(id)),
            (purpose, account) => {
                let at = At {
                    table: "one_time_link",
                    // The key is the hash of a secret: it is not shown.
                    id: "(hidden)",
                };
                let reason =
                    format!("no link has the purpose `{purpose}` and the account {account:?}");
                return Err(at.corrupt("purpose", reason));
            }
        };
        Ok(Self {
            secret: SecretHash::from_stored(row.secret_hash),
            purpose,
            expires_at: Timestamp::from_micros(row.expires_at),
        })
    }
}

/// Why a one-time link did not do what it is for.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LinkError {
    /// It was used, is too old, or was never made.
    #[error("this link was used already or is too old: ask for a new one")]
    NotValid,
    /// The address is taken. The link still works.
    #[error(transparent)]
    Exists(#[from] AccountExists),
    /// The database failed. Whether the link still works is not known.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<CreateAccountError> for LinkError {
    fn from(error: CreateAccountError) -> Self {
        match error {
            CreateAccountError::Exists(exists) => Self::Exists(exists),
            CreateAccountError::Store(error) => Self::Store(error),
        }
    }
}
