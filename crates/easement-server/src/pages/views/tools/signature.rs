//! The signature debugger's page.

use askama::Template;
use domain_connect::{Check, Explanation, StepOutcome};
use easement_zone::Name;

use crate::pages::views::{Problem, Shell, ShownName, filters, paths};

/// A form for a link, and what came of checking its signature.
#[derive(Clone, Debug, Template)]
#[template(path = "signature.html")]
pub struct SignaturePage {
    /// What stands around it.
    pub shell: Shell,
    /// The link.
    pub link: String,
    /// `providerId/serviceId`.
    pub template: String,
    /// The domain that the key is below.
    pub key_domain: String,
    /// What is wrong with the form.
    pub problems: Vec<Problem>,
    /// How the check went.
    pub answer: Option<SignatureAnswer>,
}

/// How the check of a signature went.
#[derive(Clone, Debug)]
pub struct SignatureAnswer {
    /// Whether it is valid.
    pub is_valid: bool,
    /// The domain that the key was looked for below.
    pub domain: ShownName,
    /// What the sender probably did wrong.
    pub mistake: Option<String>,
    /// The steps.
    pub steps: Vec<StepRow>,
}

/// One step.
#[derive(Clone, Debug)]
pub struct StepRow {
    /// The question.
    pub title: &'static str,
    /// Its answer.
    pub outcome: StepOutcome,
    /// What was found.
    pub detail: String,
    /// Whether that is a text to compare character by character.
    pub is_text: bool,
}

impl SignatureAnswer {
    /// Shows an explanation.
    pub fn new(domain: &Name, explanation: &Explanation) -> Self {
        Self {
            is_valid: explanation.is_valid(),
            domain: ShownName::new(domain),
            mistake: explanation.mistake.as_ref().map(ToString::to_string),
            steps: explanation
                .steps
                .iter()
                .map(|step| StepRow {
                    title: step.check.title(),
                    outcome: step.outcome,
                    detail: step.detail.clone(),
                    is_text: step.check == Check::SignedData,
                })
                .collect(),
        }
    }
}

impl StepRow {
    /// The class of the row.
    pub fn class(&self) -> &'static str {
        match self.outcome {
            StepOutcome::Passed => "begins",
            StepOutcome::Failed => "ends",
            StepOutcome::NotReached => "changes",
        }
    }

    /// A symbol for the eye.
    pub fn symbol(&self) -> &'static str {
        match self.outcome {
            StepOutcome::Passed => "✓",
            StepOutcome::Failed => "×",
            StepOutcome::NotReached => "–",
        }
    }

    /// The answer in a word.
    pub fn word(&self) -> &'static str {
        match self.outcome {
            StepOutcome::Passed => "Passed",
            StepOutcome::Failed => "Failed",
            StepOutcome::NotReached => "Not reached",
        }
    }
}

#[cfg(test)]
impl SignaturePage {
    pub(crate) fn sample() -> Self {
        Self {
            shell: super::ToolsPage::sample().shell,
            link: String::new(),
            template: String::new(),
            key_domain: String::new(),
            problems: vec![Problem {
                field: "link",
                message: "Paste one whole link, of at most 16 KiB.".to_owned(),
            }],
            answer: None,
        }
    }

    pub(crate) fn sample_failed() -> Self {
        use domain_connect::{SignatureQuestion, WeakKeys};
        let link = "https://dns.example/apply?domain=example.com&x=<b>\u{202e}&sig=AAAA&key=_dck1";
        let domain: Name = "p.example".parse().unwrap();
        let question = SignatureQuestion::new(link, &domain);
        let explanation = question.explain(&[], &[], WeakKeys::Refuse);
        Self {
            link: "https://dns.example/apply?domain=example.com&sig=AAAA&key=_dck1".to_owned(),
            key_domain: "p.example".to_owned(),
            problems: Vec::new(),
            answer: Some(SignatureAnswer::new(&domain, &explanation)),
            ..Self::sample()
        }
    }
}
