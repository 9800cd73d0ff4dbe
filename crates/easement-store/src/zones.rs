//! Zones and who may do what in them. Their contents are elsewhere: see [`Store::commit`].

use std::fmt;

use easement_core::{Account, AccountId, Timestamp, ZoneId, ZoneRole};
use easement_zone::Name;
use serde::Serialize;

use crate::accounts::{AccountRow, StoredAccount};
use crate::database::{Tx, detached, on, row};
use crate::error::failed_to;
use crate::rows::At;
use crate::{Store, StoreError};

/// A zone, without its contents.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ZoneEntry {
    /// Its id.
    pub id: ZoneId,
    /// Its apex.
    pub apex: Name,
    /// Whether templates may be applied to it.
    pub domain_connect: DomainConnect,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Whether a zone offers Domain Connect.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DomainConnect {
    /// It does.
    #[default]
    On,
    /// It does not.
    Off,
}

impl DomainConnect {
    pub(crate) fn is_on(self) -> bool {
        match self {
            Self::On => true,
            Self::Off => false,
        }
    }
}

impl From<bool> for DomainConnect {
    fn from(is_on: bool) -> Self {
        if is_on { Self::On } else { Self::Off }
    }
}

impl fmt::Display for DomainConnect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::On => "on",
            Self::Off => "off",
        })
    }
}

impl Store {
    // Zones

    /// The zone with this apex.
    pub async fn zone_by_apex(&self, apex: &Name) -> Result<Option<ZoneEntry>, StoreError> {
        let row: Option<ZoneRow> = on!(self.db().reading(), db => sqlx::query_as(BY_APEX)
            .bind(apex_key(apex))
            .fetch_optional(db)
            .await)
        .map_err(failed_to("find a zone"))?;
        row.map(ZoneEntry::try_from).transpose()
    }

    /// So many zones by their names, from after this one: for operators.
    pub async fn all_zones(
        &self,
        after: Option<&Name>,
        limit: u32,
    ) -> Result<Vec<ZoneEntry>, StoreError> {
        let rows: Vec<ZoneRow> = on!(self.db().reading(), db => sqlx::query_as(ALL)
            .bind(after.map(apex_key).unwrap_or_default())
            .bind(i64::from(limit))
            .fetch_all(db)
            .await)
        .map_err(failed_to("list zones"))?;
        rows.into_iter().map(ZoneEntry::try_from).collect()
    }

    /// So many zones in which an account has a role, by their names, from after this one.
    pub async fn zones_of(
        &self,
        account: AccountId,
        after: Option<&Name>,
        limit: u32,
    ) -> Result<Vec<(ZoneEntry, ZoneRole)>, StoreError> {
        let rows: Vec<ZoneOfAccountRow> = on!(self.db().reading(), db => sqlx::query_as(OF_ACCOUNT)
            .bind(account.number())
            .bind(after.map(apex_key).unwrap_or_default())
            .bind(i64::from(limit))
            .fetch_all(db)
            .await)
        .map_err(failed_to("list the zones of an account"))?;
        rows.into_iter().map(ZoneOfAccountRow::into_parts).collect()
    }

    // Roles

    /// The role of an account in a zone.
    pub async fn role_of(
        &self,
        zone: ZoneId,
        account: AccountId,
    ) -> Result<Option<ZoneRole>, StoreError> {
        let word: Option<String> = on!(self.db().reading(), db => sqlx::query_scalar(ROLE)
            .bind(zone.number())
            .bind(account.number())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("find a role"))?;
        word.map(|word| parse_role(zone, account, &word))
            .transpose()
    }

    /// The accounts with a role in a zone, by their addresses.
    pub async fn roles_of(&self, zone: ZoneId) -> Result<Vec<(Account, ZoneRole)>, StoreError> {
        let rows: Vec<RoleRow> = on!(self.db().reading(), db => sqlx::query_as(ROLES)
            .bind(zone.number())
            .fetch_all(db)
            .await)
        .map_err(failed_to("list the roles of a zone"))?;
        rows.into_iter().map(|row| row.into_parts(zone)).collect()
    }

    /// Gives an account a role in a zone, or takes it away. A zone that has an owner keeps one.
    pub async fn set_role(
        &self,
        zone: ZoneId,
        account: AccountId,
        role: Option<ZoneRole>,
    ) -> Result<(), RoleError> {
        let db = self.db().clone();
        detached(async move {
            let mut tx = db.begin().await?;
            if !lock_zone(&mut tx, zone).await? {
                return Err(RoleError::NoSuchZone { zone });
            }
            if !account_exists(&mut tx, account).await? {
                return Err(RoleError::NoSuchAccount { account });
            }
            let owners = count_owners(&mut tx, zone).await?;
            put_role(&mut tx, zone, account, role).await?;
            if owners > 0 && count_owners(&mut tx, zone).await? == 0 {
                return Err(RoleError::LastOwner);
            }
            tx.commit().await?;
            Ok(())
        })
        .await
    }
}

const BY_APEX: &str = "SELECT id, spelling, domain_connect, created_at FROM zone WHERE apex = $1";
const ALL: &str = "SELECT id, spelling, domain_connect, created_at FROM zone WHERE apex > $1 \
     ORDER BY apex LIMIT $2";
const OF_ACCOUNT: &str = "SELECT zone.id, zone.spelling, zone.domain_connect, zone.created_at, \
     zone_role.account_id, zone_role.role FROM zone_role JOIN zone ON zone.id = zone_role.zone_id \
     WHERE zone_role.account_id = $1 AND zone.apex > $2 ORDER BY zone.apex LIMIT $3";
