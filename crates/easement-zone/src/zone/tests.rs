use proptest::prelude::*;

use super::generated::{any_zone, apex, zone};
use super::*;
use crate::{Name, RecordData, RecordSet, RecordType, Ttl};

fn name(text: &str) -> Name {
    Name::from_text_below(text, &apex()).expect("a name")
}

fn set(owner: &str, rtype: RecordType, data: &[&str]) -> RecordSet {
    let data = data
        .iter()
        .map(|text| RecordData::from_text_with_origin(rtype, text, &apex()).expect("valid data"));
    RecordSet::new(name(owner), Ttl::HOUR, data).expect("a set")
}

/// Puts a set in the place of the one that is there.
fn put(zone: &Zone, set: RecordSet) -> Result<Zone, ApplyError> {
    let mut changes = ChangeSet::new();
    changes.record(zone.get(set.owner(), set.rtype()), Some(set));
    zone.apply(&changes)
}

fn remove(zone: &Zone, owner: &str, rtype: RecordType) -> Result<Zone, ApplyError> {
    let mut changes = ChangeSet::new();
    changes.record(zone.get(&name(owner), rtype), None);
    zone.apply(&changes)
}

fn rules(result: Result<Zone, ApplyError>) -> Vec<String> {
    match result {
        Ok(_) => Vec::new(),
        Err(ApplyError::Rules { violations }) => {
            violations.iter().map(ToString::to_string).collect()
        }
        Err(stale @ ApplyError::Stale { .. }) => panic!("{stale}"),
    }
}

/// What is there, what is put beside it, and the rule that refuses it.
const CASES: &[(&str, &str, RecordType, &[&str], &str)] = &[
    // A CNAME is alone.
    (
        "w A 192.0.2.1",
        "w",
        RecordType::CNAME,
        &["x"],
        "w.example.com has a CNAME record, so it cannot have A records as well",
    ),
    (
        "w CNAME x",
        "w",
        RecordType::TXT,
        &["t"],
        "w.example.com has a CNAME record, so it cannot have TXT records as well",
    ),
    (
        "w CNAME x",
        "W",
        RecordType::CAA,
        &["0 issue x"],
        "w.example.com has a CNAME record, so it cannot have CAA records as well",
    ),
    (
        "",
        "@",
        RecordType::CNAME,
        &["x"],
        "example.com has a CNAME record, so it cannot have NS records as well",
    ),
    (
        "",
        "w",
        RecordType::CNAME,
        &["x", "y"],
        "w.example.com has more than one CNAME record",
    ),
    (
        "",
        "w",
        RecordType::DNAME,
        &["x", "y"],
        "w.example.com has more than one DNAME record",
    ),
    ("w CNAME x", "a.w", RecordType::A, &["192.0.2.1"], ""),
    ("w A 192.0.2.1", "*", RecordType::CNAME, &["w"], ""),
    // Below a delegation there is only glue.
    ("d NS ns.d", "ns.d", RecordType::A, &["192.0.2.1"], ""),
    ("d NS d", "d", RecordType::AAAA, &["2001:db8::1"], ""),
    ("d NS x", "d", RecordType::DS, &["1 8 250 00"], ""),
    (
        "d NS x",
        "d",
        RecordType::TXT,
        &["t"],
        "d.example.com has TXT records, but d.example.com is delegated to other servers: only addresses of name servers may stand there",
    ),
    (
        "d NS x",
        "a.b.d",
        RecordType::MX,
        &["0 m"],
        "a.b.d.example.com has MX records, but d.example.com is delegated to other servers: only addresses of name servers may stand there",
    ),
    (
        "d NS x",
        "e.d",
        RecordType::NS,
        &["y"],
        "e.d.example.com has NS records, but d.example.com is delegated to other servers: only addresses of name servers may stand there",
    ),
    (
        "d NS x",
        "d",
        RecordType::CNAME,
        &["y"],
        "d.example.com has a CNAME record, so it cannot have NS records as well",
    ),
    ("d NS x", "notd", RecordType::MX, &["0 m"], ""),
    (
        "a.d TXT t",
        "d",
        RecordType::NS,
        &["x"],
        "a.d.example.com has TXT records, but d.example.com is delegated to other servers: only addresses of name servers may stand there",
    ),
    ("a.d A 192.0.2.1", "d", RecordType::NS, &["a.d"], ""),
    // Nothing is below a DNAME.
    (
        "d DNAME x.",
        "a.d",
        RecordType::A,
        &["192.0.2.1"],
        "a.d.example.com is below d.example.com, whose DNAME record redirects every name below it",
    ),
    (
        "a.d A 192.0.2.1",
        "d",
        RecordType::DNAME,
        &["x."],
        "a.d.example.com is below d.example.com, whose DNAME record redirects every name below it",
    ),
    ("d DNAME x.", "d", RecordType::TXT, &["t"], ""),
    ("", "@", RecordType::DNAME, &["x."], ""),
    (
        "a TXT t",
        "@",
        RecordType::DNAME,
        &["x."],
        "a.example.com is below example.com, whose DNAME record redirects every name below it",
    ),
    (
        "@ DNAME x.",
        "a",
        RecordType::A,
        &["192.0.2.1"],
        "a.example.com is below example.com, whose DNAME record redirects every name below it",
    ),
    // The apex.
    (
        "",
        "@",
        RecordType::SOA,
        &["a b 1 2 3 4 5", "a c 1 2 3 4 5"],
        "the zone example.com needs exactly one SOA record, at its apex",
    ),
    (
        "",
        "w",
        RecordType::SOA,
        &["a b 1 2 3 4 5"],
        "w.example.com has a SOA record, which only the apex of a zone may have",
    ),
    (
        "",
        "w.example.net.",
        RecordType::A,
        &["192.0.2.1"],
        "w.example.net is outside the zone example.com",
    ),
    (
        "",
        "badexample.com.",
        RecordType::A,
        &["192.0.2.1"],
        "badexample.com is outside the zone example.com",
    ),
    (
        "",
        "@",
        RecordType::DS,
        &["1 8 250 00"],
        "example.com is the apex of the zone: DS records for it belong in the parent zone",
    ),
    // Without an agreed meaning, but not forbidden (RFC 4592 section 4.2).
    ("", "*.w", RecordType::NS, &["x"], ""),
    ("", "a.*", RecordType::NS, &["x"], ""),
    // Types.
    (
        "",
        "w",
        RecordType::ANY,
        &["\\# 0"],
        "w.example.com has ANY records, a type that only exists in questions and transactions",
    ),
    ("", "w", RecordType::from_number(65280), &["\\# 0"], ""),
];

