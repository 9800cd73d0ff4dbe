//! Accounts and their passwords.

use easement_core::{
    Account, AccountId, AuditEvent, EmailAddress, Origin, PasswordHash, SecretHash, Standing,
    Timestamp,
};

use crate::audit::note;
use crate::database::{Db, Tx, detached, on, row};
use crate::error::failed_to;
use crate::rows::At;
use crate::{Store, StoreError};

/// An account with what its password is verified against.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredAccount {
    /// The account.
    pub account: Account,
    /// The hash of its password; nothing until one was chosen.
    pub password: Option<PasswordHash>,
}

impl Store {
    /// Makes an account.
    pub async fn create_account(
        &self,
        email: &EmailAddress,
        password: Option<&PasswordHash>,
        standing: Standing,
    ) -> Result<Account, CreateAccountError> {
        let row: Option<AccountRow> = on!(self.db().writing(), db => sqlx::query_as(CREATE)
            .bind(email.as_str())
            .bind(password.map(PasswordHash::as_phc))
            .bind(standing_word(standing))
            .bind(self.now().as_micros())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("make an account"))?;
        created(row, email)
    }

    /// The account with this address.
    pub async fn account_by_email(
        &self,
        email: &EmailAddress,
    ) -> Result<Option<StoredAccount>, StoreError> {
        let row: Option<AccountRow> = on!(self.db().reading(), db => sqlx::query_as(BY_EMAIL)
            .bind(email.as_str())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("find an account by its address"))?;
        row.map(StoredAccount::try_from).transpose()
    }

    /// The account with this id.
    pub async fn account(&self, id: AccountId) -> Result<Option<StoredAccount>, StoreError> {
        let row: Option<AccountRow> = on!(self.db().reading(), db => sqlx::query_as(BY_ID)
            .bind(id.number())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("find an account by its id"))?;
        row.map(StoredAccount::try_from).transpose()
    }

    /// All accounts, by their addresses.
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        let rows: Vec<AccountRow> = on!(self.db().reading(), db => sqlx::query_as(ALL)
            .fetch_all(db)
            .await)
        .map_err(failed_to("list accounts"))?;
        rows.into_iter()
            .map(|row| StoredAccount::try_from(row).map(|stored| stored.account))
            .collect()
    }

    /// How many accounts are operators.
    pub async fn count_operators(&self) -> Result<u64, StoreError> {
        let count: i64 = on!(self.db().reading(), db => sqlx::query_scalar(COUNT_OPERATORS)
            .fetch_one(db)
            .await)
        .map_err(failed_to("count operators"))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// Sets an account's password and ends its sessions, but for the one that is to be kept. Says
    /// whether there is such an account.
    pub async fn set_password(
        &self,
        account: AccountId,
        password: &PasswordHash,
        keep: Option<&SecretHash>,
        origin: &Origin,
    ) -> Result<bool, StoreError> {
        let db: Db = self.db().clone();
        let (now, origin) = (self.now(), origin.clone());
        let password = password.clone();
        let keep = keep.cloned();
        detached(async move {
            let mut tx = db.begin().await?;
            let is_there = set_password_in(&mut tx, account, &password, keep.as_ref()).await?;
            if is_there {
                note(&mut tx, now, &origin, &AuditEvent::PasswordChanged).await?;
            }
            tx.commit().await?;
            Ok(is_there)
        })
        .await
    }
}

const CREATE: &str = "INSERT INTO account (email, password_hash, standing, created_at) \
     VALUES ($1, $2, $3, $4) ON CONFLICT (email) DO NOTHING \
     RETURNING id, email, password_hash, standing, created_at";
const BY_EMAIL: &str =
    "SELECT id, email, password_hash, standing, created_at FROM account WHERE email = $1";
const BY_ID: &str =
    "SELECT id, email, password_hash, standing, created_at FROM account WHERE id = $1";
const ALL: &str =
    "SELECT id, email, password_hash, standing, created_at FROM account ORDER BY email";
const COUNT_OPERATORS: &str = "SELECT count(*) FROM account WHERE standing = 'operator'";
const SET_PASSWORD: &str = "UPDATE account SET password_hash = $2 WHERE id = $1";
const END_LINKS: &str = "DELETE FROM one_time_link WHERE account_id = $1";
const END_ALL_BUT: &str = "DELETE FROM session WHERE account_id = $1 AND secret_hash <> $2";

