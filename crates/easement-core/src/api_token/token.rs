//! A token as it is stored, and the tokens that it was made from.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use easement_zone::RecordType;
use serde::{Deserialize, Serialize};

use super::{PublicTokenId, TokenKind, TokenLimits, TtlRange};
use crate::{AccountId, ApiTokenId, Timestamp};

/// An API token, without its secret.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct ApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// The part of its text that is no secret: of its newest secret, when it has two for a while.
    pub public_id: PublicTokenId,
    /// Whose it is. It can do no more than its account.
    pub account: AccountId,
    /// The token that it was made from, when it was made with one.
    pub parent: Option<ApiTokenId>,
    /// For use, or for trying out.
    pub kind: TokenKind,
    /// What it is called.
    pub name: TokenName,
    /// What it may do.
    pub limits: TokenLimits,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
    /// When it was used last, to the minute, and from where.
    pub last_use: Option<(Timestamp, IpAddr)>,
}

/// A token, and the tokens that it was made from, nearest first. All of their limits hold.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenChain {
    token: ApiToken,
    ancestors: Vec<ApiToken>,
}

impl TokenChain {
    /// The most tokens in one chain.
    pub const MAX_LENGTH: usize = 8;

    /// A token and those that it was made from, nearest first.
    pub fn new(token: ApiToken, ancestors: Vec<ApiToken>) -> Self {
        Self { token, ancestors }
    }

    /// The token itself.
    pub fn token(&self) -> &ApiToken {
        &self.token
    }

    /// The token, then those that it was made from.
    pub fn iter(&self) -> impl Iterator<Item = &ApiToken> {
        std::iter::once(&self.token).chain(&self.ancestors)
    }

    /// The TTLs that all of them may set.
    pub fn ttl_range(&self) -> TtlRange {
        let ranges = self.limits().map(|limits| limits.ttl);
        ranges.fold(TtlRange::default(), |all, one| TtlRange {
            low: all.low.max(one.low),
            high: all.high.min(one.high),
        })
    }

    /// Whether all of them are for records of a type.
    pub fn is_for(&self, rtype: RecordType) -> bool {
        self.limits().all(|limits| limits.types.contains(&rtype))
    }

    /// The limits of each.
    pub fn limits(&self) -> impl Iterator<Item = &TokenLimits> {
        self.iter().map(|token| &token.limits)
    }
}

/// What a token is called: by its owner, for people.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct TokenName(String);

impl TokenName {
    /// The most characters.
    pub const MAX_CHARACTERS: usize = 80;

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TokenName {
    type Err = TokenNameError;

    fn from_str(text: &str) -> Result<Self, TokenNameError> {
        let text = text.trim();
        let characters = text.chars().count();
        let is_fine = (1..=Self::MAX_CHARACTERS).contains(&characters)
            && !text.contains(|one: char| one.is_control() || crate::account::is_invisible(one));
        if is_fine {
            Ok(Self(text.to_owned()))
        } else {
            Err(TokenNameError)
        }
    }
}

impl TryFrom<String> for TokenName {
    type Error = TokenNameError;

    fn try_from(text: String) -> Result<Self, TokenNameError> {
        text.parse()
    }
}

impl From<TokenName> for String {
    fn from(name: TokenName) -> Self {
        name.0
    }
}

impl fmt::Display for TokenName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A text that is no name for a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "the name of an API token has 1 to {} characters that can be seen, such as `Router at home`",
    TokenName::MAX_CHARACTERS
)]
pub struct TokenNameError;
