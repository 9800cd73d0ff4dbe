//! The addresses that the interfaces of the machine have.

use apertodns::address::Address;

use super::is_public;
use crate::decide::Finding;

/// Looks at one interface, or at all.
pub(super) fn look<A: Address>(interface: Option<&str>) -> Finding<A> {
    let found = match system::addresses() {
        Ok(found) => found,
        Err(why) => return Finding::Unknown { why },
    };
    choose(&found, interface)
}

/// An address of an interface.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Own {
    interface: String,
    address: std::net::IpAddr,
    /// Whether it is to be used from outside: one that is made for privacy, runs out or is not yet sure is not.
    lasting: Lasting,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Lasting {
    Yes,
    #[cfg_attr(
        not(unix),
        expect(dead_code, reason = "only systems that are asked say so")
    )]
    No,
}

fn choose<A: Address>(found: &[Own], interface: Option<&str>) -> Finding<A> {
    if let Some(name) = interface
        && !found.iter().any(|own| own.interface == name)
    {
        // It may come: a modem that is not connected has none. But nobody knows whether it is the right name.
        return Finding::Unknown {
            why: format!("there is no interface `{name}`, or it has no address"),
        };
    }
    let mut addresses: Vec<A> = found
        .iter()
        .filter(|own| interface.is_none_or(|name| own.interface == name))
        .filter(|own| own.lasting == Lasting::Yes)
        .filter_map(|own| A::of(own.address))
        .filter(|address| is_public(*address))
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    if addresses.is_empty() {
        return Finding::Absent;
    }
    Finding::Found(addresses)
}

#[cfg(unix)]
mod system {
    use std::net::IpAddr;

    use nix::ifaddrs::getifaddrs;
    use nix::net::if_::InterfaceFlags;

    use super::linux::{is_lasting, read_flags};
    use super::{Lasting, Own};

    pub(super) fn addresses() -> Result<Vec<Own>, String> {
        let all = getifaddrs().map_err(|error| {
            format!("the system does not say which addresses its interfaces have: {error}")
        })?;
        let flags = read_flags();
        let mut found = Vec::new();
        for one in all {
            let Some(storage) = one.address else {
                continue;
            };
            let ipv4 = storage.as_sockaddr_in().map(|own| IpAddr::V4(own.ip()));
            let ipv6 = storage.as_sockaddr_in6().map(|own| IpAddr::V6(own.ip()));
            let is_up = one.flags.contains(InterfaceFlags::IFF_UP);
            if let Some(address) = ipv4.or(ipv6).filter(|_| is_up) {
                let lasting = match address {
                    IpAddr::V4(_) => Lasting::Yes,
                    IpAddr::V6(address) => is_lasting(&flags, address),
                };
                found.push(Own {
                    interface: one.interface_name,
                    address,
                    lasting,
                });
            }
        }
        Ok(found)
    }
}

#[cfg(not(unix))]
mod system {
    use super::Own;

    pub(super) fn addresses() -> Result<Vec<Own>, String> {
        let why = "the addresses of interfaces are not known on this system: use from = \"checkers\" or \"command\"";
        Err(why.to_owned())
    }
}

/// Which addresses of IPv6 last, from `if_inet6` of Linux (proc(5)): address, number of the interface, length of the
/// prefix, scope and flags in hexadecimal digits, and the name of the interface.
#[cfg(unix)]
mod linux {
    use std::net::Ipv6Addr;

    use super::Lasting;

    /// Of this process, since the service may see no more of `/proc`.
    const FILE: &str = "/proc/self/net/if_inet6";
    /// Temporary (RFC 8981), its uniqueness refuted, deprecated, not yet sure (`linux/if_addr.h`).
    const NOT_LASTING: u32 = 0x01 | 0x08 | 0x20 | 0x40;

    /// Nothing on other systems: every address counts there.
    pub(super) fn read_flags() -> Vec<(Ipv6Addr, u32)> {
        let text = std::fs::read_to_string(FILE).unwrap_or_default();
        parse(&text)
    }

    fn parse(text: &str) -> Vec<(Ipv6Addr, u32)> {
        let read = |line: &str| {
            let mut words = line.split_whitespace();
            let address = u128::from_str_radix(words.next()?, 16).ok()?;
            let flags = u32::from_str_radix(words.nth(3)?, 16).ok()?;
            Some((Ipv6Addr::from_bits(address), flags))
        };
        text.lines().filter_map(read).collect()
    }

    pub(super) fn is_lasting(flags: &[(Ipv6Addr, u32)], address: Ipv6Addr) -> Lasting {
        let known = flags.iter().find(|(other, _)| *other == address);
        match known {
            Some((_, flags)) if flags & NOT_LASTING != 0 => Lasting::No,
            Some(_) | None => Lasting::Yes,
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn temporary_deprecated_and_tentative_addresses_do_not_last() {
            let text = "26200000000000000000000000000001 02 40 00 80     eth0\n\
                        26200000000000000000000000000002 02 40 00 01     eth0\n\
                        26200000000000000000000000000003 02 40 00 20     eth0\n\
                        26200000000000000000000000000004 02 40 00 40     eth0\n\
                        fe800000000000000000000000000001 02 40 20 80     eth0\n\
                        nonsense\n";
            let flags = parse(text);
            assert_eq!(flags.len(), 5);
            for (last, lasting) in [
                (1, Lasting::Yes),
                (2, Lasting::No),
                (3, Lasting::No),
                (4, Lasting::No),
                (5, Lasting::Yes),
            ] {
                let address = Ipv6Addr::new(0x2620, 0, 0, 0, 0, 0, 0, last);
                assert_eq!(is_lasting(&flags, address), lasting, "{address}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, Ipv6Addr};

    fn own(interface: &str, address: &str, lasting: Lasting) -> Own {
        Own {
            interface: interface.to_owned(),
            address: address.parse().unwrap(),
            lasting,
        }
    }

    #[test]
    fn public_lasting_addresses_of_the_interface_count() {
        let found = [
            own("lo", "127.0.0.1", Lasting::Yes),
            own("eth0", "192.168.1.7", Lasting::Yes),
            own("eth0", "2620:fe::2", Lasting::Yes),
            own("eth0", "2620:fe::1", Lasting::No),
            own("eth0", "fe80::1", Lasting::Yes),
            own("eth0", "fd00::1", Lasting::Yes),
            own("ppp0", "9.9.9.9", Lasting::Yes),
        ];
        let nine = Finding::Found(vec![Ipv4Addr::new(9, 9, 9, 9)]);
        assert_eq!(choose::<Ipv4Addr>(&found, None), nine);
        assert_eq!(choose::<Ipv4Addr>(&found, Some("ppp0")), nine);
        assert_eq!(choose::<Ipv4Addr>(&found, Some("eth0")), Finding::Absent);
        let two: Ipv6Addr = "2620:fe::2".parse().unwrap();
        assert_eq!(choose(&found, None), Finding::Found(vec![two]));
        let missing = choose::<Ipv4Addr>(&found, Some("eth1"));
        assert!(matches!(missing, Finding::Unknown { why } if why.contains("`eth1`")));
    }

    #[cfg(unix)]
    #[test]
    fn the_system_says_what_it_has() {
        let found = system::addresses().unwrap();
        assert!(!found.is_empty());
        assert!(
            !found
                .iter()
                .any(|own| own.address.is_loopback() && is_public_text(own))
        );
    }

    #[cfg(unix)]
    fn is_public_text(own: &Own) -> bool {
        Ipv4Addr::of(own.address).is_some_and(is_public)
    }
}
