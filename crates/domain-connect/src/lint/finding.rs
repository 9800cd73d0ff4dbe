//! One thing that a linter found.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::{Code, Edit};
use crate::Place;

/// One thing to look at.
///
/// ```
/// use domain_connect::lint::{Edit, Finding, LintOptions, lint};
///
/// let text = r#"{"providerId": "p.example", "providerName": "P", "serviceId": "s",
///     "serviceName": "S", "version": 1, "syncBlock": true, "records": [
///     {"type": "TXT", "host": "@", "data": "x", "ttl": "600"}]}"#;
/// let report = lint(text, &LintOptions::default());
/// let finding: &Finding = report.findings.iter().find(|finding| !finding.fix.is_empty()).unwrap();
/// let edit: &Edit = &finding.fix[0];
/// assert_eq!(&text[edit.span.clone()], "\"600\"");
/// assert_eq!(edit.replacement, "600");
/// ```
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
///
/// ```
/// use domain_connect::lint::{Severity, UnknownSeverity};
///
/// assert!(Severity::Error > Severity::Info);
/// assert_eq!("warning".parse(), Ok(Severity::Warning));
/// assert_eq!(Severity::Warning.as_str(), "warning");
/// let error: UnknownSeverity = "fatal".parse::<Severity>().unwrap_err();
/// assert_eq!(error.to_string(), "`fatal` is not a severity: write info, warning or error");
/// ```
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
