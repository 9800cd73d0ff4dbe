//! What owners granted to clients and apps.

use easement_core::{
    AccountId, AuditEvent, CODE_LIFETIME, CodeBinding, Grant, GrantClient, GrantEnd, GrantHolder,
    GrantId, GrantRight, OAuthClient, OAuthTokenKind, Origin, SecretHash, Timestamp, ZoneId,
};

use super::narrow::{apex, read};
use super::rows::{ClientRow, GrantRow, client_columns, grant_columns, rights_of};
use super::tokens::{NewToken, insert_token};
use crate::audit::note;
use crate::database::{Tx, detached, on};
use crate::error::failed_to;
use crate::roles::role_in;
use crate::rows::{At, to_json};
use crate::zones::account_exists;
use crate::{Store, StoreError};

/// What an owner's yes makes.
#[derive(Clone, Debug)]
pub struct NewGrant {
    /// Whose yes.
    pub account: AccountId,
    /// Who may act.
    pub client: GrantClient,
    /// In which zone.
    pub zone: ZoneId,
    /// What.
    pub right: GrantRight,
    /// Until when; nothing for until it is taken back.
    pub expires_at: Option<Timestamp>,
    /// The hash of its code.
    pub code: SecretHash,
    /// What the code was asked for with.
    pub binding: CodeBinding,
}

/// A grant, and who holds it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GrantEntry {
    /// The grant.
    pub grant: Grant,
    /// Its holder.
    pub holder: GrantHolder,
}

impl Store {
    /// The most grants of one account that count.
    pub const MAX_GRANTS: u64 = 1000;
    /// The most grants in one zone that count, whoever gave them.
    pub const MAX_GRANTS_OF_ZONE: u64 = 200;
    /// The most grants that are listed.
    const MAX_LISTED: i64 = 2000;

    /// Keeps an owner's yes, and the code that its client or app gets for it.
    ///
    /// Each request of an app has a challenge of its own. The same yes to it, once more, takes the place of the one
    /// before, as when a button is pressed twice; when the app used that one, it is refused.
    pub async fn create_grant(&self, new: NewGrant) -> Result<Grant, CreateGrantError> {
        let now = self.now();
        self.change_access(move |mut tx| async move {
            give_way(&mut tx, &new).await?;
            check_room(&mut tx, &new, now).await?;
            let id = insert(&mut tx, &new, now).await?;
            let id = id.ok_or(CreateGrantError::Gone)?;
            let role = role_in(&mut tx, new.zone, new.account).await?;
            if GrantEnd::of_role(role).is_some() {
                return Err(CreateGrantError::NoRole);
            }
            let code = NewToken {
                kind: OAuthTokenKind::Code,
                hash: &new.code,
                grant: id,
                until: now.plus(CODE_LIFETIME),
                binding: Some(&new.binding),
                given_for: None,
            };
            insert_token(&mut tx, code, now).await?;
            let grant = Grant {
                id,
                account: new.account,
                client: new.client,
                zone: new.zone,
                right: new.right,
                created_at: now,
                expires_at: new.expires_at,
                used_at: None,
                ended: None,
            };
            Ok((tx, grant))
        })
        .await
    }

    /// A grant, also when it does not count any more.
    pub async fn grant(&self, id: GrantId) -> Result<Option<GrantEntry>, StoreError> {
        let row: Option<EntryRow> = on!(self.db().reading(), db => sqlx::query_as(ONE)
            .bind(id.number())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("find a grant"))?;
        row.map(GrantEntry::try_from).transpose()
    }

    /// What an account granted: those that count first, and of each kind the newest first.
    pub async fn grants_of_account(
        &self,
        account: AccountId,
    ) -> Result<Vec<GrantEntry>, StoreError> {
        let rows: Vec<EntryRow> = on!(self.db().reading(), db => sqlx::query_as(OF_ACCOUNT)
            .bind(account.number())
            .bind(self.now().as_micros())
            .bind(Self::MAX_LISTED)
            .fetch_all(db)
            .await)
        .map_err(failed_to("list grants"))?;
        rows.into_iter().map(GrantEntry::try_from).collect()
    }

    /// Ends a grant, and with it its code and tokens. Says whether it had not ended until now.
    pub async fn end_grant(
        &self,
        id: GrantId,
        because: GrantEnd,
        origin: &Origin,
    ) -> Result<bool, StoreError> {
        let (now, origin) = (self.now(), origin.clone());
        self.change_access(move |mut tx| async move {
            let Some(GrantEntry { grant, holder }) = read(&mut tx, id).await? else {
                return Ok((tx, false));
            };
            on!(&mut tx, tx => sqlx::query(END)
                .bind(id.number())
                .bind(now.as_micros())
                .bind(because.as_str())
                .execute(&mut **tx)
                .await
                .map(|_| ()))
            .map_err(failed_to("end a grant"))?;
            let event = AuditEvent::GrantEnded {
                client: holder.id(),
                apex: apex(&mut tx, grant.zone).await?,
                because,
            };
            note(&mut tx, now, &origin, &event).await?;
            Ok((tx, true))
        })
        .await
    }

