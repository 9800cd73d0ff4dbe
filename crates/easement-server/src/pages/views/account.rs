//! The person's own account.

use askama::Template;
use easement_core::Password;

use super::filters;
use super::paths;
use super::shell::{Problem, Shell, problem_of};
use super::show::ShownTime;
use super::zone::Notice;

/// The account, with a form for another password: posts `current_password`, `new_password` and
/// `new_password_again`.
#[derive(Clone, Debug, Template)]
#[template(path = "account.html")]
pub struct AccountPage {
    /// What stands around it.
    pub shell: Shell,
    /// The address that the account signs in with.
    pub email: String,
    /// Such as "operator".
    pub standing: String,
    /// Since when it exists.
    pub since: ShownTime,
    /// Something that just happened.
    pub notice: Option<Notice>,
    /// What is wrong with what was posted before.
    pub problems: Vec<Problem>,
}

impl AccountPage {
    fn problem(&self, field: &str) -> Option<&str> {
        problem_of(&self.problems, field)
    }
}

#[cfg(test)]
impl AccountPage {
    pub(crate) fn sample() -> Self {
        Self {
            shell: Shell::sample().in_section(super::Section::Account),
            email: "owner@example.test".to_owned(),
            standing: "member".to_owned(),
            since: super::samples::time_ago(86_400 * 400),
            notice: Some(Notice {
                words: super::Words::new(
                    "Your password is changed. Everywhere else you were signed in, you are signed out now.",
                ),
            }),
            problems: Vec::new(),
        }
    }

    pub(crate) fn sample_problem() -> Self {
        Self {
            notice: None,
            problems: vec![Problem {
                field: "current_password",
                message: "This is not your current password: type the one you signed in with."
                    .to_owned(),
            }],
            ..Self::sample()
        }
    }
}
