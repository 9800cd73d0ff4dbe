//! What holds for every template and zone, tried on many that are made up.

use std::collections::BTreeSet;

use domain_connect::{
    Application, AppliedService, Authenticity, Conflict, ConflictRule, Plan, PlanKind, Policy,
    Removal, RowChange, RowType, Template, Variables, plan_application, plan_removal,
};
use easement_zone::{ChangeSet, RecordSet, RecordType, Zone, diff};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support;

/// A name of the small world in which the templates and zones meet.
fn host() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["@", "www", "a", "b.a", "_x.a", "*.w", "lab"])
}

fn target() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["one.test", "two.test", "three.test"])
}

fn template_record() -> impl Strategy<Value = Value> {
    let ttl = prop::sample::select(vec![60, 300, 3600]);
    let essential = prop::sample::select(vec!["Always", "OnApply"]);
    let mode = prop::sample::select(vec!["None", "All", "Prefix"]);
    let kind = prop::sample::select(vec![
        "A", "AAAA", "CNAME", "MX", "TXT", "PLAIN", "SPFM", "NS", "CAA",
    ]);
    (kind, host(), target(), ttl, essential, mode, 0u8..3).prop_map(
        |(kind, host, target, ttl, essential, mode, number)| {
            let mut record = json!({
                "type": kind, "host": host, "ttl": ttl, "essential": essential,
            });
            match kind {
                "A" => record["pointsTo"] = format!("192.0.2.{number}").into(),
                "AAAA" => record["pointsTo"] = format!("2001:db8::{number}").into(),
                "CNAME" | "NS" => record["pointsTo"] = target.into(),
                "MX" => {
                    record["pointsTo"] = target.into();
                    record["priority"] = number.into();
                }
                "TXT" => {
                    record["data"] = format!("x={number}").into();
                    record["txtConflictMatchingMode"] = mode.into();
                    record["txtConflictMatchingPrefix"] = "x=".into();
                }
                "PLAIN" => {
                    record["type"] = "TXT".into();
                    record["data"] = format!("v=spf1 include:{target} -all").into();
                }
                "SPFM" => record["spfRules"] = format!("include:{target} ?a").into(),
                _ => record["data"] = format!("0 issue \"{target}\"").into(),
            }
            record
        },
    )
}

fn template(name: &'static str) -> impl Strategy<Value = Template> {
    prop::collection::vec(template_record(), 1..6).prop_map(move |records| {
        let json = json!({
            "providerId": "p.test", "providerName": "P", "serviceId": name, "serviceName": name,
            "records": records,
        });
        Template::from_json(&json.to_string()).unwrap().0
    })
}

fn zone_line() -> impl Strategy<Value = String> {
    let ttl = prop::sample::select(vec![120, 600, 3600]);
    let kind = prop::sample::select(vec!["A", "AAAA", "CNAME", "MX", "TXT", "SPF", "NS", "CAA"]);
    (kind, host(), target(), ttl, 0u8..3).prop_map(|(kind, host, target, ttl, number)| match kind {
        "A" => format!("{host} {ttl} A 192.0.2.{number}"),
        "AAAA" => format!("{host} {ttl} AAAA 2001:db8::{number}"),
        "CNAME" | "NS" => format!("{host} {ttl} {kind} {target}."),
        "MX" => format!("{host} {ttl} MX {number} {target}."),
        "TXT" => format!("{host} {ttl} TXT \"x={number}\""),
        "SPF" => format!("{host} {ttl} TXT \"v=spf1 a include:{target} -all\""),
        _ => format!("{host} {ttl} CAA 0 issue \"{target}\""),
    })
}

/// A zone of those lines that can stand together.
fn zone() -> impl Strategy<Value = Zone> {
    prop::collection::vec(zone_line(), 0..12).prop_map(|lines| {
        let apex = "example.com".parse().unwrap();
        let mut builder = support::builder(&apex);
        for line in lines {
            let (_, set) = support::record(&apex, &line);
            let mut with = builder.clone();
            with.insert(set).unwrap();
            if with.clone().finish().is_ok() {
                builder = with;
            }
        }
        builder.finish().unwrap()
    })
}

