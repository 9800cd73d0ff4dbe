//! Codes, access tokens and refresh tokens.

use std::net::IpAddr;

use easement_core::{
    Actor, CodeBinding, Grant, GrantEnd, GrantHolder, GrantId, Issue, OAuthTokenKind, Origin,
    RefreshIssue, SecretHash, StoredOAuthToken, Timestamp, TokenClient, TokenDecision,
    TokenRequest, TokenRequestRefused, TokenWish,
};

use super::grants::GrantEntry;
use super::rows::{GrantRow, TokenRow, grant_columns};
use crate::database::{On, Tx, detached, on};
use crate::error::failed_to;
use crate::roles::role_in;
use crate::{Store, StoreError};

/// The hashes of tokens that are given when a request is right.
#[derive(Clone, Debug)]
pub struct FreshTokens {
    /// Of an access token.
    pub access: SecretHash,
    /// Of a refresh token.
    pub refresh: SecretHash,
}

/// What became of a request for a token.
#[derive(Clone, Debug)]
pub enum Redeemed {
    /// The tokens are stored.
    Issued {
        /// What they are of.
        grant: Grant,
        /// Which ones, and until when.
        issue: Issue,
        /// When.
        at: Timestamp,
    },
    /// Nothing changed.
    Refused(TokenRequestRefused),
    /// The grant ended.
    Ended {
        /// What the client is told.
        refused: TokenRequestRefused,
        /// Which grant.
        grant: Grant,
        /// Why.
        because: GrantEnd,
    },
}

/// A token that was looked up, and whose it is.
#[derive(Clone, Debug)]
pub struct FoundOAuthToken {
    /// The token.
    pub token: StoredOAuthToken,
    /// Who holds its grant.
    pub holder: GrantHolder,
}

impl Store {
    /// Gives tokens for a code or a refresh token, as [`TokenRequest::decide`] says. Of several requests with the
    /// same one, each is decided after what the one before it did. `address` is where the request came from.
    pub async fn redeem(
        &self,
        client: TokenClient,
        wish: TokenWish,
        fresh: FreshTokens,
        address: Option<IpAddr>,
    ) -> Result<Redeemed, StoreError> {
        let (db, now) = (self.db().clone(), self.now());
        let decided: Result<_, StoreError> = detached(async move {
            let mut tx = db.begin().await?;
            let stored = lock(&mut tx, &wish).await?;
            let role = match &stored {
                Some(stored) => role_in(&mut tx, stored.grant.zone, stored.grant.account).await?,
                None => None,
            };
            let decision = TokenRequest::decide(&wish, &client, stored.as_ref(), role, now);
            if let (TokenDecision::Issue(issue), Some(stored)) = (&decision, &stored) {
                give(&mut tx, (&wish, stored.grant.id), issue, &fresh, now).await?;
                tx.commit().await?;
            }
            Ok((decision, stored.map(|stored| stored.grant)))
        })
        .await;
        match decided? {
            (TokenDecision::Issue(issue), Some(grant)) => Ok(Redeemed::Issued {
                grant,
                issue,
                at: now,
            }),
            // In a transaction of its own: changes of rights take the epoch before the row of a grant.
            (TokenDecision::RefuseAndEnd(refused, because), Some(grant)) => {
                let origin = Origin {
                    actor: Actor::Grant(grant.id),
                    address,
                };
                if self.end_grant(grant.id, because, &origin).await? {
                    Ok(Redeemed::Ended {
                        refused,
                        grant,
                        because,
                    })
                } else {
                    Ok(Redeemed::Refused(refused))
                }
            }
            (TokenDecision::Refuse(refused) | TokenDecision::RefuseAndEnd(refused, _), _) => {
                Ok(Redeemed::Refused(refused))
            }
            // Nothing is given for what is not stored.
            (TokenDecision::Issue(_), None) => Ok(Redeemed::Refused(TokenRequestRefused::Code)),
        }
    }

    /// The code or token of this kind with this hash, also when it does not count any more.
    pub async fn oauth_token(
        &self,
        kind: OAuthTokenKind,
        hash: &SecretHash,
    ) -> Result<Option<FoundOAuthToken>, StoreError> {
        let row: Option<TokenRow> = on!(self.db().reading(), db => sqlx::query_as(FIND)
            .bind(hash.as_octets())
            .bind(kind.as_str())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("find a token of a grant"))?;
        let Some(row) = row else {
            return Ok(None);
        };
        let entry = self.grant(GrantId::new(row.grant_id)).await?;
        let Some(GrantEntry { grant, holder }) = entry else {
            return Ok(None);
        };
        let token = row.into_token(grant)?;
        Ok(Some(FoundOAuthToken { token, holder }))
    }

    /// Ends an access token alone. Says whether there was one.
    pub async fn revoke_access_token(&self, hash: &SecretHash) -> Result<bool, StoreError> {
        let hash = hash.clone();
        self.change_access(move |mut tx| async move {
            let done = on!(&mut tx, tx => sqlx::query(REVOKE)
                .bind(hash.as_octets())
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()))
            .map_err(failed_to("end an access token"))?;
            Ok((tx, done > 0))
        })
        .await
    }
}

/// A code or token that is to be stored.
pub(super) struct NewToken<'t> {
    pub(super) kind: OAuthTokenKind,
    pub(super) hash: &'t SecretHash,
    pub(super) grant: GrantId,
    pub(super) until: Timestamp,
    pub(super) binding: Option<&'t CodeBinding>,
    /// The code or token that it is given for.
    pub(super) given_for: Option<&'t SecretHash>,
}

