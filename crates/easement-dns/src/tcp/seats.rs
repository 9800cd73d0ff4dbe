//! How many connections there are, and of whom.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::server::TcpLimits;

/// Places for connections.
#[derive(Debug)]
pub(super) struct Seats {
    limits: TcpLimits,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_client: HashMap<IpAddr, usize>,
}

/// A place that is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    client: IpAddr,
}

impl Seats {
    pub(super) fn new(limits: TcpLimits) -> Self {
        Self {
            limits,
            taken: Mutex::default(),
        }
    }

    /// A place for a client, when there is one.
    pub(super) fn take(seats: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let client = network_of(address);
        let mut taken = seats.taken();
        let own = taken.by_client.get(&client).copied().unwrap_or_default();
        if taken.all >= seats.limits.connections || own >= seats.limits.connections_per_address {
            return None;
        }
        taken.all += 1;
        taken.by_client.insert(client, own + 1);
        Some(Seat {
            seats: Arc::clone(seats),
            client,
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
        if let Some(own) = taken.by_client.get_mut(&self.client) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                taken.by_client.remove(&self.client);
            }
        }
    }
}

/// Who counts as one client: an IPv4 address, or the /64 network that an IPv6 host chooses from.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seats(connections: usize, connections_per_address: usize) -> Arc<Seats> {
        Arc::new(Seats::new(TcpLimits {
            connections,
            connections_per_address,
            ..TcpLimits::default()
        }))
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_client_cannot_take_every_seat() {
        let seats = seats(3, 2);
        let first = Seats::take(&seats, ip("192.0.2.1"));
        let second = Seats::take(&seats, ip("192.0.2.1"));
        assert!(first.is_some() && second.is_some());
        assert!(Seats::take(&seats, ip("192.0.2.1")).is_none());
        let other = Seats::take(&seats, ip("192.0.2.2"));
        assert!(other.is_some());
        assert!(Seats::take(&seats, ip("192.0.2.3")).is_none(), "all taken");
        drop(first);
        assert!(Seats::take(&seats, ip("192.0.2.1")).is_some());
        drop((second, other));
        assert!(seats.taken().by_client.is_empty());
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let seats = seats(9, 1);
        let first = Seats::take(&seats, ip("2001:db8:0:1::1"));
        assert!(first.is_some());
        assert!(Seats::take(&seats, ip("2001:db8:0:1:ffff::2")).is_none());
        assert!(Seats::take(&seats, ip("2001:db8:0:2::1")).is_some());
    }
}
