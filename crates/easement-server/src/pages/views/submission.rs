//! What became of a template that was handed in.

use askama::Template;
use easement_core::TemplateStatus;

use super::filters;
use super::shell::Shell;
use super::show::ShownTime;
use crate::templates::{ControlLine, FindingLine};

/// The page that only whoever handed a template in finds.
#[derive(Clone, Debug, Template)]
#[template(path = "submission.html")]
pub struct SubmissionPage {
    /// What stands around it.
    pub shell: Shell,
    /// The names of provider and service.
    pub title: String,
    /// The ids of provider and service.
    pub ids: String,
    /// What the text is now.
    pub status: TemplateStatus,
    /// Why, when somebody said.
    pub reason: String,
    /// When it was handed in.
    pub submitted: ShownTime,
    /// How to prove control of the key domain; nothing when there is no key.
    pub control: Option<ControlLine>,
    /// What the linter finds.
    pub findings: Vec<FindingLine>,
    /// Where the question about the proof is posted.
    pub control_action: String,
    /// What was found out just now.
    pub news: Option<String>,
}

impl SubmissionPage {
    /// What the status means, in a sentence.
    fn meaning(&self) -> &'static str {
        match self.status {
            TemplateStatus::Pending => "It waits for somebody to look at it.",
            TemplateStatus::Approved => "It is approved: people can apply it.",
            TemplateStatus::Superseded => "It was approved; another text took its place.",
            TemplateStatus::Rejected => "It was not accepted.",
            TemplateStatus::Withdrawn => "It was approved, and is not offered any more.",
        }
    }
}

#[cfg(test)]
impl SubmissionPage {
    pub(crate) fn sample() -> Self {
        let review = crate::templates::sample_review();
        Self {
            shell: Shell::sample_signed_out(),
            title: "Harbour: Sites".to_owned(),
            ids: "harbour.example/site".to_owned(),
            status: TemplateStatus::Rejected,
            reason: "Please name the address that is always the same in the template.".to_owned(),
            submitted: super::samples::time_ago(86_400),
            control: review.control,
            findings: review.findings,
            control_action: "/submissions/secret/control".to_owned(),
            news: None,
        }
    }
}
