//! What is allowed, and to whom.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;

use easement_core::Network;

/// The rates at which networks are answered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ResponseRates {
    /// How many answers of one kind to one network in a second. As many may come at once.
    pub per_second: NonZeroU32,
    /// Of the answers beyond the rate, one in this many is sent in short, without records: an honest
    /// client then asks again over TCP. With 0 none is, with 1 each.
    pub slip: u32,
    /// How many bits of an IPv4 address name its network.
    pub ipv4_bits: u32,
    /// How many bits of an IPv6 address name its network.
    pub ipv6_bits: u32,
    /// Networks without limits.
    pub exempt: Vec<Network>,
}

impl Default for ResponseRates {
    /// 200 answers a second to a /24 or /56, every second one beyond that shortened, and no limits for
    /// this very machine. `docs/dns.md` gives the reasons.
    fn default() -> Self {
        Self {
            per_second: const { NonZeroU32::new(200).unwrap() },
            slip: 2,
            ipv4_bits: 24,
            ipv6_bits: 56,
            exempt: vec![
                Network::new(Ipv4Addr::LOCALHOST.into(), 8),
                Network::new(Ipv6Addr::LOCALHOST.into(), 128),
            ],
        }
    }
}
