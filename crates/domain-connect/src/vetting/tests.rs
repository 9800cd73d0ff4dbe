//! Templates before and after a change, and what a reviewer is told.

use std::collections::BTreeSet;

use easement_zone::Ttl;

use super::*;
use crate::Template;

const A: &str = r#"{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 600}"#;

/// A signed template with these properties and records.
fn template(properties: &str, records: &[&str]) -> Template {
    let comma = if properties.is_empty() { "" } else { "," };
    let json = format!(
        r#"{{"providerId": "p.example", "providerName": "P", "serviceId": "s", "serviceName": "S",
            "syncPubKeyDomain": "p.example"{comma} {properties}, "records": [{}]}}"#,
        records.join(", ")
    );
    // A property that is given again takes the place of the one above.
    let json = if properties.contains("syncPubKeyDomain") {
        json.replacen("\"syncPubKeyDomain\": \"p.example\",", "", 1)
    } else {
        json
    };
    let (template, _notes) = Template::from_json(&json).unwrap();
    template
}

fn widened(before: (&str, &[&str]), after: (&str, &[&str])) -> Vec<String> {
    widenings(&template(before.0, before.1), &template(after.0, after.1))
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn a_template_is_not_wider_than_itself_nor_without_a_record() {
    let records = [
        A,
        r#"{"type": "A", "host": "%h%", "pointsTo": "%h%", "ttl": "%h%"}"#,
        r#"{"type": "TXT", "host": "@", "data": "a=%v%", "ttl": 60, "txtConflictMatchingMode": "All"}"#,
        r#"{"type": "SPFM", "host": "@", "spfRules": "include:p.example"}"#,
    ];
    for left_out in 0..records.len() {
        let mut fewer = records.to_vec();
        assert_eq!(widened(("", &records), ("", &fewer)), [""; 0]);
        fewer.remove(left_out);
        assert_eq!(widened(("", &records), ("", &fewer)), [""; 0]);
        assert_eq!(widened(("", &fewer), ("", &records)).len(), 1);
    }
}

#[test]
fn what_a_record_may_say_is_compared() {
    let narrower = r#"{"type": "A", "host": "www", "pointsTo": "%ip%", "ttl": 600}"#;
    let fixed = r#"{"type": "A", "host": "www", "pointsTo": "192.0.2.1", "ttl": 60}"#;
    let other = r#"{"type": "A", "host": "www", "pointsTo": "192.0.2.2", "ttl": 600}"#;
    let renamed = r#"{"type": "A", "host": "www", "pointsTo": "%address%", "ttl": 600}"#;
    let tied = r#"{"type": "A", "host": "%ip%", "pointsTo": "%ip%", "ttl": 600}"#;
    let free = r#"{"type": "A", "host": "%ip%", "pointsTo": "%address%", "ttl": 600}"#;
    let grouped =
        r#"{"type": "A", "host": "www", "pointsTo": "192.0.2.1", "ttl": 600, "groupId": "g"}"#;
    for (before, after, is_wider) in [
        (narrower, fixed, false),
        (narrower, renamed, false),
        (fixed, narrower, true),
        (fixed, other, true),
        (tied, free, true),
        (tied, fixed, true),
        (fixed, grouped, true),
        (A, fixed, true),
    ] {
        let found = widened(("", &[before]), ("", &[after]));
        assert_eq!(!found.is_empty(), is_wider, "{before} {after} {found:?}");
    }
    // One record that allows anything does not allow two.
    assert_eq!(
        widened(("", &[narrower]), ("", &[fixed, other])),
        ["Record 2 is new: A at www below it."]
    );
}

#[test]
fn taking_more_texts_away_is_wider() {
    let text = |mode: &str, prefix: &str| {
        format!(
            r#"{{"type": "TXT", "host": "@", "data": "a=1", "ttl": 60,
                "txtConflictMatchingMode": "{mode}", "txtConflictMatchingPrefix": "{prefix}"}}"#
        )
    };
    let modes = [
        ("None", "x"),
        ("Prefix", "a="),
        ("Prefix", "a"),
        ("All", "x"),
    ];
    for (before, (mode, prefix)) in modes.iter().enumerate() {
        for (after, (other_mode, other_prefix)) in modes.iter().enumerate() {
            let (one, other) = (text(mode, prefix), text(other_mode, other_prefix));
            let found = widened(("", &[&one]), ("", &[&other]));
            assert_eq!(found.is_empty(), after <= before, "{one} {other} {found:?}");
        }
    }
}

