//! The audit trail: what happened besides changes of zones.

use std::net::IpAddr;

use easement_core::{Actor, AuditEntry, AuditEvent, AuditId, Origin, Timestamp};

use crate::database::{Tx, on, row};
use crate::error::failed_to;
use crate::rows::{At, actor_columns, to_json};
use crate::{Store, StoreError};

impl Store {
    /// Notes that something happened.
    pub async fn append_audit(
        &self,
        actor: Option<Actor>,
        address: Option<IpAddr>,
        event: &AuditEvent,
    ) -> Result<(), StoreError> {
        let event = to_json("write an audit event", event)?;
        let (kind, id) = actor.map(actor_columns).unzip();
        on!(self.db().writing(), db => sqlx::query(APPEND)
            .bind(self.now().as_micros())
            .bind(kind)
            .bind(id.flatten())
            .bind(address.map(|address| address.to_string()))
            .bind(event)
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(failed_to("write an audit event"))
    }

    /// So many entries, the newest first, from before this one.
    pub async fn audit_entries(
        &self,
        before: Option<AuditId>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let rows: Vec<AuditRow> = on!(self.db().reading(), db => sqlx::query_as(LIST)
            .bind(before.map_or(i64::MAX, AuditId::number))
            .bind(i64::from(limit))
            .fetch_all(db)
            .await)
        .map_err(failed_to("read the audit trail"))?;
        rows.into_iter().map(AuditEntry::try_from).collect()
    }
}

/// The same as part of something else.
pub(crate) async fn append_in(
    tx: &mut Tx,
    at: Timestamp,
    (actor, address): (Option<Actor>, Option<IpAddr>),
    event: &AuditEvent,
) -> Result<(), StoreError> {
    let event = to_json("write an audit event", event)?;
    let (kind, id) = actor.map(actor_columns).unzip();
    on!(tx, tx => sqlx::query(APPEND)
        .bind(at.as_micros())
        .bind(kind)
        .bind(id.flatten())
        .bind(address.map(|address| address.to_string()))
        .bind(event)
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("write an audit event"))
}

/// The same for who made a change of rights.
pub(crate) async fn note(
    tx: &mut Tx,
    now: Timestamp,
    origin: &Origin,
    event: &AuditEvent,
) -> Result<(), StoreError> {
    append_in(tx, now, (Some(origin.actor), origin.address), event).await
}

const APPEND: &str = "INSERT INTO audit_entry (at, actor_kind, actor_id, address, event) \
     VALUES ($1, $2, $3, $4, $5)";
const LIST: &str = "SELECT id, at, actor_kind, actor_id, address, event FROM audit_entry \
     WHERE id < $1 ORDER BY id DESC LIMIT $2";

row! {
    pub(crate) struct AuditRow {
        id: i64,
        at: i64,
        actor_kind: Option<String>,
        actor_id: Option<i64>,
        address: Option<String>,
        event: String,
    }
}

impl TryFrom<AuditRow> for AuditEntry {
    type Error = StoreError;

    fn try_from(row: AuditRow) -> Result<Self, StoreError> {
        let at = At {
            table: "audit_entry",
            id: row.id,
        };
        let actor = row
            .actor_kind
            .map(|kind| at.actor(&kind, row.actor_id))
            .transpose()?;
        Ok(Self {
            id: AuditId::new(row.id),
            at: Timestamp::from_micros(row.at),
            actor,
            address: at.address(row.address)?,
            event: at.json("event", &row.event)?,
        })
    }
}
