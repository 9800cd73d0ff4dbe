//! How soon someone may try a password again.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use crate::Timestamp;

/// Failed tries under one key: an account, or a network address.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Attempts {
    /// How many failed since the last success.
    pub failures: u32,
    /// When the last one was.
    pub last_at: Option<Timestamp>,
}

/// When failed tries make the next one wait.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ThrottlePolicy {
    /// How many failures cost nothing.
    pub free: u32,
    /// The wait after the first failure that costs; each further one doubles it.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
    /// After so long without a failure all is forgotten.
    pub forget_after: Duration,
}

impl ThrottlePolicy {
    /// For the tries at one account: slows a guesser down, and lets the owner in again soon after the
    /// guesser stops. Until then the owner waits as well.
    pub const ACCOUNT: Self = Self {
        free: 5,
        first_wait: Duration::from_secs(2),
        longest_wait: Duration::from_mins(15),
        forget_after: Duration::from_hours(24),
    };

    /// For the tries from one address, behind which many people may sit.
    pub const ADDRESS: Self = Self {
        free: 20,
        first_wait: Duration::from_secs(2),
        longest_wait: Duration::from_mins(15),
        forget_after: Duration::from_hours(1),
    };

    /// How long the next try has to wait; nothing when it may come now.
    pub fn wait(&self, attempts: Attempts, now: Timestamp) -> Option<Duration> {
        let last_at = attempts
            .last_at
            .filter(|last| now.since(*last) < self.forget_after)?;
        let costing = attempts
            .failures
            .checked_sub(self.free)
            .filter(|costing| *costing > 0)?;
        let factor = 2u32.saturating_pow(costing - 1);
        let wait = self
            .first_wait
            .saturating_mul(factor)
            .min(self.longest_wait);
        wait.checked_sub(now.since(last_at))
            .filter(|rest| !rest.is_zero())
    }

    /// The attempts after one more failure.
    #[must_use]
    pub fn after_failure(&self, attempts: Attempts, now: Timestamp) -> Attempts {
        let remembered = attempts
            .last_at
            .filter(|last| now.since(*last) < self.forget_after)
            .map_or(0, |_| attempts.failures);
        Attempts {
            failures: remembered.saturating_add(1),
            last_at: Some(now),
        }
    }
}

/// The address that tries from `address` are counted under: that of its network, since whoever has
/// one IPv6 address has the 2⁶⁴ of its network (RFC 4291 section 2.5.4).
pub fn throttled_address(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & NETWORK_BITS).into(),
    }
}

/// The first half of an IPv6 address.
const NETWORK_BITS: u128 = u128::MAX << 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_network_count_as_one() {
        for (address, counted) in [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2::", "2001:db8:1:2::"),
            ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ] {
            let found = throttled_address(address.parse().unwrap());
            assert_eq!(found, counted.parse::<IpAddr>().unwrap());
        }
    }

    #[test]
    fn waits_double_up_to_a_limit_and_are_forgotten() {
        let policy = ThrottlePolicy::ACCOUNT;
        let start = Timestamp::from_micros(0);
        let after = |failures| Attempts {
            failures,
            last_at: Some(start),
        };
        for (failures, wait) in [
            (0, 0),
            (5, 0),
            (6, 2),
            (7, 4),
            (8, 8),
            (15, 900),
            (4000, 900),
        ] {
            let expected = Some(Duration::from_secs(wait)).filter(|wait| !wait.is_zero());
            assert_eq!(policy.wait(after(failures), start), expected, "{failures}");
        }
        assert_eq!(
            policy.wait(after(6), start.plus(Duration::from_secs(2))),
            None
        );
        let next_day = start.plus(policy.forget_after);
        assert_eq!(policy.wait(after(4000), next_day), None);
        assert_eq!(policy.after_failure(after(4000), next_day).failures, 1);
        assert_eq!(policy.after_failure(after(6), start).failures, 7);
    }
}
