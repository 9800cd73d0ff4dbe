//! The clock: sessions, one-time links and the history depend on it.

use std::time::Duration;

use easement_core::Timestamp;

use super::super::Check;

const CHECK: &str = "clock";
/// 2026-11-01: no clock that is right is behind this program.
const PROGRAM_MADE: Timestamp = Timestamp::from_micros(1_793_491_200_000_000);
/// Two nodes on one database may be so far apart.
const TOLERANCE: Duration = Duration::from_secs(2);

/// What is known about the time.
#[derive(Clone, Copy, Debug)]
pub(in crate::doctor) struct Clock {
    pub(in crate::doctor) now: Timestamp,
    pub(in crate::doctor) newest_commit: Option<Timestamp>,
    /// Whether the system keeps it with the help of others; nothing when it does not say.
    pub(in crate::doctor) is_synchronised: Option<bool>,
}

pub(in crate::doctor) fn judge(clock: &Clock) -> Check {
    let remedy =
        "set the clock, and keep it right: `apt install chrony`, or `timedatectl set-ntp true`";
    let now = clock.now;
    if now < PROGRAM_MADE {
        return Check::fail(
            CHECK,
            format!("{now} is before this program was made"),
            remedy,
        );
    }
    if let Some(newest) = clock.newest_commit
        && newest.minus(TOLERANCE) > now
    {
        let found = format!("it says {now}, and the newest commit is from {newest}");
        return Check::fail(CHECK, found, remedy);
    }
    match clock.is_synchronised {
        Some(true) => Check::ok(CHECK, format!("{now}, synchronised")),
        Some(false) => Check::warn(CHECK, format!("{now}, not synchronised"), remedy),
        None => Check::ok(
            CHECK,
            format!("{now}; whether it is synchronised cannot be seen here"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_check;
    use super::*;
    use crate::doctor::Outcome::{Fail, Ok, Warn};

    #[test]
    fn a_clock_is_not_behind_what_was_done() {
        let noon = Timestamp::from_micros(1_795_694_400_000_000);
        let ago = |seconds| Some(noon.minus(Duration::from_secs(seconds)));
        for (now, newest_commit, is_synchronised, outcome, words) in [
            (
                noon,
                ago(60),
                Some(true),
                Ok,
                "2026-11-26T12:00:00Z, synchronised",
            ),
            (noon, None, None, Ok, "cannot be seen"),
            (noon, ago(60), Some(false), Warn, "not synchronised"),
            (noon.minus(Duration::from_secs(1)), ago(0), None, Ok, ""),
            (
                noon.minus(Duration::from_mins(1)),
                ago(0),
                Some(true),
                Fail,
                "newest commit",
            ),
            (
                Timestamp::from_micros(0),
                None,
                None,
                Fail,
                "before this program",
            ),
        ] {
            let clock = Clock {
                now,
                newest_commit,
                is_synchronised,
            };
            assert_check(&judge(&clock), outcome, words);
        }
    }
}