pub(super) async fn insert_token(
    tx: &mut Tx,
    new: NewToken<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let redirect = new.binding.map(|binding| binding.redirect.as_str());
    let challenge = new.binding.and_then(|binding| binding.challenge);
    on!(tx, tx => sqlx::query(INSERT)
        .bind(new.hash.as_octets())
        .bind(new.kind.as_str())
        .bind(new.grant.number())
        .bind(now.as_micros())
        .bind(new.until.as_micros())
        .bind(redirect)
        .bind(challenge.map(|challenge| challenge.to_string()))
        .bind(new.given_for.map(SecretHash::as_octets))
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("keep a token of a grant"))
}

/// What is stored of what a client shows. Its grant stays as it is until the transaction ends: first the grant, then
/// its tokens, as whoever deletes them takes them too.
async fn lock(tx: &mut Tx, wish: &TokenWish) -> Result<Option<StoredOAuthToken>, StoreError> {
    let (kind, Some(hash)) = wish.presented() else {
        return Ok(None);
    };
    let sql = match tx {
        // There is one writer at a time.
        On::Sqlite(_) => GRANT_OF,
        On::Postgres(_) => LOCK_GRANT_OF,
    };
    let grant: Option<GrantRow> = on!(&mut *tx, tx => sqlx::query_as(sql)
        .bind(hash.as_octets())
        .fetch_optional(&mut **tx)
        .await)
    .map_err(failed_to("find the grant of a token"))?;
    let Some(grant) = grant else {
        return Ok(None);
    };
    let row: Option<TokenRow> = on!(&mut *tx, tx => sqlx::query_as(FIND)
        .bind(hash.as_octets())
        .bind(kind.as_str())
        .fetch_optional(&mut **tx)
        .await)
    .map_err(failed_to("find a token of a grant"))?;
    let Some(row) = row else {
        return Ok(None);
    };
    row.into_token(grant.try_into()?).map(Some)
}

/// Stores what is given, and uses up what was shown.
async fn give(
    tx: &mut Tx,
    (wish, grant): (&TokenWish, GrantId),
    issue: &Issue,
    fresh: &FreshTokens,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (_, Some(shown)) = wish.presented() else {
        return Ok(());
    };
    let given = |kind, hash, until| NewToken {
        kind,
        hash,
        grant,
        until,
        binding: None,
        given_for: Some(shown),
    };
    if let RefreshIssue::Again { .. } = issue.refresh {
        change_token(tx, RETRACT, (shown, now)).await?;
        change_token(tx, DROP_ACCESS, (shown, now)).await?;
    }
    let access = given(OAuthTokenKind::Access, &fresh.access, issue.access_until);
    insert_token(tx, access, now).await?;
    match issue.refresh {
        RefreshIssue::Another { until } => {
            let refresh = given(OAuthTokenKind::Refresh, &fresh.refresh, until);
            insert_token(tx, refresh, now).await?;
            change_token(tx, SPEND, (shown, now)).await?;
        }
        // When it was used stays as it is: its minute does not begin anew.
        RefreshIssue::Again { until } => {
            let refresh = given(OAuthTokenKind::Refresh, &fresh.refresh, until);
            insert_token(tx, refresh, now).await?;
        }
        RefreshIssue::Same { until } => change_token(tx, PROLONG, (shown, until)).await?,
    }
    on!(tx, tx => sqlx::query(USED)
        .bind(grant.number())
        .bind(now.as_micros())
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("note the use of a grant"))
}

async fn change_token(
    tx: &mut Tx,
    sql: &'static str,
    (hash, moment): (&SecretHash, Timestamp),
) -> Result<(), StoreError> {
    on!(tx, tx => sqlx::query(sql)
        .bind(hash.as_octets())
        .bind(moment.as_micros())
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("use up a token of a grant"))
}

const INSERT: &str = "INSERT INTO oauth_token \
     (token_hash, kind, grant_id, issued_at, expires_at, redirect_uri, challenge, given_for) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
// What was given for one is unused while that is one refresh token that was not used up.
const FIND: &str = "SELECT kind, grant_id, issued_at, expires_at, spent_at, redirect_uri, challenge, \
     (SELECT count(*) = 1 AND count(next.spent_at) = 0 FROM oauth_token AS next \
     WHERE next.given_for = oauth_token.token_hash AND next.kind = 'refresh') AS successor_unused \
     FROM oauth_token WHERE token_hash = $1 AND kind = $2";
const GRANT_OF: &str = concat!(
    "SELECT ",
    grant_columns!(),
    "FROM oauth_grant WHERE id = (SELECT grant_id FROM oauth_token WHERE token_hash = $1)"
);
const LOCK_GRANT_OF: &str = concat!(
    "SELECT ",
    grant_columns!(),
    "FROM oauth_grant WHERE id = (SELECT grant_id FROM oauth_token WHERE token_hash = $1) FOR UPDATE"
);
const SPEND: &str = "UPDATE oauth_token SET spent_at = $2 WHERE token_hash = $1";
// The moment is that of all of these, and of no use to this one.
const DROP_ACCESS: &str =
    "DELETE FROM oauth_token WHERE given_for = $1 AND kind = 'access' AND issued_at <= $2";
const RETRACT: &str = "UPDATE oauth_token SET spent_at = $2 \
     WHERE given_for = $1 AND kind = 'refresh' AND spent_at IS NULL";
const PROLONG: &str = "UPDATE oauth_token SET expires_at = $2 WHERE token_hash = $1";
const USED: &str = "UPDATE oauth_grant SET used_at = $2 WHERE id = $1";
const REVOKE: &str = "DELETE FROM oauth_token WHERE token_hash = $1 AND kind = 'access'";
