//! Roles: who may do what in which zone.

use easement_core::{
    Account, AccountId, Actor, AuditEvent, EmailAddress, GrantEnd, Origin, ZoneAction, ZoneId,
    ZoneRole,
};
use easement_zone::Name;

use crate::accounts::{AccountRow, StoredAccount, email_of};
use crate::audit::note;
use crate::database::{Tx, on, row};
use crate::error::failed_to;
use crate::oauth::end_grants_of_role;
use crate::rows::At;
use crate::zones::apex_of;
use crate::{GrantEntry, Store, StoreError};

impl Store {
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

    /// Gives an account a role in a zone, or takes it away. An account that does so has to own the zone at that moment.
    /// A zone that has an owner keeps one. What the account let others do there ends with a role that may change the
    /// zone, and is given. All of it is in the audit trail when it happened, and only then.
    pub async fn set_role(
        &self,
        zone: ZoneId,
        account: AccountId,
        role: Option<ZoneRole>,
        origin: &Origin,
    ) -> Result<Vec<GrantEntry>, RoleError> {
        let (now, origin) = (self.now(), origin.clone());
        self.change_access(move |mut tx| async move {
            lock_zone(&mut tx, zone).await?;
            let apex = apex_of(&mut tx, zone).await?;
            let apex = apex.ok_or(RoleError::NoSuchZone { zone })?;
            check_right(&mut tx, zone, origin.actor).await?;
            let email = email_of(&mut tx, account).await?;
            let email = email.ok_or(RoleError::NoSuchAccount { account })?;
            if role_in(&mut tx, zone, account).await? == role {
                return Ok((tx, Vec::new()));
            }
            let owners = count_owners(&mut tx, zone).await?;
            put_role(&mut tx, zone, account, role).await?;
            if owners > 0 && count_owners(&mut tx, zone).await? == 0 {
                return Err(RoleError::LastOwner);
            }
            let ended = end_grants_of_role(&mut tx, (zone, account), role, now).await?;
            for event in events(&apex, email, role, &ended) {
                note(&mut tx, now, &origin, &event).await?;
            }
            Ok((tx, ended))
        })
        .await
    }
}

/// Whether somebody may give and take roles in a zone: its owners, and whoever runs commands on the server's machine.
async fn check_right(tx: &mut Tx, zone: ZoneId, actor: Actor) -> Result<(), RoleError> {
    let may = match actor {
        Actor::Account(account) => {
            let role = role_in(tx, zone, account).await?;
            role.is_some_and(|role| role.allows(ZoneAction::ManageRoles))
        }
        Actor::Console => true,
        Actor::ApiToken(_) | Actor::Grant(_) | Actor::Rules | Actor::Server => false,
    };
    if may {
        Ok(())
    } else {
        Err(RoleError::NotAnOwner)
    }
}

/// What is written down about a role: which it is, and which programs lost their access with it.
fn events(
    apex: &Name,
    email: EmailAddress,
    role: Option<ZoneRole>,
    ended: &[GrantEntry],
) -> Vec<AuditEvent> {
    let set = AuditEvent::RoleSet {
        apex: apex.to_text(),
        email,
        role,
    };
    let ends = ended.iter().map(|entry| AuditEvent::GrantEnded {
        client: entry.holder.id(),
        apex: apex.to_text(),
        because: GrantEnd::RoleLost,
    });
    std::iter::once(set).chain(ends).collect()
}

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

/// The role of an account in a zone, as part of something else.
pub(crate) async fn role_in(
    tx: &mut Tx,
    zone: ZoneId,
    account: AccountId,
) -> Result<Option<ZoneRole>, StoreError> {
    let word: Option<String> = on!(tx, tx => sqlx::query_scalar(ROLE)
        .bind(zone.number())
        .bind(account.number())
        .fetch_optional(&mut **tx)
        .await)
    .map_err(failed_to("find a role"))?;
    word.map(|word| parse_role(zone, account, &word))
        .transpose()
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

async fn lock_zone(tx: &mut Tx, zone: ZoneId) -> Result<(), StoreError> {
    on!(tx, tx => sqlx::query(LOCK_ZONE)
        .bind(zone.number())
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("lock a zone"))
}

async fn count_owners(tx: &mut Tx, zone: ZoneId) -> Result<i64, StoreError> {
    on!(tx, tx => sqlx::query_scalar(COUNT_OWNERS)
        .bind(zone.number())
        .fetch_one(&mut **tx)
        .await)
    .map_err(failed_to("count the owners of a zone"))
}

pub(crate) fn parse_role(
    zone: ZoneId,
    account: AccountId,
    word: &str,
) -> Result<ZoneRole, StoreError> {
    let at = At {
        table: "zone_role",
        id: format!("zone {zone}, account {account}"),
    };
    at.text("role", word)
}

//------------ RoleRow ----------------------------------------------------------------------------

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
    /// Whoever wants to give or take it does not own the zone.
    #[error("only an owner of the zone gives and takes roles in it")]
    NotAnOwner,
    /// Nobody would decide about the zone any more.
    #[error("the zone would have no owner left: make someone else an owner first")]
    LastOwner,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
