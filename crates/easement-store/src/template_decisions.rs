//! Decisions about texts of templates, and where templates are in use.

use std::net::IpAddr;

use domain_connect::{ProviderId, ServiceId};
use easement_core::{
    Actor, AuditEvent, EmailAddress, TemplateDecision, TemplateEntry, TemplateId, TemplateStatus,
    TemplateUse, Timestamp,
};

use crate::audit::append_in;
use crate::database::{Tx, detached, on, row};
use crate::error::failed_to;
use crate::rows::{At, actor_columns};
use crate::templates::TemplateRow;
use crate::{Store, StoreError};

/// A decision that somebody wants to make.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewDecision {
    /// The status that the text had when whoever decides looked at it.
    pub expected: TemplateStatus,
    /// What it becomes.
    pub status: TemplateStatus,
    /// Who decides.
    pub actor: Actor,
    /// From which network address, when it came over the network.
    pub address: Option<IpAddr>,
    /// Why.
    pub reason: String,
}

/// What came of a decision.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Decided {
    /// The text has its new status.
    Done(TemplateEntry),
    /// Somebody else decided meanwhile: this is the text as it is.
    Changed(TemplateEntry),
    /// There is no such text.
    Missing,
}

impl Store {
    /// Decides about a text, unless somebody else was faster. Approving it supersedes the text that was
    /// approved before.
    pub async fn decide_template(
        &self,
        id: TemplateId,
        decision: &NewDecision,
    ) -> Result<Decided, StoreError> {
        let (db, now, decision) = (self.db().clone(), self.now(), decision.clone());
        detached(async move {
            let mut tx = db.begin().await?;
            take_turn(&mut tx, id).await?;
            if decision.status == TemplateStatus::Approved {
                supersede_others(&mut tx, id).await?;
            }
            let row: Option<TemplateRow> = on!(&mut tx, tx => sqlx::query_as(SET_STATUS)
                .bind(id.number())
                .bind(decision.status.as_str())
                .bind(decision.expected.as_str())
                .fetch_optional(&mut **tx)
                .await)
            .map_err(failed_to("set the status of a template"))?;
            let Some(row) = row else {
                // Dropped, the transaction takes what it superseded back.
                drop(tx);
                return found(db, id).await;
            };
            let entry = TemplateEntry::try_from(row)?;
            log(&mut tx, id, &decision, now).await?;
            let event = AuditEvent::TemplateSet {
                template: format!("{}/{}", entry.provider, entry.service),
                version: entry.version,
                status: entry.status,
            };
            let origin = (Some(decision.actor), decision.address);
            append_in(&mut tx, now, origin, &event).await?;
            tx.commit().await?;
            Ok(Decided::Done(entry))
        })
        .await
    }

    /// What was decided about any text of a template, the newest first.
    pub async fn template_decisions(
        &self,
        provider: &ProviderId,
        service: &ServiceId,
    ) -> Result<Vec<TemplateDecision>, StoreError> {
        let rows: Vec<DecisionRow> = on!(self.db().reading(), db => sqlx::query_as(DECISIONS)
            .bind(provider.as_str())
            .bind(service.as_str())
            .fetch_all(db)
            .await)
        .map_err(failed_to("list the decisions about a template"))?;
        rows.into_iter().map(TemplateDecision::try_from).collect()
    }

