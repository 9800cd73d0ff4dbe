//! Why a request was not carried out, as the command line hears it.

use std::error::Error;

use easement_store::{CreateAccountError, StoreError};
use serde::{Deserialize, Serialize};

use crate::accounts::HashError;
use crate::accounts::links::LinkMakingError;
use crate::app::StartError;
use crate::aside::AsideError;

/// A failure with what to do next.
#[derive(Clone, Debug, Deserialize, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct AdminFailure {
    /// What kind it is; decides the exit code.
    pub kind: FailureKind,
    /// What failed, with which value.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl AdminFailure {
    /// A failure without a hint.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
        }
    }

    /// Says what to do.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// The kinds of failures.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// What was given is not valid.
    Invalid,
    /// What was named is not there.
    NotFound,
    /// It is there already, or has changed meanwhile.
    Conflict,
    /// The store or the machine failed.
    Internal,
}

impl From<AsideError> for AdminFailure {
    fn from(error: AsideError) -> Self {
        Self::new(FailureKind::Internal, error.to_string())
    }
}

impl From<StoreError> for AdminFailure {
    fn from(error: StoreError) -> Self {
        Self::new(FailureKind::Internal, with_causes(&error))
    }
}

impl From<CreateAccountError> for AdminFailure {
    fn from(error: CreateAccountError) -> Self {
        match error {
            CreateAccountError::Exists(exists) => {
                Self::new(FailureKind::Conflict, exists.to_string()).with_hint(
                    "a lost link or password: easement account password-link makes a new link",
                )
            }
            CreateAccountError::Store(error) => error.into(),
        }
    }
}

impl From<HashError> for AdminFailure {
    fn from(error: HashError) -> Self {
        Self::new(FailureKind::Internal, error.to_string())
    }
}

impl From<LinkMakingError> for AdminFailure {
    fn from(error: LinkMakingError) -> Self {
        match error {
            LinkMakingError::NoSecret(error) => Self::new(FailureKind::Internal, error.to_string()),
            LinkMakingError::Store(error) => error.into(),
        }
    }
}

impl From<StartError> for AdminFailure {
    fn from(error: StartError) -> Self {
        Self::new(FailureKind::Internal, with_causes(&error))
    }
}

/// What an error says, and each cause after it that says something else.
fn with_causes(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !message.ends_with(&words) {
            message.extend([": ", words.as_str()]);
        }
        cause = inner.source();
    }
    message
}
