//! Deciding about a template.

use std::net::IpAddr;

use easement_core::{Actor, MAX_REASON_CHARACTERS, TemplateEntry, TemplateStatus};
use easement_store::{Decided, NewDecision, StoreError};

use super::Registry;

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DecideError {
    /// From this status there is no way to that one.
    #[error("the template is {from} and cannot become {to}")]
    NotPossible {
        /// What it is.
        from: TemplateStatus,
        /// What it should be.
        to: TemplateStatus,
    },
    /// Whoever rejects or withdraws says why.
    #[error("say why: the service provider and the next reviewer will want to know")]
    NoReason,
    /// Nobody reads so much.
    #[error("the reason is longer than {MAX_REASON_CHARACTERS} characters")]
    LongReason,
    /// Somebody else was faster.
    #[error("the template is {now} now: somebody else decided meanwhile")]
    Changed {
        /// What it is now.
        now: TemplateStatus,
    },
    /// The text is gone.
    #[error("the template is not there any more")]
    Missing,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Registry {
    /// Decides about a text as it was looked at.
    pub(crate) async fn decide(
        &self,
        seen: &TemplateEntry,
        status: TemplateStatus,
        reason: &str,
        (actor, address): (Actor, Option<IpAddr>),
    ) -> Result<TemplateEntry, DecideError> {
        let reason = reason.trim();
        check(seen.status, status, reason)?;
        let decision = NewDecision {
            expected: seen.status,
            status,
            actor,
            address,
            reason: reason.to_owned(),
        };
        let entry = match self.store.decide_template(seen.id, &decision).await? {
            Decided::Done(entry) => entry,
            Decided::Changed(entry) => return Err(DecideError::Changed { now: entry.status }),
            Decided::Missing => return Err(DecideError::Missing),
        };
        Ok(entry)
    }
}

fn check(from: TemplateStatus, to: TemplateStatus, reason: &str) -> Result<(), DecideError> {
    if !from.may_become(to) {
        return Err(DecideError::NotPossible { from, to });
    }
    let needs_reason = matches!(to, TemplateStatus::Rejected | TemplateStatus::Withdrawn);
    if needs_reason && reason.is_empty() {
        return Err(DecideError::NoReason);
    }
    if reason.chars().count() > MAX_REASON_CHARACTERS {
        return Err(DecideError::LongReason);
    }
    Ok(())
}