    /// Notes that a grant was used: once a minute is enough.
    pub async fn note_grant_use(&self, id: GrantId) -> Result<(), StoreError> {
        let (db, now) = (self.db().clone(), self.now());
        let due = now.minus(std::time::Duration::from_mins(1));
        detached(async move {
            on!(db.writing(), db => sqlx::query(USED)
                .bind(id.number())
                .bind(now.as_micros())
                .bind(due.as_micros())
                .execute(db)
                .await
                .map(|_| ()))
            .map_err(failed_to("note the use of a grant"))
        })
        .await
    }
}

/// Takes away what the same yes to the same request of an app made before, as long as nobody redeemed it.
async fn give_way(tx: &mut Tx, new: &NewGrant) -> Result<(), CreateGrantError> {
    const DOING: &str = "replace a grant";
    let (GrantClient::App(_), Some(challenge)) = (&new.client, new.binding.challenge) else {
        return Ok(());
    };
    let rights = to_json(DOING, &rights_of(&new.client, &new.right))?;
    on!(&mut *tx, tx => sqlx::query(GIVE_WAY)
        .bind(new.account.number())
        .bind(new.zone.number())
        .bind(rights.clone())
        .bind(challenge.to_string())
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to(DOING))?;
    let redeemed: i64 = on!(tx, tx => sqlx::query_scalar(COUNT_OF_REQUEST)
        .bind(new.account.number())
        .bind(new.zone.number())
        .bind(rights)
        .bind(challenge.to_string())
        .fetch_one(&mut **tx)
        .await)
    .map_err(failed_to(DOING))?;
    if redeemed > 0 {
        return Err(CreateGrantError::Answered);
    }
    Ok(())
}

/// The account is there, and has room.
async fn check_room(tx: &mut Tx, new: &NewGrant, now: Timestamp) -> Result<(), CreateGrantError> {
    if !account_exists(tx, new.account).await? {
        return Err(CreateGrantError::Gone);
    }
    let account = count(tx, COUNT_OF_ACCOUNT, (new.account.number(), now)).await?;
    if account >= Store::MAX_GRANTS {
        return Err(CreateGrantError::TooMany);
    }
    let zone = count(tx, COUNT_OF_ZONE, (new.zone.number(), now)).await?;
    if zone >= Store::MAX_GRANTS_OF_ZONE {
        return Err(CreateGrantError::TooManyInZone);
    }
    Ok(())
}

async fn count(
    tx: &mut Tx,
    sql: &'static str,
    (of, now): (i64, Timestamp),
) -> Result<u64, StoreError> {
    let count: i64 = on!(tx, tx => sqlx::query_scalar(sql)
        .bind(of)
        .bind(now.as_micros())
        .fetch_one(&mut **tx)
        .await)
    .map_err(failed_to("count grants"))?;
    Ok(u64::try_from(count).unwrap_or(u64::MAX))
}

/// Nothing when the zone or the client is gone.
async fn insert(
    tx: &mut Tx,
    new: &NewGrant,
    now: Timestamp,
) -> Result<Option<GrantId>, StoreError> {
    const DOING: &str = "keep a grant";
    let rights = to_json(DOING, &rights_of(&new.client, &new.right))?;
    let (sql, client) = match &new.client {
        GrantClient::Registered(id) => (INSERT, Some(id.number())),
        GrantClient::App(_) => (INSERT_OF_APP, None),
    };
    let id: Option<i64> = on!(tx, tx => sqlx::query_scalar(sql)
        .bind(new.account.number())
        .bind(new.zone.number())
        .bind(client)
        .bind(rights)
        .bind(now.as_micros())
        .bind(new.expires_at.map(Timestamp::as_micros))
        .fetch_optional(&mut **tx)
        .await)
    .map_err(failed_to(DOING))?;
    Ok(id.map(GrantId::new))
}

/// The same account, zone, app and right, for the same challenge.
const GIVE_WAY: &str = "DELETE FROM oauth_grant WHERE account_id = $1 AND zone_id = $2 \
     AND rights = $3 AND EXISTS (SELECT 1 FROM oauth_token WHERE grant_id = oauth_grant.id \
     AND kind = 'code' AND challenge = $4 AND spent_at IS NULL)";
