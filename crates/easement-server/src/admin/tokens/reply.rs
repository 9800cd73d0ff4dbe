//! What is said about tokens.

use std::fmt;
use std::net::IpAddr;

use easement_core::{
    EmailAddress, Network, PublicTokenId, Timestamp, TokenKind, TokenLimits, TokenName,
};
use serde::{Deserialize, Serialize};

/// A token in short.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct TokenLine {
    /// The part of it that is no secret.
    pub id: PublicTokenId,
    /// What it is called.
    pub name: TokenName,
    /// Whose it is.
    pub account: EmailAddress,
    /// For use, or for trying out.
    pub kind: TokenKind,
    /// What it may do.
    pub limits: TokenLimits,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When and from where it was used last.
    pub last_use: Option<TokenUseLine>,
    /// Why it does not count any more; nothing when it does.
    pub ended: Option<String>,
}

impl TokenLine {
    /// The most tokens that are listed when no account is named.
    pub const MAX_LISTED: u32 = 10_000;
}

/// A use of a token.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct TokenUseLine {
    /// When, to the minute.
    pub at: Timestamp,
    /// From where.
    pub address: IpAddr,
}

/// A token with everything that is known about it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct TokenDetail {
    /// The token in short.
    #[serde(flatten)]
    pub line: TokenLine,
    /// What it may do, in words.
    pub words: Vec<String>,
    /// What it was made from, nearest first: their limits hold too.
    pub made_from: Vec<ParentLine>,
    /// The networks that it was used from, the latest first.
    pub networks: Vec<TokenNetworkLine>,
    /// What it was refused since it was last used well.
    pub refusals: Option<RefusalsLine>,
}

/// A token that another was made from.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ParentLine {
    /// The part of it that is no secret.
    pub id: PublicTokenId,
    /// What it is called.
    pub name: TokenName,
    /// What it may do, in words.
    pub words: Vec<String>,
}

/// A network that a token was used from.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct TokenNetworkLine {
    /// The network.
    pub network: Network,
    /// When it was used from there first.
    pub first_at: Timestamp,
    /// When it was used from there last.
    pub last_at: Timestamp,
}

/// What a token was refused in a row.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct RefusalsLine {
    /// How often.
    pub count: u64,
    /// When last.
    pub last_at: Timestamp,
    /// Why, the last time.
    pub reason: String,
}

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
    pub(super) fn new(text: String) -> Self {
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

/// Whether a token may do something.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct TokenAnswer {
    /// Whether it may.
    pub allowed: bool,
    /// Why not.
    pub reason: Option<String>,
    /// Whether it would change any record.
    pub changes: bool,
}
