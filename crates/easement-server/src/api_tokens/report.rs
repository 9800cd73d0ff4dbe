//! What is said about tokens.

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
    /// The token that it was made from, when it was made from one.
    pub from: Option<PublicTokenId>,
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
    /// The most tokens that are listed.
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
    /// What was made from it, and from those, the newest first.
    #[serde(default)]
    pub children: Vec<TokenLine>,
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