const ROLE: &str = "SELECT role FROM zone_role WHERE zone_id = $1 AND account_id = $2";
const ROLES: &str = "SELECT account.id, account.email, account.password_hash, account.standing, \
     account.created_at, zone_role.role FROM zone_role \
     JOIN account ON account.id = zone_role.account_id \
     WHERE zone_role.zone_id = $1 ORDER BY account.email";
const SET_ROLE: &str = "INSERT INTO zone_role (zone_id, account_id, role) VALUES ($1, $2, $3) \
     ON CONFLICT (zone_id, account_id) DO UPDATE SET role = excluded.role";
const TAKE_ROLE: &str = "DELETE FROM zone_role WHERE zone_id = $1 AND account_id = $2";
const COUNT_OWNERS: &str = "SELECT count(*) FROM zone_role WHERE zone_id = $1 AND role = 'owner'";
/// Changes nothing, and makes others that change the zone's row wait until the transaction ends: two
/// owners who step down at once must not both find another owner left.
const LOCK_ZONE: &str = "UPDATE zone SET spelling = spelling WHERE id = $1";
const ACCOUNT_EXISTS: &str = "SELECT count(*) FROM account WHERE id = $1";

/// The column `apex`: names that are equal have one key, and sort as people read them.
pub(crate) fn apex_key(apex: &Name) -> String {
    apex.to_lowercase().to_string()
}

pub(crate) async fn account_exists(tx: &mut Tx, account: AccountId) -> Result<bool, StoreError> {
    let count: i64 = on!(tx, tx => sqlx::query_scalar(ACCOUNT_EXISTS)
        .bind(account.number())
        .fetch_one(&mut **tx)
        .await)
    .map_err(failed_to("look for an account"))?;
    Ok(count > 0)
}

/// Sets or takes a role as part of something else.
pub(crate) async fn put_role(
    tx: &mut Tx,
    zone: ZoneId,
    account: AccountId,
    role: Option<ZoneRole>,
) -> Result<(), StoreError> {
    match role {
        Some(role) => on!(tx, tx => sqlx::query(SET_ROLE)
            .bind(zone.number())
            .bind(account.number())
            .bind(role.as_str())
            .execute(&mut **tx)
            .await
            .map(|_| ())),
        None => on!(tx, tx => sqlx::query(TAKE_ROLE)
            .bind(zone.number())
            .bind(account.number())
            .execute(&mut **tx)
            .await
            .map(|_| ())),
    }
    .map_err(failed_to("set a role"))
}

async fn lock_zone(tx: &mut Tx, zone: ZoneId) -> Result<bool, StoreError> {
    let found = on!(tx, tx => sqlx::query(LOCK_ZONE)
        .bind(zone.number())
        .execute(&mut **tx)
        .await
        .map(|done| done.rows_affected()))
    .map_err(failed_to("lock a zone"))?;
    Ok(found > 0)
}

async fn count_owners(tx: &mut Tx, zone: ZoneId) -> Result<i64, StoreError> {
    on!(tx, tx => sqlx::query_scalar(COUNT_OWNERS)
        .bind(zone.number())
        .fetch_one(&mut **tx)
        .await)
    .map_err(failed_to("count the owners of a zone"))
}

fn parse_role(zone: ZoneId, account: AccountId, word: &str) -> Result<ZoneRole, StoreError> {
    let at = At {
        table: "zone_role",
        id: format!("zone {zone}, account {account}"),
    };
    at.text("role", word)
}

//------------ Rows ------------------------------------------------------------------------------

row! {
    struct ZoneRow {
        id: i64,
        spelling: String,
        domain_connect: bool,
        created_at: i64,
    }
}

impl TryFrom<ZoneRow> for ZoneEntry {
    type Error = StoreError;

    fn try_from(row: ZoneRow) -> Result<Self, StoreError> {
        let at = At {
            table: "zone",
            id: row.id,
        };
        Ok(Self {
            id: ZoneId::new(row.id),
            apex: at.text("spelling", &row.spelling)?,
            domain_connect: row.domain_connect.into(),
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

row! {
    struct ZoneOfAccountRow {
        id: i64,
        spelling: String,
        domain_connect: bool,
        created_at: i64,
        account_id: i64,
        role: String,
    }
}

impl ZoneOfAccountRow {
    fn into_parts(self) -> Result<(ZoneEntry, ZoneRole), StoreError> {
        let role = parse_role(
            ZoneId::new(self.id),
            AccountId::new(self.account_id),
            &self.role,
        )?;
        let zone = ZoneRow {
            id: self.id,
            spelling: self.spelling,
            domain_connect: self.domain_connect,
            created_at: self.created_at,
        };
        Ok((zone.try_into()?, role))
    }
}

row! {
    struct RoleRow {
        id: i64,
        email: String,
        password_hash: Option<String>,
        standing: String,
        created_at: i64,
        role: String,
    }
}

impl RoleRow {
    fn into_parts(self, zone: ZoneId) -> Result<(Account, ZoneRole), StoreError> {
        let role = parse_role(zone, AccountId::new(self.id), &self.role)?;
        let row = AccountRow {
            id: self.id,
            email: self.email,
            password_hash: self.password_hash,
            standing: self.standing,
            created_at: self.created_at,
        };
        Ok((StoredAccount::try_from(row)?.account, role))
    }
}

//------------ RoleError -------------------------------------------------------------------------

/// Why a role was not set.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RoleError {
    /// There is no such zone.
    #[error("there is no zone with the id {zone}")]
    NoSuchZone {
        /// The id.
        zone: ZoneId,
    },
    /// There is no such account.
    #[error("there is no account with the id {account}")]
    NoSuchAccount {
        /// The id.
        account: AccountId,
    },
    /// Nobody would decide about the zone any more.
    #[error("the zone would have no owner left: make someone else an owner first")]
    LastOwner,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
