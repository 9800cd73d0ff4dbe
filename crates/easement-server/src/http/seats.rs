//! How many connections there are, and from which networks.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use easement_core::throttled_address;

/// Places for connections.
#[derive(Debug)]
pub(super) struct Seats {
    limits: SeatLimits,
    taken: Mutex<Taken>,
}

/// How many there are. A process may usually have 1024 files open, and needs some for its data.
#[derive(Clone, Copy, Debug)]
pub(super) struct SeatLimits {
    pub(super) all: usize,
    pub(super) of_one_network: usize,
}

impl Default for SeatLimits {
    fn default() -> Self {
        Self {
            all: 512,
            of_one_network: 64,
        }
    }
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_network: HashMap<IpAddr, usize>,
}

/// A place that is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    network: IpAddr,
}

impl Seats {
    pub(super) fn new(limits: SeatLimits) -> Self {
        Self {
            limits,
            taken: Mutex::default(),
        }
    }

    /// A place for a client, when there is one.
    pub(super) fn take(seats: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let network = throttled_address(address);
        let mut taken = seats.taken();
        let own = taken.by_network.get(&network).copied().unwrap_or_default();
        if taken.all >= seats.limits.all || own >= seats.limits.of_one_network {
            return None;
        }
        taken.all += 1;
        taken.by_network.insert(network, own + 1);
        Some(Seat {
            seats: Arc::clone(seats),
            network,
        })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        // Counting cannot panic halfway.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        taken.all = taken.all.saturating_sub(1);
        if let Some(own) = taken.by_network.get_mut(&self.network) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                taken.by_network.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_so_many_places_and_gets_them_back() {
        let limits = SeatLimits {
            all: 3,
            of_one_network: 2,
        };
        let seats = Arc::new(Seats::new(limits));
        let take = |address: &str| Seats::take(&seats, address.parse().unwrap());
        let one = take("2001:db8::1").unwrap();
        let _two = take("2001:db8::ffff").unwrap();
        assert!(take("2001:db8::2").is_none(), "the same network");
        let _three = take("192.0.2.1").unwrap();
        assert!(take("192.0.2.2").is_none(), "the house is full");
        drop(one);
        assert!(take("2001:db8::2").is_some());
    }
}
