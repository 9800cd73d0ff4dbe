//! For each check a template that has what it finds, and one that just has not.

use std::collections::BTreeSet;

use super::*;
use crate::vetting::Names;

const A: &str = r#"{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 600}"#;

/// A template in which nothing is found but what these properties and records bring.
fn json(properties: &str, records: &str) -> String {
    let mut text = String::from("{");
    let usual = [
        ("providerId", r#""p.example""#),
        ("providerName", r#""P""#),
        ("serviceId", r#""s""#),
        ("serviceName", r#""S""#),
        ("version", "1"),
        ("syncPubKeyDomain", r#""p.example""#),
        ("syncRedirectDomain", r#""p.example""#),
    ];
    for (name, value) in usual {
        // A property that is given takes the place of the usual one; `-name` leaves it out.
        if !properties.contains(&format!("\"{name}\":"))
            && !properties.contains(&format!("-{name}"))
        {
            text.extend([format!("\"{name}\": {value}, ")]);
        }
    }
    for property in properties
        .split("; ")
        .filter(|one| !one.is_empty() && !one.starts_with('-'))
    {
        text.push_str(property);
        text.push_str(", ");
    }
    text.extend([format!("\"records\": [{records}]}}")]);
    text
}

fn options() -> LintOptions {
    LintOptions {
        file_name: Some("p.example.s.json".to_owned()),
        highest_ttl: Some(86_400),
        profile: None,
        known: vec![Names {
            provider: "known.example".parse().unwrap(),
            service: "s".parse().unwrap(),
            provider_name: "Known".to_owned(),
            service_name: "K".to_owned(),
        }],
    }
}

fn codes(text: &str, options: &LintOptions) -> BTreeSet<Code> {
    lint(text, options)
        .findings
        .iter()
        .map(|finding| finding.code)
        .collect()
}

/// Code, properties and records that have it, properties and records that have not.
type Case = (Code, &'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const CASES: &[Case] = &[
    (Code::NotJson, "\"version\": 1; \"version\": 2", A, "", A),
    (Code::MissingField, "", r#"{"type": "MX", "host": "@", "pointsTo": "m.p.example", "ttl": 60}"#,
        "", r#"{"type": "MX", "host": "@", "pointsTo": "m.p.example", "priority": 1, "ttl": 60}"#),
    (Code::UnusedField, "", r#"{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 60, "priority": 1}"#, "", A),
    (Code::HighTtl, "", r#"{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 86401}"#,
        "", r#"{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 86400}"#),
    (Code::BadId, "\"serviceId\": \"a/b\"", A, "\"serviceId\": \"a_b\"", A),
    (Code::FileName, "\"serviceId\": \"t\"", A, "\"serviceId\": \"S\"", A),
    (Code::BadField, "", r#"{"type": "SOA", "host": "@", "data": "x", "ttl": 60}"#, "", A),
    (Code::NoVersion, "-version", A, "", A),
    (Code::OldShared, "\"shared\": true", A, "\"sharedProviderName\": true", A),
    (Code::VariableNotAllowed, "\"serviceName\": \"%x%\"", A, "\"serviceName\": \"100% %\"", A),
    (Code::BadLogo, "\"logoUrl\": \"http://p.example/\"", A, "\"logoUrl\": \"https://p.example/\"", A),
    (Code::CnameNotAlone, "", r#"{"type": "CNAME", "host": "w", "pointsTo": "a.example", "ttl": 60},
        {"type": "TXT", "host": "W", "data": "x", "ttl": 60}"#,
        "", r#"{"type": "CNAME", "host": "w", "pointsTo": "a.example", "ttl": 60},
        {"type": "TXT", "host": "v", "data": "x", "ttl": 60}"#),
    (Code::ApexAlias, "", r#"{"type": "CNAME", "host": "", "pointsTo": "a.example", "ttl": 60}"#,
        "\"hostRequired\": true", r#"{"type": "CNAME", "host": "", "pointsTo": "a.example", "ttl": 60}"#),
    (Code::EmptyProperty, "\"syncPubKeyDomain\": \"\"", A, "", A),
    (Code::SpfInTxt, "", r#"{"type": "TXT", "host": "@", "data": "v=spf1 a ~all", "ttl": 60}"#,
        "", r#"{"type": "TXT", "host": "@", "data": "v=spf10 a ~all", "ttl": 60}"#),
    (Code::BadNumber, "", r#"{"type": "MX", "host": "@", "pointsTo": "m.p.example", "priority": 65536, "ttl": 60}"#,
        "", r#"{"type": "MX", "host": "@", "pointsTo": "m.p.example", "priority": 65535, "ttl": 60}"#),
    (Code::UnusualType, "", r#"{"type": "CAA", "host": "@", "data": "0 issue \"ca.example\"", "ttl": 60}"#, "", A),
    (Code::BadSpf, "", r#"{"type": "SPFM", "host": "@", "spfRules": "include:a.example -all"}"#,
        "", r#"{"type": "SPFM", "host": "@", "spfRules": "include:a.all a/24 mx//64 include:%x%.example"}"#),
    (Code::SpfTwice, "", r#"{"type": "SPFM", "host": "@", "spfRules": "a x=1 X=2"}"#,
        "", r#"{"type": "SPFM", "host": "@", "spfRules": "a x=1 y=2"}"#),
    (Code::BadVariable, "", r#"{"type": "TXT", "host": "@", "data": "a%b c%", "ttl": 60}"#,
        "", r#"{"type": "TXT", "host": "@", "data": "a%b-c%", "ttl": 60}"#),
    (Code::OpenVariable, "", r#"{"type": "TXT", "host": "@", "data": "a%b", "ttl": 60}"#,
        "", r#"{"type": "TXT", "host": "@", "data": "a%b%", "ttl": 60}"#),
    (Code::UnknownUnderscore, "", r#"{"type": "TXT", "host": "_mine", "data": "x", "ttl": 60}"#,
        "", r#"{"type": "TXT", "host": "s1._domainkey", "data": "x", "ttl": 60}"#),
    (Code::BadDomain, "\"syncPubKeyDomain\": \"https://p.example\"", A, "\"syncPubKeyDomain\": \"_keys.p.example\"", A),
    (Code::SameRecord, "", r#"{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 600},
        {"type": "a", "host": "", "pointsTo": "192.0.2.1", "ttl": 600}"#,
        "", r#"{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 600},
        {"type": "A", "host": "@", "pointsTo": "192.0.2.2", "ttl": 600}"#),
    (Code::HostVariable, "", r#"{"type": "A", "host": "w.%host%", "pointsTo": "192.0.2.1", "ttl": 60}"#,
        "", r#"{"type": "A", "host": "w.%host%.%domain%.", "pointsTo": "192.0.2.1", "ttl": 60}"#),
    (Code::UnderscoreHost, "", r#"{"type": "TXT", "host": "_dmarc", "data": "x", "ttl": 60}"#,
        "", r#"{"type": "TXT", "host": "a_b", "data": "x", "ttl": 60}"#),
    (Code::SpacesInDomains, "\"syncRedirectDomain\": \"a.example, b.example\"", A,
        "\"syncRedirectDomain\": \"a.example,b.example\"", A),
    (Code::BadHost, "", r#"{"type": "A", "host": "a.*.b", "pointsTo": "192.0.2.1", "ttl": 60}"#,
        "", r#"{"type": "A", "host": "*.bücher", "pointsTo": "192.0.2.1", "ttl": 60}"#),
    (Code::SignedAndWarned, "\"warnPhishing\": true", A, "\"warnPhishing\": false", A),
    (Code::Unsigned, "-syncPubKeyDomain", A, "-syncPubKeyDomain; \"syncBlock\": true", A),
    (Code::NoRecords, "", "", "", A),
    (Code::OneGroup, "", r#"{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 60, "groupId": "g"}"#, "", A),
    (Code::MixedGroups, "", r#"{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 60, "groupId": "g"},
        {"type": "TXT", "host": "@", "data": "x", "ttl": 60}"#,
        "", r#"{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 60, "groupId": "g"},
        {"type": "TXT", "host": "@", "data": "x", "ttl": 60, "groupId": "h"}"#),
    (Code::InstancesOfAlias, "\"multiInstance\": true; \"hostRequired\": true",
        r#"{"type": "CNAME", "host": "@", "pointsTo": "a.example", "ttl": 60}"#,
        "\"multiInstance\": true; \"hostRequired\": true", A),
    (Code::BadAddress, "", r#"{"type": "A", "host": "@", "pointsTo": "@", "ttl": 60}"#,
        "", r#"{"type": "A", "host": "@", "pointsTo": "%ip%", "ttl": 60}"#),
    (Code::Ipv6InA, "", r#"{"type": "A", "host": "@", "pointsTo": "2001:db8::1", "ttl": 60}"#, "", A),
    (Code::Ipv4InAaaa, "", r#"{"type": "AAAA", "host": "@", "pointsTo": "192.0.2.1", "ttl": 60}"#,
        "", r#"{"type": "AAAA", "host": "@", "pointsTo": "2001:db8::1", "ttl": 60}"#),
    (Code::HostNotNeeded, "\"hostRequired\": true", A, "", A),
    (Code::Extension, "", r#"{"type": "REDIR301", "host": "@", "target": "https://p.example/"}"#, "", A),
    (Code::CommonSuffix, "", r#"{"type": "A", "host": "%x%", "pointsTo": "192.0.2.1", "ttl": 60},
        {"type": "TXT", "host": "_a.%x%", "data": "x", "ttl": 60}"#,
        "", r#"{"type": "A", "host": "%x%", "pointsTo": "192.0.2.1", "ttl": 60},
        {"type": "TXT", "host": "_a.%y%", "data": "x", "ttl": 60}"#),
    (Code::BareVariable, "", r#"{"type": "CNAME", "host": "w", "pointsTo": "%x%", "ttl": 60}"#,
        "", r#"{"type": "CNAME", "host": "w", "pointsTo": "%x%.p.example", "ttl": 60}"#),
    (Code::UnknownField, "\"hostRequierd\": true", A, "\"vnd.p.hostRequierd\": true; \"somethingElse\": 1", A),
    (Code::MixedTtl, "", r#"{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 60},
        {"type": "A", "host": "", "pointsTo": "192.0.2.2", "ttl": 61}"#,
        "", r#"{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 60},
        {"type": "A", "host": "w", "pointsTo": "192.0.2.2", "ttl": 61}"#),
    (Code::SpfLookups, "", r#"{"type": "SPFM", "host": "@", "spfRules": "a mx include:a.example include:b.example exists:c.example"}"#,
        "", r#"{"type": "SPFM", "host": "@", "spfRules": "ip4:192.0.2.1 mx include:a.example include:b.example exists:c.example"}"#),
    (Code::GroupConflict, "", r#"{"type": "NS", "host": "d", "pointsTo": "n.example", "ttl": 60, "groupId": "g"},
        {"type": "A", "host": "w.d", "pointsTo": "192.0.2.1", "ttl": 60}"#,
        "", r#"{"type": "NS", "host": "d", "pointsTo": "n.example", "ttl": 60, "groupId": "g"},
        {"type": "A", "host": "w.e", "pointsTo": "192.0.2.1", "ttl": 60}"#),
    (Code::SelfConflict, "", r#"{"type": "CNAME", "host": "w", "pointsTo": "a.example", "ttl": 60, "groupId": "g"},
        {"type": "A", "host": "w", "pointsTo": "192.0.2.1", "ttl": 60, "groupId": "h"}"#,
        "", r#"{"type": "CNAME", "host": "v", "pointsTo": "a.example", "ttl": 60, "groupId": "g"},
        {"type": "A", "host": "w", "pointsTo": "192.0.2.1", "ttl": 60, "groupId": "h"}"#),
    (Code::Overlap, "\"providerName\": \"Кnown\"", A, "\"providerName\": \"Unknown\"", A),
    (Code::NoRedirect, "-syncRedirectDomain", A, "", A),
    (Code::ReservedVariable, "", r#"{"type": "TXT", "host": "@", "data": "x=%state%", "ttl": 60}"#,
        "", r#"{"type": "TXT", "host": "@", "data": "x=%State%", "ttl": 60}"#),
    (Code::Critical, "\"crit\": [\"vnd.x\"]; \"vnd.x\": 1", A, "\"crit\": [\"vnd.x\"]", A),
    (Code::TextNumber, "", r#"{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": "60"}"#,
        "", r#"{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": "%ttl%"}"#),
    (Code::Spelling, "", r#"{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 60, "essential": "onApply"}"#,
        "", r#"{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 60, "essential": "OnApply"}"#),
    (Code::WholeConflict, "", r#"{"type": "TXT", "host": "@", "data": "x", "ttl": 60, "txtConflictMatchingMode": "All"}"#,
        "", r#"{"type": "TXT", "host": "@", "data": "x", "ttl": 60, "txtConflictMatchingMode": "None"}"#),
];

#[test]
fn each_check_finds_what_it_should_and_nothing_else() {
    for (code, properties, records, clean_properties, clean_records) in CASES {
        let found = codes(&json(properties, records), &options());
        assert!(found.contains(code), "{code} is not found: {found:?}");
        let clean = codes(&json(clean_properties, clean_records), &options());
        assert!(!clean.contains(code), "{code} is found where it is not");
    }
}

#[test]
fn long_and_large_templates_are_noticed() {
    let text = |octets: usize| {
        json(
            "",
            &format!(
                r#"{{"type": "TXT", "host": "@", "data": "{}", "ttl": 60}}"#,
                "x".repeat(octets)
            ),
        )
    };
    assert!(codes(&text(256), &options()).contains(&Code::LongText));
    assert!(!codes(&text(255), &options()).contains(&Code::LongText));
    let records = |count: usize| {
        let record = |number| {
            format!(r#"{{"type": "A", "host": "h{number}", "pointsTo": "192.0.2.1", "ttl": 60}}"#)
        };
        json("", &(0..count).map(record).collect::<Vec<_>>().join(","))
    };
    assert!(codes(&records(51), &options()).contains(&Code::Large));
    assert!(!codes(&records(50), &options()).contains(&Code::Large));
    assert!(codes(&records(201), &options()).contains(&Code::BadField));
    assert!(codes(&"[".repeat(300_000), &options()).contains(&Code::NotJson));
}

#[test]
fn the_rules_of_cloudflare_are_asked_for_by_name() {
    let everything = json(
        r#"-syncPubKeyDomain; "syncBlock": true; "sharedServiceName": true; "multiInstance": true; "warnPhishing": true; "hostRequired": true"#,
        r#"{"type": "CNAME", "host": "@", "pointsTo": "a.example", "ttl": 0, "essential": "Always"},
        {"type": "TXT", "host": "t", "data": "x", "ttl": 60, "txtConflictMatchingMode": "None"},
        {"type": "APEXCNAME", "host": "@", "pointsTo": "a.example", "ttl": 60}"#,
    );
    let with = LintOptions {
        profile: Some(Profile::Cloudflare),
        ..options()
    };
    let is_theirs = |code: &&Code| code.as_str().starts_with("DCTL5");
    let found = codes(&everything, &with);
    assert_eq!(found.iter().filter(is_theirs).count(), 12, "{found:?}");
    assert_eq!(
        codes(&everything, &options())
            .iter()
            .filter(is_theirs)
            .count(),
        0
    );
    assert_eq!(
        codes(&json("-syncRedirectDomain", A), &with)
            .iter()
            .filter(is_theirs)
            .count(),
        0
    );
}

#[test]
fn every_code_has_cases() {
    let covered: BTreeSet<Code> = CASES.iter().map(|case| case.0).collect();
    for code in Code::ALL {
        let elsewhere = code.as_str().starts_with("DCTL5")
            || [
                Code::NotReadable, // the command line
                Code::SameIds,     // the example of `LintSet`
                Code::LongText,
                Code::Large,
                Code::KeyNotPublished, // below
                Code::KeyTooShort,
            ]
            .contains(code);
        assert!(covered.contains(code) || elsewhere, "{code} has no case");
        assert_eq!(code.as_str().parse(), Ok(*code));
        for words in [code.title(), code.why(), code.mend()] {
            assert!(!words.is_empty(), "{code}");
        }
    }
    let mut sorted = Code::ALL.to_vec();
    sorted.sort_by_key(|code| code.as_str());
    assert_eq!(sorted, Code::ALL, "codes are listed in order");
}

#[test]
fn a_good_template_has_no_findings() {
    assert_eq!(lint(&json("", A), &options()).findings, []);
}

#[test]
fn keys_are_judged_by_what_was_looked_up() {
    let place = crate::Template::from_json("{").unwrap_err().place.unwrap();
    let short = "p=1,a=RS256,d=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDbztWsNNFkxw9Ld4WgI2y0MIl3XwLf9VGFQO1YPdgwBl0nEKdtGM6nhbl3SnUUDyA25G0A6vkW9qQuyY9N7bYR1Ca1OMMFUTFPDPWsFCLGjYpkFZIbiTFAfGJzuAyOFtVWGFHlIU3cIAxbUdfK8jzcsmgEmxxVEDBDzCrbg2zzJQIDAQAB";
    for (texts, code) in [
        (vec![], Code::KeyNotPublished),
        (vec!["v=spf1 -all".to_owned()], Code::KeyNotPublished),
        (vec![short.to_owned()], Code::KeyTooShort),
    ] {
        let finding = lint_key("_k.p.example", &texts, (*place).clone()).unwrap();
        assert_eq!(finding.code, code, "{finding:?}");
    }
}

#[test]
fn mending_changes_neither_meaning_nor_the_rest_of_the_text() {
    let text = json(
        r#""syncRedirectDomain": "a.example , b.example"; "shared": true"#,
        r#"{"type": "A",   "host": "@", "pointsTo": "192.0.2.1", "ttl": "0600"},
        {"type": "TXT", "host": "@", "data": "x", "ttl": 60, "txtConflictMatchingMode": "all", "essential": "no"},
        {"type": "A",   "host": "@", "pointsTo": "192.0.2.1", "ttl": "0600"}"#,
    );
    let fixed = lint(&text, &options()).fixed(&text).unwrap();
    let expected = text
        .replace("a.example , b.example", "a.example,b.example")
        .replace("\"shared\"", "\"sharedProviderName\"")
        .replace("\"0600\"", "600")
        .replace("\"all\"", "\"All\"")
        .replace("\"no\"", "\"OnApply\"");
    let last = expected.rfind(",\n").unwrap();
    assert_eq!(fixed, format!("{}]}}", &expected[..last]));
    let model = |text: &str| {
        let (template, _) = crate::Template::from_json(text).unwrap();
        (
            template.records()[..2].to_vec(),
            template.redirect_domains().to_vec(),
            template.allows_provider_name(),
        )
    };
    assert_eq!(model(&text), model(&fixed));
    assert_eq!(lint(&fixed, &options()).fixed(&fixed), None);
}

#[test]
fn a_template_that_cannot_be_read_always_has_an_error() {
    for text in [
        "",
        "[]",
        "null",
        "{}",
        "{\"records\": 1}",
        "{\"records\": [1, null, [], {}]}",
        r#"{"providerId": 1, "providerName": null, "serviceId": [], "serviceName": {}, "records": {}}"#,
        &json("\"templateSpecVersion\": 2", A),
        &json("\"syncBlock\": \"yes\"", A),
        &json("", r#"{"type": "A", "host": 7, "pointsTo": 1, "ttl": {}}"#),
        &json(
            "",
            r#"{"type": "SRV", "name": "", "service": "", "protocol": "", "target": "", "priority": "", "weight": "", "port": "", "ttl": ""}"#,
        ),
        &json("", r#"{"type": "", "host": "@"}"#),
        &json(
            "",
            r#"{"type": "TYPE6", "host": "@", "data": "x", "ttl": 1}"#,
        ),
        "{\"providerId\": \"\u{1b}[2J\"}",
    ] {
        let report = lint(text, &options());
        assert!(report.template.is_none(), "{text}");
        assert!(
            report.count(Severity::Error) > 0,
            "{text}: {:?}",
            report.findings
        );
    }
}

#[test]
fn a_property_that_is_there_twice_keeps_a_template_from_being_mended() {
    let twice = r#""syncRedirectDomain": "p.example, q.example""#;
    let text = json(&format!("{twice}, {twice}"), "");
    let report = lint(&text, &options());
    assert!(report.template.is_some());
    assert_eq!(report.fixed(&text), None);
}

#[test]
fn what_nobody_would_read_is_not_looked_for() {
    let nameless = format!("{{{}\"a\": 1}}", "\"\": 1, ".repeat(20_000));
    let words = "?! ".repeat(50_000);
    let words = format!(r#"{{"type": "SPFM", "host": "@", "spfRules": "{words}"}}"#);
    let names = vec!["\"tt1\": 1"; 10_000].join(", ");
    for text in [nameless, json("", &words), json(&names, A)] {
        let findings = lint(&text, &options()).findings;
        assert_eq!(findings.len(), 501);
        let rest = |one: &Finding| one.message.contains("500 findings or more");
        assert!(findings.iter().any(rest), "{:?}", findings.first());
    }
}

#[test]
fn records_beyond_the_limit_are_not_looked_at() {
    let records = (0..10_000).map(|number| format!("{{\"data\": \"{number}\"}}"));
    let records: Vec<String> = records.collect();
    let findings = lint(&json("", &records.join(",")), &options()).findings;
    let limit = |one: &Finding| one.message.contains("at most 200");
    assert!(findings.iter().any(limit), "{:?}", findings.first());
    let is_beyond = |one: &Finding| one.place.pointer == "/records/200";
    assert!(!findings.iter().any(is_beyond));
}

#[test]
fn a_variable_is_found_behind_a_percent_sign() {
    for (name, expected) in [
        ("50% off %name%", true),
        ("50% off 60%", false),
        ("%%", false),
    ] {
        let found = codes(&json(&format!("\"serviceName\": {name:?}"), A), &options());
        assert_eq!(
            found.contains(&Code::VariableNotAllowed),
            expected,
            "{name}"
        );
    }
}
