//! API tokens: secrets that accounts made for devices and programs.

mod room;
mod rows;
mod usage;

use std::time::Duration;

use easement_core::{
    AccountId, ApiToken, ApiTokenId, AuditEvent, Origin, PasswordHash, PublicTokenId, Timestamp,
    TokenChain, TokenKind, TokenLimits, TokenName,
};

use self::room::check_room;
use self::rows::{SecretRow, TokenRow, chain_of};
pub use self::usage::TokenNetwork;
use crate::audit::note;
use crate::database::{Tx, on};
use crate::error::failed_to;
use crate::rows::to_json;
use crate::{Store, StoreError};

/// A token that is to be made.
#[derive(Clone, Debug)]
pub struct NewApiToken {
    /// Whose.
    pub account: AccountId,
    /// The token that it is made from, when it is.
    pub parent: Option<ApiTokenId>,
    /// For use, or for trying out.
    pub kind: TokenKind,
    /// What it is called.
    pub name: TokenName,
    /// What it may do.
    pub limits: TokenLimits,
    /// Its secret.
    pub secret: StoredSecret,
    /// Who makes it, for the audit trail.
    pub origin: Origin,
}

/// A secret as it is stored.
#[derive(Clone, Debug)]
pub struct StoredSecret {
    /// The part that is no secret.
    pub public_id: PublicTokenId,
    /// Argon2id of the other part.
    pub hash: PasswordHash,
}

/// What a public id leads to.
#[derive(Clone, Debug)]
pub struct FoundApiToken {
    /// The token, and those that it was made from.
    pub chain: TokenChain,
    /// What the secret is verified against.
    pub hash: PasswordHash,
    /// When this secret stops to count, because another one replaced it.
    pub secret_expires_at: Option<Timestamp>,
}

impl Store {
    /// The most tokens of one account.
    pub const MAX_API_TOKENS: u64 = 1000;

    /// Makes a token.
    pub async fn create_api_token(&self, new: NewApiToken) -> Result<ApiToken, CreateTokenError> {
        let now = self.now();
        self.change_access(move |mut tx| async move {
            check_room(&mut tx, &new, now).await?;
            let id = insert(&mut tx, &new, now).await?;
            add_secret(&mut tx, id, &new.secret, now).await?;
            let event = AuditEvent::ApiTokenCreated {
                name: new.name.clone(),
                public_id: new.secret.public_id.clone(),
            };
            note(&mut tx, now, &new.origin, &event).await?;
            let token = ApiToken {
                id,
                public_id: new.secret.public_id,
                account: new.account,
                parent: new.parent,
                kind: new.kind,
                name: new.name,
                limits: new.limits,
                created_at: now,
                revoked_at: None,
                last_use: None,
            };
            Ok((tx, token))
        })
        .await
    }

    /// The token that has a secret with this public id, also when it does not count any more.
    pub async fn api_token_by_public_id(
        &self,
        id: &PublicTokenId,
    ) -> Result<Option<FoundApiToken>, StoreError> {
        let row: Option<SecretRow> = on!(self.db().reading(), db => sqlx::query_as(SECRET)
            .bind(id.as_str())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("find an API token"))?;
        let Some(row) = row else {
            return Ok(None);
        };
        let Some(chain) = self.api_token(ApiTokenId::new(row.token_id)).await? else {
            return Ok(None);
        };
        Ok(Some(FoundApiToken {
            chain,
            hash: PasswordHash::from_phc(row.secret_hash),
            secret_expires_at: row.expires_at.map(Timestamp::from_micros),
        }))
    }

    /// A token, and those that it was made from.
    pub async fn api_token(&self, id: ApiTokenId) -> Result<Option<TokenChain>, StoreError> {
        let rows: Vec<TokenRow> = on!(self.db().reading(), db => sqlx::query_as(CHAIN)
            .bind(id.number())
            .bind(i64::try_from(TokenChain::MAX_LENGTH).unwrap_or(i64::MAX))
            .fetch_all(db)
            .await)
        .map_err(failed_to("read an API token"))?;
        chain_of(rows)
    }

    /// The tokens of an account, the newest first.
    pub async fn api_tokens_of(&self, account: AccountId) -> Result<Vec<ApiToken>, StoreError> {
        self.some_api_tokens_of(account, u32::MAX).await
    }

