//! What devices did with hosts: written beside the changes, many at a time.

use std::collections::BTreeMap;

use easement_core::{HostUpdate, HostUse, Timestamp, ZoneId};
use easement_zone::Name;

use crate::database::{On, Tx, detached, on, row};
use crate::error::failed_to;
use crate::rows::{At, to_json};
use crate::{Store, StoreError};

/// An update that a device made.
#[derive(Clone, Debug)]
pub struct NotedUpdate {
    /// In which zone.
    pub zone: ZoneId,
    /// Of which host.
    pub host: Name,
    /// The update.
    pub update: HostUpdate,
}

impl Store {
    /// Notes updates, all in one transaction. Those in zones that are gone are left out.
    pub async fn note_host_updates(&self, updates: Vec<NotedUpdate>) -> Result<(), StoreError> {
        // In one order, so that two nodes do not wait for each other.
        let mut of_hosts: BTreeMap<(ZoneId, Vec<u8>), Vec<HostUpdate>> = BTreeMap::new();
        for noted in updates {
            let host = noted.host.to_lowercase().as_wire().to_vec();
            of_hosts
                .entry((noted.zone, host))
                .or_default()
                .push(noted.update);
        }
        let db = self.db().clone();
        detached(async move {
            let mut tx = db.begin().await?;
            for ((zone, host), updates) in of_hosts {
                place_use(&mut tx, zone, &host).await?;
                let Some(mut used) = lock_use(&mut tx, zone, &host).await? else {
                    continue;
                };
                for update in updates {
                    used.note(update);
                }
                put_use(&mut tx, zone, &host, &used).await?;
            }
            tx.commit().await
        })
        .await
    }

    /// What devices did with a host.
    pub async fn host_use(&self, zone: ZoneId, host: &Name) -> Result<Option<HostUse>, StoreError> {
        let rows: Vec<UseRow> = on!(self.db().reading(), db => sqlx::query_as(ONE)
            .bind(zone.number())
            .bind(host.to_lowercase().as_wire())
            .fetch_all(db)
            .await)
        .map_err(failed_to("read what devices did with a host"))?;
        let used = rows.into_iter().next().map(UseRow::read).transpose()?;
        Ok(used.map(|(_, used)| used))
    }

    /// The hosts of a zone that devices update, the latest first: so many, after so many.
    pub async fn host_uses(
        &self,
        zone: ZoneId,
        limit: u32,
        skip: u32,
    ) -> Result<Vec<(Name, HostUse)>, StoreError> {
        let rows: Vec<UseRow> = on!(self.db().reading(), db => sqlx::query_as(OF_ZONE)
            .bind(zone.number())
            .bind(i64::from(limit))
            .bind(i64::from(skip))
            .fetch_all(db)
            .await)
        .map_err(failed_to("list the hosts that devices update"))?;
        rows.into_iter().map(UseRow::read).collect()
    }

    /// Forgets from which addresses updates came that were made before a moment; gives of how many hosts.
    pub async fn forget_update_sources(&self, before: Timestamp) -> Result<u64, StoreError> {
        let db = self.db().clone();
        let mut forgotten = 0;
        loop {
            let db = db.clone();
            let count = detached(async move {
                let mut tx = db.begin().await?;
                let count = forget_some(&mut tx, before).await?;
                tx.commit().await?;
                Ok::<u64, StoreError>(count)
            })
            .await?;
            forgotten += count;
            if count == 0 {
                return Ok(forgotten);
            }
        }
    }
}

/// A few hosts at a time, so that no transaction is long.
async fn forget_some(tx: &mut Tx, before: Timestamp) -> Result<u64, StoreError> {
    let rows: Vec<UseRow> = on!(&mut *tx, tx => sqlx::query_as(WITH_SOURCES)
        .bind(before.as_micros())
        .fetch_all(&mut **tx)
        .await)
    .map_err(failed_to("look for old addresses of devices"))?;
    let mut hosts: Vec<(ZoneId, Vec<u8>)> = rows
        .into_iter()
        .map(|row| (ZoneId::new(row.zone_id), row.owner))
        .collect();
    // In the order in which others lock them.
    hosts.sort();
    let mut count = 0;
    for (zone, owner) in hosts {
        if let Some(mut used) = lock_use(tx, zone, &owner).await? {
            used.forget_sources(before);
            put_use(tx, zone, &owner, &used).await?;
            count += 1;
        }
    }
    Ok(count)
}

/// What is noted about a host; nobody else changes it until the transaction ends.
async fn lock_use(tx: &mut Tx, zone: ZoneId, owner: &[u8]) -> Result<Option<HostUse>, StoreError> {
    let sql = match tx {
        // There is one writer at a time.
        On::Sqlite(_) => ONE,
        On::Postgres(_) => ONE_LOCKED,
    };
    let row: Option<UseRow> = on!(tx, tx => sqlx::query_as(sql)
        .bind(zone.number())
        .bind(owner)
        .fetch_optional(&mut **tx)
        .await)
    .map_err(failed_to("read what devices did with a host"))?;
    Ok(row.map(UseRow::read).transpose()?.map(|(_, used)| used))
}

/// Makes sure that there is a row to lock, unless the zone is gone.
async fn place_use(tx: &mut Tx, zone: ZoneId, owner: &[u8]) -> Result<(), StoreError> {
    let document = to_json("note what devices did with a host", &HostUse::default())?;
    on!(tx, tx => sqlx::query(PLACE)
        .bind(zone.number())
        .bind(owner)
        .bind(document)
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("note what devices did with a host"))
}

async fn put_use(
    tx: &mut Tx,
    zone: ZoneId,
    owner: &[u8],
    used: &HostUse,
) -> Result<(), StoreError> {
    let document = to_json("note what devices did with a host", used)?;
    let last_at = used.last_at.map_or(0, Timestamp::as_micros);
    on!(tx, tx => sqlx::query(PUT)
        .bind(zone.number())
        .bind(owner)
        .bind(document)
        .bind(last_at)
        .bind(used.oldest_source().map(Timestamp::as_micros))
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("note what devices did with a host"))
}

const ONE: &str = "SELECT zone_id, owner, document FROM host_use WHERE zone_id = $1 AND owner = $2";
const ONE_LOCKED: &str =
    "SELECT zone_id, owner, document FROM host_use WHERE zone_id = $1 AND owner = $2 FOR UPDATE";
const OF_ZONE: &str = "SELECT zone_id, owner, document FROM host_use WHERE zone_id = $1 \
     ORDER BY last_at DESC, owner LIMIT $2 OFFSET $3";
const WITH_SOURCES: &str = "SELECT zone_id, owner, document FROM host_use WHERE source_at < $1 \
     ORDER BY source_at LIMIT 100";
const PLACE: &str = "INSERT INTO host_use (zone_id, owner, document, last_at) \
     SELECT id, $2, $3, 0 FROM zone WHERE id = $1 ON CONFLICT (zone_id, owner) DO NOTHING";
const PUT: &str = "UPDATE host_use SET document = $3, last_at = $4, source_at = $5 \
     WHERE zone_id = $1 AND owner = $2";

row! {
    struct UseRow {
        zone_id: i64,
        owner: Vec<u8>,
        document: String,
    }
}

impl UseRow {
    fn read(self) -> Result<(Name, HostUse), StoreError> {
        let at = At {
            table: "host_use",
            id: self.zone_id,
        };
        Ok((
            at.name("owner", &self.owner)?,
            at.json("document", &self.document)?,
        ))
    }
}
