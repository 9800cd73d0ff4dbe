//! The addresses that the interfaces of the machine have.

use std::net::IpAddr;
use std::time::Duration;

use apertodns::address::{Address, Prefix};

use super::is_public;
use super::system;
use crate::decide::Finding;

/// Routers tell their prefixes at least every half hour (RFC 4861 section 6.2.1). One that was told so much longer ago
/// than another is no longer there, though its addresses count for days.
const TOLD_AGAIN: Duration = Duration::from_mins(35);
/// What hosts of a network share.
const NETWORK: u8 = 64;

/// Looks at one interface or, without a name, at the one that leads out.
pub(super) fn look<A: Address>(interface: Option<&str>) -> Finding<A> {
    match system::addresses() {
        Ok(found) => choose(&found, interface, system::source),
        Err(why) => Finding::Unknown { why },
    }
}

/// An address of an interface.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Own {
    pub(super) interface: String,
    pub(super) address: IpAddr,
    pub(super) lasting: Lasting,
    /// When it was given or confirmed, by a clock of the system; none when it does not run out.
    pub(super) confirmed: Option<Duration>,
}

/// Whether an address is to be used from outside.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "only Linux is asked for more")
)]
pub(super) enum Lasting {
    Yes,
    /// It is not yet sure that nobody else has it.
    NotYet,
    /// It was made for privacy, or runs out.
    No,
}

fn choose<A: Address>(
    found: &[Own],
    named: Option<&str>,
    source: impl FnOnce() -> Option<A>,
) -> Finding<A> {
    let unknown = |why: String| Finding::Unknown { why };
    let (interface, source) = match named {
        Some(name) if found.iter().any(|own| own.interface == name) => (name.to_owned(), None),
        // It may come: a modem that is not connected has none. But nobody knows whether it is the right name.
        Some(name) => {
            return unknown(format!(
                "there is no interface `{name}`, or it has no address"
            ));
        }
        None => {
            let source = source();
            let leading_out = found
                .iter()
                .find(|own| source.is_some() && A::of(own.address) == source);
            match leading_out {
                Some(own) => (own.interface.clone(), source),
                None if found.iter().any(is_public_of::<A>) => {
                    return unknown("no interface leads out now".to_owned());
                }
                None => return Finding::Absent,
            }
        }
    };
    let own = found.iter().filter(|own| own.interface == interface);
    let own: Vec<&Own> = own.filter(|own| is_public_of::<A>(own)).collect();
    if own.is_empty() {
        return Finding::Absent;
    }
    let lasting = lasting(&own);
    if lasting.is_empty() {
        return unknown(format!(
            "the addresses of `{interface}` are not yet sure, temporary or run out"
        ));
    }
    Finding::Found(beside(source, lasting))
}

fn is_public_of<A: Address>(own: &Own) -> bool {
    A::of(own.address).is_some_and(is_public)
}

