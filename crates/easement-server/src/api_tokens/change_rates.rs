//! How much tokens without a rate of their own may change.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use easement_core::{ApiTokenId, RateLimit, RateRule, Timestamp};

use super::{Denied, RateLeft};

/// What one request changes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Changes {
    /// The addresses of so many hosts.
    pub(crate) hosts: u32,
    /// So many texts.
    pub(crate) texts: u32,
}

impl Changes {
    /// Those of one text.
    pub(crate) const ONE_TEXT: Self = Self { hosts: 0, texts: 1 };
    /// Those of one host.
    pub(crate) const ONE_HOST: Self = Self { hosts: 1, texts: 0 };
}

/// Counts what tokens change (draft-03 section "TXT Record Abuse Prevention").
#[derive(Debug)]
pub(crate) struct ChangeRates {
    texts: Counted,
    hosts: Option<Counted>,
}

#[derive(Debug)]
struct Counted {
    rule: RateRule,
    counts: Mutex<RateLimit<ApiTokenId>>,
}

impl ChangeRates {
    /// With the rule for texts, and that for the addresses of hosts where there is one.
    pub(crate) fn new(texts: RateRule, hosts: Option<RateRule>) -> Self {
        Self {
            texts: Counted::new(texts),
            hosts: hosts.map(Counted::new),
        }
    }

    /// Counts the changes of a request, and says what is left of the rule that has the least.
    pub(super) fn take(
        &self,
        token: ApiTokenId,
        changes: Changes,
        now: Timestamp,
    ) -> Result<Option<RateLeft>, Denied> {
        let texts = self.texts.take(token, changes.texts, now)?;
        let hosts = match &self.hosts {
            Some(hosts) => hosts.take(token, changes.hosts, now)?,
            None => None,
        };
        Ok(RateLeft::least(texts, hosts))
    }
}

impl Counted {
    fn new(rule: RateRule) -> Self {
        // The rule is named each time.
        let counts = RateLimit::of_known_keys(rule.times, Duration::from_secs(rule.seconds.into()));
        Self {
            rule,
            counts: Mutex::new(counts),
        }
    }

    fn take(
        &self,
        token: ApiTokenId,
        times: u32,
        now: Timestamp,
    ) -> Result<Option<RateLeft>, Denied> {
        if times == 0 {
            return Ok(None);
        }
        take_from(&self.counts, (token, times), self.rule, now).map(Some)
    }
}

/// Counts several uses of a token together.
pub(super) fn take_from(
    counts: &Mutex<RateLimit<ApiTokenId>>,
    (token, times): (ApiTokenId, u32),
    rule: RateRule,
    now: Timestamp,
) -> Result<RateLeft, Denied> {
    let window = Duration::from_secs(rule.seconds.into());
    let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
    let answer = counts.take_many(token, times, (rule.times, window), now);
    let left = |remaining, reset_at| RateLeft {
        limit: rule.times,
        remaining,
        reset_at,
    };
    match answer {
        Ok((remaining, reset_at)) => Ok(left(remaining, reset_at)),
        Err(wait) => Err(Denied::RateSpent {
            wait,
            spent: left(0, now.plus(wait)),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(times: u32) -> RateRule {
        RateRule { times, seconds: 60 }
    }

    #[test]
    fn each_kind_of_change_is_counted_for_itself() {
        let rates = ChangeRates::new(rule(3), Some(rule(2)));
        let token = ApiTokenId::new(1);
        let take = |hosts, texts| {
            let left = rates.take(token, Changes { hosts, texts }, Timestamp::from_micros(0));
            left.map(|left| left.map(|left| (left.limit, left.remaining)))
        };
        assert_eq!(take(0, 0).unwrap(), None);
        assert_eq!(take(0, 2).unwrap(), Some((3, 1)));
        assert_eq!(take(1, 0).unwrap(), Some((2, 1)));
        assert_eq!(take(1, 1).unwrap(), Some((3, 0)), "of which less is left");
        assert!(matches!(take(0, 1), Err(Denied::RateSpent { .. })));
        assert!(matches!(take(1, 0), Err(Denied::RateSpent { .. })));
        let other = rates.take(
            ApiTokenId::new(2),
            Changes::ONE_TEXT,
            Timestamp::from_micros(0),
        );
        assert!(other.is_ok());
    }

    #[test]
    fn hosts_are_updated_as_often_as_they_change_when_nobody_says_otherwise() {
        let rates = ChangeRates::new(rule(1), None);
        for _ in 0..100 {
            let left = rates.take(
                ApiTokenId::new(1),
                Changes::ONE_HOST,
                Timestamp::from_micros(0),
            );
            assert_eq!(left.unwrap(), None);
        }
    }
}
