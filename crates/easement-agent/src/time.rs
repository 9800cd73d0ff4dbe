//! Two clocks: one that people set, and one that only runs.
//!
//! What is stored is dated by the former; how long to wait is measured by the latter, so that a clock that jumps
//! makes nobody wait for years, nor ask without a pause.

use std::time::Duration;
#[cfg(not(target_os = "linux"))]
use std::time::Instant;

use easement_core::{Clock, Timestamp};
use serde::{Deserialize, Serialize};

/// A clock that says less has not been set since the machine was started: this program is younger.
const CLOCKS_ARE_SET_SINCE: Timestamp = Timestamp::from_micros(1_735_689_600_000_000);
/// A difference that is not written down again: clocks are set by small steps all the time.
const SMALL_STEP: Duration = Duration::from_secs(5);

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

/// The timer of the machine. On Linux it goes on while the machine sleeps.
#[derive(Clone, Copy, Debug)]
pub struct SystemTimer(Started);

#[cfg(target_os = "linux")]
type Started = Duration;
#[cfg(not(target_os = "linux"))]
type Started = Instant;

impl SystemTimer {
    /// Begins to count.
    pub fn start() -> Self {
        #[cfg(target_os = "linux")]
        let started = since_boot();
        #[cfg(not(target_os = "linux"))]
        let started = Instant::now();
        Self(started)
    }
}

impl Timer for SystemTimer {
    fn running(&self) -> Duration {
        #[cfg(target_os = "linux")]
        let running = since_boot().saturating_sub(self.0);
        #[cfg(not(target_os = "linux"))]
        let running = self.0.elapsed();
        running
    }
}

/// It cannot fail where the kernel knows the clock, as every one of this century does.
#[cfg(target_os = "linux")]
fn since_boot() -> Duration {
    use nix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::CLOCK_BOOTTIME).map_or(Duration::ZERO, Duration::from)
}

impl Moment {
    /// Now.
    pub fn now(clock: &dyn Clock, timer: &dyn Timer) -> Self {
        Self {
            wall: clock.now(),
            running: timer.running(),
        }
    }
}

/// When something happened. It is stored by the clock that people set; the process that saw it knows it by the clock
/// that only runs too, and believes that one.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(from = "Timestamp", into = "Timestamp")]
pub struct When {
    wall: Timestamp,
    running: Option<Duration>,
}

impl When {
    /// By the clock that people set.
    pub fn wall(&self) -> Timestamp {
        self.wall
    }

    /// How long ago it was. What is dated in the future happened now: the clock was set back since, and nobody knows
    /// by how much.
    pub fn age(&self, now: &Moment) -> Duration {
        match self.running {
            Some(running) => now.running.saturating_sub(running),
            None => now.wall.since(self.wall),
        }
    }

    /// Dates it anew when the clock was set meanwhile. What another process dated in the future counts from now on,
    /// unless it is this clock that has not been set yet.
    pub fn settle(&mut self, now: &Moment) {
        if self.running.is_none() && now.wall >= CLOCKS_ARE_SET_SINCE && self.wall > now.wall {
            *self = Self::from(*now);
        }
        if self.running.is_some() {
            let wall = now.wall.minus(self.age(now));
            let off = wall.since(self.wall).max(self.wall.since(wall));
            if off > SMALL_STEP {
                self.wall = wall;
            }
        }
    }
}

impl From<Moment> for When {
    fn from(moment: Moment) -> Self {
        Self {
            wall: moment.wall,
            running: Some(moment.running),
        }
    }
}

impl From<Timestamp> for When {
    fn from(wall: Timestamp) -> Self {
        let running = None;
        Self { wall, running }
    }
}

impl From<When> for Timestamp {
    fn from(when: When) -> Self {
        when.wall
    }
}

/// Two are the same when the same is stored of them.
impl PartialEq for When {
    fn eq(&self, other: &Self) -> bool {
        self.wall == other.wall
    }
}

impl Eq for When {}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_hours(24);
    const YEARS: Duration = Duration::from_hours(24 * 3650);

    fn at(wall: Timestamp, days: u32) -> Moment {
        let running = DAY * days;
        Moment { wall, running }
    }

    #[test]
    fn what_this_process_saw_is_measured_by_the_clock_that_only_runs() {
        let right = CLOCKS_ARE_SET_SINCE.plus(DAY * 400);
        // It was years ahead, or at the beginning of 1970, when something was sent; then it was set.
        for wrong in [right.plus(YEARS), Timestamp::from_micros(0)] {
            let mut sent = When::from(at(wrong, 1));
            let now = at(right, 3);
            assert_eq!(sent.age(&now), DAY * 2, "{wrong}");
            sent.settle(&now);
            assert_eq!(sent.wall(), right.minus(DAY * 2), "{wrong}");
        }
    }

    #[test]
    fn what_another_process_dated_in_the_future_counts_from_now_on_once_the_clock_is_set() {
        let right = CLOCKS_ARE_SET_SINCE.plus(DAY * 400);
        let mut stored = When::from(right.plus(YEARS));
        stored.settle(&at(right, 1));
        assert_eq!(stored.age(&at(right.plus(DAY * 4), 5)), DAY * 4);
        // Before the clock of a machine without a battery is set, all dates are in the future, and true.
        let mut stored = When::from(right.minus(DAY));
        let boot = at(Timestamp::from_micros(0), 0);
        stored.settle(&boot);
        assert_eq!(stored.age(&boot), Duration::ZERO);
        let set = at(right, 0);
        stored.settle(&set);
        assert_eq!(stored.age(&set), DAY);
    }

    #[test]
    fn the_timer_runs() {
        let timer = SystemTimer::start();
        let before = timer.running();
        assert!(timer.running() >= before && before < DAY);
    }
}
