//! From addresses that were found to what each host should have.

use std::net::{Ipv4Addr, Ipv6Addr};

use apertodns::Hostname;
use apertodns::address::{Address, Prefix};

use crate::config::{Absent, Host};
use crate::state::{HostState, Sent};

/// What came of looking for the addresses of one family.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Finding<A> {
    /// These; never empty.
    Found(Vec<A>),
    /// The machine has none at this look, which may pass.
    Absent,
    /// The machine has had none for so long that it has none for sure.
    Gone,
    /// Nobody could say. What is in DNS stays, whatever is configured.
    Unknown {
        /// Why.
        why: String,
    },
    /// Nobody wants to know.
    Off,
}

/// What was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Findings {
    /// Of IPv4.
    pub ipv4: Finding<Ipv4Addr>,
    /// Of IPv6.
    pub ipv6: Finding<Ipv6Addr>,
    /// How many bits of the IPv6 address all hosts of the network share.
    pub prefix_length: u8,
}

/// What a host should have of one family.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum FamilyWish<A> {
    /// What it has.
    Keep,
    /// This address.
    Set(A),
    /// None.
    Remove,
}

impl<A> FamilyWish<A> {
    /// Whether anything is wanted.
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

/// What one host should have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HostWish {
    /// The host.
    pub host: Hostname,
    /// Of IPv4.
    pub ipv4: FamilyWish<Ipv4Addr>,
    /// Of IPv6.
    pub ipv6: FamilyWish<Ipv6Addr>,
}

/// What every host of a target should have. Of several addresses, the one that was sent before stays; else the first
/// counts, so that the order in which a system lists them changes nothing.
pub fn wishes(
    findings: &Findings,
    hosts: &[Host],
    absent: Absent,
    sent: impl Fn(&Hostname) -> HostState,
) -> Vec<HostWish> {
    let wish = |host: &Host| {
        let before = sent(&host.name);
        match host.interface_id {
            None => HostWish {
                host: host.name.clone(),
                ipv4: family(&findings.ipv4, before.ipv4.as_ref(), absent),
                ipv6: family(&findings.ipv6, before.ipv6.as_ref(), absent),
            },
            // Another host of the network: its IPv4 address, if it has one of its own, is not known here.
            Some(id) => {
                let ipv6 = with_interface_id(&findings.ipv6, findings.prefix_length, id);
                HostWish {
                    host: host.name.clone(),
                    ipv4: FamilyWish::Keep,
                    ipv6: family(&ipv6, before.ipv6.as_ref(), absent),
                }
            }
        }
    };
    hosts.iter().map(wish).collect()
}

fn family<A: Address>(
    finding: &Finding<A>,
    before: Option<&Sent<A>>,
    absent: Absent,
) -> FamilyWish<A> {
    match (finding, absent) {
        (Finding::Found(addresses), _) => {
            let before = before.and_then(|sent| sent.address);
            let stays = before.filter(|address| addresses.contains(address));
            let chosen = stays.or_else(|| addresses.iter().min().copied());
            chosen.map_or(FamilyWish::Keep, FamilyWish::Set)
        }
        (Finding::Gone, Absent::Remove) => FamilyWish::Remove,
        (Finding::Gone, Absent::Keep)
        | (Finding::Absent | Finding::Unknown { .. } | Finding::Off, _) => FamilyWish::Keep,
    }
}

fn with_interface_id(finding: &Finding<Ipv6Addr>, length: u8, id: Ipv6Addr) -> Finding<Ipv6Addr> {
    match finding {
        Finding::Found(addresses) => {
            let prefixes = addresses
                .iter()
                .filter_map(|address| Prefix::of(*address, length));
            let mut addresses: Vec<_> = prefixes.map(|prefix| prefix.rewrite(id)).collect();
            addresses.sort_unstable();
            addresses.dedup();
            Finding::Found(addresses)
        }
        Finding::Absent | Finding::Gone | Finding::Unknown { .. } | Finding::Off => finding.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use easement_core::Timestamp;

    fn found<A: Address>(texts: &[&str]) -> Finding<A> {
        Finding::Found(texts.iter().map(|text| A::parse(text).unwrap()).collect())
    }

    fn host(id: Option<&str>) -> Host {
        Host {
            name: "home.example.com".parse().unwrap(),
            interface_id: id.map(|id| id.parse().unwrap()),
        }
    }

    fn one(findings: &Findings, absent: Absent, before: &HostState, id: Option<&str>) -> String {
        let wishes = wishes(findings, &[host(id)], absent, |_| before.clone());
        let show = |wish: &HostWish| format!("{:?} {:?}", wish.ipv4, wish.ipv6);
        wishes.iter().map(show).collect()
    }

    fn findings(ipv4: Finding<Ipv4Addr>, ipv6: Finding<Ipv6Addr>) -> Findings {
        Findings {
            ipv4,
            ipv6,
            prefix_length: 64,
        }
    }

    #[test]
    fn a_family_that_is_not_found_is_left_alone_unless_it_is_surely_gone_and_shall_go() {
        let unknown = || Finding::Unknown { why: String::new() };
        for (ipv6, absent, wish) in [
            (Finding::Absent, Absent::Keep, "Keep"),
            (unknown(), Absent::Keep, "Keep"),
            (unknown(), Absent::Remove, "Keep"),
            (Finding::Off, Absent::Remove, "Keep"),
            (Finding::Absent, Absent::Remove, "Keep"),
            (Finding::Gone, Absent::Remove, "Remove"),
            (Finding::Gone, Absent::Keep, "Keep"),
        ] {
            let found = findings(found(&["9.9.9.9"]), ipv6);
            let shown = one(&found, absent, &HostState::default(), None);
            assert_eq!(shown, format!("Set(9.9.9.9) {wish}"));
        }
    }

    #[test]
    fn the_address_that_was_sent_stays_while_the_machine_has_it() {
        let before = HostState {
            ipv6: Some(Sent {
                address: Some("2620:fe::9".parse().unwrap()),
                at: Timestamp::from_micros(0).into(),
            }),
            ..HostState::default()
        };
        let two = || findings(Finding::Off, found(&["2620:fe::9", "2620:fe::1"]));
        let first = one(&two(), Absent::Keep, &HostState::default(), None);
        assert_eq!(first, "Keep Set(2620:fe::1)");
        assert_eq!(
            one(&two(), Absent::Keep, &before, None),
            "Keep Set(2620:fe::9)"
        );
        let gone = findings(Finding::Off, found(&["2620:fe::2", "2620:fe::1"]));
        assert_eq!(
            one(&gone, Absent::Keep, &before, None),
            "Keep Set(2620:fe::1)"
        );
    }

    #[test]
    fn another_host_of_the_network_gets_the_prefix_and_its_own_end() {
        let found = findings(found(&["9.9.9.9"]), found(&["2620:fe:0:7:aaaa::1"]));
        let shown = one(&found, Absent::Keep, &HostState::default(), Some("::50:7"));
        assert_eq!(shown, "Keep Set(2620:fe:0:7::50:7)");
    }
}
