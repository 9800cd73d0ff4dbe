//! DynDNS2: what routers and old clients speak.

mod credentials;
pub(crate) mod nic_update;
