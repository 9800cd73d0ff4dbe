//! Templates as this server keeps them: vetted before they are offered.

use std::fmt;

use domain_connect::{ProviderId, ServiceId};
use serde::{Deserialize, Serialize};

use crate::{TemplateId, Timestamp};

/// A template that was imported.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct TemplateEntry {
    /// Its id.
    pub id: TemplateId,
    /// Whose it is.
    pub provider: ProviderId,
    /// Which of theirs.
    pub service: ServiceId,
    /// The version it says it has.
    pub version: u32,
    /// SHA-256 of its text, in hexadecimal digits.
    pub checksum: String,
    /// Its text.
    #[serde(skip)]
    pub json: String,
    /// Whether it may be offered.
    pub status: TemplateStatus,
    /// When it was imported.
    pub imported_at: Timestamp,
}

/// Whether a template may be offered.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TemplateStatus {
    /// Nobody has looked at it yet.
    Pending,
    /// An operator lets people apply it.
    Approved,
    /// It was approved until another text of the same template took its place.
    Superseded,
    /// An operator does not.
    Rejected,
}

impl TemplateStatus {
    /// The word for it, in storage and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Superseded => "superseded",
            Self::Rejected => "rejected",
        }
    }

    /// The status with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        [
            Self::Pending,
            Self::Approved,
            Self::Superseded,
            Self::Rejected,
        ]
        .into_iter()
        .find(|status| status.as_str() == word)
    }
}

impl fmt::Display for TemplateStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
