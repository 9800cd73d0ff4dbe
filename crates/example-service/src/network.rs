//! Where a request comes from, and how often one network may ask.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request};
use easement_core::{Network, RateLimit, Timestamp, throttled_address};
use http::HeaderMap;

/// The header in which each proxy adds the address that it was asked from.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of whoever sent a request.
pub(crate) fn address_of(request: &Request, trusted_proxies: &[Network]) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or([0, 0, 0, 0].into(), |ConnectInfo(peer)| peer.ip());
    client_address(peer, request.headers(), trusted_proxies)
}

/// The address of the connection, or, when that is a trusted proxy, the right-most address in `X-Forwarded-For` that
/// is not one: everything to the left of it was written by someone nobody vouches for.
fn client_address(peer: IpAddr, headers: &HeaderMap, trusted_proxies: &[Network]) -> IpAddr {
    let is_trusted = |address| trusted_proxies.iter().any(|proxy| proxy.contains(address));
    let mut address = peer.to_canonical();
    let values: Vec<_> = headers.get_all(FORWARDED_FOR).iter().collect();
    let named = values
        .iter()
        .rev()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.rsplit(','));
    for text in named {
        if !is_trusted(address) {
            break;
        }
        let Ok(next) = text.trim().parse::<IpAddr>() else {
            break;
        };
        address = next.to_canonical();
    }
    address
}

/// Counts what each network does in a window of time.
#[derive(Debug)]
pub(crate) struct NetworkLimit(Mutex<RateLimit<IpAddr>>);

impl NetworkLimit {
    /// So many times in each window.
    pub(crate) fn new(most: u32, window: Duration) -> Self {
        Self(Mutex::new(RateLimit::new(most, window)))
    }

    /// Counts one time; or says how long to wait.
    pub(crate) fn take(&self, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        // Nothing panics while it is held; if something did, the numbers are still whole.
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.take(throttled_address(address), now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn only_what_trusted_proxies_vouch_for_counts() {
        let proxies: Vec<Network> = vec!["192.0.2.0/24".parse().unwrap()];
        for (peer, forwarded, expected) in [
            ("198.51.100.1", "203.0.113.9", "198.51.100.1"),
            ("192.0.2.1", "203.0.113.9", "203.0.113.9"),
            ("192.0.2.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
            ("192.0.2.1", "203.0.113.9, 192.0.2.2", "203.0.113.9"),
            ("192.0.2.1", "nonsense", "192.0.2.1"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(FORWARDED_FOR, HeaderValue::from_static(forwarded));
            let address = client_address(peer.parse().unwrap(), &headers, &proxies);
            assert_eq!(
                address,
                expected.parse::<IpAddr>().unwrap(),
                "{peer} {forwarded}"
            );
        }
    }
}
