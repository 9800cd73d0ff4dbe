//! What is agreed to, what is stored, and how much may be asked for.

use std::collections::BTreeSet;

use domain_connect::{
    Application, AppliedService, Authenticity, Checksum, InstanceId, Plan, PlanError, PlanKind,
    Policy, RecordOrigin, Template, Variables, plan_application,
};
use easement_zone::{Host, Ttl, Zone};
use serde_json::json;

use crate::support;

/// A wish with what most tests leave as it is.
struct Wish {
    zone: Zone,
    template: Template,
    host: Host,
    groups: BTreeSet<domain_connect::GroupId>,
    instance: Option<InstanceId>,
    authenticity: Authenticity,
    policy: Policy,
    services: Vec<AppliedService>,
}

impl Wish {
    fn new(records: &serde_json::Value) -> Self {
        let template = json!({
            "providerId": "p.test", "providerName": "P", "serviceId": "s", "serviceName": "S",
            "multiInstance": true, "records": records,
        });
        Self {
            zone: support::zone(
                "example.com",
                &["@ 300 A 203.0.113.1", "www 300 A 203.0.113.2"],
            ),
            template: Template::from_json(&template.to_string()).unwrap().0,
            host: "@".parse().unwrap(),
            groups: BTreeSet::new(),
            instance: None,
            authenticity: Authenticity::Signed,
            policy: Policy::default(),
            services: Vec::new(),
        }
    }

    fn plan(&self) -> Result<Plan, PlanError> {
        plan_application(&Application {
            zone: &self.zone,
            services: &self.services,
            special: &[],
            template: &self.template,
            host: &self.host,
            groups: &self.groups,
            instance: self.instance.as_ref(),
            variables: &Variables::new(),
            authenticity: self.authenticity,
            policy: &self.policy,
        })
    }

    fn digest(&self) -> Checksum {
        self.plan().unwrap().digest()
    }
}

fn records() -> serde_json::Value {
    json!([
        {"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 600},
        {"type": "TXT", "groupId": "g", "host": "@", "data": "x", "ttl": 600},
    ])
}

#[test]
fn whatever_a_person_sees_is_part_of_what_they_agree_to() {
    type Change = fn(&mut Wish);
    let changes: [(&str, Change); 9] = [
        ("host", |wish| wish.host = "www".parse().unwrap()),
        ("groups", |wish| {
            wish.groups.insert("g".parse().unwrap());
        }),
        ("instance", |wish| {
            wish.instance = Some("i".parse().unwrap());
        }),
        ("warnings", |wish| {
            wish.authenticity = Authenticity::Unsigned;
        }),
        ("TTL", |wish| wish.policy.lowest_ttl = Ttl::HOUR),
        ("template", |wish| {
            wish.template = Template::from_json(&format!("{} ", wish.template.json()))
                .unwrap()
                .0;
        }),
        ("what goes", |wish| {
            wish.zone = support::zone("example.com", &["@ 300 A 203.0.113.9"]);
        }),
        ("the TTL of what goes", |wish| {
            wish.zone = support::zone("example.com", &["@ 301 A 203.0.113.1"]);
        }),
        ("services that end", |wish| {
            let mut other = Wish::new(&json!([
                {"type": "A", "host": "@", "pointsTo": "203.0.113.1", "ttl": 300},
            ]));
            other.instance = Some("other".parse().unwrap());
            let PlanKind::Application { service, .. } = other.plan().unwrap().kind else {
                panic!("a template is applied");
            };
            wish.services.push(*service);
        }),
    ];
    let shown = Wish::new(&records()).digest();
    let mut seen = BTreeSet::from([shown]);
    for (what, change) in changes {
        let mut wish = Wish::new(&records());
        change(&mut wish);
        assert!(seen.insert(wish.digest()), "{what} is not part of it");
    }
}

#[test]
fn a_service_that_is_applied_again_stays_in_its_place() {
    let service = |instance: &str, services: &[AppliedService]| {
        let mut wish = Wish::new(&json!([
            {"type": "TXT", "host": "@", "data": "x", "ttl": 600},
        ]));
        wish.instance = Some(instance.parse().unwrap());
        wish.services = services.to_vec();
        wish.plan().unwrap().services_after(services)
    };
    let names = |services: &[AppliedService]| -> Vec<String> {
        let instances = services.iter().flat_map(|service| &service.key.instance);
        instances.map(ToString::to_string).collect()
    };
    let one = service("one", &[]);
    let two = service("two", &one);
    assert_eq!(names(&two), ["one", "two"]);
    let again = service("one", &two);
    assert_eq!(names(&again), ["one", "two"]);
}

#[test]
fn a_service_in_the_way_of_another_is_gone_afterwards() {
    let mut other = Wish::new(&json!([
        {"type": "A", "host": "@", "pointsTo": "203.0.113.1", "ttl": 300},
    ]));
    other.instance = Some("other".parse().unwrap());
    let mut wish = Wish::new(&records());
    wish.services = other.plan().unwrap().services_after(&[]);
    let after = wish.plan().unwrap().services_after(&wish.services);
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].key.instance, None);
}

#[test]
fn what_a_person_does_not_see_is_no_part_of_it() {
    let shown = Wish::new(&records()).digest();
    let mut wish = Wish::new(&records());
    wish.zone = support::zone(
        "Example.COM",
        &["x 1 TXT y", "WWW 300 A 203.0.113.2", "@ 300 A 203.0.113.1"],
    );
    assert_eq!(wish.digest(), shown);
}

