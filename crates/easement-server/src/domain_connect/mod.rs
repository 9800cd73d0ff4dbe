//! Domain Connect over HTTP: discovery, the synchronous flow and the asynchronous flow.
//!
//! **What it is for.** One file an endpoint: `settings`, `template_query`, `sync_apply`, `async_grant`, `template_call`.
//! What they share: the checked request (`apply_request`) or link (`grant_link`), the look-up of signing keys
//! (`key_lookup`), and the way from the library's plan to a commit (`zone_plan`).
//!
//! **What it is not for.** What a template means: that is the crate `domain-connect`.

mod api_error;
mod apply_consent;
mod apply_refusal;
mod apply_request;
pub(crate) mod async_grant;
mod call_error;
mod call_limit;
mod discovery_layer;
mod grant_consent;
mod grant_link;
mod grant_places;
mod key_lookup;
pub(crate) mod paths;
pub(crate) mod settings;
pub(crate) mod sync_apply;
pub(crate) mod template_call;
pub(crate) mod template_query;
pub(crate) mod way_back;
pub(crate) mod zone_plan;

pub(crate) use self::call_limit::CallLimit;
pub(crate) use self::discovery_layer::{discovery_limit, open_to_browsers};
pub(crate) use self::grant_places::GrantPlans;
pub(crate) use self::key_lookup::{KeyLookup, KeyLookupCounts, KeyLookupError};
pub(crate) use self::zone_plan::is_overtaken;
