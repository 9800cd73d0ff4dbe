//! The addresses of a host, and their change.

use std::net::IpAddr;

use apertodns::address::{
    Address, AddressChange, AddressChanges, Addresses, DocumentationRanges, NotPublic,
};
use easement_core::{TokenChain, TtlRange, change_of};
use easement_zone::{ChangeSet, Name, RecordData, RecordSet, RecordType, Ttl, Zone};

use super::NEW_TTL;

/// The addresses of a host before and after a change.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct HostChange {
    pub(crate) before: Addresses,
    pub(crate) after: Addresses,
    /// The TTL that its addresses have afterwards.
    pub(crate) ttl: Ttl,
}

/// The addresses of a host in a zone, and their TTL; the longer one, when the families differ.
pub(crate) fn addresses_of(zone: &Zone, host: &Name) -> (Addresses, Option<Ttl>) {
    let [ipv4, ipv6] = [RecordType::A, RecordType::AAAA].map(|rtype| zone.get(host, rtype));
    let ttls = [&ipv4, &ipv6].into_iter().flatten().map(RecordSet::ttl);
    let ttl = ttls.max();
    let data = |set: &Option<RecordSet>| {
        set.as_ref()
            .map_or_else(Vec::new, |set| set.data().to_vec())
    };
    let addresses = Addresses {
        ipv4: data(&ipv4).iter().filter_map(RecordData::ipv4).collect(),
        ipv6: data(&ipv6).iter().filter_map(RecordData::ipv6).collect(),
    };
    (addresses, ttl)
}

/// What a device wants of a host.
#[derive(Clone, Debug)]
pub(crate) struct HostWish {
    pub(crate) changes: AddressChanges,
    /// For the families that are named; for both, when none is. Without it, records that are there keep theirs.
    pub(crate) ttl: Option<Ttl>,
}

/// What a token lets be chosen for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HostRules {
    pub(crate) documentation: DocumentationRanges,
    /// TTLs that nobody asked for are moved into it.
    pub(crate) ttls: TtlRange,
}

impl HostWish {
    /// The types of the records that it is about.
    pub(crate) fn types(&self) -> Vec<RecordType> {
        let ipv4 = self.is_about(&self.changes.ipv4).then_some(RecordType::A);
        let ipv6 = self
            .is_about(&self.changes.ipv6)
            .then_some(RecordType::AAAA);
        ipv4.into_iter().chain(ipv6).collect()
    }

    /// Whether it is about a family with this change.
    fn is_about<A: Address>(&self, change: &AddressChange<A>) -> bool {
        *change != AddressChange::Keep || self.changes == AddressChanges::KEEP
    }
}

impl HostChange {
    /// As far as a token is for the addresses.
    pub(crate) fn seen_with(mut self, chain: &TokenChain) -> Self {
        for addresses in [&mut self.before, &mut self.after] {
            if !chain.is_for(RecordType::A) {
                addresses.ipv4.clear();
            }
            if !chain.is_for(RecordType::AAAA) {
                addresses.ipv6.clear();
            }
        }
        self
    }
}

/// What is to change in a zone so that a host is as it is wished.
pub(crate) fn host_wish(
    zone: &Zone,
    host: &Name,
    wish: &HostWish,
    rules: HostRules,
) -> Result<(ChangeSet, HostChange), NotPublic> {
    let changes = &wish.changes;
    let (before, ttl_before) = addresses_of(zone, host);
    let after = changes.apply(&before);
    // What is there already was somebody's choice; what comes must be public.
    let comes = |address: &IpAddr| before.iter().all(|known| known != *address);
    after
        .iter()
        .filter(comes)
        .try_for_each(|address| apertodns::address::check_public(address, rules.documentation))?;
    let ipv4 = after.ipv4.iter().copied().map(RecordData::a);
    let ipv6 = after.ipv6.iter().copied().map(RecordData::aaaa);
    let (about_ipv4, about_ipv6) = (wish.is_about(&changes.ipv4), wish.is_about(&changes.ipv6));
    let mut planned = ChangeSet::new();
    let mut ttl_after = None;
    for (rtype, is_about, data) in [
        (RecordType::A, about_ipv4, ipv4.collect::<Vec<_>>()),
        (RecordType::AAAA, about_ipv6, ipv6.collect()),
    ] {
        let set = zone.get(host, rtype);
        let new_ttl = || rules.ttls.nearest(ttl_before.unwrap_or(NEW_TTL));
        let ttl = wish.ttl.filter(|_| is_about);
        let ttl = ttl
            .or(set.as_ref().map(RecordSet::ttl))
            .unwrap_or_else(new_ttl);
        let next = RecordSet::new(host.clone(), ttl, data).ok();
        ttl_after = ttl_after.max(next.as_ref().map(RecordSet::ttl));
        for (_, change) in change_of(set, next).iter() {
            planned.record(change.before.clone(), change.after.clone());
        }
    }
    let ttl = ttl_after.or(wish.ttl).unwrap_or(NEW_TTL);
    Ok((planned, HostChange { before, after, ttl }))
}

#[cfg(test)]
mod tests {
    use easement_zone::{Serial, Soa, ZoneBuilder};