/// As version 1 of this library stored it, with a property that a later one may add.
const STORED: &str = r#"{"key":{"provider_id":"p.test","service_id":"s","host":"@","instance":"i"},
    "provider_name":"P","service_name":"S","template_version":null,
    "template_checksum":"84dbed0d713470fe3895abde07f99c8a37899c915efaf7b2a61a8318d89af68b","groups":"all",
    "records":[{"record":{"owner":"a.example.com.","data":"TXT \"x\""},
    "group":null,"essential":"on_apply","origin":"created","ttl_before":3600},
    {"record":{"owner":"example.com.","data":"MX 5 m.test."},"group":null,"essential":"always","origin":"created"}],
    "spf":[{"owner":"example.com.","group":"g",
    "terms":[{"term":"a","origin":"found","qualifier_before":"soft_fail"}],"record":"found",
    "all_before":{"present":"fail"}}],
    "special":[{"special":{"owner":"go.example.com.",
    "action":{"kind":"web_redirect","status":"302","target":"https://a.test/"}},"group":null,"essential":"always"}],"later":1}"#;

#[test]
fn services_that_were_stored_are_read_by_later_versions() {
    let service: AppliedService = serde_json::from_str(STORED).unwrap();
    assert_eq!(service.records[0].origin, RecordOrigin::Created);
    let mut stored: serde_json::Value = serde_json::from_str(STORED).unwrap();
    stored.as_object_mut().unwrap().remove("later");
    assert_eq!(serde_json::to_value(&service).unwrap(), stored);
}

#[test]
fn an_spf_record_does_not_grow_without_end() {
    let rules: Vec<String> = (0..60)
        .map(|number| format!("include:{}.{number}.test", "a".repeat(60)))
        .collect();
    let record = |from: usize| {
        let some: Vec<&str> = rules[from..from + 20].iter().map(String::as_str).collect();
        json!({"type": "SPFM", "host": "@", "spfRules": some.join(" ")})
    };
    let most = Wish::new(&json!([record(0), record(20), record(40)]));
    assert!(most.plan().is_ok());
    let many: Vec<String> = (0..200)
        .map(|number| format!("include:{}.{number}.test", "a".repeat(60)))
        .collect();
    let wish = Wish::new(&json!([
        {"type": "SPFM", "host": "@", "spfRules": many.join(" ")},
    ]));
    assert_eq!(wish.plan().unwrap_err().code(), "spf_too_long");
}

#[test]
fn templates_have_limits() {
    let record = |number: usize| json!({"type": "TXT", "host": format!("h{number}"), "data": "x", "ttl": 60});
    let text = |count: usize| {
        json!({
            "providerId": "p.test", "providerName": "P", "serviceId": "s", "serviceName": "S",
            "records": (0..count).map(record).collect::<Vec<_>>(),
        })
        .to_string()
    };
    assert!(Template::from_json(&text(200)).is_ok());
    assert!(Template::from_json(&text(201)).is_err());
    assert!(Template::from_json(&text(10_000)).is_err());
    let wish = Wish::new(&json!([
        {"type": "TXT", "host": "@", "data": "x".repeat(17_000), "ttl": 60},
    ]));
    assert_eq!(wish.plan().unwrap_err().code(), "invalid_text");
}

#[test]
fn one_template_asks_for_so_many_terms_at_a_name() {
    let terms: Vec<String> = (0..100).map(|number| format!("a:h{number}.test")).collect();
    let record = json!({"type": "SPFM", "host": "@", "spfRules": terms.join(" ")});
    let wish = Wish::new(&json!(vec![record.clone(); 10]));
    assert!(wish.plan().is_ok());
    let wish = Wish::new(&json!(vec![record; 11]));
    assert_eq!(wish.plan().unwrap_err().code(), "spf_too_long");
}

/// The template was one for several instances when these were applied.
#[test]
fn a_template_that_is_for_one_instance_by_now_takes_the_place_of_all() {
    let text = |data: &str| json!([{"type": "TXT", "host": "@", "data": data, "ttl": 600}]);
    let mut services = Vec::new();
    let mut zone = Wish::new(&text("")).zone;
    for (data, instance) in [("one", Some("i1")), ("two", None), ("else", Some("i3"))] {
        let mut wish = Wish::new(&text(data));
        wish.instance = instance.map(|name| name.parse().unwrap());
        wish.zone = zone;
        wish.services = services.clone();
        if data == "else" {
            wish.host = "www".parse().unwrap();
        }
        let plan = wish.plan().unwrap();
        zone = wish.zone.apply(&plan.changes).unwrap();
        let PlanKind::Application { service, .. } = plan.kind else {
            panic!("a template is applied");
        };
        services.push(*service);
    }
    let mut wish = Wish::new(&text("three"));
    let json = wish
        .template
        .json()
        .replace("\"multiInstance\":true", "\"multiInstance\":false");
    wish.template = Template::from_json(&json).unwrap().0;
    assert!(!wish.template.is_multi_instance());
    wish.zone = zone;
    wish.services = services;

    let plan = wish.plan().unwrap();

    let PlanKind::Application { replaces, .. } = &plan.kind else {
        panic!("a template is applied");
    };
    assert_eq!(*replaces, Some(0));
    let ended: Vec<usize> = plan.ended.iter().map(|ended| ended.index).collect();
    assert_eq!(ended, [1], "the service of another host stays");
    let after = wish.zone.apply(&plan.changes).unwrap();
    let lines = support::lines(&after);
    for (data, is_there) in [
        ("one", false),
        ("two", false),
        ("three", true),
        ("else", true),
    ] {
        let is_found = lines
            .iter()
            .any(|line| line.ends_with(&format!("\"{data}\"")));
        assert_eq!(is_found, is_there, "{data}: {lines:?}");
    }
}
