//! Names that stay for a while. A lease begins and ends with the commit that changes the record of its name.

use easement_core::{NameLease, NameLeaseChange, Network, Timestamp, ZoneId};
use easement_zone::Name;

use crate::database::{On, Tx, on, row};
use crate::error::failed_to;
use crate::rows::At;
use crate::{Store, StoreError};

/// A name whose time is over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LapsedName {
    /// In which zone.
    pub zone: ZoneId,
    /// Its apex.
    pub apex: Name,
    /// The name.
    pub owner: Name,
}

/// How many names stay for a while at this moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NameCounts {
    /// Of one network.
    pub of_network: u64,
    /// Of everybody.
    pub of_all: u64,
}

impl Store {
    /// Whether a name stays for a while, and until when.
    pub async fn name_lease(
        &self,
        zone: ZoneId,
        owner: &Name,
    ) -> Result<Option<Timestamp>, StoreError> {
        let ends_at: Option<i64> = on!(self.db().reading(), db => sqlx::query_scalar(AT)
            .bind(zone.number())
            .bind(owner.to_lowercase().as_wire())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("look how long a name stays"))?;
        Ok(ends_at.map(Timestamp::from_micros))
    }

    /// Lets a name stay longer; says whether it is still there. It never ends earlier for that.
    pub async fn renew_name_lease(
        &self,
        zone: ZoneId,
        owner: &Name,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let owner = owner.to_lowercase();
        let renewed: Option<i64> = on!(self.db().writing(), db => sqlx::query_scalar(RENEW)
            .bind(zone.number())
            .bind(owner.as_wire())
            .bind(until.as_micros())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("let a name stay longer"))?;
        Ok(renewed.is_some())
    }

    /// How many names there are that stay for a while.
    pub async fn count_name_leases(&self, network: Network) -> Result<NameCounts, StoreError> {
        let counts: CountRow = on!(self.db().reading(), db => sqlx::query_as(COUNT)
            .bind(network.to_string())
            .fetch_one(db)
            .await)
        .map_err(failed_to("count names that stay for a while"))?;
        Ok(NameCounts {
            of_network: u64::try_from(counts.of_network).unwrap_or_default(),
            of_all: u64::try_from(counts.of_all).unwrap_or_default(),
        })
    }

    /// So many zones with names whose time is over, from after this one.
    pub async fn zones_with_lapsed_names(
        &self,
        after: Option<ZoneId>,
        limit: u32,
    ) -> Result<Vec<ZoneId>, StoreError> {
        self.zones_with_lapsed(ZONES, after, limit)
            .await
            .map_err(failed_to("look for names whose time is over"))
    }

    /// Names of a zone whose time is over, the longest first: so many, after so many.
    pub async fn lapsed_names(
        &self,
        zone: ZoneId,
        limit: u32,
        skip: u32,
    ) -> Result<Vec<LapsedName>, StoreError> {
        let rows: Vec<LeaseRow> = on!(self.db().reading(), db => sqlx::query_as(LAPSED)
            .bind(self.now().as_micros())
            .bind(zone.number())
            .bind(i64::from(limit))
            .bind(i64::from(skip))
            .fetch_all(db)
            .await)
        .map_err(failed_to("look for names whose time is over"))?;
        rows.into_iter().map(LapsedName::try_from).collect()
    }

