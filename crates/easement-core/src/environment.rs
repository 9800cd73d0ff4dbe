//! Time and randomness, as parameters.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A moment: microseconds since the beginning of 1970 in UTC. Shown as RFC 3339, to the second.
///
/// ```
/// use easement_core::Timestamp;
///
/// let moment = Timestamp::from_micros(1_795_301_748_000_000);
/// assert_eq!(moment.to_string(), "2026-11-21T22:55:48Z");
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// So many microseconds after the beginning of 1970.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The microseconds.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// This moment and a while.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)),
        )
    }

    /// This moment less a while.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)),
        )
    }

    /// How long ago `earlier` was; nothing when it is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        let micros = self.0.saturating_sub(earlier.0);
        Duration::from_micros(u64::try_from(micros).unwrap_or_default())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0.div_euclid(1_000_000)) {
            Ok(moment) => moment.fmt(f),
            Err(_) => write!(f, "{} microseconds after 1970", self.0),
        }
    }
}

impl FromStr for Timestamp {
    type Err = NotATimestamp;

    /// Reads RFC 3339, or a date, which is its beginning in UTC.
    fn from_str(text: &str) -> Result<Self, NotATimestamp> {
        let moment: Option<jiff::Timestamp> = text.parse().ok().or_else(|| {
            // A moment without a zone is none: it could be meant anywhere.
            let is_date = !text.contains(['T', 't', ' ']);
            let date: jiff::civil::Date = is_date.then(|| text.parse().ok())??;
            let day = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
            Some(day.timestamp())
        });
        let moment = moment.ok_or_else(|| NotATimestamp {
            text: text.to_owned(),
        })?;
        Ok(Self(moment.as_microsecond()))
    }
}

/// A text that is no moment.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is not a date: write it like 2027-03-01, or 2027-03-01T12:00:00Z")]
pub struct NotATimestamp {
    /// The text.
    pub text: String,
}

/// What time it is.
pub trait Clock: Send + Sync {
    /// This moment.
    fn now(&self) -> Timestamp;
}

/// Where secrets come from: a cryptographic random source.
pub trait Random: Send + Sync {
    /// So many random octets.
    fn octets(&self, count: usize) -> Vec<u8>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_shown_in_utc() {
        for (seconds, shown) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_799, "2000-02-29T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(
                Timestamp::from_micros(seconds * 1_000_000).to_string(),
                shown
            );
            let moment = Timestamp::from_micros(seconds * 1_000_000);
            assert_eq!(shown.parse(), Ok(moment));
        }
        let day: Timestamp = "2000-02-29".parse().unwrap();
        assert_eq!(day.to_string(), "2000-02-29T00:00:00Z");
        for wrong in ["", "2001-02-29", "tomorrow", "2001-02-03T04:05:06"] {
            assert!(wrong.parse::<Timestamp>().is_err(), "{wrong}");
        }
    }
}