#[test]
fn a_change_keeps_the_rules() {
    for (there, owner, rtype, data, expected) in CASES {
        let zone = zone(there).unwrap_or_else(|error| panic!("{there}: {error}"));
        let found = rules(put(&zone, set(owner, *rtype, data)));
        assert_eq!(
            found.join("\n"),
            *expected,
            "{there} + {owner} {rtype} {data:?}"
        );
    }
}

#[test]
fn a_whole_zone_keeps_the_same_rules() {
    for (there, owner, rtype, data, expected) in CASES {
        let mut builder = ZoneBuilder::new(apex());
        let zone = zone(there).expect("a zone");
        let inserted = zone
            .sets()
            .chain([set(owner, *rtype, data)])
            .try_for_each(|set| builder.insert(set));
        let found = match inserted {
            Ok(()) => rules(builder.finish()),
            Err(violation) => vec![violation.to_string()],
        };
        assert_eq!(
            found.join("\n"),
            *expected,
            "{there} + {owner} {rtype} {data:?}"
        );
    }
}

#[test]
fn soa_and_apex_name_servers_cannot_be_removed() {
    let zone = zone("").expect("a zone");
    let needs = |what| vec![format!("the zone example.com needs {what} at its apex")];
    let soa = needs("exactly one SOA record,");
    assert_eq!(rules(remove(&zone, "@", RecordType::SOA)), soa);
    let servers = needs("at least one NS record");
    assert_eq!(rules(remove(&zone, "@", RecordType::NS)), servers);
}

#[test]
fn a_set_that_no_answer_can_carry_is_refused() {
    let zone = zone("").expect("a zone");
    let data = (0..80_u8).map(|n| RecordData::txt(&[n; 1000]).expect("text"));
    let set = RecordSet::new(name("w"), Ttl::HOUR, data).expect("a set");
    let found = rules(put(&zone, set));
    assert_eq!(found.len(), 1);
    assert!(
        found[0].ends_with("more than fits in an answer"),
        "{}",
        found[0]
    );
}

#[test]
fn a_change_from_another_state_is_stale() {
    let zone = zone("w A 192.0.2.1").expect("a zone");
    let (one, two) = (
        set("w", RecordType::A, &["192.0.2.1"]),
        set("w", RecordType::A, &["192.0.2.2"]),
    );
    for before in [
        None,
        Some(two.clone()),
        Some(one.clone().with_ttl(Ttl::MAX)),
    ] {
        let mut changes = ChangeSet::new();
        changes.record(before, Some(set("w", RecordType::A, &["192.0.2.3"])));
        assert!(
            matches!(zone.apply(&changes), Err(ApplyError::Stale { .. })),
            "{changes:?}"
        );
    }
    let mut changes = ChangeSet::new();
    changes.record(Some(set("gone", RecordType::A, &["192.0.2.1"])), None);
    assert!(matches!(
        zone.apply(&changes),
        Err(ApplyError::Stale { .. })
    ));
}

