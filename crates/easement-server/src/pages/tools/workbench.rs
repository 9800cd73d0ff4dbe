//! The processor time that the tools may take.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use easement_core::Timestamp;
use tokio::sync::Semaphore;

use crate::http::NetworkLimit;
use crate::pages::PageError;

/// How often one network may use the tools.
const MAX_USES: u32 = 60;
const WINDOW: Duration = Duration::from_mins(1);
/// How many templates are worked on at the same time. Inputs are bounded, so each ends soon.
const PLACES: usize = 2;

/// Where templates are checked and tried, off the threads that answer requests.
#[derive(Debug)]
pub(crate) struct Workbench {
    limit: NetworkLimit,
    places: Arc<Semaphore>,
}

impl Workbench {
    pub(crate) fn new() -> Self {
        Self {
            limit: NetworkLimit::new(MAX_USES, WINDOW),
            places: Arc::new(Semaphore::new(PLACES)),
        }
    }

    /// Counts one use; or says how long to wait.
    pub(super) fn count(&self, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        self.limit.take(address, now)
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
