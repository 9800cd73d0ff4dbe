//! Everything that a person sees in a browser: one file an address.
//!
//! **What it is for.** A handler takes a request apart, asks whether this person may, loads what it
//! needs, calls one pure function, saves, and fills a page of [`views`].
//!
//! **What it is not for.** Deciding, and HTML.
//!
//! **To add a page**, add its view, a file here, and a line to `router.rs`.

pub(crate) mod account;
pub(crate) mod account_data;
pub(crate) mod api_reference;
pub(crate) mod assets;
pub(crate) mod clients;
pub(crate) mod commit;
mod error;
pub(crate) mod fallback;
pub(crate) mod grants;
pub(crate) mod healthz;
pub(crate) mod home;
pub(crate) mod hosts;
pub(crate) mod people;
pub(crate) mod plan_digest;
mod problems;
pub(crate) mod service_remove;
pub(crate) mod sign_in;
pub(crate) mod sign_out;
pub(crate) mod submissions;
pub(crate) mod template_review;
pub(crate) mod templates;
pub(crate) mod tokens;
pub(crate) mod tools;
pub mod views;
pub(crate) mod webhooks;
pub(crate) mod welcome;
pub(crate) mod zone;
pub(crate) mod zone_access;
pub(crate) mod zones;

pub(crate) use self::error::{PageError, Trouble, show, show_last};
pub(crate) use self::tools::Workbench;