#[test]
fn one_change_may_pass_through_what_is_not_allowed() {
    let before = zone("w CNAME x").expect("a zone");
    let mut changes = ChangeSet::new();
    changes.record(None, Some(set("w", RecordType::A, &["192.0.2.1"])));
    changes.record(before.get(&name("w"), RecordType::CNAME), None);
    let after = before
        .apply(&changes)
        .expect("the CNAME goes in the same change");
    assert_eq!(after.at(&name("w")).len(), 1);
    assert_eq!(
        after
            .apply(&changes.inverse())
            .expect("back")
            .at(&name("w")),
        before.at(&name("w"))
    );
}

#[test]
fn a_change_of_the_soa_keeps_counting_serials() {
    let zone = zone("").expect("a zone");
    let soa = set("@", RecordType::SOA, &["other hostmaster 1 2 3 4 5"]);
    let changed = put(&zone, soa).expect("a change");
    assert_eq!(changed.serial(), zone.serial().next());
    assert_eq!(changed.soa().primary, name("other"));
}

#[test]
fn another_serial_alone_is_no_change() {
    let soa = |serial: u32| {
        let text = format!("ns1.example.net. hostmaster {serial} 2h 15m 2w 5m");
        set("@", RecordType::SOA, &[&text])
    };
    let mut changes = ChangeSet::new();
    changes.record(Some(soa(7)), Some(soa(9)));
    assert!(changes.is_empty(), "{changes:?}");
    let zone = zone("").expect("a zone");
    let backwards = zone.clone().with_serial(crate::Serial::new(3));
    assert!(diff(&zone, &backwards).is_empty());
}

#[test]
fn a_new_ttl_of_the_soa_is_a_change_that_can_be_taken_back() {
    let zone = zone("").expect("a zone");
    let soa = zone.get(&apex(), RecordType::SOA).expect("a set");
    let other = put(&zone, soa.with_ttl(Ttl::MAX)).expect("a change");
    let changes = diff(&zone, &other);
    assert_eq!(changes.len(), 1);
    let back = other.apply(&changes.inverse()).expect("back");
    assert_eq!(back.with_serial(zone.serial()), zone);
}

#[test]
fn two_soa_records_in_a_change_are_not_taken_for_one() {
    let zone = zone("").expect("a zone");
    let soa = zone.get(&apex(), RecordType::SOA).expect("a set");
    let other = set("@", RecordType::SOA, &["sorted-last. x. 1 2 3 4 5"]);
    let data = soa.data().iter().chain(other.data()).cloned();
    let both = RecordSet::new(apex(), Ttl::HOUR, data).expect("a set");
    let mut changes = ChangeSet::new();
    changes.record(Some(both), Some(other));
    assert!(matches!(
        zone.apply(&changes),
        Err(ApplyError::Stale { .. })
    ));
}

#[test]
fn a_change_from_one_set_to_another_is_two_changes() {
    let address = set("w", RecordType::A, &["192.0.2.1"]);
    for other in [
        set("w", RecordType::TXT, &["t"]),
        set("v", RecordType::A, &["192.0.2.1"]),
    ] {
        let before = zone("w A 192.0.2.1").expect("a zone");
        let mut changes = ChangeSet::new();
        changes.record(Some(address.clone()), Some(other.clone()));
        assert_eq!(changes.len(), 2);
        let after = before.apply(&changes).expect("a change");
        assert_eq!(after.get(other.owner(), other.rtype()), Some(other));
        assert_eq!(after.get(address.owner(), address.rtype()), None);
        assert_eq!(after.set_count(), before.set_count());
    }
}

