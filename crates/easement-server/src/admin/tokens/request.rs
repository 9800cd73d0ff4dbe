//! What is asked about tokens.

use std::net::IpAddr;
use std::time::Duration;

use easement_core::{EmailAddress, PublicTokenId, Timestamp, TokenKind, TokenLimits, TokenName};
use easement_zone::{Name, RecordType, Ttl};
use serde::{Deserialize, Serialize};

/// Something about API tokens.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", tag = "about", deny_unknown_fields)]
pub enum TokenRequest {
    /// Make one.
    Create(Box<NewToken>),
    /// List those of an account, or all.
    List {
        /// Whose.
        account: Option<EmailAddress>,
    },
    /// Show everything about one.
    Show {
        /// Which.
        id: PublicTokenId,
    },
    /// End one, and with it those that were made from it.
    Revoke {
        /// Which.
        id: PublicTokenId,
    },
    /// Give one another secret.
    Rotate {
        /// Which.
        id: PublicTokenId,
        /// How long the secret that it had counts as well.
        overlap: Duration,
    },
    /// Say whether one may do something. Changes nothing.
    Ask(Box<TokenQuestion>),
}

/// A token that is to be made.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct NewToken {
    /// Whose; nothing means whose the token is that it is made from.
    pub account: Option<EmailAddress>,
    /// The token that it is made from.
    pub from: Option<PublicTokenId>,
    /// For use, or for trying out.
    pub kind: TokenKind,
    /// What it is called.
    pub name: TokenName,
    /// What it may do; its end is given by `end`.
    pub limits: TokenLimits,
    /// When it ends.
    pub end: Option<TokenEnd>,
}

/// When a token ends.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenEnd {
    /// So long after it was made.
    After(Duration),
    /// At this moment.
    At(Timestamp),
}

impl TokenEnd {
    pub(super) fn from(self, now: Timestamp) -> Timestamp {
        match self {
            Self::After(duration) => now.plus(duration),
            Self::At(moment) => moment,
        }
    }
}

/// Whether a token may do something.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct TokenQuestion {
    /// Which.
    pub id: PublicTokenId,
    /// Records at which name.
    pub name: Name,
    /// Of which type.
    pub rtype: RecordType,
    /// What it would do with them.
    pub wish: TokenWish,
    /// From where.
    pub address: Option<IpAddr>,
}

/// What a token would do.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenWish {
    /// Look at the records.
    Read,
    /// Make them these.
    Set {
        /// Their values, as zone files write them; a text may stand without quotation marks.
        values: Vec<String>,
        /// Their TTL; nothing means the one that is there, or that of a new record.
        ttl: Option<Ttl>,
    },
    /// Take them away.
    Delete,
}
