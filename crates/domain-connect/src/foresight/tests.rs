//! The table of what can be foreseen, and that it holds for what is planned later.

use std::collections::BTreeSet;

use easement_zone::zonefile::{self, ReadOptions};
use easement_zone::{Host, Zone};

use super::{Foreseen, ForesightError, fixed_variables, foresee, granted_records};
use crate::{Application, Authenticity, Policy, Template, Variables, plan_application};

fn zone() -> Zone {
    let text = "$ORIGIN example.com.\n@ SOA ns1.dns.example. hostmaster 1 2h 15m 2w 5m\n\
                @ NS ns1.dns.example.\n@ A 203.0.113.1\n@ MX 10 mx.old.example.\n\
                www CNAME example.com.\n@ TXT \"v=spf1 mx -all\"\n";
    zonefile::read(text, &ReadOptions::default()).unwrap().zone
}

fn template(records: &str) -> Template {
    let json = format!(
        r#"{{"providerId": "p.example", "providerName": "P", "serviceId": "s", "serviceName": "S",
            "records": [{records}]}}"#
    );
    Template::from_json(&json).unwrap().0
}

fn look(template: &Template, variables: &[(&str, &str)]) -> Result<Foreseen, ForesightError> {
    let variables: Variables = variables
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), (*value).to_owned()))
        .collect();
    foresee(&Application {
        zone: &zone(),
        services: &[],
        special: &[],
        template,
        host: &Host::apex(),
        groups: &BTreeSet::new(),
        instance: None,
        variables: &variables,
        authenticity: Authenticity::Signed,
        policy: &Policy::default(),
    })
}

#[test]
fn what_is_in_the_way_is_seen_before_values_are_known() {
    for (records, conflicts) in [
        (
            r#"{"type": "A", "host": "@", "pointsTo": "%ip%", "ttl": "%ttl%"}"#,
            1,
        ),
        (
            r#"{"type": "AAAA", "host": "@", "pointsTo": "%ip%", "ttl": 60}"#,
            1,
        ),
        (
            r#"{"type": "CNAME", "host": "www", "pointsTo": "%t%", "ttl": 60}"#,
            1,
        ),
        (
            r#"{"type": "CNAME", "host": "www", "pointsTo": "%t%.p.example", "ttl": 60}"#,
            1,
        ),
        (
            r#"{"type": "MX", "host": "@", "pointsTo": "%t%", "priority": "%p%", "ttl": 60}"#,
            1,
        ),
        (
            r#"{"type": "NS", "host": "sub", "pointsTo": "%t%", "ttl": 60}"#,
            0,
        ),
        (
            r#"{"type": "TXT", "host": "@", "data": "%code%", "ttl": 60}"#,
            0,
        ),
        (r#"{"type": "SPFM", "host": "@", "spfRules": "%rules%"}"#, 0),
        (
            r#"{"type": "SPFM", "host": "@", "spfRules": "include:%a%.p.example"}"#,
            0,
        ),
        (
            r#"{"type": "SRV", "name": "@", "service": "_sip", "protocol": "_tls", "target": "%t%",
                "priority": 1, "weight": 1, "port": "%port%", "ttl": 60}"#,
            0,
        ),
    ] {
        let foreseen = look(&template(records), &[]).unwrap();
        assert!(!foreseen.unknown.is_empty(), "{records}");
        assert_eq!(foreseen.plans.len(), 1, "{records}");
        assert_eq!(
            foreseen.plans[0].plan.conflicts.len(),
            conflicts,
            "{records}"
        );
    }
}

#[test]
fn groups_that_are_alternatives_are_looked_at_one_by_one() {
    let template = template(
        r#"{"groupId": "a", "type": "CNAME", "host": "www", "pointsTo": "a.p.example", "ttl": 60},
           {"groupId": "b", "type": "CNAME", "host": "www", "pointsTo": "b.p.example", "ttl": 60}"#,
    );
    let foreseen = look(&template, &[]).unwrap();
    let groups: Vec<_> = foreseen
        .plans
        .iter()
        .map(|one| one.group.clone().unwrap())
        .collect();
    let groups: Vec<_> = groups.iter().map(crate::GroupId::as_str).collect();
    assert_eq!(groups, ["a", "b"]);
}

#[test]
fn a_variable_with_uses_that_no_stand_in_fits_leaves_it_open() {
    let template = template(
        r#"{"type": "A", "host": "a", "pointsTo": "%x%", "ttl": 60},
           {"type": "AAAA", "host": "b", "pointsTo": "%x%", "ttl": 60}"#,
    );
    let foreseen = look(&template, &[]).unwrap();
    assert_eq!((foreseen.plans.len(), foreseen.unknown.len()), (0, 1));
    // With a value that somebody gave it is that value's fault.
    let wrong = look(&template, &[("x", "192.0.2.1")]);
    assert!(matches!(wrong, Err(ForesightError::Plan(_))), "{wrong:?}");
}

#[test]
fn a_name_that_is_not_known_cannot_be_agreed_to() {
    for records in [
        r#"{"type": "TXT", "host": "%x%", "data": "a", "ttl": 60}"#,
        r#"{"type": "TXT", "host": "a.%x%.b", "data": "a", "ttl": 60}"#,
        r#"{"type": "SRV", "name": "@", "service": "%x%", "protocol": "_tcp", "target": "t.p.example",
            "priority": 1, "weight": 1, "port": 1, "ttl": 60}"#,
    ] {
        let template = template(records);
        let open = look(&template, &[]);
        assert!(
            matches!(open, Err(ForesightError::Name(_))),
            "{records}: {open:?}"
        );
        assert!(look(&template, &[("x", "_s")]).is_ok(), "{records}");
    }
}

#[test]
fn what_is_granted_is_what_is_written_later() {
    let template = template(
        r#"{"type": "A", "host": "@", "pointsTo": "%ip%", "ttl": 60},
           {"type": "TXT", "host": "%sel%._domainkey", "data": "%key%", "ttl": 60},
           {"type": "CNAME", "host": "x.%domain%.", "pointsTo": "%sel%.p.example", "ttl": 60}"#,
    );
    let host: Host = "shop".parse().unwrap();
    let variables: Variables = [("ip", "192.0.2.1"), ("sel", "s1"), ("key", "k")]
        .map(|(name, value)| (name.parse().unwrap(), value.to_owned()))
        .into_iter()
        .collect();
    let zone = zone();
    let fixed = fixed_variables(&template, &variables).unwrap();
    let granted = granted_records(&template, zone.apex(), &host, &fixed).unwrap();
    let plan = plan_application(&Application {
        zone: &zone,
        services: &[],
        special: &[],
        template: &template,
        host: &host,
        groups: &BTreeSet::new(),
        instance: None,
        variables: &variables,
        authenticity: Authenticity::Signed,
        policy: &Policy::default(),
    })
    .unwrap();
    let promised: BTreeSet<String> = granted.iter().map(|one| one.owner.to_text()).collect();
    let written: BTreeSet<String> = plan.rows.iter().map(|row| row.owner.to_text()).collect();
    assert_eq!(promised, written);
    assert_eq!(promised.len(), 3);
}
