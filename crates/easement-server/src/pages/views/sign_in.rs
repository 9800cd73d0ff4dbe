//! Signing in.

use askama::Template;

use super::filters;
use super::paths;
use super::shell::Shell;
use super::words::Words;

/// The page to sign in. Posts `email`, `password` and `next`.
#[derive(Clone, Debug, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// What stands around it.
    pub shell: Shell,
    /// The address that was given already.
    pub email: String,
    /// Where to go afterwards: a path of this server, checked by whoever fills it in.
    pub next: Option<String>,
    /// Why one is asked to sign in, such as "to connect example.com to Fernmail".
    pub errand: Option<Words>,
    /// What happened before.
    pub state: SignInState,
}

/// What happened before the page is shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SignInState {
    /// Nothing.
    Fresh,
    /// Address and password did not fit.
    Failed,
    /// There were too many attempts.
    Throttled {
        /// How long to wait, such as "5 minutes".
        wait: String,
    },
    /// The person signed out.
    SignedOut,
    /// The session ended by itself.
    SessionEnded,
    /// A password was chosen by a one-time link.
    PasswordChosen,
    /// The account was deleted.
    AccountDeleted,
}

impl SignInPage {
    fn title(&self) -> &'static str {
        match self.state {
            SignInState::Failed | SignInState::Throttled { .. } => "Problem: sign in",
            SignInState::Fresh
            | SignInState::SignedOut
            | SignInState::SessionEnded
            | SignInState::PasswordChosen
            | SignInState::AccountDeleted => "Sign in",
        }
    }

    /// What is wrong, and what to do about it.
    fn problem(&self) -> Option<String> {
        match &self.state {
            SignInState::Failed => Some(
                "This e-mail address and password do not belong together. Check both for \
                 misspellings and try again."
                    .to_owned(),
            ),
            SignInState::Throttled { wait } => Some(format!(
                "There were too many attempts to sign in. Wait {wait}, then try again."
            )),
            SignInState::Fresh
            | SignInState::SignedOut
            | SignInState::SessionEnded
            | SignInState::PasswordChosen
            | SignInState::AccountDeleted => None,
        }
    }

    fn news(&self) -> Option<&'static str> {
        match self.state {
            SignInState::SignedOut => Some("You have signed out."),
            SignInState::SessionEnded => Some("Your session has ended. Sign in to go on."),
            SignInState::PasswordChosen => Some("Your password is set. Sign in with it now."),
            SignInState::AccountDeleted => Some("Your account was deleted."),
            SignInState::Fresh | SignInState::Failed | SignInState::Throttled { .. } => None,
        }
    }
}

#[cfg(test)]
impl SignInPage {
    pub(crate) fn sample() -> Self {
        Self {
            shell: Shell::sample_signed_out(),
            email: String::new(),
            next: None,
            errand: None,
            state: SignInState::Fresh,
        }
    }

    pub(crate) fn sample_failed() -> Self {
        Self {
            email: "owner@example.test".to_owned(),
            next: Some("/v2/domainTemplates/providers/fernmail.example/services/business/apply?domain=example.test&state=7".to_owned()),
            errand: Some(
                Words::new("to decide about connecting ")
                    .name("example.test")
                    .plain(" to ")
                    .strong("Fernmail"),
            ),
            state: SignInState::Failed,
            ..Self::sample()
        }
    }

    pub(crate) fn sample_throttled() -> Self {
        Self {
            state: SignInState::Throttled {
                wait: "5 minutes".to_owned(),
            },
            ..Self::sample_failed()
        }
    }
}
