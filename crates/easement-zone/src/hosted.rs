//! The zones that a server answers for, each as its newest snapshot.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};

use crate::name::trie_key_of;
use crate::trie::Keyed;
use crate::zone::Node;
use crate::{Name, PackedSet, RecordData, RecordSet, Trie, Ttl, Zone};

/// The label below a zone's apex at which Domain Connect is discovered
/// (draft-ietf-dconn-domainconnect section 7).
const DISCOVERY_LABEL: &str = "_domainconnect";

/// A zone as it is served: immutable, and shared by everyone who reads it.
#[derive(Clone, Debug)]
pub struct ZoneSnapshot {
    zone: Zone,
    version: u64,
    discovery: Option<Node>,
}

impl ZoneSnapshot {
    /// A snapshot of the zone at this version of its history.
    pub fn new(zone: Zone, version: u64) -> Self {
        Self {
            zone,
            version,
            discovery: None,
        }
    }

    /// Answers the `_domainconnect` question of the zone with this text, without storing a record.
    #[must_use]
    pub fn with_discovery(mut self, text: &str) -> Self {
        let apex = self.zone.apex();
        self.discovery = apex.child(DISCOVERY_LABEL).ok().and_then(|owner| {
            let data = RecordData::txt(text.as_bytes()).ok()?;
            Node::single(apex, &RecordSet::single(owner, Ttl::HOUR, data))
        });
        self
    }

    /// The contents.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// How many commits the zone has seen.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The `TXT` set at `_domainconnect.<apex>`, when the zone offers Domain Connect.
    pub fn discovery(&self) -> Option<PackedSet<'_>> {
        self.discovery_node()?.sets().next()
    }

    /// The name `_domainconnect.<apex>` with that set.
    pub fn discovery_node(&self) -> Option<&Node> {
        self.discovery.as_ref()
    }
}

/// One served zone, whose snapshot is replaced when the zone changes.
#[derive(Debug)]
pub struct HostedZone {
    apex: Name,
    key: Box<[u8]>,
    snapshot: ArcSwap<ZoneSnapshot>,
}

impl HostedZone {
    fn new(snapshot: Arc<ZoneSnapshot>) -> Self {
        let apex = snapshot.zone.apex().clone();
        Self {
            key: trie_key_of(apex.as_wire()).into(),
            apex,
            snapshot: ArcSwap::new(snapshot),
        }
    }

    /// The apex.
    pub fn apex(&self) -> &Name {
        &self.apex
    }

    /// The newest snapshot, to keep.
    pub fn snapshot(&self) -> Arc<ZoneSnapshot> {
        self.snapshot.load_full()
    }

    /// The newest snapshot, for a moment; cheaper than [`Self::snapshot`].
    pub fn load(&self) -> Guard<Arc<ZoneSnapshot>> {
        self.snapshot.load()
    }
}

impl Keyed for HostedZone {
    fn key(&self) -> &[u8] {
        &self.key
    }
}

/// All zones that are served. Reading never waits for a change.
#[derive(Debug, Default)]
pub struct HostedZones {
    zones: ArcSwap<Trie<Arc<HostedZone>>>,
}

impl HostedZones {
    /// No zones.
    pub fn new() -> Self {
        Self::default()
    }

    /// Serves this snapshot from now on, in place of an earlier one of the same zone.
    pub fn publish(&self, snapshot: ZoneSnapshot) {
        let snapshot = Arc::new(snapshot);
        if let Some(hosted) = self.get(snapshot.zone.apex()) {
            hosted.snapshot.store(snapshot);
            return;
        }
        let hosted = Arc::new(HostedZone::new(snapshot));
        self.zones.rcu(|zones| zones.with(Arc::clone(&hosted)));
    }

    /// Serves all these snapshots from now on, and no other zones. For many zones it is much quicker
    /// than [`Self::publish`] for each, as when a server starts. Nobody may publish meanwhile.
    pub fn replace_all(&self, snapshots: impl IntoIterator<Item = ZoneSnapshot>) {
        let served = snapshots.into_iter().map(|snapshot| {
            let snapshot = Arc::new(snapshot);
            let Some(hosted) = self.get(snapshot.zone.apex()) else {
                return Arc::new(HostedZone::new(snapshot));
            };
            hosted.snapshot.store(snapshot);
            hosted
        });
        let served = Trie::from_values(served.collect());
        self.zones.store(Arc::new(served));
    }