    /// Forgets that the time of a name is over: its record stays, or is not there.
    pub async fn end_name_lease(&self, lapsed: &LapsedName) -> Result<(), StoreError> {
        on!(self.db().writing(), db => sqlx::query(END_LAPSED)
            .bind(lapsed.zone.number())
            .bind(lapsed.owner.to_lowercase().as_wire())
            .bind(self.now().as_micros())
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(failed_to("forget how long a name stays"))
    }
}

/// Whether the time of a name is over: somebody may have asked for it again since that was found. Nobody can
/// until the transaction ends.
pub(crate) async fn is_name_over(
    tx: &mut Tx,
    zone: ZoneId,
    owner: &Name,
    now: Timestamp,
) -> Result<bool, StoreError> {
    // SQLite has one writer, and no locks of rows.
    let sql = match tx {
        On::Sqlite(_) => AT,
        On::Postgres(_) => AT_ALONE,
    };
    let ends_at: Option<i64> = on!(tx, tx => sqlx::query_scalar(sql)
        .bind(zone.number())
        .bind(owner.to_lowercase().as_wire())
        .fetch_optional(&mut **tx)
        .await)
    .map_err(failed_to("look how long a name stays"))?;
    Ok(ends_at.is_some_and(|ends_at| ends_at <= now.as_micros()))
}

/// Writes what a commit does to the lease of a name, in its transaction.
pub(crate) async fn write_name_lease(
    tx: &mut Tx,
    zone: ZoneId,
    change: &NameLeaseChange,
) -> Result<(), StoreError> {
    let owner = change.owner.to_lowercase();
    let written = match &change.then {
        NameLease::Until { end, network } => on!(tx, tx => sqlx::query(BEGIN)
            .bind(zone.number())
            .bind(owner.as_wire())
            .bind(network.to_string())
            .bind(end.as_micros())
            .execute(&mut **tx)
            .await
            .map(|_| ())),
        NameLease::Over | NameLease::Gone => on!(tx, tx => sqlx::query(END)
            .bind(zone.number())
            .bind(owner.as_wire())
            .execute(&mut **tx)
            .await
            .map(|_| ())),
    };
    written.map_err(failed_to("write down how long a name stays"))
}

const AT: &str = "SELECT ends_at FROM name_lease WHERE zone_id = $1 AND owner = $2";
const AT_ALONE: &str =
    "SELECT ends_at FROM name_lease WHERE zone_id = $1 AND owner = $2 FOR UPDATE";
const RENEW: &str = "UPDATE name_lease \
     SET ends_at = CASE WHEN ends_at > $3 THEN ends_at ELSE $3 END \
     WHERE zone_id = $1 AND owner = $2 RETURNING ends_at";
const COUNT: &str = "SELECT count(CASE WHEN network = $1 THEN 1 END) AS of_network, \
     count(*) AS of_all FROM name_lease";
const BEGIN: &str = "INSERT INTO name_lease (zone_id, owner, network, ends_at) \
     VALUES ($1, $2, $3, $4) ON CONFLICT (zone_id, owner) \
     DO UPDATE SET network = excluded.network, ends_at = excluded.ends_at";
const END: &str = "DELETE FROM name_lease WHERE zone_id = $1 AND owner = $2";
const END_LAPSED: &str =
    "DELETE FROM name_lease WHERE zone_id = $1 AND owner = $2 AND ends_at <= $3";
const ZONES: &str = "SELECT DISTINCT zone_id FROM name_lease WHERE ends_at <= $1 AND zone_id > $2 \
     ORDER BY zone_id LIMIT $3";
const LAPSED: &str = "SELECT name_lease.zone_id, zone.spelling, name_lease.owner \
     FROM name_lease JOIN zone ON zone.id = name_lease.zone_id WHERE name_lease.ends_at <= $1 \
     AND name_lease.zone_id = $2 ORDER BY name_lease.ends_at, name_lease.owner LIMIT $3 OFFSET $4";

row! {
    struct CountRow { of_network: i64, of_all: i64 }
}

row! {
    struct LeaseRow { zone_id: i64, spelling: String, owner: Vec<u8> }
}

impl TryFrom<LeaseRow> for LapsedName {
    type Error = StoreError;

    fn try_from(row: LeaseRow) -> Result<Self, StoreError> {
        let at = At {
            table: "name_lease",
            id: row.zone_id,
        };
        Ok(Self {
            zone: ZoneId::new(row.zone_id),
            apex: at.text("spelling", &row.spelling)?,
            owner: at.name("owner", &row.owner)?,
        })
    }
}
