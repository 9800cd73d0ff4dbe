//! Moments, as documents have them.

use std::fmt;

use serde::{Serialize, Serializer};

const MILLIS_OF_DAY: i64 = 86_400_000;

/// A moment in UTC with milliseconds, written as `2026-01-15T12:00:00.000Z` (RFC 3339).
///
/// ```
/// use apertodns::Timestamp;
///
/// assert_eq!(Timestamp::from_unix_millis(1_768_478_400_000).to_string(), "2026-01-15T12:00:00.000Z");
/// assert_eq!(Timestamp::from_unix_millis(951_782_399_999).to_string(), "2000-02-28T23:59:59.999Z");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp {
    unix_millis: i64,
}

impl Timestamp {
    /// The end of the year 9999, behind which the text form has no place for the year.
    const LATEST: i64 = 253_402_300_799_999;

    /// So many milliseconds after the beginning of 1970. Earlier moments, and those after the year 9999,
    /// are moved to the nearest that can be written.
    pub fn from_unix_millis(unix_millis: i64) -> Self {
        Self {
            unix_millis: unix_millis.clamp(0, Self::LATEST),
        }
    }

    /// Whole seconds after the beginning of 1970, as headers have them.
    pub fn as_unix_seconds(self) -> i64 {
        self.unix_millis / 1000
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date(self.unix_millis / MILLIS_OF_DAY);
        let millis = self.unix_millis % MILLIS_OF_DAY;
        let (hour, minute) = (millis / 3_600_000, millis / 60_000 % 60);
        let (second, milli) = (millis / 1000 % 60, millis % 1000);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"
        )
    }
}

/// The date of a day counted from the beginning of 1970. Years begin in March here, so that the day
/// that some years have more is the last of its year.
fn date(days_since_1970: i64) -> (i64, i64, i64) {
    const DAYS_OF_400_YEARS: i64 = 146_097;
    let days = days_since_1970 + 719_468;
    let in_era = days % DAYS_OF_400_YEARS;
    let year_of_era = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * in_year + 2) / 153;
    let day = in_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = days / DAYS_OF_400_YEARS * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (68_255_999, "1972-02-29T23:59:59.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (1_704_067_199, "2023-12-31T23:59:59.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
            (253_402_300_799, "9999-12-31T23:59:59.000Z"),
        ] {
            let timestamp = Timestamp::from_unix_millis(seconds * 1000);
            assert_eq!(timestamp.to_string(), expected);
            assert_eq!(timestamp.as_unix_seconds(), seconds);
        }
    }

    #[test]
    fn what_cannot_be_written_is_moved() {
        assert_eq!(
            Timestamp::from_unix_millis(i64::MIN),
            Timestamp::from_unix_millis(0)
        );
        let latest = Timestamp::from_unix_millis(i64::MAX).to_string();
        assert_eq!(latest, "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn each_day_follows_the_one_before() {
        let mut before = date(0);
        for day in 1..200_000 {
            let next = date(day);
            let (year, month, number) = before;
            let follows = next == (year, month, number + 1)
                || (next == (year, month + 1, 1) && number >= 28)
                || (next == (year + 1, 1, 1) && (month, number) == (12, 31));
            assert!(follows, "{before:?} {next:?}");
            before = next;
        }
    }
}
