//! The OAuth endpoints for programs: codes and refresh tokens become access tokens, and tokens are looked at and
//! given back.
//!
//! **What it is for.** One file an endpoint. What becomes of a request is decided in `easement-core`, and stored with
//! its decision by `easement-store`; here it is read, counted and answered.
//!
//! Apps that nobody registered are served by the same functions, at the addresses of `namedrop`.
//!
//! **What it is not for.** Asking owners, which is a page, and what is done with an access token.
//!
//! **To add an endpoint**, add its file, its line to `router.rs`, and its operation to `openapi/oauth.rs`.

mod app_form;
mod bearer;
mod call;
mod desk;
mod error;
mod introspect;
mod limits;
mod metadata;
pub(crate) mod paths;
mod revoke;
#[cfg(test)]
pub(crate) mod test_place;
#[cfg(test)]
mod tests;
mod token;

pub(crate) use self::app_form::{AppForm, has_secret};
pub(crate) use self::bearer::{Bearer, BearerRefused, NoGrantPermit};
pub use self::desk::ClientChange;
pub(crate) use self::desk::{ClientDesk, ClientKind, DeskError, MadeClient};
pub(crate) use self::error::{OAuthError, method_not_allowed};
pub(crate) use self::introspect::{Introspection, introspect, tell_about};
pub(crate) use self::limits::OAuthLimits;
pub(crate) use self::metadata::{Metadata, show_metadata};
pub(crate) use self::revoke::{Revoked, give_back, revoke};
pub(crate) use self::token::{TokenReply, give_token, not_stored, redeem};
