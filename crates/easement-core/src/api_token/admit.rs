//! Whether a token counts at this moment.

use std::net::IpAddr;

use super::{ApiToken, SecretInUrl, TokenChain, TokenRefused};
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
}

impl TokenChain {
    /// Whether the token counts at this moment, and all that it was made from do.
    pub fn admit(&self, usage: TokenUse) -> Result<(), TokenRefused> {
        self.admit_at(usage.now)?;
        self.iter().try_for_each(|token| token.admit_from(usage))
    }

    /// Whether it has not ended, wherever it is used.
    pub fn admit_at(&self, now: Timestamp) -> Result<(), TokenRefused> {
        self.token().admit_by_idleness(now)?;
        self.iter().try_for_each(|token| token.admit_by_end(now))
    }
}

impl ApiToken {
    fn admit_by_end(&self, now: Timestamp) -> Result<(), TokenRefused> {
        if self.revoked_at.is_some() {
            return Err(TokenRefused::Revoked);
        }
        match self.limits.expires_at {
            Some(at) if now >= at => Err(TokenRefused::Expired { at }),
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
    fn admit_by_idleness(&self, now: Timestamp) -> Result<(), TokenRefused> {
        let Some(idle) = self.limits.idle() else {
            return Ok(());
        };
        let used_at = self.last_use.map_or(self.created_at, |(at, _)| at);
        if now.since(used_at) < idle {
            return Ok(());
        }
        Err(TokenRefused::Idle {
            days: idle.as_secs() / (24 * 60 * 60),
        })
    }
}
