//! What the samples of these pages are made of.

use std::collections::BTreeSet;

use domain_connect::foresight::{fixed_variables, foresee, granted_records};
use domain_connect::{Application, Authenticity, Policy, Template, Variables};
use easement_core::{AgreedConflict, AgreedRecord};
use easement_zone::{Host, Record, RecordType};
use namedrop::Permissions;

use super::super::samples::{service_entries, zone};
use super::{AgreedView, GrantPlace};

const DYNAMIC: &str = r#"{"providerId": "domainconnect.org", "providerName": "Domain Connect",
    "serviceId": "dynamicdns-v2", "serviceName": "Dynamic DNS", "syncBlock": true,
    "description": "Sets the addresses of your own machine.", "records": [
    {"groupId": "IPv4", "type": "A", "host": "@", "pointsTo": "%IPv4%", "ttl": 60},
    {"groupId": "IPv6", "type": "AAAA", "host": "@", "pointsTo": "%IPv6%", "ttl": 60}]}"#;
const MAIL: &str = r#"{"providerId": "domainconnect.org", "providerName": "Domain Connect",
    "serviceId": "mail", "serviceName": "Mail", "records": [
    {"type": "MX", "host": "@", "pointsTo": "mx%number%.mail.example", "priority": 10, "ttl": 3600},
    {"type": "TXT", "host": "_acme-challenge", "data": "%proof%", "ttl": 60,
        "txtConflictMatchingMode": "All"},
    {"type": "NS", "host": "sub", "pointsTo": "ns.mail.example", "ttl": 3600}]}"#;

/// Two templates at the apex.
pub(super) fn places() -> Vec<GrantPlace> {
    [DYNAMIC, MAIL].map(place).into()
}

/// What an app asked for.
pub(super) fn permissions() -> Permissions {
    serde_json::from_value(serde_json::json!([
        {"scope": "namedrop-hosts", "domain": "example.test", "host": "shop"},
        {"scope": "namedrop-acme", "domain": "example.test", "host": "*.shop"},
        {"scope": "namedrop-mail", "domain": "example.test", "host": ""},
    ]))
    .unwrap()
}

/// What was agreed to of both.
pub(super) fn agreed() -> AgreedView {
    let (zone, given) = (zone(), Variables::new());
    let granted = [DYNAMIC, MAIL].map(|json| {
        let template = Template::from_json(json).unwrap().0;
        granted_records(&template, zone.apex(), &Host::apex(), &given).unwrap()
    });
    let records = AgreedRecord::all_of(granted.iter().flatten());
    let in_the_way = zone.get(zone.apex(), RecordType::A);
    let data = in_the_way.iter().flat_map(easement_zone::RecordSet::data);
    let conflicts: Vec<AgreedConflict> = data
        .map(|data| AgreedConflict {
            record: Record {
                owner: zone.apex().clone(),
                data: data.clone(),
            },
            owners: Vec::new(),
        })
        .collect();
    AgreedView::of(zone.apex(), "Domain Connect", (&records, &conflicts))
}

fn place(json: &str) -> GrantPlace {
    let (zone, host, given) = (zone(), Host::apex(), Variables::new());
    let applied: Vec<_> = service_entries()
        .into_iter()
        .map(|one| one.service)
        .collect();
    let template = Template::from_json(json).unwrap().0;
    let fixed = fixed_variables(&template, &given).unwrap();
    let granted = granted_records(&template, zone.apex(), &host, &fixed).unwrap();
    let foreseen = foresee(&Application {
        zone: &zone,
        services: &applied,
        special: &[],
        template: &template,
        host: &host,
        groups: &BTreeSet::new(),
        instance: None,
        variables: &given,
        authenticity: Authenticity::Signed,
        policy: &Policy::default(),
    });
    GrantPlace::of(zone.apex(), &host, &template, "Domain Connect", &granted)
        .with(&zone, &foreseen.unwrap())
}
