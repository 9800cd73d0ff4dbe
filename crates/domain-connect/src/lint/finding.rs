//! One thing that a linter found.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::{Code, Edit};
use crate::Place;

/// One thing to look at.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// Which check found it.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// What is wrong, with the value.
    pub message: String,
    /// What to do about it here, when there is more to say than the code's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// What mends it without changing what the template does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fix: Vec<Edit>,
}

/// How much a finding matters.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A reviewer will ask about it.
    Warning,
    /// It cannot work as it is meant.
    Error,
}

impl Severity {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = UnknownSeverity;

    fn from_str(text: &str) -> Result<Self, UnknownSeverity> {
        [Self::Info, Self::Warning, Self::Error]
            .into_iter()
            .find(|severity| severity.as_str() == text)
            .ok_or_else(|| UnknownSeverity {
                text: text.chars().take(80).collect(),
            })
    }
}

/// A text that is no severity.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is not a severity: write info, warning or error")]
pub struct UnknownSeverity {
    /// The text.
    pub text: String,
}