    use super::*;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    /// `home` has 192.0.2.1 for two minutes.
    fn zone() -> Zone {
        let apex = name("example.test.");
        let soa = Soa::new(
            name("ns.example.test."),
            name("h.example.test."),
            Serial::new(1),
        );
        let servers = RecordData::name(RecordType::NS, &name("ns.example.test."));
        let home = RecordData::a([192, 0, 2, 1].into());
        let minutes = Ttl::from_secs(120).unwrap();
        let mut builder = ZoneBuilder::new(apex.clone());
        for set in [
            RecordSet::single(apex.clone(), Ttl::HOUR, soa.to_data()),
            RecordSet::single(apex, Ttl::HOUR, servers),
            RecordSet::single(name("home.example.test."), minutes, home),
        ] {
            builder.insert(set).unwrap();
        }
        builder.finish().unwrap()
    }

    fn set_ipv6(address: &str) -> AddressChanges {
        AddressChanges {
            ipv6: AddressChange::Set(vec![address.parse().unwrap()]),
            ..AddressChanges::KEEP
        }
    }

    fn ask(
        zone: &Zone,
        host: &Name,
        changes: &AddressChanges,
        ttl: Option<Ttl>,
        documentation: DocumentationRanges,
    ) -> Result<(ChangeSet, HostChange), NotPublic> {
        let changes = changes.clone();
        let ttls = TtlRange::default();
        host_wish(
            zone,
            host,
            &HostWish { changes, ttl },
            HostRules {
                documentation,
                ttls,
            },
        )
    }

    #[test]
    fn a_ttl_is_for_the_family_that_is_named() {
        let (zone, home) = (zone(), name("home.example.test."));
        let refuse = DocumentationRanges::Refuse;
        let hour = Some(Ttl::HOUR);
        let (changes, told) = ask(&zone, &home, &set_ipv6("2620:fe::9"), hour, refuse).unwrap();
        assert_eq!((changes.len(), told.ttl), (1, Ttl::HOUR));
        let zone = zone.apply(&changes).unwrap();
        assert_eq!(zone.get(&home, RecordType::A).unwrap().ttl().as_secs(), 120);
        let only_ipv4 = AddressChanges {
            ipv6: AddressChange::Delete,
            ..AddressChanges::KEEP
        };
        let (_, told) = ask(&zone, &home, &only_ipv4, None, refuse).unwrap();
        assert_eq!(told.ttl.as_secs(), 120, "of what is there afterwards");
    }

    #[test]
    fn a_ttl_that_nobody_asked_for_is_one_that_the_token_may_set() {
        let (zone, new) = (zone(), name("new.example.test."));
        let ttls = TtlRange {
            low: Ttl::HOUR,
            high: Ttl::MAX,
        };
        let rules = HostRules {
            documentation: DocumentationRanges::Refuse,
            ttls,
        };
        let wish = HostWish {
            changes: set_ipv6("2620:fe::9"),
            ttl: None,
        };
        let (_, told) = host_wish(&zone, &new, &wish, rules).unwrap();
        assert_eq!(told.ttl, Ttl::HOUR);
    }

    #[test]
    fn a_family_that_nobody_speaks_of_stays_as_it_is() {
        let zone = zone();
        let home = name("home.example.test.");
        let wish = ask(
            &zone,
            &home,
            &set_ipv6("2620:fe::9"),
            None,
            DocumentationRanges::Refuse,
        );
        let (changes, told) = wish.unwrap();
        assert_eq!(changes.len(), 1, "only AAAA");
        assert_eq!(
            told.after.to_string(),
            "192.0.2.1,2620:fe::9",
            "what was there may stay"
        );
        assert_eq!(told.ttl.as_secs(), 120, "a host has one TTL");
        let after = zone.apply(&changes).unwrap();
        assert_eq!(
            after.get(&home, RecordType::AAAA).unwrap().ttl().as_secs(),
            120
        );
        let new = name("new.example.test.");
        let wish = ask(
            &zone,
            &new,
            &set_ipv6("2620:fe::9"),
            None,
            DocumentationRanges::Refuse,
        );
        assert_eq!(wish.unwrap().1.ttl, NEW_TTL);
    }

    #[test]
    fn what_comes_is_public_unless_it_is_for_trying_out() {
        let (zone, home) = (zone(), name("home.example.test."));
        for (address, documentation, allowed) in [
            ("2001:db8::1", DocumentationRanges::Refuse, false),
            ("2001:db8::1", DocumentationRanges::Accept, true),
            ("fd00::1", DocumentationRanges::Accept, false),
            ("::ffff:10.0.0.1", DocumentationRanges::Accept, false),
        ] {
            let wish = ask(&zone, &home, &set_ipv6(address), None, documentation);
            assert_eq!(wish.is_ok(), allowed, "{address}");
        }
    }

    #[test]
    fn a_ttl_alone_is_a_change_and_the_same_again_is_none() {
        let (zone, home) = (zone(), name("home.example.test."));
        let hour = Some(Ttl::HOUR);
        let refuse = DocumentationRanges::Refuse;
        let (changes, _) = ask(&zone, &home, &AddressChanges::KEEP, hour, refuse).unwrap();
        assert_eq!(changes.len(), 1);
        let zone = zone.apply(&changes).unwrap();
        let (changes, _) = ask(&zone, &home, &AddressChanges::KEEP, hour, refuse).unwrap();
        assert!(changes.is_empty());
        let (changes, told) = ask(&zone, &home, &AddressChanges::DELETE, None, refuse).unwrap();
        assert!(told.after.is_empty());
        assert!(!zone.apply(&changes).unwrap().has_name(&home));
    }
}
