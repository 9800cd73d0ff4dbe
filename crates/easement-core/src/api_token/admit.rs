//! Whether a token counts at this moment.

use std::net::IpAddr;

use super::{ApiToken, SecretInUrl, TokenChain, TokenLimits, TokenRefused, UseBefore};
use crate::Timestamp;

/// A use of a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TokenUse {
    /// When.
    pub now: Timestamp,
    /// From where.
    pub address: IpAddr,
    /// Whether it stood in a URL.
    pub in_url: bool,
    /// When it was used last, as far as that is known better than by what is stored.
    pub noted_at: Option<Timestamp>,
}

impl TokenChain {
    /// Whether the token counts at this moment, and all that it was made from do.
    pub fn admit(&self, usage: TokenUse) -> Result<(), TokenRefused> {
        self.admit_at(usage.now, usage.noted_at)?;
        self.iter().try_for_each(|token| token.admit_from(usage))
    }

    /// Whether it has not ended, wherever it is used. `noted_at` is when it was used last, where that is known
    /// better than by what is stored.
    pub fn admit_at(
        &self,
        now: Timestamp,
        noted_at: Option<Timestamp>,
    ) -> Result<(), TokenRefused> {
        self.token().admit_by_idleness(now, noted_at)?;
        self.iter().try_for_each(|token| token.admit_by_end(now))
    }
}

impl TokenLimits {
    /// Whether the moment has come until which a token with these limits counts.
    pub fn have_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| now >= at)
    }

    /// Whether a token with these limits was not used for too long, after it was made and, if it ever was, used last
    /// at these moments.
    pub fn are_idle(
        &self,
        now: Timestamp,
        created_at: Timestamp,
        used_at: Option<Timestamp>,
    ) -> bool {
        self.idle(before(used_at))
            .is_some_and(|idle| now.since(used_at.unwrap_or(created_at)) >= idle)
    }
}

impl ApiToken {
    /// Whether it counts no more, whatever it is used for and whatever it was made from.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        let used_at = self.last_use.map(|(at, _)| at);
        self.revoked_at.is_some()
            || self.limits.have_expired(now)
            || self.limits.are_idle(now, self.created_at, used_at)
    }

    fn admit_by_end(&self, now: Timestamp) -> Result<(), TokenRefused> {
        if self.revoked_at.is_some() {
            return Err(TokenRefused::Revoked);
        }
        match self.limits.expires_at {
            Some(at) if self.limits.have_expired(now) => Err(TokenRefused::Expired { at }),
            Some(_) | None => Ok(()),
        }
    }

    fn admit_from(&self, usage: TokenUse) -> Result<(), TokenRefused> {
        let networks = &self.limits.networks;
        let address = usage.address;
        if !networks.is_empty() && !networks.iter().any(|one| one.contains(address)) {
            return Err(TokenRefused::Network { address });
        }
        if usage.in_url && self.limits.in_url == SecretInUrl::Refused {
            return Err(TokenRefused::InUrl);
        }
        Ok(())
    }

    /// One that others were made from is used through them, so only the token itself is asked.
    fn admit_by_idleness(
        &self,
        now: Timestamp,
        noted_at: Option<Timestamp>,
    ) -> Result<(), TokenRefused> {
        let used_at = self.last_use.map(|(at, _)| at).max(noted_at);
        if !self.limits.are_idle(now, self.created_at, used_at) {
            return Ok(());
        }
        let idle = self.limits.idle(before(used_at)).unwrap_or_default();
        Err(TokenRefused::Idle {
            days: idle.as_secs() / (24 * 60 * 60),
        })
    }
}

fn before(used_at: Option<Timestamp>) -> UseBefore {
    match used_at {
        Some(_) => UseBefore::Some,
        None => UseBefore::None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Operations;

    #[test]
    fn what_was_never_used_may_end_earlier() {
        let day = Duration::from_hours(24);
        let made = Timestamp::from_micros(0);
        let at = |days: u32| made.plus(day * days);
        let limits = |idle: Option<u64>, unused: Option<u64>| TokenLimits {
            idle_seconds: idle.map(|days| days * day.as_secs()),
            unused_seconds: unused.map(|days| days * day.as_secs()),
            ..TokenLimits::new(Vec::new(), Vec::new(), Operations::all())
        };
        for (idle, unused, used_at, now, is_idle) in [
            (None, None, None, 1000, false),
            (Some(10), None, None, 9, false),
            (Some(10), None, None, 10, true),
            (Some(10), Some(2), None, 1, false),
            (Some(10), Some(2), None, 2, true),
            (Some(10), Some(2), Some(1), 10, false),
            (Some(10), Some(2), Some(1), 11, true),
            (None, Some(2), Some(1), 1000, false),
            (Some(1), Some(2), None, 1, true),
        ] {
            let found = limits(idle, unused).are_idle(at(now), made, used_at.map(at));
            assert_eq!(found, is_idle, "{idle:?} {unused:?} {used_at:?} {now}");
        }
    }
}
