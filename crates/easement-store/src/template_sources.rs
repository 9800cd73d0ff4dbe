//! Which templates came from which folder.

use std::collections::BTreeSet;

use domain_connect::{ProviderId, ServiceId};

use crate::database::{detached, on, row};
use crate::error::failed_to;
use crate::rows::At;
use crate::{Store, StoreError};

impl Store {
    /// The templates that were taken in from a folder the last time.
    pub async fn synced_templates(
        &self,
        folder: &str,
    ) -> Result<BTreeSet<(ProviderId, ServiceId)>, StoreError> {
        let rows: Vec<SourceRow> = on!(self.db().reading(), db => sqlx::query_as(LIST)
            .bind(folder)
            .fetch_all(db)
            .await)
        .map_err(failed_to("list the templates of a folder"))?;
        let at = At {
            table: "template_source",
            id: folder,
        };
        rows.into_iter()
            .map(|row| {
                let provider = at.text("provider", &row.provider)?;
                Ok((provider, at.text("service", &row.service)?))
            })
            .collect()
    }

    /// Remembers which templates are in a folder.
    pub async fn set_synced_templates(
        &self,
        folder: &str,
        templates: &BTreeSet<(ProviderId, ServiceId)>,
    ) -> Result<(), StoreError> {
        let (db, folder, templates) = (self.db().clone(), folder.to_owned(), templates.clone());
        detached(async move {
            let mut tx = db.begin().await?;
            on!(&mut tx, tx => sqlx::query(FORGET)
                .bind(&folder)
                .execute(&mut **tx)
                .await
                .map(|_| ()))
            .map_err(failed_to("forget the templates of a folder"))?;
            for (provider, service) in &templates {
                on!(&mut tx, tx => sqlx::query(ADD)
                    .bind(&folder)
                    .bind(provider.as_str())
                    .bind(service.as_str())
                    .execute(&mut **tx)
                    .await
                    .map(|_| ()))
                .map_err(failed_to("remember the templates of a folder"))?;
            }
            tx.commit().await
        })
        .await
    }
}

const LIST: &str = "SELECT provider, service FROM template_source WHERE folder = $1";
const FORGET: &str = "DELETE FROM template_source WHERE folder = $1";
const ADD: &str = "INSERT INTO template_source (folder, provider, service) VALUES ($1, $2, $3)";

row! {
    struct SourceRow {
        provider: String,
        service: String,
    }
}