fn application(zone: &Zone, services: &[AppliedService], template: &Template) -> Option<Plan> {
    plan_application(&Application {
        zone,
        services,
        special: &[],
        template,
        host: &"@".parse().unwrap(),
        groups: &BTreeSet::new(),
        instance: None,
        variables: &Variables::new(),
        authenticity: Authenticity::Signed,
        policy: &Policy::default(),
    })
    .ok()
}

fn removal(zone: &Zone, services: &[AppliedService], index: usize) -> Plan {
    plan_removal(&Removal {
        zone,
        services,
        special: &[],
        index,
    })
    .unwrap()
}

/// The services after a plan.
fn services_after(services: &[AppliedService], plan: &Plan) -> Vec<AppliedService> {
    let mut after: Vec<Option<AppliedService>> = services.iter().cloned().map(Some).collect();
    for updated in &plan.updated {
        after[updated.index] = Some(updated.service.clone());
    }
    for ended in &plan.ended {
        after[ended.index] = None;
    }
    match &plan.kind {
        PlanKind::Application { service, replaces } => {
            if let Some(index) = replaces {
                after[*index] = None;
            }
            after.push(Some(service.as_ref().clone()));
        }
        PlanKind::Removal { index, .. } => after[*index] = None,
    }
    after.into_iter().flatten().collect()
}

