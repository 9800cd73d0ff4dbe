//! Everything about one template, for the operator who decides about it.

use askama::Template;
use easement_core::TemplateStatus;

use super::filters;
use super::shell::{HiddenField, Problem, Shell};
use super::show::ShownTime;
use crate::templates::TemplateReview;

/// The page of one template. Posts the hidden fields, a reason, and which button was pressed.
#[derive(Clone, Debug, Template)]
#[template(path = "template_review.html")]
pub struct TemplateReviewPage {
    /// What stands around it.
    pub shell: Shell,
    /// Everything about the template.
    pub review: TemplateReview,
    /// When it was imported.
    pub imported: ShownTime,
    /// What was decided.
    pub decisions: Vec<DecisionRow>,
    /// When control of the key domain was proven.
    pub proven: Option<ShownTime>,
    /// How the text differs from the approved one, a line each; nothing when no other text is approved.
    pub difference: Vec<DifferentLine>,
    /// The address of the list.
    pub list_href: String,
    /// The address of the playground with the newest text, when the tools are open to operators.
    pub playground_href: Option<String>,
    /// Where decisions are posted.
    pub action: String,
    /// Where the question about control of the key domain is posted.
    pub control_action: String,
    /// What forms carry: which text was shown, and its status.
    pub hidden: Vec<HiddenField>,
    /// What is wrong with what was posted.
    pub problems: Vec<Problem>,
    /// What was done just now.
    pub news: Option<String>,
    /// The reason that was typed.
    pub reason: String,
}

/// One decision.
#[derive(Clone, Debug)]
pub struct DecisionRow {
    /// When.
    pub at: ShownTime,
    /// Who.
    pub who: String,
    /// What the text became.
    pub status: TemplateStatus,
    /// Why.
    pub reason: String,
    /// Whether it was about this very text.
    pub is_this_text: bool,
}

/// A line of the difference of two texts.
#[derive(Clone, Debug)]
pub struct DifferentLine {
    /// `+`, `-` or a space.
    pub sign: char,
    /// The line.
    pub text: String,
}

impl DifferentLine {
    fn class(&self) -> &'static str {
        match self.sign {
            '+' => "new",
            '-' => "old",
            _ => "same",
        }
    }
}

impl TemplateReviewPage {
    fn may(&self, status: TemplateStatus) -> bool {
        self.review.line.status.may_become(status)
    }

    fn may_approve(&self) -> bool {
        self.may(TemplateStatus::Approved)
    }

    fn may_reject(&self) -> bool {
        self.may(TemplateStatus::Rejected)
    }

    fn may_withdraw(&self) -> bool {
        self.may(TemplateStatus::Withdrawn)
    }

    fn is_problem(&self, field: &str) -> bool {
        self.problems.iter().any(|problem| problem.field == field)
    }

    /// The address of the page about a check.
    fn code_href(code: &str) -> String {
        super::paths::LINT_CODE.replace("{code}", code)
    }

    /// The sign in front of a statement.
    fn sign(care: &str) -> &'static str {
        match care {
            "dangerous" => "‼",
            "unusual" => "!",
            _ => "·",
        }
    }
}

#[cfg(test)]
impl TemplateReviewPage {
    pub(crate) fn sample() -> Self {
        use super::samples::time_ago;
        use crate::templates::sample_review;
        let mut shell = Shell::sample().in_section(super::Section::Templates);
        if let Some(person) = &mut shell.person {
            person.standing = easement_core::Standing::Operator;
        }
        let line = |sign, text: &str| DifferentLine {
            sign,
            text: text.to_owned(),
        };
        Self {
            shell,
            review: sample_review(),
            imported: time_ago(3600),
            decisions: vec![DecisionRow {
                at: time_ago(86_400 * 30),
                who: "owner@example.test".to_owned(),
                status: TemplateStatus::Approved,
                reason: "fixed address, signed".to_owned(),
                is_this_text: false,
            }],
            proven: None,
            difference: vec![
                line(' ', "  \"records\": ["),
                line('-', "    {\"type\": \"A\", \"pointsTo\": \"192.0.2.9\"}"),
                line('+', "    {\"type\": \"A\", \"pointsTo\": \"%ip%\"}"),
                line(' ', "  ]"),
            ],
            list_href: super::paths::TEMPLATES.to_owned(),
            playground_href: Some("/tools/playground?template=harbour.example%2Fsite".to_owned()),
            action: "/templates/harbour.example/site".to_owned(),
            control_action: "/templates/harbour.example/site/control".to_owned(),
            hidden: vec![HiddenField {
                name: "text".to_owned(),
                value: "7".to_owned(),
            }],
            problems: Vec::new(),
            news: None,
            reason: String::new(),
        }
    }

    /// The first text of a template, which is different from none.
    pub(crate) fn sample_first() -> Self {
        let mut page = Self::sample();
        page.review.json =
            "{\n\t\"providerId\": \"fern.test\",\r\n\t\"records\": [\u{202e}]\n}\n".to_owned();
        page.difference = Vec::new();
        page
    }

    pub(crate) fn sample_problem() -> Self {
        Self {
            problems: vec![Problem {
                field: "reason",
                message: "Say why: the service provider and the next reviewer will want to know."
                    .to_owned(),
            }],
            ..Self::sample()
        }
    }
}
