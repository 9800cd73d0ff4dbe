//! The templates of this server, from a file to an offer: taken in, judged, decided about.
//!
//! **What it is for.** What the command line, the pages, the schedule and service providers do with
//! templates is the same here: [`Registry`] holds what they need.
//!
//! **What it is not for.** Rules: `domain_connect::vetting` and `domain_connect::lint` judge.

mod control;
mod decide;
mod folder;
mod intake;
mod policy;
mod review;
pub(crate) mod schedule;
mod submit;
mod support;

use std::sync::Arc;

use domain_connect::vetting::ApprovalPolicy;
use easement_core::{Clock, Random};
use easement_store::Store;

pub(crate) use self::control::ControlError;
pub(crate) use self::decide::DecideError;
pub use self::folder::{FolderContents, read_folder};
pub use self::intake::{RefusedFile, TemplateSummary};
pub(crate) use self::intake::{Strictness, Withdrawals};
pub use self::policy::PolicyError;
pub(crate) use self::policy::approval_policy;
pub(crate) use self::review::line;
#[cfg(test)]
pub(crate) use self::review::sample_review;
pub use self::review::{ControlLine, DecisionLine, FindingLine, StatementLine, TemplateReview};
pub(crate) use self::submit::SubmitError;
pub(crate) use self::support::{application_policy, unsupported_words};
use easement_outbound::dns::Resolver;

/// What is needed to take templates in and to decide about them.
#[derive(Clone)]
pub(crate) struct Registry {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) resolver: Resolver,
    pub(crate) policy: Arc<ApprovalPolicy>,
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