#[test]
fn stored_changes_of_one_set_are_joined_and_empty_ones_left_out() {
    let json = r#"[
        {"before": null, "after": null},
        {"before": null, "after": {"owner": "w.example.com.", "ttl": 5, "data": ["A 192.0.2.1"]}},
        {"before": {"owner": "W.example.com.", "ttl": 5, "data": ["A 192.0.2.1"]}, "after": null},
        {"before": null, "after": {"owner": "v.example.com.", "ttl": 5, "data": ["TXT \"t\""]}}
    ]"#;
    let changes: ChangeSet = serde_json::from_str(json).expect("changes");
    let keys: Vec<String> = changes.iter().map(|(key, _)| key.owner.to_text()).collect();
    assert_eq!(keys, ["v.example.com"]);
    for wrong in [
        r#"[{"before": null, "after": {"owner": "w.", "ttl": 5, "data": []}}]"#,
        r#"[{"before": null, "after": {"owner": "w.", "ttl": 5, "data": ["A 192.0.2.1", "TXT x"]}}]"#,
        r#"[{"before": null, "after": {"owner": "w.", "ttl": 2147483648, "data": ["A 192.0.2.1"]}}]"#,
        r#"[{"before": null, "after": {"owner": "a..b.", "ttl": 5, "data": ["A 192.0.2.1"]}}]"#,
    ] {
        assert!(serde_json::from_str::<ChangeSet>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_message_about_many_broken_rules_stays_short() {
    let lines: Vec<String> = (0..200).map(|n| format!("n{n}.d TXT t\n")).collect();
    let zone = zone(&lines.concat()).expect("a zone");
    let error = put(&zone, set("d", RecordType::NS, &["x"])).expect_err("a broken rule");
    let message = error.to_string();
    assert!(message.ends_with("; and 190 more"), "{message}");
    assert_eq!(rules(Err(error)).len(), 200);
}

proptest! {
    #[test]
    fn changes_and_zones_survive_being_stored(a in any_zone(), b in any_zone()) {
        let changes = diff(&a, &b);
        let json = serde_json::to_string(&changes).expect("JSON");
        let again: ChangeSet = serde_json::from_str(&json).expect("what was written");
        prop_assert_eq!(&again, &changes, "{}", json);
        let spelled = |set: &ChangeSet| format!("{set:?}");
        prop_assert_eq!(spelled(&again), spelled(&changes), "also in its spelling and octets");
    }

    #[test]
    fn a_difference_leads_from_one_zone_to_the_other_and_back(a in any_zone(), b in any_zone()) {
        let forth = diff(&a, &b);
        let there = a.apply(&forth).expect("a difference is a valid change");
        prop_assert_eq!(&there.clone().with_serial(b.serial()), &b);
        prop_assert!(diff(&there, &b).is_empty());

        let back = there.apply(&forth.inverse()).expect("an inverse is a valid change");
        prop_assert_eq!(back.set_count(), a.set_count());
        prop_assert_eq!(back.with_serial(a.serial()), a);
        prop_assert_eq!(forth.inverse().inverse(), forth);
    }
}

/// Every record of a zone, by itself: its owner in wire form, and the rest.
fn records(zone: &Zone) -> Vec<(Vec<u8>, RecordType, Ttl, Vec<u8>)> {
    let sets = zone.sets().flat_map(|set| {
        let (rtype, ttl) = (set.rtype(), set.ttl());
        let owner = set.owner().as_wire().to_vec();
        let data: Vec<_> = set
            .data()
            .iter()
            .map(|data| data.as_wire().to_vec())
            .collect();
        data.into_iter()
            .map(move |data| (owner.clone(), rtype, ttl, data))
    });
    sets.collect()
}

proptest! {
    #[test]
    fn records_in_wire_form_and_any_order_make_the_same_zone(
        (zone, shuffled) in any_zone().prop_flat_map(|zone| {
            let records = records(&zone);
            (Just(zone), Just(records).prop_shuffle())
        }),
    ) {
        for records in [records(&zone), shuffled.clone(), [shuffled.clone(), shuffled].concat()] {
            let mut builder = ZoneBuilder::new(apex());
            for (owner, rtype, ttl, data) in &records {
                builder.insert_wire(owner, *rtype, *ttl, data).expect("inside");
            }
            prop_assert_eq!(builder.finish().expect("the same zone"), zone.clone());
        }
    }
}

#[test]
fn wire_form_that_makes_no_record_of_the_zone_is_refused() {
    let mut builder = ZoneBuilder::new(apex());
    let inside = name("www");
    let outside: Name = "www.example.net".parse().expect("a name");
    let longer = [inside.as_wire(), &[0]].concat();
    let mut add = |owner: &[u8], data: &[u8]| {
        let error = builder.insert_wire(owner, RecordType::A, Ttl::HOUR, data);
        error.map_err(|error| error.to_string())
    };
    assert_eq!(add(inside.as_wire(), &[192, 0, 2, 1]), Ok(()));
    for (owner, data, problem) in [
        (outside.as_wire(), &[192, 0, 2, 1][..], "outside the zone"),
        (&longer, &[192, 0, 2, 1], "follows the root label"),
        (b"\x03www", &[192, 0, 2, 1], "ends inside the name"),
        (b"", &[192, 0, 2, 1], "ends inside the name"),
        (inside.as_wire(), &[192, 0, 2], "cut off"),
    ] {
        let error = add(owner, data).expect_err("refused");
        assert!(error.contains(problem), "{error}");
    }
}
