//! What came of looking at one thing.

use std::fmt;

use easement_zone::Name;
use serde::{Serialize, Serializer};

use crate::config::ConfigError;

/// One thing that was looked at.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Check {
    /// The zone, when it is about one.
    #[serde(serialize_with = "zone_text")]
    pub zone: Option<Name>,
    /// What was looked at: `ports`, `clock`, `delegation` and so on.
    pub check: &'static str,
    /// How it is.
    pub outcome: Outcome,
    /// What was found, in plain words.
    pub found: String,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// How something is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it should be.
    Ok,
    /// It works, or could not be looked at; somebody should know.
    Warn,
    /// It does not work.
    Fail,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
        })
    }
}

impl Check {
    /// A configuration that cannot be read: nothing else can be looked at then.
    pub fn of_configuration(error: &ConfigError) -> Self {
        Self::fail(
            "configuration",
            error.to_string(),
            "correct it; `easement config default` prints every setting with its meaning",
        )
    }

    pub(super) fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self::new(check, Outcome::Ok, found.into(), None)
    }

    pub(super) fn warn(
        check: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::new(check, Outcome::Warn, found.into(), Some(remedy.into()))
    }

    pub(super) fn fail(
        check: &'static str,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::new(check, Outcome::Fail, found.into(), Some(remedy.into()))
    }

    fn new(check: &'static str, outcome: Outcome, found: String, remedy: Option<String>) -> Self {
        Self {
            zone: None,
            check,
            outcome,
            found,
            remedy,
        }
    }

    /// The same, about a zone.
    pub(super) fn of(mut self, zone: &Name) -> Self {
        self.zone = Some(zone.clone());
        self
    }
}

/// Names are shown without their final dot, as in all replies.
#[expect(clippy::ref_option, reason = "serde passes the field by reference")]
fn zone_text<S: Serializer>(zone: &Option<Name>, serializer: S) -> Result<S::Ok, S::Error> {
    zone.as_ref().map(Name::to_text).serialize(serializer)
}
