//! Templates that service providers hand in themselves.

use domain_connect::{Template, TemplateError};
use easement_core::{
    EmailAddress, Secret, SecretError, TemplateEntry, TemplateStatus, TemplateSubmission,
};
use easement_store::StoreError;

use super::intake::to_import;
use super::review::findings;
use super::{ControlLine, FindingLine, Registry};

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

/// What became of a text, for whoever handed it in.
#[derive(Debug)]
pub(crate) struct Progress {
    /// Why it was decided like that.
    pub(crate) reason: String,
    /// How to prove control of the key domain.
    pub(crate) control: Option<ControlLine>,
    /// What the linter finds.
    pub(crate) findings: Vec<FindingLine>,
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
    /// Takes a text from a service provider. It waits for a person whatever the rules say: nobody knows who
    /// sends a form, and a proof of control says who has the keys, not who wrote this text.
    pub(crate) async fn submit(
        &self,
        json: &str,
        contact: &EmailAddress,
    ) -> Result<Submitted, SubmitError> {
        let (template, _notes) = Template::from_json(json)?;
        if self.store.count_pending_templates().await? >= MAX_WAITING {
            return Err(SubmitError::TooMany);
        }
        let entry = self
            .store
            .import_template(&to_import(&template))
            .await?
            .entry;
        let secret = Secret::generate(self.random.as_ref())?;
        let hash = secret.hash();
        self.store.add_submission(entry.id, contact, &hash).await?;
        Ok(Submitted { entry, secret })
    }

    /// What whoever handed a text in is told. Why something was decided before they did is told about
    /// rejections alone: everything else may be meant for other operators.
    pub(crate) async fn progress(
        &self,
        entry: &TemplateEntry,
        submission: &TemplateSubmission,
    ) -> Result<Progress, StoreError> {
        let (provider, service) = (&entry.provider, &entry.service);
        let decisions = self.store.template_decisions(provider, service).await?;
        let last = decisions
            .into_iter()
            .find(|decision| decision.template == entry.id)
            .filter(|decision| {
                decision.status == TemplateStatus::Rejected
                    || decision.at >= submission.submitted_at
            });
        let control = match Template::from_json(&entry.json) {
            Ok((template, _notes)) => self.control_line(&template).await?,
            Err(_) => None,
        };
        Ok(Progress {
            reason: last.map(|decision| decision.reason).unwrap_or_default(),
            control,
            findings: findings(&entry.json),
        })
    }
}
