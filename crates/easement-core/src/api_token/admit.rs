//! Whether a token counts at this moment.

use std::net::IpAddr;

use super::{ApiToken, SecretInUrl, TokenChain, TokenLimits, TokenRefused};
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

    /// Whether a token with these limits, made or used last at this moment, was not used for too long.
    pub fn are_idle(&self, now: Timestamp, used_at: Timestamp) -> bool {
        self.idle().is_some_and(|idle| now.since(used_at) >= idle)
    }
}

impl ApiToken {
    /// Whether it counts no more, whatever it is used for and whatever it was made from.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        let used_at = self.last_use.map_or(self.created_at, |(at, _)| at);
        self.revoked_at.is_some()
            || self.limits.have_expired(now)
            || self.limits.are_idle(now, used_at)
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
        let Some(idle) = self.limits.idle() else {
            return Ok(());
        };
        let stored = self.last_use.map_or(self.created_at, |(at, _)| at);
        let used_at = noted_at.map_or(stored, |noted| noted.max(stored));
        if !self.limits.are_idle(now, used_at) {
            return Ok(());
        }
        Err(TokenRefused::Idle {
            days: idle.as_secs() / (24 * 60 * 60),
        })
    }
}
