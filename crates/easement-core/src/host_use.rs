//! What devices did with one host: how often, when last, from where, and whether two of them fight.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Timestamp, TokenName, UpdateProtocol};

/// One update of a host that was carried out.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct HostUpdate {
    /// When.
    pub at: Timestamp,
    /// The addresses that the host had afterwards.
    pub addresses: Vec<IpAddr>,
    /// From which address it came; nothing when that was long ago.
    pub from: Option<IpAddr>,
    /// What the token was called.
    pub token: TokenName,
    /// How the device spoke.
    pub protocol: UpdateProtocol,
    /// Whether any record was different afterwards.
    pub changed: bool,
}

/// The updates of one host. The newest changes are kept as they were, all updates are counted.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct HostUse {
    /// When it was updated first.
    pub first_at: Option<Timestamp>,
    /// When it was updated last, whether or not that changed anything.
    pub last_at: Option<Timestamp>,
    /// How many updates there were.
    pub updates: u64,
    /// How many of them changed something.
    pub changes: u64,
    /// The newest changes, the newest last.
    pub recent: Vec<HostUpdate>,
    /// How many updates there were in each of the last hours: hours since 1970, in their order.
    hours: Vec<(i64, u32)>,
}

/// That two devices, or one with two addresses, change a host to and fro.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Flapping {
    /// How often the host came back to the addresses that it had before the last change.
    pub returns: usize,
    /// Between which addresses.
    pub between: [Vec<IpAddr>; 2],
}

impl HostUse {
    /// The most changes that are kept.
    pub const MAX_RECENT: usize = 20;
    /// How far back counts by the hour go.
    const HOURS: i64 = 24;
    /// So many returns in an hour are a fight.
    const FLAPPING_RETURNS: usize = 3;

    /// Adds an update; those of a host come in the order of their time, or nearly so.
    pub fn note(&mut self, update: HostUpdate) {
        self.first_at.get_or_insert(update.at);
        self.last_at = self.last_at.max(Some(update.at));
        self.updates = self.updates.saturating_add(1);
        self.count_hour(update.at);
        if update.changed {
            self.changes = self.changes.saturating_add(1);
            self.recent.push(update);
            let old = self.recent.len().saturating_sub(Self::MAX_RECENT);
            self.recent.drain(..old);
        }
    }

    fn count_hour(&mut self, at: Timestamp) {
        let hour = hour_of(at);
        match self.hours.iter_mut().find(|(one, _)| *one == hour) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => self.hours.push((hour, 1)),
        }
        let newest = self.hours.iter().map(|(hour, _)| *hour).max();
        let newest = newest.unwrap_or(hour);
        self.hours.retain(|(hour, _)| newest - hour <= Self::HOURS);
    }

    /// How many updates there were in the last day, to the hour.
    pub fn updates_of_a_day(&self, now: Timestamp) -> u64 {
        let now = hour_of(now);
        let counts = self
            .hours
            .iter()
            .filter(|(hour, _)| now - hour < Self::HOURS);
        counts.map(|(_, count)| u64::from(*count)).sum()
    }

    /// When it was changed last.
    pub fn changed_at(&self) -> Option<Timestamp> {
        self.recent.last().map(|update| update.at)
    }

    /// Whether the host went to and fro between the same addresses within the last hour. One that gets a new
    /// address every few minutes does not: nobody can help that.
    pub fn flapping(&self, now: Timestamp) -> Option<Flapping> {
        const SPAN: Duration = Duration::from_hours(1);
        let fresh = self.recent.iter().filter(|one| now.since(one.at) < SPAN);
        let fresh: Vec<&HostUpdate> = fresh.collect();
        let is_return = |three: &&[&HostUpdate]| matches!(three, [a, b, c] if a.addresses == c.addresses && a.addresses != b.addresses);
        let returns: Vec<_> = fresh.windows(3).filter(is_return).collect();
        let last = returns.last()?;
        let [_, other, this] = last else {
            return None;
        };
        (returns.len() >= Self::FLAPPING_RETURNS).then(|| Flapping {
            returns: returns.len(),
            between: [other.addresses.clone(), this.addresses.clone()],
        })
    }

    /// The oldest change of which it is known from where it came.
    pub fn oldest_source(&self) -> Option<Timestamp> {
        let known = self.recent.iter().filter(|update| update.from.is_some());
        known.map(|update| update.at).min()
    }

    /// Forgets from where updates came that were made before a moment. Says whether there were any.
    pub fn forget_sources(&mut self, before: Timestamp) -> bool {
        let old = self.recent.iter_mut().filter(|update| update.at < before);
        let forgotten = old.filter_map(|update| update.from.take()).count();
        forgotten > 0
    }
}

