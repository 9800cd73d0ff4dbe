//! Response-rate limiting: how many answers over UDP a network gets in a second.
//!
//! **What it is for.** Whoever forges the address of a victim can have a name server flood it with
//! answers. So answers to one network are counted by what they say, and beyond a rate they are left
//! out or shortened. Honest resolvers have caches: they do not ask the same so often.
//!
//! **What it is not for.** TCP, and clients with a valid cookie: their addresses are not forged.
//!
//! `allowance` decides, as a pure function of a count and the time. `table` keeps the counts of all
//! networks in a fixed room, for all threads, without locks.

mod allowance;
mod table;

use std::hash::Hasher as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use easement_core::{Network, Timestamp};
use siphasher::sip::SipHasher13;

use self::allowance::{Rate, ticks};
use self::table::Table;

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

/// What happens to an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Verdict {
    /// It goes as it is.
    Send,
    /// Only a word of it goes.
    Shorten,
    /// It does not go.
    Drop,
}

//------------ RateLimiter -----------------------------------------------------------------------

/// Counts the answers to each network, for all threads.
#[derive(Debug)]
pub struct RateLimiter {
    rates: ResponseRates,
    rate: Rate,
    table: Table,
    /// Unknown to clients, so that nobody can make up networks or names that share a count.
    key: [u8; RateLimiter::KEY_OCTETS],
    limited: AtomicU32,
}

impl RateLimiter {
    /// The octets of the key.
    pub const KEY_OCTETS: usize = 16;

    /// Nothing is counted yet. The key is random.
    pub fn new(rates: ResponseRates, key: [u8; Self::KEY_OCTETS]) -> Self {
        Self {
            rate: Rate::per_second(rates.per_second),
            rates,
            table: Table::new(),
            key,
            limited: AtomicU32::new(0),
        }
    }

    /// Counts an answer, and says what happens to it.
    pub(crate) fn judge(&self, client: IpAddr, subject: &Subject<'_>, now: Timestamp) -> Verdict {
        let client = client.to_canonical();
        if self.is_exempt(client) {
            return Verdict::Send;
        }
        let hash = self.hash(client, subject);
        if self.table.take(hash, ticks(now), self.rate) {
            return Verdict::Send;
        }
        let number = self.limited.fetch_add(1, Ordering::Relaxed);
        match number.checked_rem(self.rates.slip) {
            Some(0) => Verdict::Shorten,
            Some(_) | None => Verdict::Drop,
        }
    }

    fn is_exempt(&self, client: IpAddr) -> bool {
        let mut exempt = self.rates.exempt.iter();
        exempt.any(|network| network.contains(client))
    }

    fn hash(&self, client: IpAddr, subject: &Subject<'_>) -> u64 {
        let mut hasher = SipHasher13::new_with_key(&self.key);
        match client {
            IpAddr::V4(address) => {
                let unused = 32_u32.saturating_sub(self.rates.ipv4_bits);
                let network = address.to_bits().checked_shr(unused).unwrap_or_default();
                hasher.write_u32(network);
            }
            IpAddr::V6(address) => {
                let unused = 128_u32.saturating_sub(self.rates.ipv6_bits);
                let network = address.to_bits().checked_shr(unused).unwrap_or_default();
                hasher.write_u128(network);
            }
        }
        subject.write(&mut hasher);
        hasher.finish()
    }
}

//------------ Subject ---------------------------------------------------------------------------

/// What an answer is about, as far as it is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'s> {
    kind: Kind,
    zone: &'s [u8],
    name: &'s [u8],
}

/// Kinds of answers, each with counts of its own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// For a name that exists.
    Answer,
    /// For names that do not exist in a zone.
    Absence,
    /// For names below a delegation.
    Referral,
    /// For everything that is no question about a zone of ours.
    Error,
}

impl<'s> Subject<'s> {
    /// Errors say the same whatever they are about.
    pub(crate) const ERROR: Self = Self {
        kind: Kind::Error,
        zone: &[],
        name: &[],
    };

    /// An answer from a zone, by the key of its apex and that of a name below.
    pub(crate) fn new(kind: Kind, zone: &'s [u8], name: &'s [u8]) -> Self {
        Self { kind, zone, name }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    fn write(&self, hasher: &mut SipHasher13) {
        hasher.write_u8(match self.kind {
            Kind::Answer => 0,
            Kind::Absence => 1,
            Kind::Referral => 2,
            Kind::Error => 3,
        });
        // Each label ends with a zero octet, so the end of one is seen, and so is the name it makes.
        hasher.write(self.zone);
        hasher.write(self.name);
    }
}

#[cfg(test)]
mod tests;
