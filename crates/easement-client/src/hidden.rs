//! Secrets that are stored, and not printed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A token or secret of ours at somebody else's. It can be stored, and is never printed.
///
/// ```
/// use easement_client::HiddenText;
///
/// let secret = HiddenText::new("s3cret");
/// assert_eq!(format!("{secret:?}"), "HiddenText(hidden)");
/// assert_eq!(secret.reveal(), "s3cret");
/// ```
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub struct HiddenText(String);

impl HiddenText {
    /// Takes a text as secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, to send it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for HiddenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HiddenText(hidden)")
    }
}