/// Makes an account as part of something else.
pub(crate) async fn create_in(
    tx: &mut Tx,
    email: &EmailAddress,
    password: &PasswordHash,
    standing: Standing,
    now: Timestamp,
) -> Result<Account, CreateAccountError> {
    let row: Option<AccountRow> = on!(tx, tx => sqlx::query_as(CREATE)
        .bind(email.as_str())
        .bind(password.as_phc())
        .bind(standing_word(standing))
        .bind(now.as_micros())
        .fetch_optional(&mut **tx)
        .await)
    .map_err(failed_to("make an account"))?;
    created(row, email)
}

fn created(row: Option<AccountRow>, email: &EmailAddress) -> Result<Account, CreateAccountError> {
    let row = row.ok_or_else(|| AccountExists {
        email: email.clone(),
    })?;
    Ok(StoredAccount::try_from(row)?.account)
}

/// The address of an account.
pub(crate) async fn email_of(
    tx: &mut Tx,
    account: AccountId,
) -> Result<Option<EmailAddress>, StoreError> {
    let row: Option<AccountRow> = on!(tx, tx => sqlx::query_as(BY_ID)
        .bind(account.number())
        .fetch_optional(&mut **tx)
        .await)
    .map_err(failed_to("find an account by its id"))?;
    let stored = row.map(StoredAccount::try_from).transpose()?;
    Ok(stored.map(|stored| stored.account.email))
}

pub(crate) async fn count_operators_in(tx: &mut Tx) -> Result<i64, StoreError> {
    on!(tx, tx => sqlx::query_scalar(COUNT_OPERATORS).fetch_one(&mut **tx).await)
        .map_err(failed_to("count operators"))
}

/// Sets a password as part of something else, and ends what opened the account before: its other
/// sessions, and links with which a password could still be chosen.
pub(crate) async fn set_password_in(
    tx: &mut Tx,
    account: AccountId,
    password: &PasswordHash,
    keep: Option<&SecretHash>,
) -> Result<bool, StoreError> {
    let changed = on!(tx, tx => sqlx::query(SET_PASSWORD)
        .bind(account.number())
        .bind(password.as_phc())
        .execute(&mut **tx)
        .await
        .map(|done| done.rows_affected()))
    .map_err(failed_to("set a password"))?;
    // No session has the empty hash.
    let keep = keep.map_or(&[][..], SecretHash::as_octets);
    on!(tx, tx => sqlx::query(END_ALL_BUT)
        .bind(account.number())
        .bind(keep)
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("end sessions"))?;
    on!(tx, tx => sqlx::query(END_LINKS)
        .bind(account.number())
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("end one-time links"))?;
    Ok(changed > 0)
}

pub(crate) fn standing_word(standing: Standing) -> &'static str {
    match standing {
        Standing::Operator => "operator",
        Standing::Member => "member",
    }
}

pub(crate) fn read_standing(word: &str) -> Option<Standing> {
    match word {
        "operator" => Some(Standing::Operator),
        "member" => Some(Standing::Member),
        _ => None,
    }
}

//------------ AccountRow ------------------------------------------------------------------------

row! {
    pub(crate) struct AccountRow {
        id: i64,
        email: String,
        password_hash: Option<String>,
        standing: String,
        created_at: i64,
    }
}

impl TryFrom<AccountRow> for StoredAccount {
    type Error = StoreError;

    fn try_from(row: AccountRow) -> Result<Self, StoreError> {
        let at = At {
            table: "account",
            id: row.id,
        };
        let standing = read_standing(&row.standing).ok_or_else(|| {
            let reason = format_args!("`{}` is not a standing", row.standing);
            at.corrupt("standing", reason)
        })?;
        Ok(Self {
            account: Account {
                id: AccountId::new(row.id),
                email: at.text("email", &row.email)?,
                standing,
                created_at: Timestamp::from_micros(row.created_at),
            },
            password: row.password_hash.map(PasswordHash::from_phc),
        })
    }
}

//------------ Errors ----------------------------------------------------------------------------

/// Why an account was not made.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CreateAccountError {
    /// The address is taken.
    #[error(transparent)]
    Exists(#[from] AccountExists),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An account has this address already.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("there is an account with the address {email} already: choose another address")]
pub struct AccountExists {
    /// The address.
    pub email: EmailAddress,
}
