//! Spans, ends, ranges and rates as texts.

use std::str::FromStr;
use std::time::Duration;

use easement_zone::{Ttl, TtlError};
use serde::{Deserialize, Serialize};

use super::super::{RateRule, TtlRange};
use crate::Timestamp;

/// A span of time, such as `30d`, `24h`, `90m` or `60s`: at most a hundred years.
///
/// ```
/// assert_eq!(easement_core::parse_span("90m")?.as_secs(), 5400);
/// # Ok::<(), easement_core::NotASpan>(())
/// ```
pub fn parse_span(text: &str) -> Result<Duration, NotASpan> {
    text.parse().map(|Span(span)| span)
}

pub(super) struct Span(pub(super) Duration);

impl FromStr for Span {
    type Err = NotASpan;

    fn from_str(text: &str) -> Result<Self, NotASpan> {
        let unit = text.chars().last().ok_or(NotASpan::Form)?;
        let seconds: u64 = match unit {
            'd' => 86_400,
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return Err(NotASpan::Form),
        };
        let count: u64 = text
            .strip_suffix(unit)
            .and_then(|count| count.parse().ok())
            .ok_or(NotASpan::Form)?;
        let span = count.checked_mul(seconds).filter(|span| *span <= MAX_SPAN);
        span.map(|span| Self(Duration::from_secs(span)))
            .ok_or(NotASpan::TooLong)
    }
}

/// A hundred years.
const MAX_SPAN: u64 = 36_500 * 86_400;

/// A span in its largest unit that fits without a rest.
pub(super) fn write_span(seconds: u64) -> String {
    for (size, unit) in [(86_400, 'd'), (3600, 'h'), (60, 'm')] {
        if seconds >= size && seconds.is_multiple_of(size) {
            return format!("{}{unit}", seconds / size);
        }
    }
    format!("{seconds}s")
}

/// A text that is no span of time.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotASpan {
    /// It has another form.
    #[error("write a span of time like 30d, 24h, 90m or 60s")]
    Form,
    /// It is longer than anybody means.
    #[error("write a span of at most 36500d")]
    TooLong,
}

/// When a token ends.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenEnd {
    /// So long after it was made.
    After(Duration),
    /// At this moment.
    At(Timestamp),
}

impl TokenEnd {
    /// The moment, for a token that is made now.
    pub fn from(self, now: Timestamp) -> Timestamp {
        match self {
            Self::After(duration) => now.plus(duration),
            Self::At(moment) => moment,
        }
    }
}

impl FromStr for TokenEnd {
    type Err = NotAnEnd;

    /// A span or a date.
    fn from_str(text: &str) -> Result<Self, NotAnEnd> {
        match (parse_span(text), text.parse()) {
            (Ok(span), _) => Ok(Self::After(span)),
            (Err(_), Ok(moment)) => Ok(Self::At(moment)),
            (Err(_), Err(_)) => Err(NotAnEnd),
        }
    }
}

/// A text that says no end.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("write a span like 90d, or a date like 2027-03-01")]
pub struct NotAnEnd;

impl FromStr for TtlRange {
    type Err = NotATtlRange;

    /// Two TTLs with a `-` between, or one.
    fn from_str(text: &str) -> Result<Self, NotATtlRange> {
        let (low, high) = text.split_once('-').unwrap_or((text, text));
        let read = |text: &str| -> Option<Result<Ttl, TtlError>> {
            Some(Ttl::from_secs(text.trim().parse().ok()?))
        };
        match (read(low), read(high)) {
            (Some(Ok(low)), Some(Ok(high))) => Ok(Self { low, high }),
            _ => Err(NotATtlRange),
        }
    }
}

/// A text that is no range of TTLs.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("write two TTLs in seconds, like 60-3600")]
pub struct NotATtlRange;

impl FromStr for RateRule {
    type Err = NotARate;

    /// So many times in so many seconds.
    fn from_str(text: &str) -> Result<Self, NotARate> {
        let rule = text.split_once('/').and_then(|(times, seconds)| {
            Some(Self {
                times: times.trim().parse().ok()?,
                seconds: seconds.trim().parse().ok()?,
            })
        });
        rule.ok_or(NotARate)
    }
}

/// A text that is no rate.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("write times and seconds, like 60/3600 for 60 times an hour")]
pub struct NotARate;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_a_unit_and_an_end() {
        for (text, seconds) in [
            ("30d", Some(2_592_000)),
            ("24h", Some(86_400)),
            ("90m", Some(5400)),
            ("0s", Some(0)),
            ("30", None),
            ("d", None),
            ("-1d", None),
            ("3\u{e4}", None),
            ("99999999999999d", None),
            ("", None),
        ] {
            let span = parse_span(text).ok().map(|span| span.as_secs());
            assert_eq!(span, seconds, "{text}");
        }
    }

    #[test]
    fn ranges_rates_and_ends_are_read() {
        let range: TtlRange = "60-3600".parse().unwrap();
        assert_eq!((range.low.as_secs(), range.high.as_secs()), (60, 3600));
        assert!("60-".parse::<TtlRange>().is_err());
        let rate: RateRule = "60/3600".parse().unwrap();
        assert_eq!((rate.times, rate.seconds), (60, 3600));
        assert!("60".parse::<RateRule>().is_err());
        let day = "2027-03-01".parse().unwrap();
        assert_eq!("2027-03-01".parse(), Ok(TokenEnd::At(day)));
        assert!("soon".parse::<TokenEnd>().is_err());
    }
}
