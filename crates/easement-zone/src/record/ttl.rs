//! Times to live.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How long an answer may be cached, in whole seconds: 0 to 2³¹ − 1 (RFC 2181 section 8).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Ttl(u32);

impl Ttl {
    /// No time at all: an answer is not kept.
    pub const ZERO: Self = Self(0);
    /// The greatest TTL.
    pub const MAX: Self = Self(i32::MAX as u32);
    /// One minute.
    pub const MINUTE: Self = Self(60);
    /// Five minutes.
    pub const FIVE_MINUTES: Self = Self(300);
    /// One hour: what a record gets when nobody says otherwise.
    pub const HOUR: Self = Self(3600);

    /// A TTL of so many seconds.
    pub const fn from_secs(seconds: u32) -> Result<Self, TtlError> {
        if seconds <= Self::MAX.0 {
            Ok(Self(seconds))
        } else {
            Err(TtlError { seconds })
        }
    }

    /// The seconds.
    pub const fn as_secs(self) -> u32 {
        self.0
    }

    /// The nearest TTL within the limits.
    #[must_use]
    pub fn clamp_to(self, low: Self, high: Self) -> Self {
        self.clamp(low, high.max(low))
    }
}

impl TryFrom<u32> for Ttl {
    type Error = TtlError;

    fn try_from(seconds: u32) -> Result<Self, TtlError> {
        Self::from_secs(seconds)
    }
}

impl From<Ttl> for u32 {
    fn from(ttl: Ttl) -> Self {
        ttl.0
    }
}

impl fmt::Display for Ttl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Reads seconds, or a time with units such as `1h30m`: weeks, days, hours, minutes, seconds.
pub(crate) fn parse_seconds(text: &str) -> Option<u32> {
    if text.bytes().all(|digit| digit.is_ascii_digit()) {
        return text.parse().ok();
    }
    let mut total = 0_u32;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit())?;
        let (digits, tail) = rest.split_at_checked(end)?;
        let mut tail = tail.chars();
        let unit = match tail.next()?.to_ascii_lowercase() {
            'w' => 604_800,
            'd' => 86_400,
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        let amount = digits.parse::<u32>().ok()?.checked_mul(unit)?;
        total = total.checked_add(amount)?;
        rest = tail.as_str();
    }
    Some(total)
}

/// A TTL that RFC 2181 section 8 does not allow.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "a TTL of {seconds} seconds is too long: at most 2147483647 are allowed (RFC 2181 section 8)"
)]
pub struct TtlError {
    /// The seconds that were asked for.
    pub seconds: u32,
}
