//! Whether a service provider controls the domain of its keys.

use domain_connect::Template;
use domain_connect::vetting::Control;
use easement_core::{AuditEvent, KeyControl, Secret, SecretError};
use easement_store::StoreError;

use super::{ControlLine, Registry};
use easement_outbound::dns::LookupError;

/// Why nothing was found out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ControlError {
    /// There is nothing to prove.
    #[error("the template has no syncPubKeyDomain, so there is nothing to prove")]
    NoDomain,
    /// The record's name would be too long.
    #[error("the name of the record is not valid: {0}")]
    Name(#[from] easement_zone::NameError),
    /// DNS gave no answer.
    #[error("the record cannot be looked up: {0}")]
    Lookup(#[from] LookupError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Registry {
    /// The challenge of a template's key domain, and whether it was seen.
    pub(crate) async fn control_of(
        &self,
        template: &Template,
    ) -> Result<Option<KeyControl>, StoreError> {
        let Some(domain) = template.public_key_domain() else {
            return Ok(None);
        };
        let challenge = Secret::generate(self.random.as_ref())
            .map_err(|error: SecretError| StoreError::Failed {
                doing: "make a challenge",
                cause: std::sync::Arc::new(error),
            })?
            .reveal();
        self.store.key_control(domain, &challenge).await.map(Some)
    }

    /// The same in words; nothing when the record's name would be too long.
    pub(super) async fn control_line(
        &self,
        template: &Template,
    ) -> Result<Option<ControlLine>, StoreError> {
        let control = self.control_of(template).await?;
        Ok(control.and_then(|control| {
            Some(ControlLine {
                name: control.name().ok()?.to_text(),
                text: control.text(),
                is_proven: control.is_proven(self.clock.now()),
                proven_at: control.proven_at,
            })
        }))
    }

    pub(super) async fn control_state(&self, template: &Template) -> Result<Control, StoreError> {
        let control = self.control_of(template).await?;
        let is_proven = control.is_some_and(|control| control.is_proven(self.clock.now()));
        Ok(if is_proven {
            Control::Proven
        } else {
            Control::Unproven
        })
    }

    /// Looks the challenge up. One that is gone counts no longer.
    pub(crate) async fn check_control(
        &self,
        template: &Template,
    ) -> Result<KeyControl, ControlError> {
        let control = self.control_of(template).await?;
        let mut control = control.ok_or(ControlError::NoDomain)?;
        let answer = self.resolver.texts(&control.name()?).await?;
        let texts: Vec<String> = answer
            .texts
            .iter()
            .map(|text| String::from_utf8_lossy(text).into_owned())
            .collect();
        let proven = control.is_in(&texts).then(|| self.clock.now());
        self.store.set_key_control(&control.domain, proven).await?;
        if proven.is_some() && control.proven_at.is_none() {
            let event = AuditEvent::KeyControlProven {
                domain: control.domain.to_text(),
            };
            self.store.append_audit(None, None, &event).await?;
        }
        control.proven_at = proven;
        Ok(control)
    }
}
