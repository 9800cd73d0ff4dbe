//! How often something may be done, as a text.

use std::fmt;
use std::str::FromStr;

use easement_core::RateRule;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// So many times in so many seconds, such as `120/60`; at least once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rate(RateRule);

impl Rate {
    /// A minute's worth of something.
    pub(super) const fn a_minute(times: u32) -> Self {
        Self(RateRule { times, seconds: 60 })
    }

    /// The rule.
    pub fn rule(self) -> RateRule {
        self.0
    }
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        match text.parse() {
            Ok(RateRule { times: 0, .. } | RateRule { seconds: 0, .. }) | Err(_) => {
                Err(RateError {
                    text: text.chars().take(80).collect(),
                })
            }
            Ok(rule) => Ok(Self(rule)),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.0.times, self.0.seconds)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text that is no rate.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "`{}` is no rate: write times and seconds, at least 1 of each, like 120/60 for 120 times a minute",
    text.escape_debug()
)]
pub struct RateError {
    text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_lets_something_through() {
        for (text, is_one) in [
            ("120/60", true),
            ("1/1", true),
            ("0/60", false),
            ("60/0", false),
            ("60", false),
            ("-1/60", false),
            ("", false),
        ] {
            let rate = text.parse::<Rate>();
            assert_eq!(rate.is_ok(), is_one, "{text}");
            if let Ok(rate) = rate {
                assert_eq!(rate.to_string(), text);
            }
        }
    }
}