    /// Stops serving a zone.
    pub fn withdraw(&self, apex: &Name) {
        let key = trie_key_of(apex.as_wire());
        self.zones.rcu(|zones| zones.without(&key));
    }

    /// The zone with this apex.
    pub fn get(&self, apex: &Name) -> Option<Arc<HostedZone>> {
        self.zones.load().get(&trie_key_of(apex.as_wire())).cloned()
    }

    /// The zone that answers for a name: the one with the longest apex at or above it.
    pub fn zone_over(&self, name: &Name) -> Option<Arc<HostedZone>> {
        let zones = self.zones.load();
        let key = trie_key_of(name.as_wire());
        let (_, nearest) = zones.descend(&key).flatten().last()?;
        Some(Arc::clone(nearest))
    }

    /// All zones as they are at this moment; for the server's loop, which looks up many names at once.
    pub fn load(&self) -> Guard<Arc<Trie<Arc<HostedZone>>>> {
        self.zones.load()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RecordType, Serial, Soa, ZoneBuilder};

    fn snapshot(apex: &str, version: u64) -> ZoneSnapshot {
        let apex: Name = apex.parse().unwrap();
        let soa = Soa::new(apex.clone(), apex.clone(), Serial::new(1));
        let mut builder = ZoneBuilder::new(apex.clone());
        let ns = RecordData::name(RecordType::NS, &apex);
        for data in [soa.to_data(), ns] {
            builder
                .insert(RecordSet::single(apex.clone(), Ttl::HOUR, data))
                .unwrap();
        }
        ZoneSnapshot::new(builder.finish().unwrap(), version)
    }

    #[test]
    fn zones_are_replaced_all_at_once() {
        let zones = HostedZones::new();
        for apex in ["example.com", "example.net"] {
            zones.publish(snapshot(apex, 1));
        }
        let kept = zones.get(&"example.com".parse().unwrap()).unwrap();
        zones.replace_all([
            snapshot("Example.com", 2),
            snapshot("shop.example.com", 3),
            snapshot("example.org", 4),
        ]);
        let version = |apex: &str| {
            let hosted = zones.get(&apex.parse().unwrap())?;
            Some(hosted.snapshot().version())
        };
        assert_eq!(version("example.com"), Some(2));
        assert_eq!(version("example.net"), None);
        assert_eq!(version("shop.example.com"), Some(3));
        assert_eq!(version("example.org"), Some(4));
        assert_eq!(kept.snapshot().version(), 2, "a zone keeps its identity");
        zones.withdraw(&"EXAMPLE.com".parse().unwrap());
        assert_eq!(version("example.com"), None);
        assert_eq!(version("shop.example.com"), Some(3));
        zones.replace_all([]);
        assert!(zones.load().is_empty());
    }

    #[test]
    fn the_nearest_zone_above_answers_for_a_name() {
        let zones = HostedZones::new();
        zones.replace_all([snapshot("example.com", 1), snapshot("shop.example.com", 1)]);
        for (name, apex) in [
            ("example.com", Some("example.com")),
            ("www.Example.com", Some("example.com")),
            ("shop.example.com", Some("shop.example.com")),
            ("a.b.shop.example.com", Some("shop.example.com")),
            ("workshop.example.com", Some("example.com")),
            ("com", None),
            ("anotherexample.com", None),
        ] {
            let over = zones.zone_over(&name.parse().unwrap());
            let over = over.map(|zone| zone.apex().to_text());
            assert_eq!(over.as_deref(), apex, "{name}");
        }
    }

    #[test]
    fn discovery_is_one_text_that_no_record_holds() {
        let with = snapshot("example.com", 1).with_discovery("connect.example.net");
        let set = with.discovery().unwrap();
        assert_eq!(set.rtype(), RecordType::TXT);
        let data = set.data().next().unwrap();
        assert_eq!(data.text().unwrap(), b"connect.example.net");
        assert_eq!(with.zone().set_count(), 2);
    }
}
