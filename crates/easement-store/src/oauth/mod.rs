//! OAuth: clients that operators registered, what owners granted to them, and the codes and tokens of that.
//!
//! What becomes of a code or a refresh token is decided by [`TokenRequest::decide`](easement_core::TokenRequest),
//! in a transaction that locks the grant, so one of several that show it at once wins. Whatever ends a grant, or
//! keeps its client from acting, begins the next epoch of rights.

mod clients;
mod forget;
mod grants;
mod listing;
mod narrow;
mod role_lost;
mod rows;
mod tokens;

pub use self::clients::CreateClientError;
pub(crate) use self::forget::{Gone, keep_client_names};
pub use self::grants::{CreateGrantError, GrantEntry, NewGrant};
pub use self::listing::{GrantCursor, ListedGrant};
pub use self::narrow::NarrowGrantError;
pub(crate) use self::role_lost::end_grants_of_role;
pub(crate) use self::rows::is_known_client_kind;
pub use self::tokens::{FoundOAuthToken, FreshTokens, Redeemed};
