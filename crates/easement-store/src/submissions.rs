//! Templates that service providers handed in themselves.

use easement_core::{EmailAddress, SecretHash, TemplateId, TemplateSubmission, Timestamp};

use crate::database::{on, row};
use crate::error::failed_to;
use crate::rows::At;
use crate::{Store, StoreError};

impl Store {
    /// Notes who handed a text in; the secret is that of the page which tells them what became of it.
    pub async fn add_submission(
        &self,
        template: TemplateId,
        contact: &EmailAddress,
        secret: &SecretHash,
    ) -> Result<(), StoreError> {
        on!(self.db().writing(), db => sqlx::query(ADD)
            .bind(template.number())
            .bind(contact.to_string())
            .bind(secret.as_octets().to_vec())
            .bind(self.now().as_micros())
            .execute(db)
            .await
            .map(|_| ()))
        .map_err(failed_to("note who handed a template in"))
    }

    /// What was handed in under a secret.
    pub async fn submission(
        &self,
        secret: &SecretHash,
    ) -> Result<Option<TemplateSubmission>, StoreError> {
        let row: Option<SubmissionRow> = on!(self.db().reading(), db => sqlx::query_as(BY_SECRET)
            .bind(secret.as_octets().to_vec())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("find what was handed in"))?;
        row.map(TemplateSubmission::try_from).transpose()
    }

    /// Everybody who handed a text in.
    pub async fn submissions_of(
        &self,
        template: TemplateId,
    ) -> Result<Vec<TemplateSubmission>, StoreError> {
        let rows: Vec<SubmissionRow> = on!(self.db().reading(), db => sqlx::query_as(OF_TEMPLATE)
            .bind(template.number())
            .fetch_all(db)
            .await)
        .map_err(failed_to("list who handed a template in"))?;
        rows.into_iter().map(TemplateSubmission::try_from).collect()
    }

    /// How many texts of templates wait for a decision.
    pub async fn count_pending_templates(&self) -> Result<u64, StoreError> {
        let count: i64 = on!(self.db().reading(), db => sqlx::query_scalar(COUNT_PENDING)
            .fetch_one(db)
            .await)
        .map_err(failed_to("count the templates that wait"))?;
        Ok(u64::try_from(count).unwrap_or_default())
    }
}

const ADD: &str = "INSERT INTO template_submission \
     (template_id, contact, secret_hash, submitted_at) VALUES ($1, $2, $3, $4)";
const BY_SECRET: &str = "SELECT id, template_id, contact, submitted_at FROM template_submission \
     WHERE secret_hash = $1";
const OF_TEMPLATE: &str = "SELECT id, template_id, contact, submitted_at FROM template_submission \
     WHERE template_id = $1 ORDER BY id LIMIT 20";
const COUNT_PENDING: &str = "SELECT count(*) FROM template WHERE status = 'pending'";

row! {
    struct SubmissionRow {
        id: i64,
        template_id: i64,
        contact: String,
        submitted_at: i64,
    }
}

impl TryFrom<SubmissionRow> for TemplateSubmission {
    type Error = StoreError;

    fn try_from(row: SubmissionRow) -> Result<Self, StoreError> {
        let at = At {
            table: "template_submission",
            id: row.id,
        };
        Ok(Self {
            template: TemplateId::new(row.template_id),
            contact: at.text("contact", &row.contact)?,
            submitted_at: Timestamp::from_micros(row.submitted_at),
        })
    }
}
