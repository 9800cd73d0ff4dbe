//! How many connections there are, and of whom.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::listen::TcpLimits;

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

impl Seat {
    /// How long its connection may be quiet now.
    pub(super) fn idle_timeout(&self) -> Duration {
        idle_timeout(&self.seats.limits, self.seats.taken().all)
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

/// How long a connection may be quiet when so many are open: less and less once half of the seats are
/// taken, down to a tenth, so that whoever only holds seats loses them to those who ask
/// (RFC 7766 section 6.2.3).
fn idle_timeout(limits: &TcpLimits, taken: usize) -> Duration {
    let count = |seats| u32::try_from(seats).unwrap_or(u32::MAX);
    let all = count(limits.connections.max(1));
    let free = count(limits.connections.saturating_sub(taken));
    let parts = free.saturating_mul(20) / all;
    limits.idle_timeout * parts.clamp(1, 10) / 10
}

/// Who counts as one client: an IPv4 address, or the /64 network that an IPv6 host chooses from.
///
/// A socket that takes both writes IPv4 addresses as IPv6 ones, all of them in one network.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        address @ IpAddr::V4(_) => address,
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
    fn the_fewer_seats_are_free_the_shorter_a_connection_may_be_quiet() {
        let limits = TcpLimits {
            connections: 100,
            idle_timeout: Duration::from_secs(10),
            ..TcpLimits::default()
        };
        for (taken, seconds) in [(1, 10), (50, 10), (60, 8), (80, 4), (95, 1), (100, 1)] {
            let expected = Duration::from_secs(seconds);
            assert_eq!(idle_timeout(&limits, taken), expected, "{taken} taken");
        }
        let none = TcpLimits {
            connections: 0,
            ..limits
        };
        assert_eq!(idle_timeout(&none, 0), Duration::from_secs(1));
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let seats = seats(9, 1);
        let first = Seats::take(&seats, ip("2001:db8:0:1::1"));
        assert!(first.is_some());
        assert!(Seats::take(&seats, ip("2001:db8:0:1:ffff::2")).is_none());
        assert!(Seats::take(&seats, ip("2001:db8:0:2::1")).is_some());
    }

    #[test]
    fn an_address_of_ipv4_is_one_client_however_it_is_written() {
        let seats = seats(9, 1);
        let first = Seats::take(&seats, ip("::ffff:192.0.2.1"));
        assert!(first.is_some());
        assert!(Seats::take(&seats, ip("192.0.2.1")).is_none());
        assert!(Seats::take(&seats, ip("::ffff:192.0.2.2")).is_some());
    }
}
