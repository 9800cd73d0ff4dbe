//! Templates that service providers hand in themselves.

use domain_connect::{Template, TemplateError};
use easement_core::{EmailAddress, Secret, SecretError, TemplateEntry};
use easement_store::{StoreError, TemplateImport};

use super::Registry;
use super::intake::to_import;

/// The most texts that may wait; then people have to wait for the reviewers.
const MAX_WAITING: u64 = 2000;

/// A text that was handed in.
#[derive(Debug)]
pub(crate) struct Submitted {
    /// The text.
    pub(crate) entry: TemplateEntry,
    /// The secret of the page that tells what becomes of it.
    pub(crate) secret: Secret,
}

/// Why a text was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SubmitError {
    /// It is no template.
    #[error("{0}")]
    Template(#[from] TemplateError),
    /// There are too many already.
    #[error(
        "so many templates wait to be looked at that no more are taken: try again in some days"
    )]
    TooMany,
    /// No secret could be made.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Registry {
    /// Takes a text from a service provider. It waits, unless the rules decide.
    pub(crate) async fn submit(
        &self,
        json: &str,
        contact: &EmailAddress,
    ) -> Result<Submitted, SubmitError> {
        let (template, _notes) = Template::from_json(json)?;
        if self.store.count_pending_templates().await? >= MAX_WAITING {
            return Err(SubmitError::TooMany);
        }
        let imported = self.store.import_template(&to_import(&template)).await?;
        let entry = match imported.import {
            TemplateImport::Unchanged => imported.entry,
            TemplateImport::New | TemplateImport::NewText => {
                self.decide_by_rule(&template, imported.entry).await?
            }
        };
        let secret = Secret::generate(self.random.as_ref())?;
        let hash = secret.hash();
        self.store.add_submission(entry.id, contact, &hash).await?;
        Ok(Submitted { entry, secret })
    }
}
