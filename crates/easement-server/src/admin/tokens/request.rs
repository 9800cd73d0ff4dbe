//! What is asked about tokens.

use std::time::Duration;

use easement_core::{EmailAddress, PublicTokenId, TokenEnd, TokenKind, TokenLimits, TokenName};
use serde::{Deserialize, Serialize};

use crate::api_tokens::TokenQuestion;

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
