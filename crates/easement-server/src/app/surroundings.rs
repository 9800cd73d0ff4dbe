//! What a server finds around it.

use std::sync::Arc;

use easement_core::{Clock, Random};

use easement_outbound::{SystemClock, SystemRandom};

/// What surrounds a server, and what a test replaces.
#[derive(Clone)]
pub struct Surroundings {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where secrets come from.
    pub random: Arc<dyn Random>,
    /// Where service providers are.
    pub service_providers: ServiceProviders,
}

/// Where service providers are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ServiceProviders {
    /// On the internet: their keys are asked for at the configured resolver, and browsers return to
    /// them over TLS only.
    OnTheInternet,
    /// On this very machine, for the demo and for tests: their keys are in this server's own DNS, and
    /// browsers may return to loopback addresses without TLS.
    OnThisMachine,
}

impl Surroundings {
    /// The clock and random source of the machine, and the internet.
    pub fn of_this_machine() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            service_providers: ServiceProviders::OnTheInternet,
        }
    }
}

impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings")
            .field("service_providers", &self.service_providers)
            .finish_non_exhaustive()
    }
}
