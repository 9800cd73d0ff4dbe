//! Handing a template in, for service providers.

use askama::Template;

use super::filters;
use super::shell::{Problem, Shell};

/// The form in which a service provider hands a template in.
#[derive(Clone, Debug, Template)]
#[template(path = "submit_template.html")]
pub struct SubmitTemplatePage {
    /// What stands around it.
    pub shell: Shell,
    /// Where the form is posted.
    pub action: String,
    /// The template's text.
    pub json: String,
    /// How to reach whoever hands it in.
    pub contact: String,
    /// What is wrong with what was posted.
    pub problems: Vec<Problem>,
}

impl SubmitTemplatePage {
    fn is_problem(&self, field: &str) -> bool {
        self.problems.iter().any(|problem| problem.field == field)
    }
}

#[cfg(test)]
impl SubmitTemplatePage {
    pub(crate) fn sample() -> Self {
        Self {
            shell: Shell::sample_signed_out(),
            action: super::paths::SUBMIT_TEMPLATE.to_owned(),
            json: String::new(),
            contact: String::new(),
            problems: Vec::new(),
        }
    }

    pub(crate) fn sample_problem() -> Self {
        Self {
            json: "{\"providerId\": \"harbour.example\"".to_owned(),
            contact: "dev@harbour.example".to_owned(),
            problems: vec![Problem {
                field: "json",
                message:
                    "The template cannot be read: EOF while parsing an object at line 1 column 32."
                        .to_owned(),
            }],
            ..Self::sample()
        }
    }
}
