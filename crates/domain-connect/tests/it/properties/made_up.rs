//! Templates, zones, wishes and edits that are made up.

use std::collections::BTreeSet;

use domain_connect::{GroupId, InstanceId, Template};
use easement_zone::{Host, Zone};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support;

/// A name of the small world in which the templates and zones meet.
fn host() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "@", "www", "a", "b.a", "_x.a", "*.w", "*", "lab", "bücher",
    ])
}

fn target() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["one.test", "two.test", "three.test"])
}

fn template_record() -> impl Strategy<Value = Value> {
    let ttl = prop::sample::select(vec![0_u32, 1, 60, 300, 3600, 604_800, 2_147_483_647]);
    let essential = prop::sample::select(vec!["Always", "OnApply"]);
    let mode = prop::sample::select(vec!["None", "All", "Prefix"]);
    let group = prop::sample::select(vec![None, Some("g1"), Some("g2")]);
    let kind = prop::sample::select(vec![
        "A",
        "AAAA",
        "CNAME",
        "MX",
        "TXT",
        "PLAIN",
        "SPFM",
        "NS",
        "CAA",
        "SRV",
        "TLSA",
        "SVCB",
        "HTTPS",
        "DNAME",
        "TYPE65280",
    ]);
    (
        kind,
        host(),
        target(),
        ttl,
        (essential, group),
        mode,
        0u8..3,
    )
        .prop_map(
            |(kind, host, target, ttl, (essential, group), mode, number)| {
                let mut record = body(kind, target, number);
                record["host"] = host.into();
                record["ttl"] = ttl.into();
                record["essential"] = essential.into();
                if let Some(group) = group {
                    record["groupId"] = group.into();
                }
                if kind == "TXT" {
                    record["txtConflictMatchingMode"] = mode.into();
                    record["txtConflictMatchingPrefix"] = "x=".into();
                }
                if kind == "SRV" {
                    record["name"] = host.into();
                }
                record
            },
        )
}

/// What a template record of a kind says, without what all of them have.
fn body(kind: &str, target: &str, number: u8) -> Value {
    match kind {
        "A" => json!({"type": kind, "pointsTo": format!("192.0.2.{number}")}),
        "AAAA" => json!({"type": kind, "pointsTo": format!("2001:db8::{number}")}),
        "CNAME" | "NS" => json!({"type": kind, "pointsTo": target}),
        "MX" => json!({"type": kind, "pointsTo": target, "priority": number}),
        "TXT" => json!({"type": kind, "data": format!("x={number}")}),
        "PLAIN" => json!({"type": "TXT", "data": format!("v=spf1 include:{target} -all")}),
        "SPFM" => json!({"type": kind, "spfRules": format!("include:{target} ?a")}),
        "SRV" => json!({
            "type": kind, "service": "_sip", "protocol": "_tcp", "priority": number, "weight": 1,
            "port": 5060, "target": target,
        }),
        _ => json!({"type": kind, "data": data(kind, target, number)}),
    }
}

/// The data of a type that templates and zones write alike.
fn data(kind: &str, target: &str, number: u8) -> String {
    match kind {
        "TLSA" => format!("3 1 1 {}", format!("0{number}").repeat(32)),
        "SVCB" | "HTTPS" => format!("{} {target}. alpn=h2", number + 1),
        "DNAME" => format!("{target}."),
        "TYPE65280" => format!("\\# 2 000{number}"),
        _ => format!("0 issue \"{target}\""),
    }
}

/// A template that some records make; every other one allows several instances.
pub(super) fn template(name: &'static str) -> impl Strategy<Value = Template> {
    let records = prop::collection::vec(template_record(), 1..6);
    (records, any::<bool>()).prop_map(move |(records, multi_instance)| {
        let json = json!({
            "providerId": "p.test", "providerName": "P", "serviceId": name, "serviceName": name,
            "multiInstance": multi_instance, "records": records,
        });
        Template::from_json(&json.to_string()).unwrap().0
    })
}

/// Where and how a template is to be applied.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) host: Host,
    pub(super) groups: BTreeSet<GroupId>,
    pub(super) instance: Option<InstanceId>,
}

pub(super) fn wish() -> impl Strategy<Value = Wish> {
    let host = prop::sample::select(vec!["@", "@", "www", "a.b"]);
    let groups = prop::sample::select(vec![vec![], vec![], vec!["g1"], vec!["g2"]]);
    let instance = prop::sample::select(vec![None, Some("i1"), Some("i2")]);
    (host, groups, instance).prop_map(|(host, groups, instance)| Wish {
        host: host.parse().unwrap(),
        groups: groups.iter().map(|group| group.parse().unwrap()).collect(),
        instance: instance.map(|instance| instance.parse().unwrap()),
    })
}

/// A record as a line of `support::record`.
pub(super) fn zone_line() -> impl Strategy<Value = String> {
    let ttl = prop::sample::select(vec![0_u32, 120, 600, 3600, 2_147_483_647]);
    let kind = prop::sample::select(vec![
        "A",
        "AAAA",
        "CNAME",
        "MX",
        "TXT",
        "SPF",
        "NS",
        "CAA",
        "SRV",
        "TLSA",
        "SVCB",
        "HTTPS",
        "DNAME",
        "TYPE65280",
    ]);
    (kind, host(), target(), ttl, 0u8..3).prop_map(|(kind, host, target, ttl, number)| match kind {
        "A" => format!("{host} {ttl} A 192.0.2.{number}"),
        "AAAA" => format!("{host} {ttl} AAAA 2001:db8::{number}"),
        "CNAME" | "NS" => format!("{host} {ttl} {kind} {target}."),
        "MX" => format!("{host} {ttl} MX {number} {target}."),
        "TXT" => format!("{host} {ttl} TXT \"x={number}\""),
        "SPF" => format!("{host} {ttl} TXT \"v=spf1 a include:{target} -all\""),
        "SRV" => format!("_sip._tcp {ttl} SRV {number} 1 5060 {target}."),
        _ => format!("{host} {ttl} {kind} {}", data(kind, target, number)),
    })
}

/// A zone of those lines that can stand together.
pub(super) fn zone() -> impl Strategy<Value = Zone> {
    prop::collection::vec(zone_line(), 0..12).prop_map(|lines| {
        let apex = "example.com".parse().unwrap();
        let mut builder = support::builder(&apex);
        for line in lines {
            let (_, set) = support::record(&apex, &line);
            let mut with = builder.clone();
            if with.insert(set).is_ok() && with.clone().finish().is_ok() {
                builder = with;
            }
        }
        builder.finish().unwrap()
    })
}

/// One thing that happens to a zone with services.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Apply {
        template: usize,
        wish: Wish,
    },
    Remove {
        service: usize,
    },
    /// The owner adds a record.
    Add {
        line: String,
    },
    /// The owner takes a record set away.
    Delete {
        set: usize,
    },
    /// The owner takes a record set away and adds a record, in one edit.
    Change {
        set: usize,
        line: String,
    },
    /// The owner gives a record set another TTL.
    Retime {
        set: usize,
    },
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0usize..3, wish()).prop_map(|(template, wish)| Step::Apply { template, wish }),
        1 => (0usize..4).prop_map(|service| Step::Remove { service }),
        1 => zone_line().prop_map(|line| Step::Add { line }),
        1 => (0usize..16).prop_map(|set| Step::Delete { set }),
        1 => (0usize..16, zone_line()).prop_map(|(set, line)| Step::Change { set, line }),
        1 => (0usize..16).prop_map(|set| Step::Retime { set }),
    ];
    prop::collection::vec(step, 1..9)
}