fn hour_of(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(3_600_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_micros(1_795_301_748_000_000);

    fn minutes(count: u64) -> Timestamp {
        START.plus(Duration::from_mins(count))
    }

    fn update(minute: u64, address: &str, changed: bool) -> HostUpdate {
        HostUpdate {
            at: minutes(minute),
            addresses: vec![address.parse().unwrap()],
            from: Some(address.parse().unwrap()),
            token: "Router".parse().unwrap(),
            protocol: UpdateProtocol::Dyndns2,
            changed,
        }
    }

    fn after(updates: &[(u64, &str)]) -> HostUse {
        let mut used = HostUse::default();
        for (minute, address) in updates {
            used.note(update(*minute, address, true));
        }
        used
    }

    #[test]
    fn updates_are_counted_and_changes_are_kept() {
        let mut used = HostUse::default();
        for minute in 0..100 {
            used.note(update(minute * 10, "9.9.9.9", minute % 4 == 0));
        }
        assert_eq!((used.updates, used.changes), (100, 25));
        assert_eq!(used.recent.len(), HostUse::MAX_RECENT);
        assert_eq!(used.first_at, Some(minutes(0)));
        assert_eq!(used.last_at, Some(minutes(990)));
        assert_eq!(used.changed_at(), Some(minutes(960)));
        assert_eq!(used.updates_of_a_day(minutes(990)), 100);
        assert_eq!(used.updates_of_a_day(minutes(990 + 1440)), 0);
        let later = used.updates_of_a_day(minutes(990 + 720));
        assert!(
            (66..=78).contains(&later),
            "{later}: half a day of six an hour, to the hour"
        );
    }

    #[test]
    fn only_a_host_that_goes_to_and_fro_is_flapping() {
        for (updates, now, returns) in [
            (
                &[(0, "1.1.1.1"), (1, "9.9.9.9"), (2, "1.1.1.1")][..],
                3,
                None,
            ),
            (
                &[
                    (0, "1.1.1.1"),
                    (1, "9.9.9.9"),
                    (2, "1.1.1.1"),
                    (3, "9.9.9.9"),
                    (4, "1.1.1.1"),
                ],
                5,
                Some(3),
            ),
            // An hour later it is over.
            (
                &[
                    (0, "1.1.1.1"),
                    (1, "9.9.9.9"),
                    (2, "1.1.1.1"),
                    (3, "9.9.9.9"),
                    (4, "1.1.1.1"),
                ],
                70,
                None,
            ),
            // Another address every minute is what some lines are like.
            (
                &[
                    (0, "1.1.1.1"),
                    (1, "1.1.1.2"),
                    (2, "1.1.1.3"),
                    (3, "1.1.1.4"),
                    (4, "1.1.1.5"),
                ],
                5,
                None,
            ),
        ] {
            let found = after(updates).flapping(minutes(now));
            assert_eq!(found.map(|one| one.returns), returns, "{updates:?} {now}");
        }
    }

    #[test]
    fn addresses_of_devices_are_forgotten_in_time() {
        let mut used = after(&[(0, "1.1.1.1"), (10, "9.9.9.9")]);
        assert!(used.forget_sources(minutes(5)));
        assert!(!used.forget_sources(minutes(5)), "once");
        let sources: Vec<bool> = used.recent.iter().map(|one| one.from.is_some()).collect();
        assert_eq!(sources, [false, true]);
        assert_eq!(used.recent[0].addresses.len(), 1, "what DNS said stays");
    }
}
