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
    /// At which name.
    pub owner: Name,
    /// The text.
    pub data: RecordData,
}

impl Store {
    /// Texts whose time is over, those of one name together.
    pub async fn lapsed_texts(&self, limit: u32) -> Result<Vec<LapsedText>, StoreError> {
        let rows: Vec<LeaseRow> = on!(self.db().reading(), db => sqlx::query_as(LAPSED)
            .bind(self.now().as_micros())
            .bind(i64::from(limit))
            .fetch_all(db)
            .await)
        .map_err(failed_to("look for texts whose time is over"))?;
        rows.into_iter().map(LapsedText::try_from).collect()
    }

    /// Lets a text stay for ever, or forgets one that is not there.
    pub async fn end_text_lease(&self, lapsed: &LapsedText) -> Result<(), StoreError> {
        on!(self.db().writing(), db => sqlx::query(END)
            .bind(lapsed.zone.number())
            .bind(lapsed.owner.to_lowercase().as_wire())
            .bind(lapsed.data.as_wire())
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(failed_to("forget how long a text stays"))
    }
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
const LAPSED: &str = "SELECT zone_id, owner, data FROM text_lease WHERE ends_at <= $1 \
     ORDER BY zone_id, owner LIMIT $2";

row! {
    struct LeaseRow {
        zone_id: i64,
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
        let data = RecordData::from_wire(RecordType::TXT, &row.data);
        Ok(Self {
            zone: ZoneId::new(row.zone_id),
            owner: at.name("owner", &row.owner)?,
            data: data.map_err(|error| at.corrupt("data", error))?,
        })
    }
}
