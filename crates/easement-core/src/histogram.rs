//! How often something took how much, as monitoring wants to know it.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts of measured values by their size. Counting waits for nobody.
///
/// Values are whole numbers, such as microseconds, so that counting needs no lock.
///
/// ```
/// use easement_core::Histogram;
///
/// let sizes = Histogram::new(&[1, 10, 100]);
/// for size in [1, 7, 1000] {
///     sizes.observe(size);
/// }
/// let read = sizes.read();
/// assert_eq!(read.up_to, [(1, 1), (10, 2), (100, 2)]);
/// assert_eq!((read.count, read.sum), (3, 1008));
/// ```
#[derive(Debug)]
pub struct Histogram {
    /// Each with its bound, which belongs to it.
    buckets: Box<[(u64, AtomicU64)]>,
    above: AtomicU64,
    sum: AtomicU64,
}

/// What a histogram holds at one moment.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct HistogramReading {
    /// For each bound, how many values were not above it.
    pub up_to: Vec<(u64, u64)>,
    /// How many values there were.
    pub count: u64,
    /// Their sum.
    pub sum: u64,
}

impl Histogram {
    /// With these bounds, in ascending order.
    pub fn new(bounds: &[u64]) -> Self {
        Self {
            buckets: bounds
                .iter()
                .map(|bound| (*bound, AtomicU64::new(0)))
                .collect(),
            above: AtomicU64::new(0),
            sum: AtomicU64::new(0),
        }
    }

    /// Counts a value.
    pub fn observe(&self, value: u64) {
        let bucket = self.buckets.iter().find(|(bound, _)| value <= *bound);
        let count = bucket.map_or(&self.above, |(_, count)| count);
        count.fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    /// What was counted so far.
    pub fn read(&self) -> HistogramReading {
        let mut count = 0;
        let mut up_to = Vec::with_capacity(self.buckets.len());
        for (bound, own) in &self.buckets {
            count += own.load(Ordering::Relaxed);
            up_to.push((*bound, count));
        }
        count += self.above.load(Ordering::Relaxed);
        HistogramReading {
            up_to,
            count,
            sum: self.sum.load(Ordering::Relaxed),
        }
    }
}
