//! How often one access is used.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use easement_core::{GrantId, RateLimit, Timestamp};

/// Two calls in a second for long: more than a service needs, and less than a zone can take.
const MOST: u32 = 120;
const WINDOW: Duration = Duration::from_mins(1);

/// Counts the calls of each grant.
#[derive(Debug)]
pub(crate) struct CallLimit(Mutex<RateLimit<GrantId>>);

impl CallLimit {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(RateLimit::new(MOST, WINDOW)))
    }

    /// Counts one call; or says how long to wait.
    pub(crate) fn take(&self, grant: GrantId, now: Timestamp) -> Result<(), Duration> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.take(grant, now)
    }
}
