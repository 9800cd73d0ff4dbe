//! Places for work that asks the world: so many at once for everybody together, and few for one network, so that
//! whoever waits for servers that never answer makes nobody else wait.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use easement_core::throttled_address;

/// The places for each kind of work: what anybody can begin takes none from what was begun with consent.
#[derive(Debug)]
pub(crate) struct Places {
    /// Discoveries, looks at DNS, tools.
    pub(crate) questions: Room,
    /// Visitors' sites.
    pub(crate) sites: Room,
    /// Codes and tokens.
    pub(crate) permissions: Room,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            questions: Room::new(32, 3),
            sites: Room::new(32, 4),
            permissions: Room::new(16, 2),
        }
    }
}

/// Places for one kind of work.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    most: usize,
    most_of_network: usize,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    network: IpAddr,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Room {
    fn new(most: usize, most_of_network: usize) -> Self {
        Self {
            most,
            most_of_network,
            taken: Arc::default(),
        }
    }

    /// A place, when there is one.
    pub(crate) fn take(&self, address: IpAddr) -> Option<Place> {
        let network = throttled_address(address);
        let mut taken = lock(&self.taken);
        let of_network = taken.get(&network).copied().unwrap_or_default();
        if of_network >= self.most_of_network || taken.values().sum::<usize>() >= self.most {
            return None;
        }
        taken.insert(network, of_network + 1);
        Some(Place {
            network,
            taken: Arc::clone(&self.taken),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        match taken.get_mut(&self.network) {
            Some(count) if *count > 1 => *count -= 1,
            Some(_) | None => {
                taken.remove(&self.network);
            }
        }
    }
}

/// Nothing panics while it is held; if something did, the numbers are still whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_has_few_places_and_gives_them_back() {
        let room = Room::new(4, 2);
        let take = |address: &str| room.take(address.parse().unwrap());
        let (first, second) = (take("2001:db8::1"), take("2001:db8::2"));
        assert!(first.is_some() && second.is_some());
        assert!(take("2001:db8::3").is_none(), "the same network");
        let third = take("192.0.2.1");
        let fourth = take("192.0.2.2");
        assert!(third.is_some() && fourth.is_some());
        assert!(take("198.51.100.1").is_none(), "there are four");
        drop(first);
        assert!(take("198.51.100.1").is_some());
        assert!(take("2001:db8::3").is_some());
        drop((second, third, fourth));
        assert!(lock(&room.taken).is_empty(), "nothing is remembered");
    }
}