/// Those that last, and are of no prefix that is told no more.
fn lasting<A: Address>(own: &[&Own]) -> Vec<A> {
    let lasting = own.iter().filter(|own| own.lasting == Lasting::Yes);
    let newest = lasting.clone().filter_map(|own| own.confirmed).max();
    let is_told = |own: &&&Own| match (own.confirmed, newest) {
        (Some(confirmed), Some(newest)) => newest.saturating_sub(confirmed) < TOLD_AGAIN,
        (None, _) | (_, None) => true,
    };
    let lasting = lasting.filter(is_told);
    let mut addresses: Vec<A> = lasting.filter_map(|own| A::of(own.address)).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

/// Those of the network with which the machine speaks to others, if there are any.
fn beside<A: Address>(source: Option<A>, addresses: Vec<A>) -> Vec<A> {
    let Some(source) = source else {
        return addresses;
    };
    let is_beside = |address: &A| match Prefix::of(source, NETWORK) {
        Some(network) => network.contains(*address),
        None => *address == source,
    };
    let near: Vec<A> = addresses.iter().copied().filter(is_beside).collect();
    if near.is_empty() { addresses } else { near }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    fn own(interface: &str, address: &str, lasting: Lasting, minutes: Option<u64>) -> Own {
        Own {
            interface: interface.to_owned(),
            address: address.parse().unwrap(),
            lasting,
            confirmed: minutes.map(Duration::from_mins),
        }
    }

    fn machine() -> Vec<Own> {
        let lasting = Lasting::Yes;
        vec![
            own("lo", "127.0.0.1", lasting, None),
            own("eth0", "192.168.1.7", lasting, None),
            own("eth0", "2a02:db0::2", lasting, None),
            own("eth0", "2a02:db0::1", Lasting::No, None),
            own("eth0", "fe80::1", lasting, None),
            own("eth0", "fd00::1", lasting, None),
            own("wg0", "2620:fe::1", lasting, None),
            own("ppp0", "9.9.9.9", lasting, None),
        ]
    }

    fn six(texts: &[&str]) -> Finding<Ipv6Addr> {
        Finding::Found(texts.iter().map(|text| text.parse().unwrap()).collect())
    }

    /// What is found on the interface that leads out, when the machine speaks from this address.
    fn from_source(found: &[Own], source: &str) -> Finding<Ipv6Addr> {
        choose(found, None, || source.parse().ok())
    }

    #[test]
    fn public_lasting_addresses_of_the_interface_count() {
        let found = machine();
        let named = |name| choose::<Ipv4Addr>(&found, Some(name), || None);
        let nine = Finding::Found(vec![Ipv4Addr::new(9, 9, 9, 9)]);
        assert_eq!(named("ppp0"), nine);
        assert_eq!(named("eth0"), Finding::Absent);
        assert!(matches!(named("eth1"), Finding::Unknown { why } if why.contains("`eth1`")));
        let behind = choose(&found, None, || Some(Ipv4Addr::new(192, 168, 1, 7)));
        assert_eq!(behind, Finding::Absent);
    }

    #[test]
    fn without_a_name_the_interface_that_leads_out_counts_and_none_of_a_tunnel() {
        let found = machine();
        assert_eq!(from_source(&found, "2a02:db0::1"), six(&["2a02:db0::2"]));
        assert_eq!(from_source(&found, "2620:fe::1"), six(&["2620:fe::1"]));
        let nowhere = from_source(&found, "");
        assert!(matches!(nowhere, Finding::Unknown { .. }), "{nowhere:?}");
        assert_eq!(from_source(&found[..2], ""), Finding::Absent);
    }

    #[test]
    fn of_two_networks_the_one_counts_with_which_the_machine_speaks() {
        let mut found = machine();
        found.push(own("eth0", "2620:fe::9", Lasting::Yes, None));
        assert_eq!(from_source(&found, "2a02:db0::1"), six(&["2a02:db0::2"]));
        let both = choose::<Ipv6Addr>(&found, Some("eth0"), || None);
        assert_eq!(both, six(&["2620:fe::9", "2a02:db0::2"]));
    }

    #[test]
    fn a_prefix_that_the_router_tells_no_more_is_passed_over() {
        let two = |old: Option<u64>, new: Option<u64>| {
            let found = [
                own("eth0", "2620:fe:0:1::2", Lasting::Yes, old),
                own("eth0", "2620:fe:0:2::2", Lasting::Yes, new),
            ];
            choose::<Ipv6Addr>(&found, Some("eth0"), || None)
        };
        let both = six(&["2620:fe:0:1::2", "2620:fe:0:2::2"]);
        assert_eq!(two(Some(100), Some(134)), both);
        assert_eq!(two(Some(100), Some(135)), six(&["2620:fe:0:2::2"]));
        assert_eq!(two(Some(135), Some(100)), six(&["2620:fe:0:1::2"]));
        assert_eq!(
            two(None, Some(500)),
            both,
            "one that does not run out stays"
        );
    }

    #[test]
    fn an_address_that_is_not_yet_sure_says_nothing() {
        for lasting in [Lasting::NotYet, Lasting::No] {
            let found = [own("eth0", "2620:fe::2", lasting, None)];
            let chosen = choose::<Ipv6Addr>(&found, Some("eth0"), || None);
            assert!(matches!(chosen, Finding::Unknown { .. }), "{chosen:?}");
        }
    }
}
