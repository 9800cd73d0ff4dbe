//! What the library promises to whoever uses it.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod calls;
mod clients;
mod plans;
mod properties;

use easement_zone::Zone;
use easement_zone::zonefile::{self, ReadOptions};
use namedrop::{Action, Permissions, RecordCall, RecordPlan, Refusal, plan_call};

/// The zone `example.com` with more lines of a zone file.
fn zone(lines: &str) -> Zone {
    let head = "$ORIGIN example.com.\n$TTL 600\n@ SOA ns1.dns.example. hostmaster 1 2h 15m 2w 5m\n@ NS ns1.dns.example.\n";
    zonefile::read(&format!("{head}{lines}"), &ReadOptions::default())
        .unwrap()
        .zone
}

/// Permissions in `example.com`, as `SCOPE HOST`, where nothing is the apex.
fn given(list: &[&str]) -> Permissions {
    let list = list.iter().map(|text| {
        let (scope, host) = text.split_once(' ').unwrap_or((text, ""));
        serde_json::json!({"scope": format!("namedrop-{scope}"), "domain": "example.com", "host": host})
    });
    serde_json::from_value(list.collect()).unwrap()
}

/// Records in short: `[HOST] TYPE VALUE`, with commas between the three.
fn records(list: &[&str]) -> serde_json::Value {
    let records = list.iter().map(|text| {
        let parts: Vec<&str> = text.splitn(3, ',').collect();
        match parts.as_slice() {
            [host, rtype, value] => {
                serde_json::json!({"host": host, "type": rtype, "value": value, "priority": 10})
            }
            [host, rtype] => serde_json::json!({"host": host, "type": rtype}),
            _ => panic!("{text}"),
        }
    });
    records.collect()
}

fn call(action: Action, list: &[&str]) -> RecordCall {
    let body = serde_json::json!({"records": records(list)}).to_string();
    RecordCall::parse(action, body.as_bytes()).unwrap()
}

fn plan(
    action: Action,
    permissions: &Permissions,
    zone: &Zone,
    list: &[&str],
) -> Result<RecordPlan, Refusal> {
    let call = call(action, list).resolve(permissions)?;
    plan_call(&call, zone, &["served.example.com".parse().unwrap()])
}

/// All records but those at the apex that every zone has, in short.
fn shown(zone: &Zone) -> Vec<String> {
    let lines = zone.sets().flat_map(|set| {
        let host = set.owner().relative_to(zone.apex()).unwrap();
        let (rtype, ttl) = (set.rtype(), set.ttl());
        let data = set.data().iter();
        data.map(|data| format!("{host} {ttl} {rtype} {data}"))
            .collect::<Vec<_>>()
    });
    lines
        .filter(|line| !line.contains(" SOA ") && !line.starts_with("@ 600 NS"))
        .collect()
}
