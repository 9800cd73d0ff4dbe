//! What all threads and tasks answer from.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use easement_core::{Clock, Timestamp};
use easement_zone::HostedZones;

use crate::answer::{Features, Occasion, Transport};
use crate::metrics::Metrics;

/// The zones, what is set up beside them, and what has been answered so far.
pub(crate) struct Service {
    pub(crate) zones: Arc<HostedZones>,
    pub(crate) features: Features,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) metrics: Arc<Metrics>,
}

impl Service {
    /// No zones, and nothing beside them.
    pub(crate) fn plain() -> Self {
        Self {
            zones: Arc::default(),
            features: Features::default(),
            clock: Arc::new(Stopped),
            metrics: Arc::default(),
        }
    }

    /// The same for these zones.
    pub(crate) fn serving(self, zones: &Arc<HostedZones>) -> Self {
        Self {
            zones: Arc::clone(zones),
            ..self
        }
    }

    /// Now, for queries over this transport.
    pub(crate) fn occasion(&self, transport: Transport) -> Occasion<'_> {
        Occasion {
            features: &self.features,
            transport,
            now: self.clock.now(),
            idle_timeout: Duration::ZERO,
        }
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("features", &self.features)
            .field("metrics", &self.metrics)
            .finish_non_exhaustive()
    }
}

/// The time for a server that goes by none.
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(0)
    }
}
