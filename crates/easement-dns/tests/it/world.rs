//! Zones and messages for tests.

use std::sync::Arc;

use easement_zone::{
    HostedZones, Name, RecordData, RecordSet, RecordType, Serial, Soa, Ttl, ZoneBuilder,
    ZoneSnapshot,
};

pub(crate) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// A zone with a name server and these records.
pub(crate) fn zone(apex: &str, sets: impl IntoIterator<Item = RecordSet>) -> ZoneSnapshot {
    let apex = name(apex);
    let primary = apex.child("ns1").unwrap();
    let soa = Soa::new(
        primary.clone(),
        apex.child("hostmaster").unwrap(),
        Serial::new(1),
    );
    let mut builder = ZoneBuilder::new(apex.clone());
    let own = [soa.to_data(), RecordData::name(RecordType::NS, &primary)]
        .map(|data| RecordSet::single(apex.clone(), Ttl::HOUR, data));
    let address = RecordSet::single(primary, Ttl::HOUR, RecordData::a([192, 0, 2, 53].into()));
    for set in own.into_iter().chain([address]).chain(sets) {
        builder.insert(set).unwrap();
    }
    ZoneSnapshot::new(builder.finish().unwrap(), 1)
}

pub(crate) fn a(owner: &str, last: u8) -> RecordSet {
    RecordSet::single(
        name(owner),
        Ttl::HOUR,
        RecordData::a([192, 0, 2, last].into()),
    )
}

pub(crate) fn hosted(snapshots: impl IntoIterator<Item = ZoneSnapshot>) -> Arc<HostedZones> {
    let zones = HostedZones::new();
    zones.replace_all(snapshots);
    Arc::new(zones)
}
