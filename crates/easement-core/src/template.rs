//! Templates as this server keeps them: vetted before they are offered.

use std::fmt;
use std::time::Duration;

use domain_connect::{ProviderId, ServiceId};
use easement_zone::{Name, NameError};
use serde::{Deserialize, Serialize};

use crate::{Actor, EmailAddress, TemplateId, Timestamp};

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

/// Something that was decided about a text of a template.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TemplateDecision {
    /// The text.
    pub template: TemplateId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The address of the account, when it is there still.
    pub actor_email: Option<EmailAddress>,
    /// What the text became.
    pub status: TemplateStatus,
    /// Why; may be empty for an approval.
    pub reason: String,
}

/// The longest reason of a decision, in characters.
pub const MAX_REASON_CHARACTERS: usize = 2000;

/// A zone in which a template is applied.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TemplateUse {
    /// The zone.
    pub apex: Name,
    /// The host.
    pub host: String,
}

/// How control of a domain with signing keys is proven: its owner publishes a challenge in a `TXT` record.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct KeyControl {
    /// The domain.
    pub domain: Name,
    /// What must be published.
    pub challenge: String,
    /// When it was last seen there.
    pub proven_at: Option<Timestamp>,
}

impl KeyControl {
    /// The label below the domain at which the challenge is published.
    pub const LABEL: &str = "_easement-proof";
    /// For how long a proof counts.
    pub const LASTS: Duration = Duration::from_hours(24 * 400);

    /// Where the challenge is published.
    ///
    /// ```
    /// use easement_core::KeyControl;
    ///
    /// let control = KeyControl {
    ///     domain: "p.example".parse()?,
    ///     challenge: "abc".to_owned(),
    ///     proven_at: None,
    /// };
    /// assert_eq!(control.name()?.to_text(), "_easement-proof.p.example");
    /// assert_eq!(control.text(), "easement-proof=abc");
    /// assert!(control.is_in(&["v=spf1 -all".to_owned(), "easement-proof=abc".to_owned()]));
    /// assert!(!control.is_in(&["easement-proof=abcd".to_owned()]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn name(&self) -> Result<Name, NameError> {
        self.domain.child(Self::LABEL)
    }

    /// The text of the record.
    pub fn text(&self) -> String {
        format!("easement-proof={}", self.challenge)
    }

    /// Whether one of these texts is it.
    pub fn is_in(&self, texts: &[String]) -> bool {
        let wanted = self.text();
        texts.iter().any(|text| text.trim() == wanted)
    }

    /// Whether it was proven, and not too long ago.
    pub fn is_proven(&self, now: Timestamp) -> bool {
        self.proven_at
            .is_some_and(|proven| now.since(proven) < Self::LASTS)
    }
}

/// A template that a service provider handed in.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct TemplateSubmission {
    /// The text.
    pub template: TemplateId,
    /// How to reach whoever handed it in.
    pub contact: EmailAddress,
    /// When.
    pub submitted_at: Timestamp,
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
    /// It was offered until an operator took it back. Services that were applied stay as they are.
    Withdrawn,
}

impl TemplateStatus {
    /// The word for it, in storage and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Superseded => "superseded",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The status with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        [
            Self::Pending,
            Self::Approved,
            Self::Superseded,
            Self::Rejected,
            Self::Withdrawn,
        ]
        .into_iter()
        .find(|status| status.as_str() == word)
    }

    /// Whether a decision may turn this into that. Only what is offered can be withdrawn; what was never
    /// offered is rejected; everything else can be offered again, or be looked at anew.
    ///
    /// ```
    /// use easement_core::TemplateStatus::{Approved, Pending, Rejected, Superseded, Withdrawn};
    ///
    /// assert!(Pending.may_become(Approved) && Pending.may_become(Rejected));
    /// assert!(Approved.may_become(Withdrawn) && !Approved.may_become(Rejected));
    /// assert!(Withdrawn.may_become(Approved) && !Pending.may_become(Withdrawn));
    /// assert!(!Approved.may_become(Superseded));
    /// ```
    pub fn may_become(self, next: Self) -> bool {
        match next {
            Self::Approved => self != Self::Approved,
            Self::Rejected => self == Self::Pending,
            Self::Withdrawn => self == Self::Approved,
            Self::Pending => matches!(self, Self::Superseded | Self::Rejected | Self::Withdrawn),
            // The approval of another text does it.
            Self::Superseded => false,
        }
    }
}

impl fmt::Display for TemplateStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
