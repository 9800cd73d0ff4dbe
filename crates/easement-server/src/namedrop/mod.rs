//! NameDrop over HTTP: apps that nobody registered get what owners gave them, and change records by their names.
//!
//! **What it is for.** One file an endpoint: `token`, `revoke`, `introspect`, `metadata`, `record_calls`, `token_data`.
//! What they share: who calls (`caller`), the way from a call to a commit (`carry_out`), and what is answered when
//! nothing was done (`call_failed`). The page that asks owners is in `authorize`, names for addresses are in `bootstrap`.
//!
//! **What it is not for.** What scopes open, and what a call would change: that is the crate `namedrop`. What becomes of
//! codes and tokens is decided in `easement-core`, as for every client of OAuth, and carried out by `oauth`.
//!
//! **To add an endpoint**, add its file, its path to `paths.rs`, its line to `router.rs`, and its operation to
//! `openapi/namedrop.rs`. An answer of whatever kind is open to pages of other origins (`open_to_apps`), and no cookie is
//! looked at; a page for people is not for that router.

pub(crate) mod authorize;
pub(crate) mod bootstrap;
mod call_failed;
mod caller;
mod carry_out;
mod introspect;
mod metadata;
mod nothing_here;
mod open_to_apps;
pub(crate) mod paths;
mod record_calls;
mod revoke;
#[cfg(test)]
mod tests;
mod token;
mod token_data;

pub(crate) use self::call_failed::RecordsError;
pub(crate) use self::introspect::introspect;
pub(crate) use self::metadata::{AppMetadata, show_metadata};
pub(crate) use self::nothing_here::{method_not_allowed, nothing_here};
pub(crate) use self::open_to_apps::{answer_ahead, open_to_apps};
pub(crate) use self::record_calls::{
    create_one_record, create_records, delete_records, get_records, set_records,
};
pub(crate) use self::revoke::revoke;
pub(crate) use self::token::give_token;
pub(crate) use self::token_data::show_token_data;
