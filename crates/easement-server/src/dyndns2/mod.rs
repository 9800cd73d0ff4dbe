//! DynDNS2 and its relatives: what routers and old clients speak.

pub(crate) mod afraid;
mod asker;
pub(crate) mod check_address;
mod credentials;
pub(crate) mod duckdns;
pub(crate) mod nic_update;
mod plain;
