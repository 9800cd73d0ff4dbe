//! Templates, each text of them with its own status.
//!
//! A row is one text of one template, by its checksum. A text that is imported again is the row that
//! it was. A text that changed is a new row that waits for an operator, and the approved one is still
//! offered until the new one is approved: an import can never put something on offer, nor take
//! something off. At most one text of a template is approved; the one before it is superseded then,
//! and stays for the record and to go back to.

use domain_connect::{ProviderId, ServiceId};
use easement_core::{TemplateEntry, TemplateId, TemplateStatus, Timestamp};
use serde::Serialize;

use crate::database::{Tx, detached, on, row};
use crate::error::failed_to;
use crate::rows::At;
use crate::{Store, StoreError};

/// A text of a template, to be imported.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewTemplate {
    /// Whose it is.
    pub provider: ProviderId,
    /// Which of theirs.
    pub service: ServiceId,
    /// The version it says it has.
    pub version: u32,
    /// SHA-256 of its text, in hexadecimal digits.
    pub checksum: String,
    /// Its text.
    pub json: String,
}

/// What came of an import.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ImportedTemplate {
    /// The template as it is stored.
    pub entry: TemplateEntry,
    /// Whether it was new.
    pub import: TemplateImport,
}

/// Whether an imported text was new.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateImport {
    /// No text of this template was there: it is pending.
    New,
    /// Other texts of this template were there: it is pending, and they are as they were.
    NewText,
    /// The very text was there: it is as it was.
    Unchanged,
}

/// Which text of a template.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TemplateChoice {
    /// The one that is offered.
    Approved,
    /// The one that was imported last.
    Newest,
}

impl Store {
    /// Imports a text of a template. It is not offered until it is approved.
    pub async fn import_template(
        &self,
        template: &NewTemplate,
    ) -> Result<ImportedTemplate, StoreError> {
        let (db, now, template) = (self.db().clone(), self.now(), template.clone());
        detached(async move {
            let mut tx = db.begin().await?;
            let texts = texts_of(&mut tx, &template).await?;
            let same = texts
                .iter()
                .position(|checksum| *checksum == template.checksum);
            let import = match same {
                Some(_) => TemplateImport::Unchanged,
                None if texts.is_empty() => TemplateImport::New,
                None => TemplateImport::NewText,
            };
            let entry = insert_or_find(&mut tx, &template, now).await?;
            tx.commit().await?;
            Ok(ImportedTemplate { entry, import })
        })
        .await
    }

    /// All texts of all templates: by provider and service, the newest first.
    pub async fn templates(&self) -> Result<Vec<TemplateEntry>, StoreError> {
        let rows: Vec<TemplateRow> = on!(self.db().reading(), db => sqlx::query_as(ALL)
            .fetch_all(db)
            .await)
        .map_err(failed_to("list templates"))?;
        rows.into_iter().map(TemplateEntry::try_from).collect()
    }

    /// One text of a template.
    pub async fn find_template(
        &self,
        provider: &ProviderId,
        service: &ServiceId,
        choice: TemplateChoice,
    ) -> Result<Option<TemplateEntry>, StoreError> {
        let sql = match choice {
            TemplateChoice::Approved => APPROVED,
            TemplateChoice::Newest => NEWEST,
        };
        let row: Option<TemplateRow> = on!(self.db().reading(), db => sqlx::query_as(sql)
            .bind(provider.to_string())
            .bind(service.to_string())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("find a template"))?;
        row.map(TemplateEntry::try_from).transpose()
    }

    /// The text with this id.
    pub async fn template(&self, id: TemplateId) -> Result<Option<TemplateEntry>, StoreError> {
        let row: Option<TemplateRow> = on!(self.db().reading(), db => sqlx::query_as(BY_ID)
            .bind(id.number())
            .fetch_optional(db)
            .await)
        .map_err(failed_to("find a template by its id"))?;
        row.map(TemplateEntry::try_from).transpose()
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, provider, service, version, checksum, json, status, imported_at \
             FROM template ",
            $rest
        )
    };
}

const ALL: &str = select!("ORDER BY provider, service, id DESC");
const APPROVED: &str = select!("WHERE provider = $1 AND service = $2 AND status = 'approved'");
const NEWEST: &str = select!("WHERE provider = $1 AND service = $2 ORDER BY id DESC LIMIT 1");
const BY_ID: &str = select!("WHERE id = $1");
const TEXTS: &str = "SELECT checksum FROM template WHERE provider = $1 AND service = $2";
/// The update changes nothing; without it nothing would be returned for a text that is there.
const INSERT: &str = "INSERT INTO template \
     (provider, service, version, checksum, json, status, imported_at) \
     VALUES ($1, $2, $3, $4, $5, 'pending', $6) \
     ON CONFLICT (provider, service, checksum) DO UPDATE SET checksum = excluded.checksum \
     RETURNING id, provider, service, version, checksum, json, status, imported_at";

async fn texts_of(tx: &mut Tx, template: &NewTemplate) -> Result<Vec<String>, StoreError> {
    on!(tx, tx => sqlx::query_scalar(TEXTS)
        .bind(template.provider.to_string())
        .bind(template.service.to_string())
        .fetch_all(&mut **tx)
        .await)
    .map_err(failed_to("look for the texts of a template"))
}

async fn insert_or_find(
    tx: &mut Tx,
    template: &NewTemplate,
    now: Timestamp,
) -> Result<TemplateEntry, StoreError> {
    let row: TemplateRow = on!(tx, tx => sqlx::query_as(INSERT)
        .bind(template.provider.to_string())
        .bind(template.service.to_string())
        .bind(i64::from(template.version))
        .bind(template.checksum.as_str())
        .bind(template.json.as_str())
        .bind(now.as_micros())
        .fetch_one(&mut **tx)
        .await)
    .map_err(failed_to("import a template"))?;
    row.try_into()
}

row! {
    pub(crate) struct TemplateRow {
        id: i64,
        provider: String,
        service: String,
        version: i64,
        checksum: String,
        json: String,
        status: String,
        imported_at: i64,
    }
}

impl TryFrom<TemplateRow> for TemplateEntry {
    type Error = StoreError;

    fn try_from(row: TemplateRow) -> Result<Self, StoreError> {
        let at = At {
            table: "template",
            id: row.id,
        };
        let status = TemplateStatus::from_word(&row.status).ok_or_else(|| {
            at.corrupt("status", format_args!("`{}` is not a status", row.status))
        })?;
        Ok(Self {
            id: TemplateId::new(row.id),
            provider: at.text("provider", &row.provider)?,
            service: at.text("service", &row.service)?,
            version: at.number("version", row.version)?,
            checksum: row.checksum,
            json: row.json,
            status,
            imported_at: Timestamp::from_micros(row.imported_at),
        })
    }
}
