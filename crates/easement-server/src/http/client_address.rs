//! Who is asking, when reverse proxies stand between.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use http::HeaderMap;

use crate::config::Network;

/// The header in which each proxy adds the address that it was asked from.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The header in which a proxy says alone from where it was asked.
const REAL_IP: &str = "x-real-ip";

/// The address of whoever sent a request; of the nearest proxy that names nobody, when one does not. So it is
/// right for limits and logs, and wrong for records: see [`source_of`].
pub(crate) fn address_of(request: &Request, trusted_proxies: &[Network]) -> IpAddr {
    match client_address(peer_of(request), request.headers(), trusted_proxies) {
        Client::Known(address) | Client::Behind(address) => address,
    }
}

/// The address that a device has which sent this request; nothing, when a trusted proxy in between does not
/// say it.
pub(crate) fn source_of(request: &Request, trusted_proxies: &[Network]) -> Option<IpAddr> {
    match client_address(peer_of(request), request.headers(), trusted_proxies) {
        Client::Known(address) => Some(address),
        Client::Behind(_) => None,
    }
}

fn peer_of(request: &Request) -> SocketAddr {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.map_or(([0, 0, 0, 0], 0).into(), |ConnectInfo(peer)| *peer)
}

/// What is known of whoever sent a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Client {
    /// Its address.
    Known(IpAddr),
    /// It is behind this trusted proxy, which names nobody.
    Behind(IpAddr),
}

/// The address of the client: that of the connection, or, when that is a trusted proxy, the
/// right-most address in `X-Forwarded-For` that is not one. Without that header, `X-Real-IP` is believed.
///
/// Everything to the left of that was written by someone nobody vouches for.
fn client_address(peer: SocketAddr, headers: &HeaderMap, trusted_proxies: &[Network]) -> Client {
    let is_trusted = |address| {
        trusted_proxies
            .iter()
            .any(|network| network.contains(address))
    };
    let peer = peer.ip().to_canonical();
    if !is_trusted(peer) {
        return Client::Known(peer);
    }
    let lines: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .map(|line| line.to_str().unwrap_or_default())
        .collect();
    if lines.is_empty() {
        let mut named = headers.get_all(REAL_IP).iter();
        // Of two, one was written by whoever asked.
        let (first, second) = (named.next(), named.next());
        let address = first
            .filter(|_| second.is_none())
            .and_then(|line| parse_hop(line.to_str().ok()?.trim()));
        return address.map_or(Client::Behind(peer), Client::Known);
    }
    let hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
    let mut nearest = peer;
    for hop in hops {
        // A hop that is no address hides what is to its left: believe what was known before it.
        let Some(address) = parse_hop(hop.trim()) else {
            return Client::Behind(nearest);
        };
        nearest = address;
        if !is_trusted(address) {
            break;
        }
    }
    Client::Known(nearest)
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
    #[expect(clippy::too_many_lines, reason = "a table of cases")]
    fn only_trusted_proxies_are_believed() {
        let trusted: Vec<Network> = ["10.0.0.0/8", "2001:db8:1::/48"]
            .map(|network| network.parse().unwrap())
            .to_vec();
        let known = |address: &str| Client::Known(address.parse().unwrap());
        let behind = |address: &str| Client::Behind(address.parse().unwrap());
        let (of_many, of_one) = (FORWARDED_FOR, REAL_IP);
        for (peer, lines, client) in [
            (
                "192.0.2.1:5",
                &[(of_many, "203.0.113.9")][..],
                known("192.0.2.1"),
            ),
            (
                "192.0.2.1:5",
                &[(of_one, "203.0.113.9")],
                known("192.0.2.1"),
            ),
            ("10.0.0.1:5", &[], behind("10.0.0.1")),
            ("10.0.0.1:5", &[(of_many, "")], behind("10.0.0.1")),
            (
                "10.0.0.1:5",
                &[(of_many, "203.0.113.9")],
                known("203.0.113.9"),
            ),
            (
                "10.0.0.1:5",
                &[(of_many, "198.51.100.7, 203.0.113.9")],
                known("203.0.113.9"),
            ),
            (
                "10.0.0.1:5",
                &[
                    (of_many, "198.51.100.7"),
                    (of_many, "203.0.113.9, 10.2.2.2"),
                ],
                known("203.0.113.9"),
            ),
            (
                "10.0.0.1:5",
                &[(of_many, "203.0.113.9, nonsense")],
                behind("10.0.0.1"),
            ),
            (
                "10.0.0.1:5",
                &[(of_many, "nonsense, 10.2.2.2")],
                behind("10.2.2.2"),
            ),
            (
                "10.0.0.1:5",
                &[(of_many, "nonsense, 203.0.113.9")],
                known("203.0.113.9"),
            ),
            (
                "10.0.0.1:5",
                &[(of_many, "10.1.1.1, 10.2.2.2")],
                known("10.1.1.1"),
            ),
            (
                "[2001:db8:1::1]:5",
                &[(of_many, "[2001:db8:2::9]:443")],
                known("2001:db8:2::9"),
            ),
            (
                "[::ffff:10.0.0.1]:5",
                &[(of_many, "::ffff:203.0.113.9")],
                known("203.0.113.9"),
            ),
            (
                "10.0.0.1:5",
                &[(of_one, "203.0.113.9")],
                known("203.0.113.9"),
            ),
            ("10.0.0.1:5", &[(of_one, "nonsense")], behind("10.0.0.1")),
            (
                "10.0.0.1:5",
                &[(of_one, "203.0.113.9"), (of_one, "198.51.100.7")],
                behind("10.0.0.1"),
            ),
            (
                "10.0.0.1:5",
                &[(of_one, "198.51.100.7"), (of_many, "203.0.113.9")],
                known("203.0.113.9"),
            ),
        ] {
            let mut headers = HeaderMap::new();
            for (name, line) in lines {
                headers.append(*name, line.parse().unwrap());
            }
            let found = client_address(peer.parse().unwrap(), &headers, &trusted);
            assert_eq!(found, client, "{peer} {lines:?}");
        }
    }
}
