//! The zones that a server answers for, each as its newest snapshot.

use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};

use crate::name::trie_key_of;
use crate::{Name, PackedSet, RecordData, RecordSet, Trie, Ttl, Zone};

/// The label below a zone's apex at which Domain Connect is discovered
/// (draft-ietf-dconn-domainconnect section 7).
const DISCOVERY_LABEL: &str = "_domainconnect";

/// A zone as it is served: immutable, and shared by everyone who reads it.
#[derive(Clone, Debug)]
pub struct ZoneSnapshot {
    zone: Zone,
    version: u64,
    discovery: Option<PackedSet>,
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
        self.discovery = self
            .zone
            .apex()
            .child(DISCOVERY_LABEL)
            .ok()
            .and_then(|owner| {
                let data = RecordData::txt(text.as_bytes()).ok()?;
                Some(PackedSet::new(&RecordSet::single(owner, Ttl::HOUR, data)))
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
    pub fn discovery(&self) -> Option<&PackedSet> {
        self.discovery.as_ref()
    }
}

/// One served zone, whose snapshot is replaced when the zone changes.
#[derive(Debug)]
pub struct HostedZone {
    apex: Name,
    snapshot: ArcSwap<ZoneSnapshot>,
}

impl HostedZone {
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
        let apex = snapshot.zone.apex().clone();
        let snapshot = Arc::new(snapshot);
        if let Some(hosted) = self.get(&apex) {
            hosted.snapshot.store(snapshot);
            return;
        }
        let key = trie_key_of(apex.as_wire());
        let hosted = Arc::new(HostedZone {
            apex,
            snapshot: ArcSwap::new(snapshot),
        });
        self.zones
            .rcu(|zones| zones.with(&key, Arc::clone(&hosted)));
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

    /// All zones as they are at this moment; for the server's loop, which looks up many names at once.
    pub fn load(&self) -> Guard<Arc<Trie<Arc<HostedZone>>>> {
        self.zones.load()
    }
}
