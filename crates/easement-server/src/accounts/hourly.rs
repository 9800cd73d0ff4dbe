//! How often an account may do something in an hour.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use easement_core::{AccountId, RateLimit, Timestamp};

const WINDOW: Duration = Duration::from_hours(1);

/// Counts how often accounts do something.
#[derive(Debug)]
pub(crate) struct HourlyLimit(Mutex<RateLimit<AccountId>>);

impl HourlyLimit {
    /// So often in an hour.
    pub(crate) fn new(most: u32) -> Self {
        Self(Mutex::new(RateLimit::of_known_keys(most, WINDOW)))
    }

    /// Counts it once; or says how long to wait.
    pub(crate) fn take(&self, account: AccountId, now: Timestamp) -> Result<(), Duration> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.take(account, now)
    }
}