#[test]
fn keys_where_there_were_none_are_wider() {
    // Signed requests may lead anywhere, and nobody is warned of them.
    let unsigned = template("", &[A])
        .json()
        .replace(r#""syncPubKeyDomain": "p.example""#, r#""version": 1"#);
    let (unsigned, _notes) = Template::from_json(&unsigned).unwrap();
    let signed = template(r#""syncPubKeyDomain": "evil.example""#, &[A]);
    let found = widenings(&unsigned, &signed);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        found[0].to_string(),
        "Requests are signed by keys below evil.example; they were not signed."
    );
    assert_eq!(widenings(&unsigned, &unsigned), []);
}

#[test]
fn a_part_of_one_name_that_moves_to_the_other_is_another_name() {
    let named = |provider: &str, service: &str| {
        let names =
            format!(r#""providerName": "{provider}", "serviceName": "{service}", "records""#);
        let json = template("", &[A])
            .json()
            .replace(r#""providerName": "P","#, "")
            .replace(r#""serviceName": "S","#, "")
            .replace(r#""records""#, &names);
        Template::from_json(&json).unwrap().0
    };
    let found = widenings(&named("Bank", "Login: Mail"), &named("Bank: Login", "Mail"));
    assert!(
        matches!(&found[..], [Widening::Renamed { .. }]),
        "{found:?}"
    );
}

#[test]
fn rights_of_the_whole_template_are_compared() {
    for (before, after, expected) in [
        (
            r#""hostRequired": true"#,
            "",
            "It may be applied to the domain itself.",
        ),
        (
            "",
            r#""multiInstance": true"#,
            "It may be applied several times to one name.",
        ),
        (r#""syncBlock": true"#, "", "Links can apply it."),
        (
            "",
            r#""sharedServiceName": true"#,
            "A request may add to the names that people see when they decide.",
        ),
        (
            r#""syncRedirectDomain": "a.example""#,
            r#""syncRedirectDomain": "x.a.example, b.example""#,
            "People may be sent on to b.example and what is below.",
        ),
        (
            "",
            r#""syncPubKeyDomain": "q.example""#,
            "Requests are signed by keys below q.example, and no longer below p.example.",
        ),
        (
            "",
            r#""logoUrl": "https://p.example/logo.png""#,
            "People see another picture.",
        ),
    ] {
        assert_eq!(widened((before, &[A]), (after, &[A])), [expected]);
    }
    for (before, after) in [
        ("", r#""hostRequired": true"#),
        (r#""multiInstance": true"#, ""),
    ] {
        assert_eq!(widened((before, &[A]), (after, &[A])), [""; 0]);
    }
}

#[test]
fn statements_say_what_each_record_does() {
    let records = [
        r#"{"type": "MX", "host": "@", "pointsTo": "mx1.p.example", "priority": 10, "ttl": 60}"#,
        r#"{"type": "MX", "host": "@", "pointsTo": "mx2.p.example", "priority": 20, "ttl": 60}"#,
        r#"{"type": "CNAME", "host": "www", "pointsTo": "%site%", "ttl": 60}"#,
        r#"{"type": "SPFM", "host": "", "spfRules": "include:spf.p.example"}"#,
        r#"{"type": "TXT", "host": "_dmarc", "data": "v=DMARC1; p=none", "ttl": 60,
            "txtConflictMatchingMode": "Prefix", "txtConflictMatchingPrefix": "v=DMARC1"}"#,
        r#"{"type": "CNAME", "host": "_acme-challenge", "pointsTo": "c.p.example", "ttl": 60}"#,
        r#"{"type": "NS", "host": "lab", "pointsTo": "ns.p.example", "ttl": 60}"#,
        r#"{"type": "A", "host": "%name%", "pointsTo": "192.0.2.1", "ttl": 60}"#,
        r#"{"type": "SRV", "name": "@", "service": "sip", "protocol": "tcp", "target": "s.p.example",
            "priority": 1, "weight": 1, "port": 5060, "ttl": 60}"#,
    ];
    let template = template(r#""hostRequired": true"#, &records);
    let found: Vec<(Care, String)> = statements(&template)
        .iter()
        .map(|statement| (statement.care(), statement.to_string()))
        .collect();
    let expected = [
        (
            Care::Usual,
            "Has mail for the name it is applied to delivered to mx1.p.example and mx2.p.example.",
        ),
        (
            Care::Unusual,
            "Makes www below it an alias of whatever the request gives as %site%, for everything that is asked about it.",
        ),
        (
            Care::Usual,
            "Lets others send mail as the name it is applied to: include:spf.p.example.",
        ),
        (
            Care::Usual,
            "Says at _dmarc below it what receivers do with forged mail: v=DMARC1; p=none.",
        ),
        (
            Care::Usual,
            "Takes away every other text at _dmarc below it that begins with \"v=DMARC1\".",
        ),
        (
            Care::Usual,
            "Makes _acme-challenge below it an alias of c.p.example, for everything that is asked about it.",
        ),
        (
            Care::Dangerous,
            "Controls _acme-challenge below it, so whoever is behind it can get certificates for the domain.",
        ),
        (
            Care::Dangerous,
            "Hands lab below it and everything below to other name servers: ns.p.example.",
        ),
        (
            Care::Dangerous,
            "Lets whatever name the request gives as %name% lead to 192.0.2.1.",
        ),
        (
            Care::Usual,
            "Names the server of _sip._tcp at the name it is applied to: s.p.example.",
        ),
        (
            Care::Usual,
            "Can only be asked for with a signature of a key below p.example.",
        ),
        (Care::Usual, "Is never applied to the domain itself."),
    ];
    let expected: Vec<_> = expected.map(|(care, text)| (care, text.to_owned())).into();
    assert_eq!(found, expected);
}

#[test]
fn hostile_text_is_shown_with_nothing_hidden() {
    let record = r#"{"type": "TXT", "host": "@", "data": "a\u001b[2J\u202eb", "ttl": 60}"#;
    let found = statements(&template("", &[record]));
    assert_eq!(
        found[0].to_string(),
        "Writes a text at the name it is applied to: a\\u{1b}[2J\\u{202e}b."
    );
}

fn names(provider: &str, provider_name: &str, service_name: &str) -> Names {
    Names {
        provider: provider.parse().unwrap(),
        service: "s".parse().unwrap(),
        provider_name: provider_name.to_owned(),
        service_name: service_name.to_owned(),
    }
}

#[test]
fn names_that_look_alike_are_found() {
    let known = [names("microsoft.example", "Microsoft", "Mail")];
    for (provider, provider_name, service_name, expected) in [
        (
            "micros0ft.example",
            "Other",
            "Mail",
            &[NameKind::ProviderId][..],
        ),
        ("x.example", "Micro soft", "Mail", &[NameKind::ProviderName]),
        ("x.example", "MICROSOFT", "Mail", &[NameKind::ProviderName]),
        ("x.example", "Мicrosоft", "Mail", &[NameKind::ProviderName]),
        ("x.example", "Mïcrosôft", "Mail", &[NameKind::ProviderName]),
        ("x.example", "X", "microsoft.", &[NameKind::ServiceName]),
        ("x.example", "X", "Mail", &[]),
        ("microsoft.example", "Microsoft", "Mail", &[]),
    ] {
        let new = names(provider, provider_name, service_name);
        let found: Vec<NameKind> = confusables(&new, &known)
            .iter()
            .map(|one| one.kind)
            .collect();
        assert_eq!(found, expected, "{new:?}");
    }
}

//------------ Approval --------------------------------------------------------------------------

const NOTHING_KNOWN: Facts<'static> = Facts {
    approved: None,
    lint_errors: 0,
    confusables: &[],
    control: Control::Unproven,
};

fn by_rule() -> ApprovalPolicy {
    ApprovalPolicy {
        approval: Approval::ByRule,
        ..ApprovalPolicy::default()
    }
}

fn reasons(verdict: &Verdict) -> Vec<String> {
    match verdict {
        Verdict::Approve { because } => vec![format!("approved: {because}")],
        Verdict::Review { because } => because.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn by_default_a_person_decides_about_everything() {
    let policy = ApprovalPolicy::default();
    let template = template("", &[A]);
    let unchanged = Facts {
        approved: Some(&template),
        ..NOTHING_KNOWN
    };
    for facts in [NOTHING_KNOWN, unchanged] {
        let verdict = policy.decide(&template, &facts);
        assert_eq!(
            reasons(&verdict),
            ["no rule of the configuration approves templates"]
        );
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn each_rule_names_what_is_outside() {
    let only = |types: &[&str]| Some(types.iter().map(|&rtype| rtype.to_owned()).collect());
    let hosts: BTreeSet<HostRule> = [HostRule::Wildcard, HostRule::Variable].into();
    let variable = r#"{"type": "TXT", "host": "*.%x%", "data": "a", "ttl": "%t%"}"#;
    for (policy, properties, records, expected) in [
        (
            by_rule(),
            "",
            &[A][..],
            "approved: it is within every rule of the configuration",
        ),
        (
            ApprovalPolicy {
                types: only(&["TXT"]),
                ..by_rule()
            },
            "",
            &[A],
            "record 1 has the type A, which is not on the list of types",
        ),
        (
            ApprovalPolicy {
                providers: Some(BTreeSet::new()),
                ..by_rule()
            },
            "",
            &[A],
            "p.example is not on the list of service providers",
        ),
        (
            ApprovalPolicy {
                reviewed_hosts: hosts,
                ..by_rule()
            },
            "",
            &[variable],
            "record 1 stands at \"*.%x%\": a wildcard; record 1 stands at \"*.%x%\": a name that the request chooses",
        ),
        (
            ApprovalPolicy {
                highest_ttl: Some(Ttl::HOUR),
                ..by_rule()
            },
            "",
            &[variable],
            "record 1 has the TTL %t%, outside the limits",
        ),
        (
            ApprovalPolicy {
                lowest_ttl: Some(Ttl::HOUR),
                ..by_rule()
            },
            "",
            &[A],
            "record 1 has the TTL 600, outside the limits",
        ),
        (
            ApprovalPolicy {
                most_records: Some(1),
                ..by_rule()
            },
            "",
            &[A, variable],
            "it has 2 records, and at most 1 are approved by rule",
        ),
        (
            ApprovalPolicy {
                control: Control::Proven,
                ..by_rule()
            },
            "",
            &[A],
            "nobody has proven to control the domain of its keys",
        ),
        (
            by_rule(),
            r#""syncPubKeyDomain": "notp.example""#,
            &[A],
            "its keys are below notp.example, which is not a domain of p.example",
        ),
        (
            by_rule(),
            r#""syncPubKeyDomain": """#,
            &[A],
            "its requests are not signed",
        ),
    ] {
        let verdict = policy.decide(&template(properties, records), &NOTHING_KNOWN);
        assert_eq!(reasons(&verdict).join("; "), expected);
    }
}

#[test]
fn a_change_that_widens_always_goes_to_a_person() {
    let approved = template("", &[A]);
    let wider = template(
        "",
        &[r#"{"type": "A", "host": "@", "pointsTo": "%ip%", "ttl": 600}"#],
    );
    let policy = ApprovalPolicy {
        unwidened: Approval::ByRule,
        ..by_rule()
    };
    let facts = Facts {
        approved: Some(&approved),
        ..NOTHING_KNOWN
    };
    assert_eq!(
        reasons(&policy.decide(&wider, &facts)),
        [
            "it may do more than was approved. Record 1 may say something that was not approved: A at the name it is applied to."
        ]
    );
    let facts = Facts {
        approved: Some(&wider),
        ..NOTHING_KNOWN
    };
    assert_eq!(
        reasons(&policy.decide(&approved, &facts)),
        ["approved: it may do no more than the text that was approved before"]
    );
    let facts = Facts {
        lint_errors: 2,
        ..facts
    };
    assert_eq!(
        reasons(&policy.decide(&approved, &facts)),
        ["the linter finds 2 errors"]
    );
}
