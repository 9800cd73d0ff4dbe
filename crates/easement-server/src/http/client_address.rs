//! Who is asking, when reverse proxies stand between.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use http::HeaderMap;

use crate::config::Network;

/// The header in which each proxy adds the address that it was asked from.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address of whoever sent a request.
pub(crate) fn address_of(request: &Request, trusted_proxies: &[Network]) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(([0, 0, 0, 0], 0).into(), |ConnectInfo(peer)| *peer);
    client_address(peer, request.headers(), trusted_proxies)
}

/// The address of the client: that of the connection, or, when that is a trusted proxy, the
/// right-most address in `X-Forwarded-For` that is not one.
///
/// Everything to the left of that was written by someone nobody vouches for.
fn client_address(peer: SocketAddr, headers: &HeaderMap, trusted_proxies: &[Network]) -> IpAddr {
    let is_trusted = |address| {
        trusted_proxies
            .iter()
            .any(|network| network.contains(address))
    };
    let peer = peer.ip().to_canonical();
    if !is_trusted(peer) {
        return peer;
    }
    let lines: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .map(|line| line.to_str().unwrap_or_default())
        .collect();
    let hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
    let mut nearest = peer;
    for hop in hops {
        // A hop that is no address hides what is to its left: believe what was known before it.
        let Some(address) = parse_hop(hop.trim()) else {
            return nearest;
        };
        nearest = address;
        if !is_trusted(address) {
            return address;
        }
    }
    nearest
}

/// An address, as proxies write it: alone, in brackets, or with a port.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let bare = hop
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(hop)
        .parse()
        .ok()
        .or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let trusted: Vec<Network> = ["10.0.0.0/8", "2001:db8:1::/48"]
            .map(|network| network.parse().unwrap())
            .to_vec();
        for (peer, lines, client) in [
            ("192.0.2.1:5", &["203.0.113.9"][..], "192.0.2.1"),
            ("10.0.0.1:5", &[], "10.0.0.1"),
            ("10.0.0.1:5", &["203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1:5", &["198.51.100.7, 203.0.113.9"], "203.0.113.9"),
            (
                "10.0.0.1:5",
                &["198.51.100.7", "203.0.113.9, 10.2.2.2"],
                "203.0.113.9",
            ),
            ("10.0.0.1:5", &["203.0.113.9, nonsense"], "10.0.0.1"),
            ("10.0.0.1:5", &["nonsense, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1:5", &["10.1.1.1, 10.2.2.2"], "10.1.1.1"),
            (
                "[2001:db8:1::1]:5",
                &["[2001:db8:2::9]:443"],
                "2001:db8:2::9",
            ),
            (
                "[::ffff:10.0.0.1]:5",
                &["::ffff:203.0.113.9"],
                "203.0.113.9",
            ),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, line.parse().unwrap());
            }
            let address = client_address(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(address.to_string(), client, "{peer} {lines:?}");
        }
    }
}
