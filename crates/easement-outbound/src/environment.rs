//! The real clock and the real random source. Everything else takes them as parameters.

use std::time::SystemTime;

use easement_core::{Clock, Random, Timestamp};

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that others are given"
    )]
    fn now(&self) -> Timestamp {
        let since_1970 = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Timestamp::from_micros(0).plus(since_1970)
    }
}

/// The random source of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(
        clippy::expect_used,
        reason = "without randomness no secret may be made at all"
    )]
    fn octets(&self, count: usize) -> Vec<u8> {
        let mut octets = vec![0; count];
        aws_lc_rs::rand::fill(&mut octets).expect("the system has a random source");
        octets
    }
}
