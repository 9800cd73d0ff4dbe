//! The counts of all networks, in a fixed room.

use std::sync::atomic::{AtomicU64, Ordering};

use super::allowance::{Allowance, Rate};

/// How many rows there are; a power of two. With eight counts each they take 256 KiB, which stays in
/// the cache of a core. A count is worth keeping only until it is paid off: at 200 answers a second
/// that takes one answer five milliseconds, in which a core sends some two thousand.
const ROWS: usize = 1 << 12;
/// How many counts a row has: as many as a cache line holds.
const ROW_COUNTS: usize = 8;
/// How often a count is tried again that another thread was faster with. After that the answer goes.
const ATTEMPTS: usize = 4;

/// Counts that all threads share. A count that finds no room takes the place of the one in its row with
/// the least to pay off, so those that matter stay.
#[derive(Debug)]
pub(super) struct Table {
    rows: Box<[Row]>,
}

#[derive(Debug, Default)]
#[repr(align(64))]
struct Row([AtomicU64; ROW_COUNTS]);

impl Table {
    pub(super) fn new() -> Self {
        Self {
            rows: (0..ROWS).map(|_| Row::default()).collect(),
        }
    }

    /// Counts one more answer under this hash; false when that is beyond the rate.
    pub(super) fn take(&self, hash: u64, now: u32, rate: Rate) -> bool {
        let [m1, m2, m3, m4, place @ ..] = hash.to_be_bytes();
        let mark = u32::from_be_bytes([m1, m2, m3, m4]);
        let place = usize::try_from(u32::from_be_bytes(place)).unwrap_or_default();
        let Some(Row(counts)) = self.rows.get(place % ROWS) else {
            return true;
        };
        for _ in 0..ATTEMPTS {
            let Some((count, packed)) = find(counts, mark, now) else {
                return true;
            };
            let found = Allowance::from(packed);
            let before = if found.mark == mark {
                found
            } else {
                Allowance::new(mark, now)
            };
            let Some(after) = before.take(now, rate) else {
                return false;
            };
            let swapped = count.compare_exchange_weak(
                packed,
                after.into(),
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
            if swapped.is_ok() {
                return true;
            }
        }
        true
    }
}

/// The count with this mark, or else the one that matters least, and what it holds.
fn find(counts: &[AtomicU64], mark: u32, now: u32) -> Option<(&AtomicU64, u64)> {
    let mut least = None;
    let mut least_debt = u32::MAX;
    for count in counts {
        let packed = count.load(Ordering::Relaxed);
        let allowance = Allowance::from(packed);
        if allowance.mark == mark {
            return Some((count, packed));
        }
        let debt = allowance.debt(now);
        if debt < least_debt {
            least_debt = debt;
            least = Some((count, packed));
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn rate(per_second: u32) -> Rate {
        Rate::per_second(NonZeroU32::new(per_second).unwrap())
    }

    #[test]
    fn counts_of_one_row_do_not_disturb_each_other() {
        let table = Table::new();
        let hash = |mark: u64| mark << 32 | 5;
        for mark in 1..=8 {
            assert!(table.take(hash(mark), 100, rate(2)));
        }
        for mark in 1..=8 {
            assert!(table.take(hash(mark), 100, rate(2)), "{mark}");
            assert!(!table.take(hash(mark), 100, rate(2)), "{mark}");
        }
    }

    #[test]
    fn newcomers_take_the_place_of_those_that_matter_least() {
        let table = Table::new();
        let hash = |mark: u64| mark << 32 | 5;
        for _ in 0..10 {
            assert!(table.take(hash(1), 0, rate(10)));
        }
        for mark in 2..1000 {
            assert!(table.take(hash(mark), 0, rate(10)), "{mark}");
        }
        assert!(!table.take(hash(1), 0, rate(10)), "the flood is remembered");
    }

    #[test]
    fn threads_count_together() {
        let table = Table::new();
        let sent: usize = std::thread::scope(|scope| {
            let count = || {
                (0..500)
                    .filter(|_| table.take(7 << 32, 0, rate(100)))
                    .count()
            };
            let threads = [scope.spawn(count), scope.spawn(count)];
            threads.map(|thread| thread.join().unwrap()).iter().sum()
        });
        // A few may slip through when threads meet too often.
        assert!((100..200).contains(&sent), "{sent}");
    }
}
