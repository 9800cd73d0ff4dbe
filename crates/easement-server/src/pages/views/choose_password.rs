//! One-time links: making the first operator, choosing a password.

use askama::Template;
use easement_core::Password;

use super::filters;
use super::shell::{Problem, Shell, problem_of};

/// The page behind a one-time link. Posts `email` (for the first operator), `password` and
/// `password_again`.
#[derive(Clone, Debug, Template)]
#[template(path = "choose_password.html")]
pub struct ChoosePasswordPage {
    /// What stands around it.
    pub shell: Shell,
    /// What the link is for.
    pub reason: PasswordReason,
    /// The address of the account, or what was given for the first one.
    pub email: String,
    /// Where the form is posted: the address of the link.
    pub action: String,
    /// What is wrong with what was posted before.
    pub problems: Vec<Problem>,
}

/// What a one-time link is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PasswordReason {
    /// The server has no operator yet.
    FirstOperator,
    /// An account was made for someone.
    NewAccount,
    /// The password of an account is replaced.
    Forgotten,
}

impl ChoosePasswordPage {
    fn title(&self) -> &'static str {
        match self.reason {
            PasswordReason::FirstOperator => "Set up this server",
            PasswordReason::NewAccount => "Choose your password",
            PasswordReason::Forgotten => "Choose a new password",
        }
    }

    fn is_first_operator(&self) -> bool {
        self.reason == PasswordReason::FirstOperator
    }

    fn is_forgotten(&self) -> bool {
        self.reason == PasswordReason::Forgotten
    }

    fn problem(&self, field: &str) -> Option<&str> {
        problem_of(&self.problems, field)
    }
}

#[cfg(test)]
impl ChoosePasswordPage {
    pub(crate) fn sample() -> Self {
        Self {
            shell: Shell::sample_signed_out(),
            reason: PasswordReason::FirstOperator,
            email: String::new(),
            action: "/welcome/k3J9".to_owned(),
            problems: Vec::new(),
        }
    }

    pub(crate) fn sample_problem() -> Self {
        Self {
            reason: PasswordReason::NewAccount,
            email: "new@example.test".to_owned(),
            problems: vec![
                Problem {
                    field: "password",
                    message: "The password is too short: use at least 12 characters, for example three words.".to_owned(),
                },
                Problem {
                    field: "password_again",
                    message: "The two passwords differ: type the same one twice.".to_owned(),
                },
            ],
            ..Self::sample()
        }
    }
}
