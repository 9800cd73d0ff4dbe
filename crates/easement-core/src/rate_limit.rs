//! How often somebody may do something.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use crate::Timestamp;

/// The most keys that are remembered of those that anybody can make up. When so many are counted in one window,
/// counting begins anew: forgetting lets somebody through, and remembering without end would fill the memory.
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
    keys: Keys,
}

/// How many keys there can be.
#[derive(Clone, Copy, Debug)]
enum Keys {
    /// As many as somebody makes up.
    Endless,
    /// As many as are stored somewhere else anyway. Windows that are over are looked for when there are so many.
    Known { tidy_at: usize },
}

#[derive(Clone, Copy, Debug)]
struct Count {
    since: Timestamp,
    window: Duration,
    times: u32,
}

impl<K: Eq + Hash> RateLimit<K> {
    /// So many times in each window.
    pub fn new(most: u32, window: Duration) -> Self {
        Self {
            most,
            window,
            counts: HashMap::new(),
            keys: Keys::Endless,
        }
    }

    /// The same for keys that nobody can make up, such as the ids of what is stored: each window counts to its
    /// end, however many there are.
    pub fn of_known_keys(most: u32, window: Duration) -> Self {
        Self {
            keys: Keys::Known { tidy_at: MAX_KEYS },
            ..Self::new(most, window)
        }
    }

    /// Counts one time; or says how long to wait.
    pub fn take(&mut self, key: K, now: Timestamp) -> Result<(), Duration> {
        self.take_within(key, (self.most, self.window), now)
            .map(|_| ())
    }

    /// Counts one time for somebody with a limit of their own, and says how many more there are in this
    /// window and when it ends; or says how long to wait.
    pub fn take_within(
        &mut self,
        key: K,
        limit: (u32, Duration),
        now: Timestamp,
    ) -> Result<(u32, Timestamp), Duration> {
        self.take_many(key, 1, limit, now)
    }

    /// The same for several times at once. As long as one is left they are let through together, and count: what
    /// belongs together is not refused for ever because it is more than a window has.
    pub fn take_many(
        &mut self,
        key: K,
        times: u32,
        (most, window): (u32, Duration),
        now: Timestamp,
    ) -> Result<(u32, Timestamp), Duration> {
        self.make_room(now);
        let count = self.counts.entry(key).or_insert(Count {
            since: now,
            window,
            times: 0,
        });
        let passed = now.since(count.since);
        if passed >= window {
            *count = Count {
                since: now,
                window,
                times: 0,
            };
        }
        if count.times >= most {
            return Err(window.saturating_sub(passed));
        }
        count.times = count.times.saturating_add(times);
        Ok((most.saturating_sub(count.times), count.since.plus(window)))
    }

    /// How long to wait, without counting; nothing when there is no need to.
    pub fn wait(&self, key: &K, now: Timestamp) -> Option<Duration> {
        let count = self.counts.get(key)?;
        let passed = now.since(count.since);
        (count.times >= self.most && passed < self.window)
            .then(|| self.window.saturating_sub(passed))
    }

    fn make_room(&mut self, now: Timestamp) {
        let most = match self.keys {
            Keys::Endless => MAX_KEYS,
            Keys::Known { tidy_at } => tidy_at,
        };
        if self.counts.len() < most {
            return;
        }
        self.counts
            .retain(|_, count| now.since(count.since) < count.window);
        match &mut self.keys {
            Keys::Endless if self.counts.len() >= MAX_KEYS => self.counts.clear(),
            Keys::Endless => {}
            // Not again for each key that comes.
            Keys::Known { tidy_at } => *tidy_at = MAX_KEYS.max(2 * self.counts.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_a_limit_of_their_own_is_told_what_is_left() {
        let mut limit = RateLimit::new(1, Duration::from_mins(1));
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let own = (2, Duration::from_mins(2));
        assert_eq!(limit.take_within("a", own, at(0)), Ok((1, at(120))));
        assert_eq!(
            limit.wait(&"a", at(0)),
            Some(Duration::from_mins(1)),
            "by the common limit"
        );
        assert_eq!(limit.take_within("a", own, at(100)), Ok((0, at(120))));
        assert_eq!(
            limit.take_within("a", own, at(110)),
            Err(Duration::from_secs(10))
        );
        assert_eq!(limit.take_within("a", own, at(120)), Ok((1, at(240))));
        assert_eq!(limit.wait(&"b", at(0)), None);
    }

    #[test]
    fn what_belongs_together_is_let_through_together() {
        let mut limit = RateLimit::new(1, Duration::from_mins(1));
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let own = (10, Duration::from_mins(1));
        assert_eq!(limit.take_many("a", 4, own, at(0)), Ok((6, at(60))));
        assert_eq!(limit.take_many("a", 100, own, at(0)), Ok((0, at(60))));
        let wait = Err(Duration::from_secs(50));
        assert_eq!(limit.take_many("a", 1, own, at(10)), wait);
        assert_eq!(limit.take_many("a", 1, own, at(60)), Ok((9, at(120))));
    }

    #[test]
    fn known_keys_are_counted_to_the_end_of_their_windows() {
        let mut limit = RateLimit::of_known_keys(1, Duration::from_mins(1));
        let now = Timestamp::from_micros(0);
        for key in 0..3 * MAX_KEYS {
            assert!(limit.take(key, now).is_ok());
        }
        assert!((0..3 * MAX_KEYS).all(|key| limit.take(key, now).is_err()));
        let later = now.plus(Duration::from_mins(1));
        for key in 0..2 * MAX_KEYS {
            assert!(limit.take(3 * MAX_KEYS + key, later).is_ok());
        }
        assert!(
            limit.counts.len() <= 2 * MAX_KEYS,
            "what is over is forgotten"
        );
    }

    #[test]
    fn many_keys_do_not_fill_the_memory() {
        let mut limit = RateLimit::new(1, Duration::from_mins(1));
        for key in 0..3 * MAX_KEYS {
            assert!(limit.take(key, Timestamp::from_micros(0)).is_ok());
        }
        assert!(limit.counts.len() <= MAX_KEYS);
    }
}