/// The zone without what a plan takes away for good.
fn without_removed(zone: &Zone, plan: &Plan) -> Zone {
    let mut changes = ChangeSet::new();
    for set in zone.sets() {
        let removed: Vec<&str> = plan
            .rows
            .iter()
            .filter(|row| row.change == RowChange::Removed)
            .filter(|row| row.owner == *set.owner() && row.rtype == RowType::Dns(set.rtype()))
            .filter_map(|row| row.before.as_ref())
            .map(|text| text.data.as_str())
            .collect();
        let kept = set
            .data()
            .iter()
            .filter(|data| !removed.contains(&data.to_string().as_str()));
        let kept = RecordSet::new(set.owner().clone(), set.ttl(), kept.cloned());
        changes.record(Some(set.clone()), kept.ok());
    }
    zone.apply(&changes).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn applying_twice_is_applying_once(zone in zone(), template in template("one")) {
        let Some(plan) = application(&zone, &[], &template) else { return Ok(()) };
        let applied = zone.apply(&plan.changes).unwrap();
        let services = services_after(&[], &plan);
        let again = application(&applied, &services, &template).unwrap();
        prop_assert!(again.changes_nothing(), "{:?}", again.rows);
        prop_assert!(again.conflicts.is_empty());
        prop_assert_eq!(again.service(), plan.service());
    }

    #[test]
    fn removing_gives_back_what_was_not_in_the_way(zone in zone(), template in template("one")) {
        let Some(plan) = application(&zone, &[], &template) else { return Ok(()) };
        // Several SPF records of the owner become one, whose terms stay when the service goes.
        let becomes_one = |conflict: &Conflict| conflict.rule == ConflictRule::SeveralSpfRecords;
        if plan.conflicts.iter().any(becomes_one) {
            return Ok(());
        }
        let applied = zone.apply(&plan.changes).unwrap();
        let removal = removal(&applied, &services_after(&[], &plan), 0);
        let removed = applied.apply(&removal.changes).unwrap();
        let left = diff(&without_removed(&zone, &plan), &removed);
        prop_assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn only_what_a_plan_shows_is_different(zone in zone(), template in template("one")) {
        let Some(plan) = application(&zone, &[], &template) else { return Ok(()) };
        let applied = zone.apply(&plan.changes).unwrap();
        for (key, change) in diff(&zone, &applied).iter() {
            let is_shown = |data: &easement_zone::RecordData, change_of: RowChange| {
                plan.rows.iter().any(|row| {
                    let text = Some(data.to_string());
                    row.owner == key.owner
                        && row.rtype == RowType::Dns(key.rtype)
                        && (row.change == change_of || row.change == RowChange::Changed)
                        && (row.before.as_ref().map(|before| before.data.clone()) == text
                            || row.after.as_ref().map(|after| after.data.clone()) == text)
                })
            };
            let data = |set: &Option<RecordSet>| {
                set.as_ref().map_or_else(Vec::new, |set| set.data().to_vec())
            };
            let (before, after) = (data(&change.before), data(&change.after));
            for gone in before.iter().filter(|data| !after.contains(data)) {
                prop_assert!(is_shown(gone, RowChange::Removed), "{key:?} {gone}");
            }
            for new in after.iter().filter(|data| !before.contains(data)) {
                prop_assert!(is_shown(new, RowChange::Added), "{key:?} {new}");
            }
        }
    }

    #[test]
    fn services_come_and_go_in_any_order_without_a_trace(
        zone in zone(),
        one in template("one"),
        two in template("two"),
        first_goes_first in any::<bool>(),
    ) {
        let Some(first) = application(&zone, &[], &one) else { return Ok(()) };
        let applied = zone.apply(&first.changes).unwrap();
        let services = services_after(&[], &first);
        let Some(second) = application(&applied, &services, &two) else { return Ok(()) };
        let both = applied.apply(&second.changes).unwrap();
        let mut services = services_after(&services, &second);
        let mut current = both;
        let mut removed_first = first_goes_first;
        while !services.is_empty() {
            let index = if removed_first { 0 } else { services.len() - 1 };
            removed_first = !removed_first;
            let plan = removal(&current, &services, index);
            current = current.apply(&plan.changes).unwrap();
            services = services_after(&services, &plan);
        }
        // Nothing of a service is left: what stands there was there before.
        let before: BTreeSet<String> = support::lines(&zone).iter().map(|line| without_ttl(line)).collect();
        for line in support::lines(&current).iter().map(|line| without_ttl(line)) {
            prop_assert!(before.contains(&line) || line.contains("v=spf1"), "{line} was left");
            let terms = line.split(['"', ' ']).filter(|word| word.contains("include:"));
            for term in terms {
                prop_assert!(before.iter().any(|line| line.contains(term)), "{line} was left");
            }
        }
    }

    #[test]
    fn services_only_own_what_is_there(
        zone in zone(),
        templates in (template("one"), template("two"), template("three")),
        steps in prop::collection::vec((0usize..3, any::<bool>()), 1..8),
    ) {
        let templates = [templates.0, templates.1, templates.2];
        let (mut zone, mut services) = (zone, Vec::new());
        for (which, is_removal) in steps {
            let plan = match is_removal {
                true if which < services.len() => removal(&zone, &services, which),
                true => continue,
                false => match application(&zone, &services, &templates[which]) {
                    Some(plan) => plan,
                    None => continue,
                },
            };
            zone = zone.apply(&plan.changes).unwrap();
            services = services_after(&services, &plan);
            for service in &services {
                for owned in &service.records {
                    let set = zone.get(&owned.record.owner, owned.record.data.rtype());
                    let is_there = set.is_some_and(|set| set.data().contains(&owned.record.data));
                    prop_assert!(is_there, "{:?} is gone", owned.record);
                }
                for spf in &service.spf {
                    let texts = zone.get(&spf.owner, RecordType::TXT);
                    let texts = texts.map_or_else(String::new, |set| format!("{:?}", set.data().iter().map(ToString::to_string).collect::<Vec<_>>()));
                    for term in &spf.terms {
                        let text = term.term.trim_start_matches('?');
                        prop_assert!(texts.contains(text), "{text} is gone from {texts}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_same_wish_has_the_same_digest(zone in zone(), template in template("one")) {
        let Some(plan) = application(&zone, &[], &template) else { return Ok(()) };
        let later = zone.clone().with_serial(zone.serial().next());
        let again = application(&later, &[], &template).unwrap();
        prop_assert_eq!(plan.digest(), again.digest());
        let written = serde_json::to_string(&plan).unwrap();
        let read: Plan = serde_json::from_str(&written).unwrap();
        prop_assert_eq!(&read, &plan);
        prop_assert_eq!(read.digest(), plan.digest());
    }
}

fn without_ttl(line: &str) -> String {
    let mut words: Vec<&str> = line.splitn(3, ' ').collect();
    words.remove(1);
    words.join(" ")
}
