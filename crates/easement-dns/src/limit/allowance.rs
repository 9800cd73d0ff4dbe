//! Whether one more answer is within a rate: a pure function of a count and the time.
//!
//! A count is one moment, at which all that was sent will have been paid off when each answer costs
//! its part of a second (the generic cell rate algorithm). It need not be touched as time goes by.

use std::num::NonZeroU32;

use easement_core::Timestamp;

/// How many microseconds a tick is. So the ticks of a count wrap around only after 19 hours.
const TICK_MICROSECONDS: i64 = 16;
/// The ticks of a second, which is how much may be sent at once.
const SECOND: u32 = 62_500;

/// How much one answer costs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Rate {
    ticks: u32,
}

impl Rate {
    pub(super) fn per_second(answers: NonZeroU32) -> Self {
        Self {
            ticks: (SECOND / answers).max(1),
        }
    }
}

/// A moment in ticks.
pub(super) fn ticks(time: Timestamp) -> u32 {
    let ticks = time.as_micros().div_euclid(TICK_MICROSECONDS);
    u32::try_from(ticks & i64::from(u32::MAX)).unwrap_or_default()
}

/// The count of one network and subject, with a mark by which it is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Allowance {
    pub(super) mark: u32,
    /// When everything is paid off.
    due: u32,
}

impl Allowance {
    /// Nothing was sent yet.
    pub(super) fn new(mark: u32, now: u32) -> Self {
        Self { mark, due: now }
    }

    /// How much is still to be paid off. What is longer than a second ahead is from before the clock
    /// was set back, or so old that the ticks have wrapped around.
    pub(super) fn debt(self, now: u32) -> u32 {
        Some(self.due.wrapping_sub(now))
            .filter(|debt| *debt <= SECOND)
            .unwrap_or_default()
    }

    /// The count after one more answer, when that is within the rate.
    pub(super) fn take(self, now: u32, rate: Rate) -> Option<Self> {
        let debt = self.debt(now) + rate.ticks;
        (debt <= SECOND).then(|| Self {
            due: now.wrapping_add(debt),
            ..self
        })
    }
}

impl From<u64> for Allowance {
    fn from(packed: u64) -> Self {
        let [m1, m2, m3, m4, due @ ..] = packed.to_be_bytes();
        Self {
            mark: u32::from_be_bytes([m1, m2, m3, m4]),
            due: u32::from_be_bytes(due),
        }
    }
}

impl From<Allowance> for u64 {
    fn from(allowance: Allowance) -> Self {
        Self::from(allowance.mark) << 32 | Self::from(allowance.due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of `asked` answers go at each moment, given in milliseconds.
    fn sent(per_second: u32, moments: &[(i64, u32)]) -> Vec<u32> {
        let rate = Rate::per_second(NonZeroU32::new(per_second).unwrap());
        let at = |milliseconds: i64| ticks(Timestamp::from_micros(milliseconds * 1000));
        let mut allowance = Allowance::new(1, at(moments[0].0));
        let mut sent = Vec::new();
        for (moment, asked) in moments {
            let mut count = 0;
            for _ in 0..*asked {
                if let Some(after) = allowance.take(at(*moment), rate) {
                    allowance = Allowance::from(u64::from(after));
                    assert_eq!(allowance, after, "nothing is lost in packing");
                    count += 1;
                }
            }
            sent.push(count);
        }
        sent
    }

    #[test]
    fn a_second_may_be_used_up_at_once_and_comes_back_evenly() {
        let wrap = 16 * (1_i64 << 32) / 1000;
        for (why, per_second, moments, expected) in [
            ("a burst", 10, &[(0, 15)][..], &[10][..]),
            (
                "and a tenth later one more",
                10,
                &[(0, 15), (101, 5)],
                &[10, 1],
            ),
            ("after a pause all", 10, &[(0, 15), (5000, 15)], &[10, 10]),
            (
                "a steady rate",
                1,
                &[(0, 1), (1000, 1), (2000, 1)],
                &[1, 1, 1],
            ),
            (
                "too fast by half",
                1,
                &[(0, 1), (500, 1), (1000, 1)],
                &[1, 0, 1],
            ),
            (
                "a flood gets no more than the rate",
                10,
                &[(0, 99), (500, 99), (1000, 99)],
                &[10, 5, 5],
            ),
            (
                "the clock is set back",
                10,
                &[(9_000_000, 15), (0, 15)],
                &[10, 10],
            ),
            (
                "the ticks wrap around",
                10,
                &[(wrap - 500, 10), (wrap + 1, 9)],
                &[10, 5],
            ),
            (
                "as fast as it can count",
                1_000_000,
                &[(0, 99_999)],
                &[62_500],
            ),
        ] {
            assert_eq!(sent(per_second, moments), expected, "{why}");
        }
    }

    #[test]
    fn what_is_old_counts_for_nothing() {
        let rate = Rate::per_second(NonZeroU32::MIN);
        let allowance = Allowance::new(1, 7).take(7, rate).unwrap();
        assert_eq!(allowance.debt(7), SECOND);
        for later in [SECOND, u32::MAX / 2, u32::MAX - SECOND] {
            assert_eq!(allowance.debt(7_u32.wrapping_add(later)), 0, "{later}");
        }
    }
}
