//! Edits by hand: what becomes of the services whose records they touch.

use std::collections::BTreeSet;

use domain_connect::{
    Application, AppliedService, Authenticity, Edit, EditPlan, PlanError, Policy, RecordOrigin,
    RowChange, RowReason, Template, Variables, plan_application, plan_edit,
};
use easement_zone::{Name, RecordType, Zone, diff};
use serde_json::json;

use crate::support;

/// A zone and what is applied to it.
struct World {
    zone: Zone,
    services: Vec<AppliedService>,
}

impl World {
    fn new(lines: &[&str]) -> Self {
        Self {
            zone: support::zone("example.com", lines),
            services: Vec::new(),
        }
    }

    fn apply(mut self, service: &str, records: &serde_json::Value) -> Self {
        let template = json!({
            "providerId": "p.test", "providerName": "P", "serviceId": service,
            "serviceName": service, "records": records,
        });
        let (template, _) = Template::from_json(&template.to_string()).unwrap();
        let plan = plan_application(&Application {
            zone: &self.zone,
            services: &self.services,
            special: &[],
            template: &template,
            host: &"@".parse().unwrap(),
            groups: &BTreeSet::new(),
            instance: None,
            variables: &Variables::new(),
            authenticity: Authenticity::Signed,
            policy: &Policy::default(),
        })
        .unwrap();
        self.services = plan.services_after(&self.services);
        self.zone = self.zone.apply(&plan.changes).unwrap();
        self
    }

    /// The plan of making the zone one with these lines.
    fn edit(&self, lines: &[&str]) -> EditPlan {
        let wanted = support::zone("example.com", lines);
        plan_edit(&Edit {
            zone: &self.zone,
            services: &self.services,
            special: &[],
            changes: &diff(&self.zone, &wanted),
        })
        .unwrap()
    }

    fn after(&self, plan: &EditPlan) -> (Zone, Vec<AppliedService>) {
        (
            self.zone.apply(&plan.changes).unwrap(),
            plan.services_after(&self.services),
        )
    }
}