    /// The tokens of an account, the newest first. When there are more, the oldest of those that were
    /// revoked are left out.
    pub async fn some_api_tokens_of(
        &self,
        account: AccountId,
        limit: u32,
    ) -> Result<Vec<ApiToken>, StoreError> {
        let rows: Vec<TokenRow> = on!(self.db().reading(), db => sqlx::query_as(OF_ACCOUNT)
            .bind(account.number())
            .bind(i64::from(limit))
            .fetch_all(db)
            .await)
        .map_err(failed_to("list API tokens"))?;
        tokens_of(rows)
    }

    /// The tokens that were made from a token, and from those, the newest first. When there are more than
    /// [`Self::MAX_API_TOKENS`], the oldest of those that were revoked are left out.
    pub async fn api_tokens_below(&self, id: ApiTokenId) -> Result<Vec<ApiToken>, StoreError> {
        let rows: Vec<TokenRow> = on!(self.db().reading(), db => sqlx::query_as(BELOW)
            .bind(id.number())
            .bind(i64::try_from(TokenChain::MAX_LENGTH).unwrap_or(i64::MAX))
            .bind(i64::try_from(Self::MAX_API_TOKENS).unwrap_or(i64::MAX))
            .fetch_all(db)
            .await)
        .map_err(failed_to("list the API tokens that were made from one"))?;
        tokens_of(rows)
    }

    /// The tokens of all accounts, the newest first: for operators.
    pub async fn all_api_tokens(&self, limit: u32) -> Result<Vec<ApiToken>, StoreError> {
        let rows: Vec<TokenRow> = on!(self.db().reading(), db => sqlx::query_as(ALL)
            .bind(i64::from(limit))
            .fetch_all(db)
            .await)
        .map_err(failed_to("list API tokens"))?;
        rows.into_iter().map(ApiToken::try_from).collect()
    }

    /// Revokes a token, and with it those that were made from it. Says whether it counted until now.
    pub async fn revoke_api_token(
        &self,
        token: &ApiToken,
        origin: &Origin,
    ) -> Result<bool, StoreError> {
        let (now, id, origin) = (self.now(), token.id, origin.clone());
        let event = AuditEvent::ApiTokenRevoked {
            name: token.name.clone(),
            public_id: token.public_id.clone(),
        };
        self.change_access(move |mut tx| async move {
            let revoked = on!(&mut tx, tx => sqlx::query(REVOKE)
                .bind(id.number())
                .bind(now.as_micros())
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()))
            .map_err(failed_to("revoke an API token"))?;
            if revoked > 0 {
                note(&mut tx, now, &origin, &event).await?;
            }
            Ok((tx, revoked > 0))
        })
        .await
    }

    /// Gives a token another secret. Those that it had count for a while longer. Says whether there is such
    /// a token that was not revoked. What was made from it stays.
    pub async fn rotate_api_token(
        &self,
        token: &ApiToken,
        secret: StoredSecret,
        overlap: Duration,
        origin: &Origin,
    ) -> Result<bool, StoreError> {
        let (now, id, origin) = (self.now(), token.id, origin.clone());
        let event = AuditEvent::ApiTokenRotated {
            name: token.name.clone(),
            public_id: secret.public_id.clone(),
        };
        self.change_access(move |mut tx| async move {
            let ended = on!(&mut tx, tx => sqlx::query(END_SECRETS)
                .bind(id.number())
                .bind(now.plus(overlap).as_micros())
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()))
            .map_err(failed_to("replace the secret of an API token"))?;
            if ended > 0 {
                add_secret(&mut tx, id, &secret, now).await?;
                note(&mut tx, now, &origin, &event).await?;
            }
            Ok((tx, ended > 0))
        })
        .await
    }
}

/// The newest first.
fn tokens_of(rows: Vec<TokenRow>) -> Result<Vec<ApiToken>, StoreError> {
    let tokens: Result<Vec<ApiToken>, StoreError> =
        rows.into_iter().map(ApiToken::try_from).collect();
    let mut tokens = tokens?;
    tokens.sort_by_key(|token| std::cmp::Reverse(token.id));
    Ok(tokens)
}

