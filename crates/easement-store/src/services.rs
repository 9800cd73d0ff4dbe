//! Connected services: templates that were applied. They change with commits alone.

use easement_core::{AppliedServiceId, ServiceChange, ServiceEntry, Timestamp, ZoneId};

use crate::commits::CommitError;
use crate::database::{Tx, on, row};
use crate::error::failed_to;
use crate::rows::{At, to_json};
use crate::{Store, StoreError};

impl Store {
    /// The connected services of a zone, the oldest first.
    pub async fn services_of(&self, zone: ZoneId) -> Result<Vec<ServiceEntry>, StoreError> {
        let rows: Vec<ServiceRow> = on!(self.db().reading(), db => sqlx::query_as(OF_ZONE)
            .bind(zone.number())
            .fetch_all(db)
            .await)
        .map_err(failed_to("list the services of a zone"))?;
        rows.into_iter().map(ServiceEntry::try_from).collect()
    }
}

const OF_ZONE: &str = "SELECT id, zone_id, provider, service, host, document, connected_at, updated_at FROM service \
     WHERE zone_id = $1 ORDER BY id";
const IDS_OF_ZONE: &str = "SELECT id FROM service WHERE zone_id = $1";
const HAS_ANY: &str =
    "SELECT count(*) FROM (SELECT 1 FROM service WHERE zone_id = $1 LIMIT 1) AS one";
const ADD: &str = "INSERT INTO service \
     (zone_id, provider, service, host, document, connected_at, updated_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id";
const UPDATE: &str = "UPDATE service SET provider = $3, service = $4, host = $5, document = $6, \
     updated_at = $7 WHERE id = $1 AND zone_id = $2";
const REMOVE: &str = "DELETE FROM service WHERE id = $1 AND zone_id = $2";

/// The services of a zone as they are stored, unread.
pub(crate) async fn read_services(tx: &mut Tx, zone: i64) -> Result<Vec<ServiceRow>, StoreError> {
    on!(tx, tx => sqlx::query_as(OF_ZONE).bind(zone).fetch_all(&mut **tx).await)
        .map_err(failed_to("list the services of a zone"))
}

/// Whether any service is connected to a zone.
pub(crate) async fn has_any(tx: &mut Tx, zone: ZoneId) -> Result<bool, StoreError> {
    let count: i64 = on!(tx, tx => sqlx::query_scalar(HAS_ANY)
        .bind(zone.number())
        .fetch_one(&mut **tx)
        .await)
    .map_err(failed_to("look for services"))?;
    Ok(count > 0)
}

/// Changes the services of a zone as part of a commit, and gives the id of each in the order of the
/// changes. Nothing is changed when one that is to be changed is not there.
pub(crate) async fn change_in(
    tx: &mut Tx,
    zone: ZoneId,
    changes: &[ServiceChange],
    now: Timestamp,
) -> Result<Vec<AppliedServiceId>, CommitError> {
    check_changed(tx, zone, changes).await?;
    let mut ids = Vec::with_capacity(changes.len());
    for change in changes {
        ids.push(change_one(tx, zone, change, now).await?);
    }
    Ok(ids)
}

/// Each service that is updated or removed is there, and is named once.
async fn check_changed(
    tx: &mut Tx,
    zone: ZoneId,
    changes: &[ServiceChange],
) -> Result<(), CommitError> {
    let mut named: Vec<AppliedServiceId> = Vec::new();
    for change in changes {
        match change {
            ServiceChange::Add(_) => {}
            ServiceChange::Update(id, _) | ServiceChange::Remove(id) => named.push(*id),
        }
    }
    if named.is_empty() {
        return Ok(());
    }
    let mut there: Vec<i64> = on!(tx, tx => sqlx::query_scalar(IDS_OF_ZONE)
        .bind(zone.number())
        .fetch_all(&mut **tx)
        .await)
    .map_err(failed_to("look for services"))?;
    for service in named {
        let Some(index) = there.iter().position(|id| *id == service.number()) else {
            return Err(CommitError::NoSuchService { service });
        };
        there.swap_remove(index);
    }
    Ok(())
}

async fn change_one(
    tx: &mut Tx,
    zone: ZoneId,
    change: &ServiceChange,
    now: Timestamp,
) -> Result<AppliedServiceId, StoreError> {
    match change {
        ServiceChange::Add(service) => {
            let document = to_json("write a service", service)?;
            let id: i64 = on!(tx, tx => sqlx::query_scalar(ADD)
                .bind(zone.number())
                .bind(service.key.provider_id.as_str())
                .bind(service.key.service_id.as_str())
                .bind(service.key.host.to_string())
                .bind(document)
                .bind(now.as_micros())
                .fetch_one(&mut **tx)
                .await)
            .map_err(failed_to("add a service"))?;
            Ok(AppliedServiceId::new(id))
        }
        ServiceChange::Update(id, service) => {
            let document = to_json("write a service", service)?;
            on!(tx, tx => sqlx::query(UPDATE)
                .bind(id.number())
                .bind(zone.number())
                .bind(service.key.provider_id.as_str())
                .bind(service.key.service_id.as_str())
                .bind(service.key.host.to_string())
                .bind(document)
                .bind(now.as_micros())
                .execute(&mut **tx)
                .await
                .map(|_| *id))
            .map_err(failed_to("update a service"))
        }
        ServiceChange::Remove(id) => on!(tx, tx => sqlx::query(REMOVE)
            .bind(id.number())
            .bind(zone.number())
            .execute(&mut **tx)
            .await
            .map(|_| *id))
        .map_err(failed_to("remove a service")),
    }
}

row! {
    pub(crate) struct ServiceRow {
        id: i64,
        zone_id: i64,
        provider: String,
        service: String,
        host: String,
        document: String,
        connected_at: i64,
        updated_at: i64,
    }
}

impl TryFrom<ServiceRow> for ServiceEntry {
    type Error = StoreError;

    fn try_from(row: ServiceRow) -> Result<Self, StoreError> {
        let at = At {
            table: "service",
            id: row.id,
        };
        Ok(Self {
            id: AppliedServiceId::new(row.id),
            zone: ZoneId::new(row.zone_id),
            service: at.json("document", &row.document)?,
            connected_at: Timestamp::from_micros(row.connected_at),
            updated_at: Timestamp::from_micros(row.updated_at),
        })
    }
}