    /// In how many places a template is applied.
    pub async fn count_template_uses(
        &self,
        provider: &ProviderId,
        service: &ServiceId,
    ) -> Result<u64, StoreError> {
        let count: i64 = on!(self.db().reading(), db => sqlx::query_scalar(COUNT_USES)
            .bind(provider.as_str())
            .bind(service.as_str())
            .fetch_one(db)
            .await)
        .map_err(failed_to("count the uses of a template"))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// Where a template is applied: so many places, in the order of their zones.
    pub async fn template_uses(
        &self,
        provider: &ProviderId,
        service: &ServiceId,
        limit: u32,
    ) -> Result<Vec<TemplateUse>, StoreError> {
        let rows: Vec<UseRow> = on!(self.db().reading(), db => sqlx::query_as(USES)
            .bind(provider.as_str())
            .bind(service.as_str())
            .bind(i64::from(limit))
            .fetch_all(db)
            .await)
        .map_err(failed_to("list the uses of a template"))?;
        rows.into_iter().map(TemplateUse::try_from).collect()
    }
}

async fn found(db: crate::database::Db, id: TemplateId) -> Result<Decided, StoreError> {
    let row: Option<TemplateRow> = on!(db.reading(), db => sqlx::query_as(BY_ID)
        .bind(id.number())
        .fetch_optional(db)
        .await)
    .map_err(failed_to("find a template by its id"))?;
    Ok(match row {
        Some(row) => Decided::Changed(row.try_into()?),
        None => Decided::Missing,
    })
}

/// Waits for decisions about other texts of the template, so that each sees what the one before did: two
/// texts that are approved at once would both find none that is approved.
async fn take_turn(tx: &mut Tx, id: TemplateId) -> Result<(), StoreError> {
    on!(tx, tx => sqlx::query(TAKE_TURN)
        .bind(id.number())
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("wait for another decision about a template"))
}

async fn supersede_others(tx: &mut Tx, id: TemplateId) -> Result<(), StoreError> {
    on!(tx, tx => sqlx::query(SUPERSEDE)
        .bind(id.number())
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("supersede a template"))
}

async fn log(
    tx: &mut Tx,
    id: TemplateId,
    decision: &NewDecision,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (kind, actor) = actor_columns(decision.actor);
    on!(tx, tx => sqlx::query(LOG)
        .bind(id.number())
        .bind(now.as_micros())
        .bind(kind)
        .bind(actor)
        .bind(decision.status.as_str())
        .bind(decision.reason.as_str())
        .execute(&mut **tx)
        .await
        .map(|_| ()))
    .map_err(failed_to("write a decision about a template"))
}

const BY_ID: &str = "SELECT id, provider, service, version, checksum, json, status, imported_at \
     FROM template WHERE id = $1";
/// Changes nothing, and locks one row of the template, always the same one.
const TAKE_TURN: &str = "UPDATE template SET status = status WHERE id = (SELECT min(id) FROM template \
     WHERE (provider, service) = (SELECT provider, service FROM template WHERE id = $1))";
const SUPERSEDE: &str = "UPDATE template SET status = 'superseded' \
     WHERE status = 'approved' AND id <> $1 \
     AND (provider, service) = (SELECT provider, service FROM template WHERE id = $1)";
const SET_STATUS: &str = "UPDATE template SET status = $2 WHERE id = $1 AND status = $3 \
     RETURNING id, provider, service, version, checksum, json, status, imported_at";
const LOG: &str = "INSERT INTO template_decision \
     (template_id, at, actor_kind, actor_id, status, reason) VALUES ($1, $2, $3, $4, $5, $6)";
const DECISIONS: &str = "SELECT d.id, d.template_id, d.at, d.actor_kind, d.actor_id, a.email, \
     d.status, d.reason FROM template_decision AS d \
     JOIN template AS t ON t.id = d.template_id \
     LEFT JOIN account AS a ON d.actor_kind = 'account' AND a.id = d.actor_id \
     WHERE t.provider = $1 AND t.service = $2 ORDER BY d.id DESC LIMIT 200";
const COUNT_USES: &str = "SELECT count(*) FROM service WHERE provider = $1 AND service = $2";
const USES: &str = "SELECT s.id, z.spelling, s.host FROM service AS s \
     JOIN zone AS z ON z.id = s.zone_id WHERE s.provider = $1 AND s.service = $2 \
     ORDER BY z.apex, s.host, s.id LIMIT $3";

row! {
    struct DecisionRow {
        id: i64,
        template_id: i64,
        at: i64,
        actor_kind: String,
        actor_id: Option<i64>,
        email: Option<String>,
        status: String,
        reason: String,
    }
}

impl TryFrom<DecisionRow> for TemplateDecision {
    type Error = StoreError;

    fn try_from(row: DecisionRow) -> Result<Self, StoreError> {
        let at = At {
            table: "template_decision",
            id: row.id,
        };
        let status = TemplateStatus::from_word(&row.status).ok_or_else(|| {
            at.corrupt("status", format_args!("`{}` is not a status", row.status))
        })?;
        let email: Option<EmailAddress> = row
            .email
            .map(|email| at.text("email", &email))
            .transpose()?;
        Ok(Self {
            template: TemplateId::new(row.template_id),
            at: Timestamp::from_micros(row.at),
            actor: at.actor(&row.actor_kind, row.actor_id)?,
            actor_email: email,
            status,
            reason: row.reason,
        })
    }
}

row! {
    struct UseRow {
        id: i64,
        spelling: String,
        host: String,
    }
}

impl TryFrom<UseRow> for TemplateUse {
    type Error = StoreError;

    fn try_from(row: UseRow) -> Result<Self, StoreError> {
        let at = At {
            table: "service",
            id: row.id,
        };
        Ok(Self {
            apex: at.text("zone_id", &row.spelling)?,
            host: row.host,
        })
    }
}