async fn insert(tx: &mut Tx, new: &NewApiToken, now: Timestamp) -> Result<ApiTokenId, StoreError> {
    let limits = to_json("make an API token", &new.limits)?;
    let id: i64 = on!(tx, tx => sqlx::query_scalar(INSERT)
        .bind(new.account.number())
        .bind(new.parent.map(ApiTokenId::number))
        .bind(new.kind.as_str())
        .bind(new.name.as_str())
        .bind(limits)
        .bind(now.as_micros())
        .fetch_one(&mut **tx)
        .await)
    .map_err(failed_to("make an API token"))?;
    Ok(ApiTokenId::new(id))
}

async fn add_secret(
    tx: &mut Tx,
    token: ApiTokenId,
    secret: &StoredSecret,
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, tx => sqlx::query(ADD_SECRET)
        .bind(secret.public_id.as_str())
        .bind(token.number())
        .bind(secret.hash.as_phc())
        .bind(now.as_micros())
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("keep the secret of an API token"))
}

/// The columns of a [`TokenRow`]. The newest secret is the one that does not end.
macro_rules! columns {
    () => {
        "SELECT api_token.id, (SELECT public_id FROM api_token_secret \
         WHERE token_id = api_token.id AND expires_at IS NULL) AS public_id, account_id, parent_id, kind, \
         name, limits, created_at, revoked_at, used_at, used_from FROM api_token "
    };
}

const INSERT: &str = "INSERT INTO api_token (account_id, parent_id, kind, name, limits, created_at) \
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
const ADD_SECRET: &str = "INSERT INTO api_token_secret (public_id, token_id, secret_hash, created_at) \
     VALUES ($1, $2, $3, $4)";
const SECRET: &str =
    "SELECT token_id, secret_hash, expires_at FROM api_token_secret WHERE public_id = $1";
const CHAIN: &str = concat!(
    "WITH RECURSIVE link (id, parent_id, depth) AS ( \
     SELECT id, parent_id, 0 FROM api_token WHERE id = $1 UNION ALL \
     SELECT api_token.id, api_token.parent_id, link.depth + 1 FROM link \
     JOIN api_token ON api_token.id = link.parent_id WHERE link.depth < $2) ",
    "SELECT api_token.id, (SELECT public_id FROM api_token_secret \
     WHERE token_id = api_token.id AND expires_at IS NULL) AS public_id, account_id, api_token.parent_id, \
     kind, name, limits, created_at, revoked_at, used_at, used_from \
     FROM link JOIN api_token ON api_token.id = link.id ORDER BY link.depth"
);
const OF_ACCOUNT: &str = concat!(
    columns!(),
    "WHERE account_id = $1 ORDER BY revoked_at IS NOT NULL, id DESC LIMIT $2"
);
const BELOW: &str = concat!(
    "WITH RECURSIVE below (id, depth) AS ( \
     SELECT id, 1 FROM api_token WHERE parent_id = $1 UNION ALL \
     SELECT api_token.id, below.depth + 1 FROM below \
     JOIN api_token ON api_token.parent_id = below.id WHERE below.depth < $2) ",
    columns!(),
    "WHERE id IN (SELECT id FROM below) ORDER BY revoked_at IS NOT NULL, id DESC LIMIT $3"
);
const ALL: &str = concat!(columns!(), "ORDER BY id DESC LIMIT $1");
const REVOKE: &str = "UPDATE api_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
/// An earlier end stays as it is.
const END_SECRETS: &str = "UPDATE api_token_secret SET expires_at = $2 WHERE token_id = $1 \
     AND (expires_at IS NULL OR expires_at > $2) \
     AND EXISTS (SELECT 1 FROM api_token WHERE id = $1 AND revoked_at IS NULL)";

/// Why a token was not made.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CreateTokenError {
    /// There is no such account.
    #[error("there is no account with the id {account}")]
    NoSuchAccount {
        /// The id.
        account: AccountId,
    },
    /// The account has too many.
    #[error(
        "an account has at most {} API tokens: revoke some that are not used",
        Store::MAX_API_TOKENS
    )]
    TooMany,
    /// The token that it was to be made from is gone, revoked, or somebody else's.
    #[error("the API token that this one is to be made from does not count any more")]
    ParentGone,
    /// The token that it was to be made from was made from too many others.
    #[error(
        "API tokens are made from each other at most {} deep",
        TokenChain::MAX_LENGTH
    )]
    TooDeep,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
