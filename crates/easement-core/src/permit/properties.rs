//! What an app's call for records plans, held against the permit that has to let it through: two crates decide about
//! the same permissions, and must not differ.

use std::cell::Cell;

use easement_zone::zonefile::{self, ReadOptions};
use easement_zone::{ChangeSet, Zone};
use namedrop::{Action, Permissions, RecordCall, Scope, plan_call};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use super::{AccessEpoch, Permit};
use crate::{
    AccountId, ChangeSource, Grant, GrantApp, GrantClient, GrantHolder, GrantId, GrantRefused,
    GrantRight, PlanBase, Timestamp, ZoneId, ZonePlan, ZoneRole,
};

const APEX: &str = "example.com";

type Written = (&'static str, (&'static str, &'static str), u32);

fn records() -> impl Strategy<Value = Vec<Written>> {
    let host = select(vec![
        "@",
        "sub",
        "SUB",
        "a.sub",
        "evilsub",
        "*.sub",
        "_acme-challenge.sub",
        "_acme-challenge",
        "_dmarc.sub",
        "s1._domainkey.sub",
        "_atproto.a.sub",
    ]);
    let value = select(vec![
        ("A", "192.0.2.1"),
        ("A", "192.0.2.2"),
        ("AAAA", "2001:db8::1"),
        ("CNAME", "x.example."),
        ("MX", "10 m.example."),
        ("TXT", "v=spf1 -all"),
        ("TXT", "v=DMARC1; p=none"),
        ("TXT", "did=did:plc:x"),
        ("TXT", "proof"),
    ]);
    prop::collection::vec((host, value, select(vec![60, 600])), 1..7)
}

/// A zone of those records that may stand together.
fn zone() -> impl Strategy<Value = Zone> {
    records().prop_map(|list| {
        let head = "$ORIGIN example.com.\n$TTL 600\n@ SOA n. h. 1 1 1 1 1\n@ NS n.\n";
        let read = |text: &str| zonefile::read(text, &ReadOptions::default());
        let mut text = head.to_owned();
        for (host, (rtype, value), ttl) in list {
            let quote = if rtype == "TXT" { "\"" } else { "" };
            let more = format!("{text}{host} {ttl} {rtype} {quote}{value}{quote}\n");
            if read(&more).is_ok() {
                text = more;
            }
        }
        read(&text).unwrap().zone
    })
}

fn permissions() -> impl Strategy<Value = Permissions> {
    let scope = select(Scope::ALL.to_vec());
    let host = select(vec!["", "sub", "a.sub", "*.sub", "evilsub"]);
    prop::collection::vec((scope, host), 1..4).prop_map(|list| {
        let one = |(scope, host)| json!({"scope": scope, "domain": APEX, "host": host});
        serde_json::from_value(list.into_iter().map(one).collect()).unwrap()
    })
}

fn app() -> GrantApp {
    "https://app.example/".to_owned().try_into().unwrap()
}

fn permit(permissions: Permissions) -> Permit {
    let moment = Timestamp::from_micros(0);
    let grant = Grant {
        id: GrantId::new(1),
        account: AccountId::new(1),
        client: GrantClient::App(app()),
        zone: ZoneId::new(1),
        right: GrantRight::Names { permissions },
        created_at: moment,
        expires_at: None,
        used_at: None,
        ended: None,
    };
    let admitted = grant.admit(GrantHolder::App(app()), moment).unwrap();
    let zone = (ZoneId::new(1), &APEX.parse().unwrap());
    Permit::for_app(&admitted, Some(ZoneRole::Editor), zone, AccessEpoch(1)).unwrap()
}

fn called(changes: ChangeSet) -> ZonePlan {
    ZonePlan {
        base: PlanBase::RecordSets,
        changes,
        services: Vec::new(),
        source: ChangeSource::RecordCall { app: app() },
    }
}

/// What a call would change, when it is not refused.
fn planned(
    zone: &Zone,
    given: &Permissions,
    (action, records, takes): (Action, &[Written], bool),
) -> Option<ChangeSet> {
    let records: Vec<_> = records
        .iter()
        .map(|(host, (rtype, value), ttl)| {
            json!({"host": host, "type": rtype, "value": value, "ttl": ttl})
        })
        .collect();
    let body = json!({"records": records, "domain": APEX, "delete_conflicting": takes});
    let call = RecordCall::parse(action, body.to_string().as_bytes()).unwrap();
    let plan = plan_call(&call.resolve(given).ok()?, zone, &[]).ok()?;
    (!plan.changes.is_empty()).then_some(plan.changes)
}

#[test]
fn each_plan_of_a_record_call_passes_the_permit_of_its_grant_and_not_one_without_its_scopes() {
    let action = select(vec![Action::Create, Action::Set, Action::Delete]);
    // All of a call is refused for one record of it, so that short ones are those that come to something.
    let short = |most| {
        records().prop_map(move |mut list| {
            list.truncate(most);
            list
        })
    };
    let wished = prop_oneof![short(1), short(1), short(3)];
    let all = (zone(), permissions(), wished, action, any::<bool>());
    let (changed, kept_out) = (Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::with_cases(2000)
    });
    let outcome = runner.run(&all, |(zone, given, wished, action, takes)| {
        let Some(wanted) = planned(&zone, &given, (action, &wished, takes)) else {
            return Ok(());
        };
        changed.set(changed.get() + 1);
        let plan = called(wanted);
        prop_assert_eq!(permit(given).allow_plan(&plan), Ok(()));
        // The permit looks for itself: it does not pass whatever was planned.
        let elsewhere = json!([{"scope": "namedrop-hosts", "domain": APEX, "host": "elsewhere"}]);
        let other = permit(serde_json::from_value(elsewhere).unwrap()).allow_plan(&plan);
        prop_assert!(
            matches!(other, Err(GrantRefused::Record { .. })),
            "{:?}",
            other
        );
        kept_out.set(kept_out.get() + 1);
        Ok(())
    });
    outcome.unwrap();
    let (changed, kept_out) = (changed.get(), kept_out.get());
    assert!(changed > 20 && kept_out == changed, "{changed} {kept_out}");
}
