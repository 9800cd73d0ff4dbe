//! How far a verification has come, to be looked at by somebody else meanwhile.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters that [`Store::verify`](crate::Store::verify) moves on.
#[derive(Debug, Default)]
pub struct VerifyProgress {
    zones: AtomicU64,
    zones_done: AtomicU64,
    rows: AtomicU64,
}

impl VerifyProgress {
    /// How many zones there are; zero while the tables are looked at.
    pub fn zones(&self) -> u64 {
        self.zones.load(Ordering::Relaxed)
    }

    /// How many zones are done.
    pub fn zones_done(&self) -> u64 {
        self.zones_done.load(Ordering::Relaxed)
    }

    /// How many rows of the journal and of the folded records were read.
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    pub(super) fn set_zones(&self, zones: u64) {
        self.zones.store(zones, Ordering::Relaxed);
    }

    pub(super) fn finish_zone(&self) {
        self.zones_done.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read_row(&self) {
        self.rows.fetch_add(1, Ordering::Relaxed);
    }
}
