//! API tokens: secrets that an account makes for a device or a program, and the limits of each.
//!
//! **What it is for.** One model for every protocol that a device speaks. A token has limits
//! ([`TokenLimits`]) that combine: a change must be within all of them, and within those of every token
//! that it was made from, so a holder can make a narrower token from its own and never a wider one.
//! Whether a token counts at this moment, from this address, is [`ApiToken::admit`]; what it may change is
//! [`TokenLimits::allow_change`], which the permit of a token asks for every change before it is stored.
//!
//! **What it is not for.** How a request carries a token, and how its secret is hashed.
//!
//! **To add a limit**, add a field to [`TokenLimits`], its part in `allow_change` or `admit`, its comparison
//! in [`TokenLimits::exceeds`], its words in `words.rs`, and how it is written in `written/`.

mod acme_dns;
mod admit;
mod limits;
mod name_limit;
mod narrow;
mod operations;
mod refused;
mod scope;
mod text;
mod token;
mod value_pattern;
mod words;
mod written;

pub use self::admit::TokenUse;
pub use self::limits::{
    LimitsError, RateRule, SecretInUrl, TokenLimits, TtlRange, UseBefore, WebhookRight,
};
pub use self::name_limit::{NameLimit, NameLimitError, NameReach};
pub use self::narrow::Excess;
pub use self::operations::{Operation, Operations, UnknownOperation};
pub use self::refused::TokenRefused;
pub use self::scope::{ScopesTooWide, TokenScope, UnknownScope};
pub use self::text::{ApiTokenText, NotAnApiToken, PublicTokenId, TokenKind};
pub use self::token::{ApiToken, TokenChain, TokenName, TokenNameError};
pub use self::value_pattern::{ValuePattern, ValuePatternError};
pub use self::written::{
    LimitFault, LimitField, LimitProblem, NotARate, NotASpan, NotATtlRange, NotAnEnd, TokenEnd,
    WrittenLimits, parse_span,
};
