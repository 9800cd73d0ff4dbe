//! Two clocks: one that people set, and one that only runs.
//!
//! What is stored is dated by the former; how long to wait is measured by the latter, so that a clock that jumps
//! makes nobody wait for years, nor ask without a pause.

use std::time::{Duration, Instant};

use easement_core::{Clock, Timestamp};

/// One moment by both clocks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Moment {
    /// By the clock that people set.
    pub wall: Timestamp,
    /// Since the agent was started; it never goes back.
    pub running: Duration,
}

/// How long the agent has been running.
pub trait Timer: Send + Sync {
    /// Since it was made.
    fn running(&self) -> Duration;
}

/// The timer of the machine. Where the system stops it during sleep, a pause goes on afterwards.
#[derive(Clone, Copy, Debug)]
pub struct SystemTimer(Instant);

impl SystemTimer {
    /// Begins to count.
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

impl Timer for SystemTimer {
    fn running(&self) -> Duration {
        self.0.elapsed()
    }
}

impl Moment {
    /// Now.
    pub fn now(clock: &dyn Clock, timer: &dyn Timer) -> Self {
        Self {
            wall: clock.now(),
            running: timer.running(),
        }
    }

    /// How long ago something stored happened. What is dated in the future happened now: the clock was set back
    /// since, and nobody knows by how much.
    pub fn age(&self, stored: Timestamp) -> Duration {
        self.wall.since(stored)
    }
}