fn shop() -> serde_json::Value {
    json!([
        {"type": "A", "host": "shop", "pointsTo": "192.0.2.1", "ttl": 600},
        {"type": "TXT", "host": "@", "data": "shop=1", "ttl": 600, "essential": "OnApply"},
    ])
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

#[test]
fn a_service_ends_with_its_essential_record_and_takes_the_rest_along() {
    let world = World::new(&[]).apply("Shop", &shop());
    let plan = world.edit(&["@ 600 TXT shop=1", "www 300 A 192.0.2.9"]);
    assert_eq!(plan.ended.len(), 1);
    assert_eq!(plan.ended[0].title, "P: Shop");
    let (zone, services) = world.after(&plan);
    assert!(services.is_empty());
    assert!(zone.get(&name("example.com"), RecordType::TXT).is_none());
    assert!(zone.has_name(&name("www.example.com")), "the edit is done");
    let reasons: Vec<_> = plan
        .rows
        .iter()
        .map(|row| (&row.owner, &row.reason))
        .collect();
    let key = world.services[0].key.clone();
    assert_eq!(
        reasons,
        [
            (
                &name("example.com"),
                &RowReason::ServiceEnds { service: key }
            ),
            (&name("shop.example.com"), &RowReason::Edited),
            (&name("www.example.com"), &RowReason::Edited),
        ]
    );
}

#[test]
fn a_record_needed_only_when_applying_is_let_go() {
    let world = World::new(&[]).apply("Shop", &shop());
    let plan = world.edit(&["shop 600 A 192.0.2.1"]);
    assert!(plan.ended.is_empty());
    let (zone, services) = world.after(&plan);
    assert_eq!(services[0].records.len(), 1);
    assert!(zone.has_name(&name("shop.example.com")));
}

#[test]
fn records_that_no_service_needs_change_no_service() {
    let world = World::new(&["www 300 A 192.0.2.9"]).apply("Shop", &shop());
    let plan = world.edit(&["shop 600 A 192.0.2.1", "@ 600 TXT shop=1"]);
    assert!(plan.ended.is_empty() && plan.updated.is_empty());
    assert_eq!(plan.rows.len(), 1);
}

#[test]
fn another_ttl_or_another_cut_of_a_text_ends_nothing() {
    let world = World::new(&[]).apply(
        "Shop",
        &json!([{"type": "TXT", "host": "@", "data": "shop=1", "ttl": 600}]),
    );
    let plan = world.edit(&["@ 60 TXT \"shop\" \"=1\""]);
    assert!(plan.ended.is_empty() && plan.updated.is_empty());
    let plan = world.edit(&["@ 60 TXT shop=1"]);
    assert!(plan.ended.is_empty() && plan.updated.is_empty());
    let row = &plan.rows[0];
    assert_eq!(
        (row.change, &row.reason),
        (RowChange::TtlChanged, &RowReason::Edited)
    );
}

#[test]
fn a_shared_record_that_goes_ends_all_who_need_it_and_one_that_stays_is_handed_over() {
    let shared = json!({"type": "TXT", "host": "@", "data": "both", "ttl": 600});
    let own = |host| json!({"type": "A", "host": host, "pointsTo": "192.0.2.1", "ttl": 600});
    let world = World::new(&[])
        .apply("One", &json!([shared, own("one")]))
        .apply("Two", &json!([shared, own("two")]));

    let plan = world.edit(&["one 600 A 192.0.2.1", "two 600 A 192.0.2.1"]);
    assert_eq!(plan.ended.len(), 2);
    let (zone, _) = world.after(&plan);
    assert_eq!(zone.set_count(), 2, "SOA and NS are left");

    let plan = world.edit(&["@ 600 TXT both", "two 600 A 192.0.2.1"]);
    assert_eq!(plan.ended.len(), 1);
    let (zone, services) = world.after(&plan);
    assert!(zone.get(&name("example.com"), RecordType::TXT).is_some());
    assert_eq!(services[0].key.service_id.to_string(), "Two");
    let all_written = |owned: &domain_connect::OwnedRecord| owned.origin == RecordOrigin::Created;
    assert!(services[0].records.iter().all(all_written));
}

#[test]
fn terms_taken_out_of_an_spf_record_are_the_services_no_longer() {
    let spf = |rules| json!([{"type": "SPFM", "host": "@", "spfRules": rules}]);
    let world = World::new(&[])
        .apply("One", &spf("include:one.test"))
        .apply("Two", &spf("include:two.test include:more.test"));
    let plan = world.edit(&["@ 3600 TXT \"v=spf1 include:two.test ~all\""]);
    assert!(plan.ended.is_empty(), "the rest of a service goes on");
    let (_, services) = world.after(&plan);
    assert!(services[0].spf.is_empty());
    let terms: Vec<&str> = services[1].spf[0]
        .terms
        .iter()
        .map(|one| one.term.as_str())
        .collect();
    assert_eq!(terms, ["include:two.test"]);

    let (_, services) = world.after(&world.edit(&[]));
    assert!(services.iter().all(|service| service.spf.is_empty()));
}

#[test]
fn an_edit_that_the_zone_cannot_hold_or_that_comes_too_late_is_refused() {
    let world = World::new(&["www 300 A 192.0.2.9"]).apply("Shop", &shop());
    let refused = |from: &Zone, lines: &[&str]| {
        let (owner, set) = support::record(&name("example.com"), lines[0]);
        let mut changes = easement_zone::ChangeSet::new();
        changes.record(from.get(&owner, set.rtype()), Some(set));
        plan_edit(&Edit {
            zone: &world.zone,
            services: &world.services,
            special: &[],
            changes: &changes,
        })
    };
    let beside = refused(&world.zone, &["www 300 CNAME other.test."]);
    assert!(matches!(beside, Err(PlanError::Zone(_))), "{beside:?}");
    let older = support::zone("example.com", &["www 300 A 192.0.2.8"]);
    let late = refused(&older, &["www 300 A 192.0.2.7"]);
    assert!(matches!(late, Err(PlanError::Zone(_))), "{late:?}");
}
