//! What the library promises to whoever uses it.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod acme_dns;
mod address;
mod answers;
mod bulk;
mod described;
mod duckdns;
mod dyndns2;
mod hostname;
mod properties;
mod txt;
mod update;
mod webhook;