const COUNT_OF_REQUEST: &str = "SELECT count(*) FROM oauth_grant WHERE account_id = $1 \
     AND zone_id = $2 AND rights = $3 AND ended_at IS NULL AND EXISTS (SELECT 1 FROM oauth_token \
     WHERE grant_id = oauth_grant.id AND kind = 'code' AND challenge = $4)";
const COUNT_OF_ACCOUNT: &str = "SELECT count(*) FROM oauth_grant WHERE account_id = $1 \
     AND ended_at IS NULL AND (expires_at IS NULL OR expires_at > $2)";
const COUNT_OF_ZONE: &str = "SELECT count(*) FROM oauth_grant WHERE zone_id = $1 \
     AND ended_at IS NULL AND (expires_at IS NULL OR expires_at > $2)";
const INSERT: &str = "INSERT INTO oauth_grant \
     (account_id, zone_id, client_kind, client_id, rights, created_at, expires_at) \
     SELECT $1, zone.id, 'registered', oauth_client.id, $4, $5, $6 FROM zone, oauth_client \
     WHERE zone.id = $2 AND oauth_client.id = $3 RETURNING id";
const INSERT_OF_APP: &str = "INSERT INTO oauth_grant \
     (account_id, zone_id, client_kind, client_id, rights, created_at, expires_at) \
     SELECT $1, zone.id, 'app', $3, $4, $5, $6 FROM zone WHERE zone.id = $2 RETURNING id";
const END: &str = "UPDATE oauth_grant SET ended_at = $2, ended_because = $3 \
     WHERE id = $1 AND ended_at IS NULL";
const USED: &str = "UPDATE oauth_grant SET used_at = $2 \
     WHERE id = $1 AND (used_at IS NULL OR used_at <= $3)";

/// The columns of an [`EntryRow`].
macro_rules! entries {
    () => {
        concat!(
            "SELECT ",
            grant_columns!(),
            ", ",
            client_columns!(),
            "FROM oauth_grant LEFT JOIN oauth_client ON oauth_client.id = oauth_grant.client_id "
        )
    };
}
pub(super) use entries;

const OF_ACCOUNT: &str = concat!(
    entries!(),
    "WHERE oauth_grant.account_id = $1 ORDER BY (oauth_grant.ended_at IS NOT NULL \
     OR COALESCE(oauth_grant.expires_at <= $2, FALSE)), oauth_grant.id DESC LIMIT $3"
);
const ONE: &str = concat!(entries!(), "WHERE oauth_grant.id = $1");

/// A grant beside its client, when that is a registered one.
pub(super) struct EntryRow {
    grant: GrantRow,
    client: Option<ClientRow>,
}

impl<'r, R: sqlx::Row> sqlx::FromRow<'r, R> for EntryRow
where
    GrantRow: sqlx::FromRow<'r, R>,
    ClientRow: sqlx::FromRow<'r, R>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        let grant = GrantRow::from_row(row)?;
        let client = grant.has_client().then(|| ClientRow::from_row(row));
        Ok(Self {
            client: client.transpose()?,
            grant,
        })
    }
}

impl TryFrom<EntryRow> for GrantEntry {
    type Error = StoreError;

    fn try_from(row: EntryRow) -> Result<Self, StoreError> {
        let grant: Grant = row.grant.try_into()?;
        let client = row.client.map(OAuthClient::try_from).transpose()?;
        let holder = match (client, &grant.client) {
            (Some(client), GrantClient::Registered(_)) => client.into(),
            (_, GrantClient::App(app)) => GrantHolder::App(app.clone()),
            // The key of the table does not allow that.
            (None, GrantClient::Registered(id)) => {
                let at = At {
                    table: "oauth_grant",
                    id: grant.id.number(),
                };
                return Err(at.corrupt("client_id", format_args!("there is no client {id:?}")));
            }
        };
        Ok(Self { grant, holder })
    }
}

/// Why a yes was not kept.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CreateGrantError {
    /// The account, the zone or the client is gone.
    #[error("the account, the zone or the program is not there any more")]
    Gone,
    /// The account may not change the zone any more.
    #[error("this account may not change the domain any more, so it can let nobody else do so")]
    NoRole,
    /// The account has as many as it may.
    #[error(
        "an account has at most {} programs with access: take one back first, on the page Apps",
        Store::MAX_GRANTS
    )]
    TooMany,
    /// The app used what it got for this request.
    #[error(
        "this request of the app was answered already: go back to the app, and let it ask again"
    )]
    Answered,
    /// The zone has as many as it may.
    #[error(
        "a zone has at most {} programs with access: take one back first, on the page Apps",
        Store::MAX_GRANTS_OF_ZONE
    )]
    TooManyInZone,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
