//! Counting an answer and saying what happens to it.

use std::hash::Hasher as _;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};

use easement_core::Timestamp;
use siphasher::sip::SipHasher13;

use super::allowance::{Rate, ticks};
use super::rates::ResponseRates;
use super::subject::Subject;
use super::table::Table;

/// Keeps the networks of IPv6 apart from those of IPv4 when they are hashed.
const IPV6_MARK: u64 = 1 << 63;

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
        let kind = u64::from(subject.kind().number()) << u32::BITS;
        match client {
            IpAddr::V4(address) => {
                let unused = 32_u32.saturating_sub(self.rates.ipv4_bits);
                let network = address.to_bits().checked_shr(unused).unwrap_or_default();
                hasher.write_u64(kind | u64::from(network));
            }
            IpAddr::V6(address) => {
                let unused = 128_u32.saturating_sub(self.rates.ipv6_bits);
                let network = address.to_bits().checked_shr(unused).unwrap_or_default();
                hasher.write_u64(kind | IPV6_MARK);
                hasher.write_u128(network);
            }
        }
        subject.write_name(&mut hasher);
        hasher.finish()
    }
}

//------------ Verdict ---------------------------------------------------------------------------

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
