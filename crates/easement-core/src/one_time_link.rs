//! Links that let their holder do one thing once.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{AccountId, SecretHash, Timestamp};

/// A link that works once and for a while.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OneTimeLink {
    /// The hash of the secret in the link.
    pub secret: SecretHash,
    /// What it is for.
    pub purpose: OneTimePurpose,
    /// When it stops working.
    pub expires_at: Timestamp,
}

/// What a one-time link is for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "account")]
pub enum OneTimePurpose {
    /// To make the first operator, on a server that has none.
    FirstOperator,
    /// To choose the password of an account that was made for someone.
    ChoosePassword(AccountId),
    /// To choose another password in place of one that was forgotten.
    ReplacePassword(AccountId),
}

impl OneTimePurpose {
    /// How long such a link works.
    pub fn lifetime(self) -> Duration {
        match self {
            Self::FirstOperator | Self::ReplacePassword(_) => Duration::from_hours(24),
            Self::ChoosePassword(_) => Duration::from_hours(24 * 7),
        }
    }
}
