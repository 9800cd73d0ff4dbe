//! What holds for every call, tried on many.

use std::collections::BTreeSet;

use easement_zone::{Name, RecordData, RecordType, Ttl, Zone};
use namedrop::{
    Action, Permissions, RecordCall, RecordKind, Scope, TokenRequest, list_records, plan_call,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::zone;

/// Hosts that differ in a label, in case, in script, or only in where a label ends.
fn host() -> impl Strategy<Value = String> {
    let label = prop_oneof![
        Just("sub"),
        Just("SUB"),
        Just("evilsub"),
        Just("b"),
        Just("bücher"),
        Just("xn--bcher-kva"),
    ];
    let front = prop_oneof![
        Just(""),
        Just("_acme-challenge."),
        Just("_dmarc."),
        Just("s1._domainkey."),
        Just("_atproto."),
        Just("*."),
        Just("_x."),
        Just("a."),
        Just("_ACME-challenge."),
    ];
    (front, prop::collection::vec(label, 0..3)).prop_map(|(front, labels)| {
        let host = format!("{front}{}", labels.join("."));
        host.trim_end_matches('.').to_owned()
    })
}

fn typed_value() -> impl Strategy<Value = (&'static str, &'static str)> {
    proptest::sample::select(vec![
        ("A", "192.0.2.1"),
        ("A", "192.0.2.2"),
        ("AAAA", "2001:db8::1"),
        ("CNAME", "x.example"),
        ("MX", "10 m.example"),
        ("TXT", "v=spf1 -all"),
        ("TXT", "proof"),
        ("TXT", "did=did:plc:x"),
        ("TXT", "v"),
        ("NS", "ns.example"),
        ("SRV", "1 1 1 x.example"),
    ])
}

fn any_permissions() -> impl Strategy<Value = Permissions> {
    let scope = proptest::sample::select(Scope::ALL.to_vec());
    let host = proptest::sample::select(vec!["", "sub", "b.sub", "*", "*.sub", "BÜCHER"]);
    prop::collection::vec((scope, host), 1..4).prop_map(|list| {
        let list = list
            .into_iter()
            .map(|(scope, host)| json!({"scope": scope, "domain": "example.com", "host": host}));
        serde_json::from_value(list.collect()).unwrap()
    })
}

fn any_records() -> impl Strategy<Value = Vec<(String, &'static str, &'static str)>> {
    let one = (host(), typed_value()).prop_map(|(host, (rtype, value))| (host, rtype, value));
    prop::collection::vec(one, 1..6)
}

/// A zone of some of these records: those that may stand together.
fn any_zone() -> impl Strategy<Value = Zone> {
    any_records().prop_map(|list| {
        let mut kept = String::new();
        for (host, rtype, value) in list {
            let host = if host.is_empty() { "@" } else { &host };
            let value = if rtype == "TXT" {
                format!("\"{value}\"")
            } else {
                value.to_owned()
            };
            let more = format!("{kept}{host} {rtype} {value}\n");
            let head = "$ORIGIN example.com.\n$TTL 600\n@ SOA n. h. 1 1 1 1 1\n@ NS n.\n";
            let read = easement_zone::zonefile::read(
                &format!("{head}{more}"),
                &easement_zone::zonefile::ReadOptions::default(),
            );
            if read.is_ok() {
                kept = more;
            }
        }
        zone(&kept)
    })
}

fn action() -> impl Strategy<Value = Action> {
    proptest::sample::select(vec![Action::Create, Action::Set, Action::Delete])
}

fn facts(zone: &Zone) -> BTreeSet<(Name, RecordType, Ttl, RecordData)> {
    let facts = zone
        .sets()
        .filter(|set| set.rtype() != RecordType::SOA)
        .flat_map(|set| {
            let data = set.data().to_vec().into_iter();
            data.map(move |data| (set.owner().clone(), set.rtype(), set.ttl(), data))
                .collect::<Vec<_>>()
        });
    facts.collect()
}

fn is_open(permissions: &Permissions, apex: &Name, owner: &Name, data: &RecordData) -> bool {
    RecordKind::of(owner, apex, data)
        .is_some_and(|placed| permissions.cover(placed.kind.scope(), apex, &placed.subject))
}

fn body(records: &[(String, &str, &str)], conflicting: bool) -> String {
    let records: Vec<Value> = records
        .iter()
        .map(|(host, rtype, value)| json!({"host": host, "type": rtype, "value": value}))
        .collect();
    json!({"domain": "example.com", "records": records, "delete_conflicting": conflicting})
        .to_string()
}

proptest! {
    #[test]
    fn no_plan_touches_what_its_permissions_do_not_open(
        zone in any_zone(), permissions in any_permissions(), records in any_records(),
        action in action(), conflicting in any::<bool>(),
    ) {
        let call = RecordCall::parse(action, body(&records, conflicting).as_bytes()).unwrap();
        if let Ok(resolved) = call.resolve(&permissions)
            && let Ok(plan) = plan_call(&resolved, &zone, &[])
        {
            let after = zone.apply(&plan.changes).unwrap();
            let (before, then) = (facts(&zone), facts(&after));
            for (owner, _, _, data) in before.symmetric_difference(&then) {
                prop_assert!(is_open(&permissions, zone.apex(), owner, data), "{owner} {data}");
                prop_assert!(!owner.to_text().to_lowercase().starts_with("_x."));
            }
        }
    }

    #[test]
    fn setting_and_deleting_twice_is_the_same_as_once(
        zone in any_zone(), permissions in any_permissions(), records in any_records(),
        is_set in any::<bool>(),
    ) {
        let action = if is_set { Action::Set } else { Action::Delete };
        let call = RecordCall::parse(action, body(&records, true).as_bytes()).unwrap();
        if let Ok(resolved) = call.resolve(&permissions)
            && let Ok(plan) = plan_call(&resolved, &zone, &[])
        {
            let after = zone.apply(&plan.changes).unwrap();
            let again = plan_call(&resolved, &after, &[]).unwrap();
            prop_assert!(again.changes.is_empty(), "{:?}", again.changes);
        }
    }

    #[test]
    fn only_what_is_opened_is_listed(zone in any_zone(), permissions in any_permissions()) {
        let listing = RecordCall::parse(Action::Get, b"{}").unwrap().resolve_listing(&permissions).unwrap();
        let open = facts(&zone);
        let open = open.iter().filter(|(owner, _, _, data)| is_open(&permissions, zone.apex(), owner, data));
        prop_assert_eq!(list_records(&listing, &zone).unwrap().len(), open.count());
    }

    #[test]
    fn case_and_script_decide_nothing(
        permissions in any_permissions(), records in any_records(), action in action(),
    ) {
        let resolve = |records: &[(String, &str, &str)]| {
            let call = RecordCall::parse(action, body(records, false).as_bytes()).unwrap();
            call.resolve(&permissions).map(|call| {
                call.records().iter().map(|record| record.owner.clone()).collect::<Vec<_>>()
            }).map_err(|refusal| refusal.records.len())
        };
        let other: Vec<_> = records.iter().map(|(host, rtype, value)| {
            (host.to_uppercase().replace("BÜCHER", "xn--bcher-kva"), *rtype, *value)
        }).collect();
        prop_assert_eq!(resolve(&records), resolve(&other));
    }

    #[test]
    fn nothing_that_is_sent_breaks_the_reader(text in ".{0,200}", octets in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = RecordCall::parse(Action::Set, &octets);
        let _ = RecordCall::parse_single(text.as_bytes());
        let _ = namedrop::AuthorizeQuery::parse(&text);
        let _ = TokenRequest::parse(&text, None);
        let _ = namedrop::App::check(&text, &text);
        let _ = text.parse::<namedrop::PermittedHost>();
    }
}
