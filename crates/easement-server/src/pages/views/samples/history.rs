//! Connected services, plans and commits that follow one another in the sample zone.

use domain_connect::{
    Application, AppliedService, Authenticity, Plan, Policy, Template, Variables, plan_application,
};
use easement_core::{
    AccountId, Actor, AppliedServiceId, ChangeSize, ChangeSource, CommitEntry, GrantId,
    ServiceEntry, Version, ZoneId,
};
use easement_zone::{ChangeSet, Host, Zone};

use super::{mail_change, moment_ago, name, site_removal, zone};
use crate::pages::views::history::CommitRow;
use crate::pages::views::services::ServiceRow;

const OLDHOST: &str = r#"{
    "providerId": "oldhost.example", "providerName": "OldHost",
    "serviceId": "mail", "serviceName": "OldHost Mail", "version": 2,
    "records": [
        {"type": "MX", "host": "@", "pointsTo": "mx1.oldhost.example", "priority": 10, "ttl": 3600},
        {"type": "MX", "host": "@", "pointsTo": "mx2.oldhost.example", "priority": 20, "ttl": 3600}
    ]}"#;

const HARBOUR: &str = r#"{
    "providerId": "harbour.example", "providerName": "Harbour",
    "serviceId": "site", "serviceName": "Harbour Sites", "version": 7,
    "records": [{"type": "A", "host": "www", "pointsTo": "192.0.2.10", "ttl": 3600}]}"#;

const FERNMAIL: &str = r#"{
    "providerId": "fernmail.example", "providerName": "Fernmail",
    "serviceId": "business", "serviceName": "Fernmail Business", "version": 4,
    "records": [
        {"type": "MX", "host": "@", "pointsTo": "in1.fernmail.example", "priority": 10, "ttl": 3600},
        {"type": "MX", "host": "@", "pointsTo": "in2.fernmail.example", "priority": 20, "ttl": 3600},
        {"type": "SPFM", "host": "@", "spfRules": "include:spf.fernmail.example"},
        {"type": "TXT", "host": "@", "data": "fernmail-domain-verification=c0ffee", "ttl": 3600},
        {"type": "CNAME", "host": "fm1._domainkey", "pointsTo": "fm1.%domain%.dkim.fernmail.example", "ttl": 3600},
        {"type": "CNAME", "host": "autoconfig", "pointsTo": "autoconfig.fernmail.example", "ttl": 3600}
    ]}"#;

const SHOP: &str = r#"{
    "providerId": "harbour.example", "providerName": "Harbour",
    "serviceId": "shop", "serviceName": "Harbour Sites", "version": 3,
    "records": [
        {"type": "A", "groupId": "address", "host": "shop", "pointsTo": "192.0.2.20", "ttl": 3600},
        {"type": "TXT", "groupId": "address", "host": "_harbour.shop", "data": "proof-7", "ttl": 3600},
        {"type": "CNAME", "groupId": "alias", "host": "shop", "pointsTo": "shops.harbour.example", "ttl": 3600}
    ]}"#;

fn plan(zone: &Zone, services: &[AppliedService], json: &str) -> Plan {
    plan_groups(zone, services, json, &[])
}

fn plan_groups(zone: &Zone, services: &[AppliedService], json: &str, groups: &[&str]) -> Plan {
    let (template, _) = Template::from_json(json).unwrap();
    plan_application(&Application {
        zone,
        services,
        special: &[],
        template: &template,
        host: &Host::apex(),
        groups: &groups.iter().map(|group| group.parse().unwrap()).collect(),
        instance: None,
        variables: &Variables::new(),
        authenticity: Authenticity::Unsigned,
        policy: &Policy::default(),
    })
    .unwrap()
}

/// A plan that puts Fernmail Business in the place of the mail service before it.
pub(crate) fn fernmail_plan(zone: &Zone) -> Plan {
    let services: Vec<AppliedService> = service_entries()
        .into_iter()
        .map(|entry| entry.service)
        .collect();
    plan(zone, &services, FERNMAIL)
}

/// A plan that puts one group of a service in the place of another, and the zone that it is for.
pub(crate) fn other_group_plan() -> (Zone, Plan) {
    let mut zone = zone();
    let connected = plan_groups(&zone, &[], SHOP, &["address"]);
    zone = zone.apply(&connected.changes).unwrap();
    let plan = plan_groups(&zone, &[connected.service().clone()], SHOP, &["alias"]);
    (zone, plan)
}

/// The services connected to the sample zone, as they are stored.
pub(crate) fn service_entries() -> Vec<ServiceEntry> {
    let entry = |id, json, days: i64| ServiceEntry {
        id: AppliedServiceId::new(id),
        zone: ZoneId::new(1),
        service: plan(&zone(), &[], json).service().clone(),
        connected_at: moment_ago(86_400 * days),
        updated_at: moment_ago(86_400 * days),
    };
    vec![entry(2, OLDHOST, 262), entry(3, HARBOUR, 21)]
}

/// The same as rows.
pub(crate) fn services() -> Vec<ServiceRow> {
    service_entries()
        .iter()
        .map(|entry| ServiceRow::new(&name("example.test"), entry, moment_ago(0)))
        .collect()
}

/// What an app did.
pub(crate) fn commit_of_app() -> CommitRow {
    let app = "https://app.example/".to_owned();
    let entry = CommitEntry {
        actor: Actor::Grant(GrantId::new(7)),
        actor_email: None,
        source: ChangeSource::RecordCall {
            app: app.try_into().unwrap(),
        },
        ..commit_entries().remove(0)
    };
    CommitRow::new(&name("example.test"), &entry, moment_ago(0))
}

/// Three commits as they are stored, the newest first.
pub(crate) fn commit_entries() -> Vec<CommitEntry> {
    let zone = zone();
    let entry = |version, source, changes: ChangeSet, seconds| CommitEntry {
        zone: ZoneId::new(1),
        version: Version(version),
        serial: 2_026_112_100 + u32::try_from(version).unwrap(),
        at: moment_ago(seconds),
        actor: Actor::Account(AccountId::new(1)),
        actor_email: Some("owner@example.test".to_owned()),
        actor_client: None,
        address: None,
        source,
        size: ChangeSize::of(&changes),
    };
    let site = ("harbour.example".parse().unwrap(), "site".parse().unwrap());
    let mail = (
        "fernmail.example".parse().unwrap(),
        "business".parse().unwrap(),
    );
    let connected = ChangeSource::ServiceConnected {
        provider: mail.0,
        service: mail.1,
        title: "Fernmail: Fernmail Business".to_owned(),
        host: Host::apex(),
    };
    let removed = ChangeSource::ServiceRemoved {
        provider: site.0,
        service: site.1,
        title: "Harbour: Harbour Sites".to_owned(),
        host: "shop".parse().unwrap(),
    };
    let imported = CommitEntry {
        actor: Actor::Console,
        actor_email: None,
        actor_client: None,
        ..entry(
            39,
            ChangeSource::ZoneImported,
            ChangeSet::new(),
            86_400 * 262,
        )
    };
    vec![
        entry(41, connected, mail_change(&zone), 130),
        entry(40, removed, site_removal(&zone), 7_300),
        imported,
    ]
}

/// The same as rows.
pub(crate) fn commits() -> Vec<CommitRow> {
    commit_entries()
        .iter()
        .map(|entry| CommitRow::new(&name("example.test"), entry, moment_ago(0)))
        .collect()
}
