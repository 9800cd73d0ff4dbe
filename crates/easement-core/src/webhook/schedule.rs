//! When a delivery is tried again, and when a webhook is given up.

use std::time::Duration;

use crate::{DisabledBecause, Timestamp};

/// How often deliveries are tried (ApertoDNS 1.4.0 section 11.4: at most three retries, with exponential
/// backoff).
///
/// ```
/// use std::time::Duration;
/// use easement_core::RetrySchedule;
///
/// assert_eq!(RetrySchedule::wait_after(1), Some(Duration::from_secs(30)));
/// assert_eq!(RetrySchedule::wait_after(4), None);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct RetrySchedule;

impl RetrySchedule {
    /// How long a delivery waits for its next try.
    const WAITS: [Duration; 3] = [
        Duration::from_secs(30),
        Duration::from_mins(5),
        Duration::from_mins(50),
    ];
    /// After so many deliveries in a row that failed for good,
    const MAX_FAILURES: u64 = 20;
    /// and so long without one that went well, a webhook is switched off.
    const PATIENCE: Duration = Duration::from_hours(24);
    /// The most deliveries of one webhook that wait.
    pub const MAX_WAITING: u64 = 10_000;

    /// How long to wait after so many tries that failed; nothing, when there is no further one.
    pub fn wait_after(failed_tries: u32) -> Option<Duration> {
        let index = usize::try_from(failed_tries.checked_sub(1)?).ok()?;
        Self::WAITS.get(index).copied()
    }

    /// Whether a webhook is switched off: so many deliveries in a row failed for good, the first of them at
    /// this time.
    pub fn gives_up(
        failures: u64,
        failing_since: Timestamp,
        now: Timestamp,
    ) -> Option<DisabledBecause> {
        let is_over = failures >= Self::MAX_FAILURES && now.since(failing_since) >= Self::PATIENCE;
        is_over.then_some(DisabledBecause::Failing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_three_retries_each_ten_times_later() {
        let waits: Vec<_> = (0..6).map(RetrySchedule::wait_after).collect();
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let expected = [None, seconds(30), seconds(300), seconds(3000), None, None];
        assert_eq!(waits, expected);
    }

    #[test]
    fn a_webhook_is_given_up_after_many_failures_and_a_long_time() {
        let now = Timestamp::from_micros(1_795_301_748_000_000);
        for (failures, hours, is_over) in [
            (1, 1000, false),
            (19, 1000, false),
            (20, 23, false),
            (20, 24, true),
            (1_000_000, 1, false),
        ] {
            let since = now.minus(Duration::from_hours(hours));
            let outcome = RetrySchedule::gives_up(failures, since, now);
            assert_eq!(outcome.is_some(), is_over, "{failures} in {hours} hours");
        }
    }
}
