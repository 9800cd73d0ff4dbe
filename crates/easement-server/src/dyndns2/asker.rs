//! From where a request of an old protocol comes.

use std::net::IpAddr;

use axum::extract::Request;

use crate::config::Network;
use crate::http::{address_of, source_of};

/// From where a request comes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asker {
    /// For limits and notes: of the nearest proxy, when that names nobody.
    pub(super) address: IpAddr,
    /// For records: nothing, when a proxy in between does not say it.
    pub(super) source: Option<IpAddr>,
}

impl Asker {
    pub(super) fn of(request: &Request, trusted_proxies: &[Network]) -> Self {
        Self {
            address: address_of(request, trusted_proxies),
            source: source_of(request, trusted_proxies),
        }
    }
}
