//! How often tokens and webhooks are made and changed over the network: each change begins an epoch, in which every
//! node reads every token once more.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use easement_core::{AccountId, ApiTokenId, RateLimit, Timestamp, TokenChain};

/// How many changes there may be in a window.
const MOST: u32 = 60;
const WINDOW: Duration = Duration::from_hours(1);

/// Counts changes of tokens and webhooks.
#[derive(Debug)]
pub(crate) struct ChangeLimit(Mutex<RateLimit<ChangeLimitKey>>);

/// Whose changes are counted.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum ChangeLimitKey {
    /// Those that a person makes.
    Account(AccountId),
    /// Those of the webhooks of an account.
    Webhooks(AccountId),
    /// Those that holders make: of a token that was made from no other, and of all below it together.
    Holders(ApiTokenId),
}

impl ChangeLimitKey {
    /// For the holder of a token.
    pub(crate) fn holder(chain: &TokenChain) -> Self {
        Self::Holders(chain.iter().last().unwrap_or(chain.token()).id)
    }
}

impl ChangeLimit {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(RateLimit::new(MOST, WINDOW)))
    }

    /// Counts one change; or says how long to wait.
    pub(crate) fn take(&self, key: ChangeLimitKey, now: Timestamp) -> Result<(), Duration> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.take(key, now)
    }
}
