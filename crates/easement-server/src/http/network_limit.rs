//! How often one network may do something, within this process.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use easement_core::{RateLimit, Timestamp, throttled_address};

/// Counts what each network does in a window of time.
#[derive(Debug)]
pub(crate) struct NetworkLimit(Mutex<RateLimit<IpAddr>>);

impl NetworkLimit {
    /// So many times in each window.
    pub(crate) fn new(most: u32, window: Duration) -> Self {
        Self(Mutex::new(RateLimit::new(most, window)))
    }

    /// Counts one time; or says how long to wait.
    pub(crate) fn take(&self, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        // Nothing panics while it is held; if something did, the numbers are still whole.
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.take(throttled_address(address), now)
    }

    /// How long to wait, without counting; nothing when there is no need to.
    pub(crate) fn wait(&self, address: IpAddr, now: Timestamp) -> Option<Duration> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.wait(&throttled_address(address), now)
    }
}
