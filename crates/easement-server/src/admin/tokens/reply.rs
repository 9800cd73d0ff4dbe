//! What is said about tokens that were made or revoked.

use std::fmt;

use easement_core::{PublicTokenId, Timestamp, TokenName};
use serde::{Deserialize, Serialize};

use crate::api_tokens::TokenLine;

/// A token that was made, or has another secret.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct TokenMade {
    /// The token in short.
    #[serde(flatten)]
    pub line: TokenLine,
    /// The token itself: it is shown once.
    pub token: SecretToken,
    /// What it may do, in words.
    pub words: Vec<String>,
    /// What the account may not do now, so the token cannot either.
    pub warnings: Vec<String>,
    /// Where addresses are set with it, when it is for addresses.
    pub update_url: Option<String>,
    /// Until when the secret that it had counts, when it had one.
    pub earlier_until: Option<Timestamp>,
}

/// A token in plain text; shown to whoever asked for it, and not printed by accident.
#[derive(Clone, Deserialize, Serialize)]
#[serde(transparent)]
pub struct SecretToken(String);

impl SecretToken {
    pub(in crate::admin) fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, to show.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretToken(hidden)")
    }
}

/// A token that was revoked.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct TokenRevoked {
    /// The part of it that is no secret.
    pub id: PublicTokenId,
    /// What it is called.
    pub name: TokenName,
    /// Whether it was not revoked until now.
    pub counted: bool,
}
