//! The asynchronous flow: a person agrees once, and templates are applied later, without them.
//!
//! The way is: [`ProviderCredentials`] from a store of one's own, [`ConsentRequest::begin`], the person's consent,
//! [`PendingConsent::read_return`], [`Client::exchange_code`], and then, for each change, [`Client::refresh_if_due`] and
//! [`Client::apply`] or [`Client::revert`]; at last [`Client::revoke`].
//!
//! **A secret or token is never sent to a URL that was discovered.** Anybody can publish a record for their own domain
//! that leads to their own server, and would be sent the secret (Domain Connect 2.3, "OAuth Flow: Requesting an Access
//! Token"). Secrets go where the caller registered, and tokens to where they came from.

mod call;
mod consent;
mod credentials;
mod exchange;
mod metadata;
mod tokens;

pub use self::call::{CallFailure, ConflictRule, TemplateChange, Unapplied};
pub use self::consent::{AuthorizationCode, ConsentError, ConsentRequest, PendingConsent};
pub(crate) use self::consent::{challenge, read_pasted, read_return, secret_text};
pub use self::credentials::{CredentialsError, ProviderCredentials};
pub(crate) use self::exchange::{Issued, read_issued};
pub use self::exchange::{RefreshError, TokenError};
pub use self::metadata::RevokeError;
pub(crate) use self::metadata::revocation_of;
pub use self::tokens::Tokens;
#[cfg(doc)]
use crate::Client;
