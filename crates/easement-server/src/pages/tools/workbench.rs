//! The processor time that the tools may take.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use easement_core::{RateLimit, Timestamp, throttled_address};
use tokio::sync::Semaphore;

use crate::pages::PageError;

/// How often one network may use the tools.
const MAX_USES: u32 = 60;
const WINDOW: Duration = Duration::from_mins(1);
/// How many templates are worked on at the same time. Inputs are bounded, so each ends soon.
const PLACES: usize = 2;

/// Where templates are checked and tried, off the threads that answer requests.
#[derive(Debug)]
pub(crate) struct Workbench {
    limiter: Mutex<RateLimit<IpAddr>>,
    places: Arc<Semaphore>,
}

impl Workbench {
    pub(crate) fn new() -> Self {
        Self {
            limiter: Mutex::new(RateLimit::new(MAX_USES, WINDOW)),
            places: Arc::new(Semaphore::new(PLACES)),
        }
    }

    /// Counts one use; or says how long to wait.
    pub(super) fn count(&self, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        // Nothing panics while it is held; if something did, the numbers are still whole.
        let mut limiter = self.limiter.lock().unwrap_or_else(PoisonError::into_inner);
        limiter.take(throttled_address(address), now)
    }

    /// Does the work when there is a place. The place is taken until the work ends, also when nobody
    /// waits for it any more.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PageError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|error| PageError::failure(error.to_string()))?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        });
        // What it panicked about may hold what somebody pasted, so the log does not hear it.
        done.await
            .map_err(|_| PageError::failure("a tool failed on its input"))
    }
}
