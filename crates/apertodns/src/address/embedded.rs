//! IPv4 addresses that stand within IPv6 addresses.

use std::net::{IpAddr, Ipv4Addr};

/// The IPv4 addresses that an address of 6to4 (RFC 3056 section 2) or Teredo (RFC 4380 section 4) stands
/// for: that of the site, or those of the server and of the client.
pub(super) fn embedded(address: IpAddr) -> Vec<Ipv4Addr> {
    let IpAddr::V6(address) = address else {
        return Vec::new();
    };
    match address.segments() {
        [0x2002, high, low, ..] => vec![v4(high, low)],
        // The client's address stands there with all its bits turned.
        [0x2001, 0, server_high, server_low, _, _, high, low] => {
            vec![v4(server_high, server_low), v4(!high, !low)]
        }
        _ => Vec::new(),
    }
}

fn v4(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))
}
