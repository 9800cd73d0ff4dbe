//! Texts that stay for a while. A lease begins and ends with the commit that changes its text.

use easement_core::{LeaseChange, TEXT_LEASE, Timestamp, ZoneId};
use easement_zone::{Name, RecordData, RecordType};

use crate::database::{Tx, insert_rows, on, row};
use crate::error::failed_to;
use crate::rows::At;
use crate::{Store, StoreError};

/// A text whose time is over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LapsedText {
    /// In which zone.
    pub zone: ZoneId,
    /// Its apex.
    pub apex: Name,
    /// At which name.
    pub owner: Name,
    /// The text.
    pub data: RecordData,
}

impl Store {
    /// So many zones that a query gives, from after this one, for what stays for a while and whose time is over.
    pub(crate) async fn zones_with_lapsed(
        &self,
        query: &'static str,
        after: Option<ZoneId>,
        limit: u32,
    ) -> sqlx::Result<Vec<ZoneId>> {
        let ids: Vec<i64> = on!(self.db().reading(), db => sqlx::query_scalar(query)
            .bind(self.now().as_micros())
            .bind(after.map_or(i64::MIN, ZoneId::number))
            .bind(i64::from(limit))
            .fetch_all(db)
            .await)?;
        Ok(ids.into_iter().map(ZoneId::new).collect())
    }

    /// So many zones with texts whose time is over, from after this one.
    pub async fn zones_with_lapsed_texts(
        &self,
        after: Option<ZoneId>,
        limit: u32,
    ) -> Result<Vec<ZoneId>, StoreError> {
        self.zones_with_lapsed(ZONES, after, limit)
            .await
            .map_err(failed_to("look for texts whose time is over"))
    }

    /// Texts of a zone whose time is over, the longest first: so many, after so many.
    pub async fn lapsed_texts(
        &self,
        zone: ZoneId,
        limit: u32,
        skip: u32,
    ) -> Result<Vec<LapsedText>, StoreError> {
        let rows: Vec<LeaseRow> = on!(self.db().reading(), db => sqlx::query_as(LAPSED)
            .bind(self.now().as_micros())
            .bind(zone.number())
            .bind(i64::from(limit))
            .bind(i64::from(skip))
            .fetch_all(db)
            .await)
        .map_err(failed_to("look for texts whose time is over"))?;
        rows.into_iter().map(LapsedText::try_from).collect()
    }

    /// Until when each text at a name stays that is there for a while.
    pub async fn text_leases_at(
        &self,
        zone: ZoneId,
        owner: &Name,
    ) -> Result<Vec<(RecordData, Timestamp)>, StoreError> {
        let rows: Vec<EndRow> = on!(self.db().reading(), db => sqlx::query_as(AT)
            .bind(zone.number())
            .bind(owner.to_lowercase().as_wire())
            .fetch_all(db)
            .await)
        .map_err(failed_to("look how long texts stay"))?;
        rows.into_iter()
            .map(|row| {
                Ok((
                    data_of(zone, &row.data)?,
                    Timestamp::from_micros(row.ends_at),
                ))
            })
            .collect()
    }

    /// Lets a text whose time is over stay for ever, or forgets one that is not there.
    pub async fn end_text_lease(&self, lapsed: &LapsedText) -> Result<(), StoreError> {
        on!(self.db().writing(), db => sqlx::query(END_LAPSED)
            .bind(lapsed.zone.number())
            .bind(lapsed.owner.to_lowercase().as_wire())
            .bind(lapsed.data.as_wire())
            .bind(self.now().as_micros())
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(failed_to("forget how long a text stays"))
    }
}

/// Whether the time of all texts is over that a commit takes away for that reason. Somebody may have set one
/// anew since it was found.
pub(crate) async fn are_over(
    tx: &mut Tx,
    zone: ZoneId,
    change: &LeaseChange,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let owner = change.owner.to_lowercase();
    for data in &change.ended {
        let found: i64 = on!(&mut *tx, tx => sqlx::query_scalar(IS_OVER)
            .bind(zone.number())
            .bind(owner.as_wire())
            .bind(data.as_wire())
            .bind(now.as_micros())
            .fetch_one(&mut **tx)
            .await)
        .map_err(failed_to("look how long a text stays"))?;
        if found == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Writes what a commit does to leases, in its transaction.
pub(crate) async fn write_leases(
    tx: &mut Tx,
    zone: ZoneId,
    change: &LeaseChange,
    now: Timestamp,
) -> Result<(), StoreError> {
    let owner = change.owner.to_lowercase();
    for data in &change.ended {
        on!(&mut *tx, tx => sqlx::query(END)
            .bind(zone.number())
            .bind(owner.as_wire())
            .bind(data.as_wire())
            .execute(&mut **tx)
            .await
            .map(|_| ()))
        .map_err(failed_to("forget how long a text stays"))?;
    }
    let ends_at = now.plus(TEXT_LEASE).as_micros();
    insert_rows!(&mut *tx, BEGIN, &change.begun, ON_CONFLICT, |data| [
        zone.number(),
        owner.as_wire(),
        data.as_wire(),
        ends_at,
    ])
    .map_err(failed_to("write down how long a text stays"))
}

const BEGIN: &str = "INSERT INTO text_lease (zone_id, owner, data, ends_at) ";
const ON_CONFLICT: &str =
    " ON CONFLICT (zone_id, owner, data) DO UPDATE SET ends_at = excluded.ends_at";
const END: &str = "DELETE FROM text_lease WHERE zone_id = $1 AND owner = $2 AND data = $3";
const END_LAPSED: &str = "DELETE FROM text_lease \
     WHERE zone_id = $1 AND owner = $2 AND data = $3 AND ends_at <= $4";
const IS_OVER: &str = "SELECT count(*) FROM text_lease \
     WHERE zone_id = $1 AND owner = $2 AND data = $3 AND ends_at <= $4";
const AT: &str = "SELECT data, ends_at FROM text_lease WHERE zone_id = $1 AND owner = $2";
const ZONES: &str = "SELECT DISTINCT zone_id FROM text_lease WHERE ends_at <= $1 AND zone_id > $2 \
     ORDER BY zone_id LIMIT $3";
const LAPSED: &str = "SELECT text_lease.zone_id, zone.spelling, text_lease.owner, text_lease.data \
     FROM text_lease JOIN zone ON zone.id = text_lease.zone_id WHERE text_lease.ends_at <= $1 \
     AND text_lease.zone_id = $2 ORDER BY text_lease.ends_at, text_lease.owner, text_lease.data LIMIT $3 OFFSET $4";

row! {
    struct EndRow {
        data: Vec<u8>,
        ends_at: i64,
    }
}

row! {
    struct LeaseRow {
        zone_id: i64,
        spelling: String,
        owner: Vec<u8>,
        data: Vec<u8>,
    }
}

impl TryFrom<LeaseRow> for LapsedText {
    type Error = StoreError;

    fn try_from(row: LeaseRow) -> Result<Self, StoreError> {
        let at = At {
            table: "text_lease",
            id: row.zone_id,
        };
        let zone = ZoneId::new(row.zone_id);
        Ok(Self {
            zone,
            apex: at.text("spelling", &row.spelling)?,
            owner: at.name("owner", &row.owner)?,
            data: data_of(zone, &row.data)?,
        })
    }
}

fn data_of(zone: ZoneId, wire: &[u8]) -> Result<RecordData, StoreError> {
    let at = At {
        table: "text_lease",
        id: zone,
    };
    RecordData::from_wire(RecordType::TXT, wire).map_err(|error| at.corrupt("data", error))
}
