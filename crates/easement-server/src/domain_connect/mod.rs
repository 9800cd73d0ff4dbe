//! Domain Connect over HTTP: discovery and the synchronous flow.
//!
//! **What it is for.** One file an endpoint: `settings`, `template_query`, `sync_apply`. What they
//! share: the checked request (`apply_request`), the look-up of signing keys (`key_lookup`), and the
//! way from the library's plan to a commit (`zone_plan`).
//!
//! **What it is not for.** What a template means: that is the crate `domain-connect`.

mod api_error;
mod apply_consent;
mod apply_refusal;
mod apply_request;
mod discovery_layer;
mod key_lookup;
pub(crate) mod paths;
pub(crate) mod settings;
pub(crate) mod sync_apply;
pub(crate) mod template_query;
pub(crate) mod zone_plan;

pub(crate) use self::discovery_layer::{discovery_limit, open_to_browsers};
pub(crate) use self::key_lookup::{KeyLookup, KeyLookupCounts, KeyLookupError};
pub(crate) use self::zone_plan::is_overtaken;
