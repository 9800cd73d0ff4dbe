//! Zones, without their contents: those change by [`Store::commit`] alone.

use std::fmt;

use easement_core::{
    AccountId, AuditEvent, Origin, Timestamp, Version, ZoneId, ZonePurpose, ZoneRole,
};
use easement_zone::Name;
use serde::Serialize;

use crate::audit::note;
use crate::database::{Tx, on, row};
use crate::error::failed_to;
use crate::roles::parse_role;
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
    /// Whether test tokens may change it.
    pub purpose: ZonePurpose,
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
    /// The zone with this apex.
    pub async fn apex_of_zone(&self, zone: ZoneId) -> Result<Option<Name>, StoreError> {
        let spelling: Option<String> = on!(self.db().reading(), db => sqlx::query_scalar(APEX)
            .bind(zone.number())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("find the apex of a zone"))?;
        let at = At {
            table: "zone",
            id: zone,
        };
        spelling
            .map(|spelling| at.text("spelling", &spelling))
            .transpose()
    }

    /// The zone with this apex.
    pub async fn zone_by_apex(&self, apex: &Name) -> Result<Option<ZoneEntry>, StoreError> {
        let row: Option<ZoneRow> = on!(self.db().reading(), db => sqlx::query_as(BY_APEX)
            .bind(apex_key(apex))
            .fetch_optional(db)
            .await)
        .map_err(failed_to("find a zone"))?;
        row.map(ZoneEntry::try_from).transpose()
    }

    /// The zone with this id.
    pub async fn zone(&self, id: ZoneId) -> Result<Option<ZoneEntry>, StoreError> {
        let row: Option<ZoneRow> = on!(self.db().reading(), db => sqlx::query_as(BY_ID)
            .bind(id.number())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("find a zone"))?;
        row.map(ZoneEntry::try_from).transpose()
    }

    /// The version that the newest commit gave a zone. The zone that is served may be a moment behind it.
    pub async fn version_of(&self, zone: ZoneId) -> Result<Option<Version>, StoreError> {
        let version: Option<i64> = on!(self.db().reading(), db => sqlx::query_scalar(VERSION)
            .bind(zone.number())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("find the version of a zone"))?;
        Ok(version.map(|number| Version(number.cast_unsigned())))
    }

    /// Marks a zone for testing, or for use. Says whether there is such a zone.
    pub async fn set_zone_purpose(
        &self,
        zone: ZoneId,
        purpose: ZonePurpose,
        origin: &Origin,
    ) -> Result<bool, StoreError> {
        let (now, origin) = (self.now(), origin.clone());
        let for_testing = purpose == ZonePurpose::Testing;
        self.change_access(move |mut tx| async move {
            let found = on!(&mut tx, tx => sqlx::query(SET_PURPOSE)
                .bind(zone.number())
                .bind(for_testing)
                .execute(&mut **tx)
                .await
                .map(|done| done.rows_affected()))
            .map_err(failed_to("mark a zone"))?;
            if found > 0 {
                let apex = apex_of(&mut tx, zone).await?;
                let event = AuditEvent::ZonePurposeSet {
                    apex: apex.map(|apex| apex.to_text()).unwrap_or_default(),
                    purpose,
                };
                note(&mut tx, now, &origin, &event).await?;
            }
            Ok((tx, found > 0))
        })
        .await
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
}

const SET_PURPOSE: &str = "UPDATE zone SET for_testing = $2 WHERE id = $1";
const VERSION: &str = "SELECT coalesce((SELECT max(version) FROM zone_commit WHERE zone_id = zone.id), folded_version) \
     FROM zone WHERE id = $1";
const BY_APEX: &str =
    "SELECT id, spelling, domain_connect, for_testing, created_at FROM zone WHERE apex = $1";
const BY_ID: &str =
    "SELECT id, spelling, domain_connect, for_testing, created_at FROM zone WHERE id = $1";
const ALL: &str = "SELECT id, spelling, domain_connect, for_testing, created_at FROM zone WHERE apex > $1 \
     ORDER BY apex LIMIT $2";
const OF_ACCOUNT: &str = "SELECT zone.id, zone.spelling, zone.domain_connect, zone.for_testing, zone.created_at, \
     zone_role.account_id, zone_role.role FROM zone_role JOIN zone ON zone.id = zone_role.zone_id \
     WHERE zone_role.account_id = $1 AND zone.apex > $2 ORDER BY zone.apex LIMIT $3";
const APEX: &str = "SELECT spelling FROM zone WHERE id = $1";
const ACCOUNT_EXISTS: &str = "SELECT count(*) FROM account WHERE id = $1";

/// The column `apex`: names that are equal have one key, and sort as people read them.
pub(crate) fn apex_key(apex: &Name) -> String {
    apex.to_lowercase().to_string()
}

/// The apex of a zone.
pub(crate) async fn apex_of(tx: &mut Tx, zone: ZoneId) -> Result<Option<Name>, StoreError> {
    let spelling: Option<String> = on!(tx, tx => sqlx::query_scalar(APEX)
        .bind(zone.number())
        .fetch_optional(&mut **tx)
        .await)
    .map_err(failed_to("find the apex of a zone"))?;
    let at = At {
        table: "zone",
        id: zone,
    };
    spelling
        .map(|spelling| at.text("spelling", &spelling))
        .transpose()
}

pub(crate) async fn account_exists(tx: &mut Tx, account: AccountId) -> Result<bool, StoreError> {
    let count: i64 = on!(tx, tx => sqlx::query_scalar(ACCOUNT_EXISTS)
        .bind(account.number())
        .fetch_one(&mut **tx)
        .await)
    .map_err(failed_to("look for an account"))?;
    Ok(count > 0)
}

//------------ Rows ------------------------------------------------------------------------------

row! {
    struct ZoneRow {
        id: i64,
        spelling: String,
        domain_connect: bool,
        for_testing: bool,
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
            purpose: if row.for_testing {
                ZonePurpose::Testing
            } else {
                ZonePurpose::Live
            },
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

row! {
    struct ZoneOfAccountRow {
        id: i64,
        spelling: String,
        domain_connect: bool,
        for_testing: bool,
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
            for_testing: self.for_testing,
            created_at: self.created_at,
        };
        Ok((zone.try_into()?, role))
    }
}
