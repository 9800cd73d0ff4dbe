//! Zones made up by proptest, and small ones from text.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

use super::{Zone, ZoneBuilder};
use crate::{Host, Name, RecordData, RecordSet, RecordType, Ttl, zonefile};

/// The zone `example.com` with these lines.
pub(crate) fn zone(lines: &str) -> Result<Zone, zonefile::ZoneFileErrors> {
    let head = "$ORIGIN example.com.\n$TTL 1h\n\
                @ SOA ns1.example.net. hostmaster 7 2h 15m 2w 5m\n@ NS ns1.example.net.\n";
    let text = format!("{head}{lines}");
    zonefile::read(&text, &zonefile::ReadOptions::default()).map(|file| file.zone)
}

pub(crate) fn apex() -> Name {
    "example.com".parse().expect("a name")
}

/// Record sets by host and type, with hosts of any octets.
type Sets = BTreeMap<Name, BTreeMap<RecordType, (Ttl, Vec<RecordData>)>>;

/// Zones that keep every rule.
pub(crate) fn any_zone() -> impl Strategy<Value = Zone> {
    any_sets().prop_map(|sets| build(&sets))
}

fn build(sets: &Sets) -> Zone {
    let mut builder = ZoneBuilder::new(apex());
    for set in zone("").expect("a zone").sets() {
        builder.insert(set).expect("inside");
    }
    for (owner, sets) in sets {
        for (ttl, data) in sets.values() {
            let set = RecordSet::new(owner.clone(), *ttl, data.clone()).expect("of one type");
            builder.insert(set).expect("inside");
        }
    }
    for set in zone("cut NS ns.cut\nns.cut A 192.0.2.9")
        .expect("a zone")
        .sets()
    {
        if set.owner().is_below(&apex()) {
            builder.insert(set).expect("inside");
        }
    }
    builder.finish().expect("a zone that keeps the rules")
}

fn any_sets() -> impl Strategy<Value = Sets> {
    let names = prop_oneof![
        3 => any_name().boxed(),
        1 => select(vec!["www", "*", "*.a", "a", "xn--bcher-kva", "_dmarc", "a.b.c"])
            .prop_map(|host| host.parse::<Host>().expect("a host").below(&apex()).expect("short"))
            .boxed(),
    ];
    let sets = prop_oneof![
        1 => (any_ttl(), any_target())
            .prop_map(|(ttl, target)| {
                let data = RecordData::name(RecordType::CNAME, &target);
                BTreeMap::from([(RecordType::CNAME, (ttl, vec![data]))])
            }),
        4 => vec((any_ttl(), any_data()), 1..5).prop_map(by_type),
    ];
    btree_map(names, sets, 0..8)
}

fn by_type(records: Vec<(Ttl, RecordData)>) -> BTreeMap<RecordType, (Ttl, Vec<RecordData>)> {
    let mut sets: BTreeMap<RecordType, (Ttl, Vec<RecordData>)> = BTreeMap::new();
    for (ttl, data) in records {
        let set = sets.entry(data.rtype()).or_insert((ttl, Vec::new()));
        set.1.push(data);
    }
    sets
}

/// Names strictly below the apex and outside the delegation, with any octets in their labels.
fn any_name() -> impl Strategy<Value = Name> {
    vec(vec(any::<u8>(), 1..8), 1..4).prop_filter_map("inside a delegation", |labels| {
        let apex = apex();
        let labels = labels.iter().map(Vec::as_slice);
        let name = Name::from_labels(labels.chain(apex.labels().map(crate::Label::octets))).ok()?;
        let cut = apex.child("cut").ok()?;
        (!name.is_at_or_below(&cut)).then_some(name)
    })
}

fn any_target() -> impl Strategy<Value = Name> {
    prop_oneof![
        any_name(),
        select(vec![
            "example.com",
            "other.example.net",
            ".",
            "notexample.com"
        ])
        .prop_map(|name| name.parse().expect("a name")),
    ]
}

fn any_ttl() -> impl Strategy<Value = Ttl> {
    prop_oneof![
        3 => Just(Ttl::HOUR),
        1 => (0..=Ttl::MAX.as_secs()).prop_map(|seconds| Ttl::from_secs(seconds).expect("a TTL")),
    ]
}

pub(crate) fn any_data() -> impl Strategy<Value = RecordData> {
    let text = |rtype: RecordType, text: String| RecordData::from_text(rtype, &text).expect("data");
    prop_oneof![
        any::<[u8; 4]>().prop_map(|octets| RecordData::a(octets.into())),
        any::<[u8; 16]>().prop_map(|octets| RecordData::aaaa(octets.into())),
        (any::<u16>(), any_target()).prop_map(|(number, name)| RecordData::mx(number, &name)),
        (any::<[u16; 3]>(), any_target())
            .prop_map(|([a, b, c], name)| RecordData::srv(a, b, c, &name)),
        vec(any::<u8>(), 0..600).prop_map(|octets| RecordData::txt(&octets).expect("short")),
        vec(any::<u8>(), 0..40).prop_map(|octets| {
            RecordData::from_wire(RecordType::from_number(65280), &octets).expect("any octets")
        }),
        ("[a-z0-9]{1,9}", vec(any::<u8>(), 0..40)).prop_map(|(tag, value)| {
            let length = u8::try_from(tag.len()).expect("short");
            let wire = [&[0, length], tag.as_bytes(), &value].concat();
            RecordData::from_wire(RecordType::CAA, &wire).expect("a tag and a value")
        }),
        (any::<u16>(), any_target()).prop_map(move |(port, name)| {
            text(
                RecordType::HTTPS,
                format!("1 {name} alpn=h2,h3 port={port} key700=\"a b\""),
            )
        }),
        any::<[u8; 32]>().prop_map(|digest| {
            let wire = [&[0, 1, 8, 2], digest.as_slice()].concat();
            RecordData::from_wire(RecordType::DS, &wire).expect("a digest")
        }),
    ]
}
