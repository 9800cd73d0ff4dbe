//! How often somebody may do something.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use crate::Timestamp;

/// The most keys that are remembered. When so many are counted in one window, counting begins anew:
/// forgetting lets somebody through, and remembering without end would fill the memory.
const MAX_KEYS: usize = 8192;

/// Counts how often each of many does something in a window of time.
///
/// ```
/// use std::time::Duration;
/// use easement_core::{RateLimit, Timestamp};
///
/// let mut limit = RateLimit::new(2, Duration::from_secs(60));
/// let now = Timestamp::from_micros(0);
/// assert!(limit.take("a", now).is_ok());
/// assert!(limit.take("a", now).is_ok());
/// assert_eq!(limit.take("a", now), Err(Duration::from_secs(60)));
/// assert!(limit.take("b", now).is_ok());
/// assert!(limit.take("a", now.plus(Duration::from_secs(60))).is_ok());
/// ```
#[derive(Clone, Debug)]
pub struct RateLimit<K> {
    most: u32,
    window: Duration,
    counts: HashMap<K, Count>,
}

#[derive(Clone, Copy, Debug)]
struct Count {
    since: Timestamp,
    times: u32,
}

impl<K: Eq + Hash> RateLimit<K> {
    /// So many times in each window.
    pub fn new(most: u32, window: Duration) -> Self {
        Self {
            most,
            window,
            counts: HashMap::new(),
        }
    }

    /// Counts one time; or says how long to wait.
    pub fn take(&mut self, key: K, now: Timestamp) -> Result<(), Duration> {
        let window = self.window;
        if self.counts.len() >= MAX_KEYS {
            self.counts
                .retain(|_, count| now.since(count.since) < window);
        }
        if self.counts.len() >= MAX_KEYS {
            self.counts.clear();
        }
        let fresh = Count {
            since: now,
            times: 0,
        };
        let count = self.counts.entry(key).or_insert(fresh);
        let passed = now.since(count.since);
        if passed >= window {
            *count = fresh;
        }
        if count.times >= self.most {
            return Err(window.saturating_sub(passed));
        }
        count.times += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_keys_do_not_fill_the_memory() {
        let mut limit = RateLimit::new(1, Duration::from_mins(1));
        for key in 0..3 * MAX_KEYS {
            assert!(limit.take(key, Timestamp::from_micros(0)).is_ok());
        }
        assert!(limit.counts.len() <= MAX_KEYS);
    }
}
