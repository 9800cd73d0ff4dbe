//! What calls change.

use namedrop::{Action, RecordCall, RecordFault, list_records, plan_call};

use crate::{given, plan, records, shown, zone};

struct Case {
    what: &'static str,
    given: &'static [&'static str],
    zone: &'static str,
    action: Action,
    records: &'static [&'static str],
    after: Result<&'static [&'static str], &'static str>,
}

fn check(cases: &[Case]) {
    for case in cases {
        let zone = zone(case.zone);
        let plan = plan(case.action, &given(case.given), &zone, case.records);
        let found = plan
            .map(|plan| shown(&zone.apply(&plan.changes).unwrap()))
            .map_err(|refusal| refusal.to_string());
        let expected = case.after.map_err(str::to_owned);
        let expected = expected.map(|lines| lines.iter().map(|line| (*line).to_owned()).collect());
        assert_eq!(found, expected, "{}", case.what);
    }
}

#[test]
fn creating_adds_and_never_replaces() {
    check(&[
        Case {
            what: "addresses come beside others, with the TTL of the set",
            given: &["hosts"],
            zone: "www A 192.0.2.1\n",
            action: Action::Create,
            records: &["www,A,192.0.2.2", "www,AAAA,2001:db8::1"],
            after: Ok(&[
                "www 600 A 192.0.2.1",
                "www 600 A 192.0.2.2",
                "www 300 AAAA 2001:db8::1",
            ]),
        },
        Case {
            what: "two challenges stand at one name, as certificates for a wildcard need",
            given: &["acme sub"],
            zone: "_acme-challenge.sub TXT one\n",
            action: Action::Create,
            records: &["_acme-challenge.{{host}},TXT,two"],
            after: Ok(&[
                "_acme-challenge.sub 600 TXT \"one\"",
                "_acme-challenge.sub 600 TXT \"two\"",
            ]),
        },
        Case {
            what: "a record that is there refuses all",
            given: &["hosts"],
            zone: "www A 192.0.2.1\n",
            action: Action::Create,
            records: &["new,A,192.0.2.9", "WWW,A,192.0.2.1"],
            after: Err("the record exists already: use set-records to replace it"),
        },
        Case {
            what: "a text in other pieces is the same text",
            given: &["acme"],
            zone: "_acme-challenge TXT \"a\" \"b\"\n",
            action: Action::Create,
            records: &["_acme-challenge,TXT,ab"],
            after: Err("the record exists already: use set-records to replace it"),
        },
        Case {
            what: "the same record twice",
            given: &["hosts"],
            zone: "",
            action: Action::Create,
            records: &["a,A,192.0.2.1", "A,A,192.0.2.1"],
            after: Err("the record is in the call twice: leave one out"),
        },
        Case {
            what: "a second SPF record would break both",
            given: &["mail"],
            zone: "@ TXT \"v=spf1 -all\"\n",
            action: Action::Create,
            records: &["@,TXT,v=spf1 mx -all"],
            after: Err("example.com can have one record of this kind (who may send mail (SPF))"),
        },
        Case {
            what: "an alias beside addresses",
            given: &["hosts"],
            zone: "www A 192.0.2.1\n",
            action: Action::Create,
            records: &["www,CNAME,x.example"],
            after: Err(
                "www.example.com would have a CNAME record and others, and a CNAME must be alone",
            ),
        },
        Case {
            what: "an alias at the apex",
            given: &["hosts"],
            zone: "",
            action: Action::Create,
            records: &["@,CNAME,x.example"],
            after: Err(
                "example.com would have a CNAME record and others, and a CNAME must be alone; \
                        example.com would have a CNAME record and others, and a CNAME must be alone",
            ),
        },
    ]);
}

#[test]
fn setting_replaces_records_of_the_same_kind_alone() {
    check(&[
        Case {
            what: "all addresses of one family",
            given: &["hosts www"],
            zone: "www A 192.0.2.1\nwww A 192.0.2.2\nwww AAAA 2001:db8::1\nwww TXT proof\n",
            action: Action::Set,
            records: &["www,A,192.0.2.3"],
            after: Ok(&[
                "www 600 A 192.0.2.3",
                "www 600 TXT \"proof\"",
                "www 600 AAAA 2001:db8::1",
            ]),
        },
        Case {
            what: "SPF takes no other text away, and leaves its TTL",
            given: &["mail"],
            zone: "@ 900 TXT \"v=spf1 -all\"\n@ 900 TXT proof\n",
            action: Action::Set,
            records: &["@,TXT,v=spf1 mx -all"],
            after: Ok(&["@ 900 TXT \"proof\"", "@ 900 TXT \"v=spf1 mx -all\""]),
        },
        Case {
            what: "a challenge touches nothing but challenges of its host",
            given: &["acme"],
            zone: "@ TXT \"v=spf1 -all\"\n_acme-challenge TXT old\n_acme-challenge.www TXT w\n",
            action: Action::Set,
            records: &["_acme-challenge,TXT,new"],
            after: Ok(&[
                "@ 600 TXT \"v=spf1 -all\"",
                "_acme-challenge 600 TXT \"new\"",
                "_acme-challenge.www 600 TXT \"w\"",
            ]),
        },
        Case {
            what: "a key takes no other key away",
            given: &["mail"],
            zone: "a._domainkey TXT old\nb._domainkey TXT b\n",
            action: Action::Set,
            records: &["a._domainkey,TXT,new"],
            after: Ok(&["a._domainkey 600 TXT \"new\"", "b._domainkey 600 TXT \"b\""]),
        },
        Case {
            what: "a handle stays beside a text that is none",
            given: &["atproto-handle"],
            zone: "_atproto TXT other\n_atproto TXT did=did:plc:old\n",
            action: Action::Set,
            records: &["_atproto,TXT,did=did:plc:new"],
            after: Ok(&[
                "_atproto 600 TXT \"other\"",
                "_atproto 600 TXT \"did=did:plc:new\"",
            ]),
        },
    ]);
}

#[test]
fn setting_leaves_one_record_where_there_can_be_one() {
    check(&[
        Case {
            what: "the same record twice is one",
            given: &["hosts"],
            zone: "",
            action: Action::Set,
            records: &["a,A,192.0.2.1", "A,A,192.0.2.1"],
            after: Ok(&["a 300 A 192.0.2.1"]),
        },
        Case {
            what: "two aliases at one name",
            given: &["hosts"],
            zone: "",
            action: Action::Set,
            records: &["a,CNAME,x.example", "a,CNAME,y.example"],
            after: Err(
                "a.example.com can have one record of this kind (aliases: all that is asked about \
                        the name is answered by another one)",
            ),
        },
        Case {
            what: "an alias is replaced by another",
            given: &["hosts"],
            zone: "a CNAME x.example.\n",
            action: Action::Set,
            records: &["a,CNAME,y.example"],
            after: Ok(&["a 600 CNAME y.example."]),
        },
        Case {
            what: "mail servers",
            given: &["mail"],
            zone: "@ MX 1 old.example.\n@ TXT proof\n",
            action: Action::Set,
            records: &["@,MX,m1.example", "@,MX,m2.example"],
            after: Ok(&[
                "@ 600 MX 10 m1.example.",
                "@ 600 MX 10 m2.example.",
                "@ 600 TXT \"proof\"",
            ]),
        },
    ]);
}

#[test]
fn deleting_ignores_what_is_not_there() {
    check(&[
        Case {
            what: "one of two",
            given: &["hosts"],
            zone: "www A 192.0.2.1\nwww A 192.0.2.2\n",
            action: Action::Delete,
            records: &[
                "www,A,192.0.2.1",
                "www,A,192.0.2.9",
                "no,AAAA,2001:db8::1",
                "@,ALIAS,x.example",
            ],
            after: Ok(&["www 600 A 192.0.2.2"]),
        },
        Case {
            what: "without a value all of the kind",
            given: &["mail"],
            zone: "@ TXT \"v=spf1 -all\"\n@ TXT proof\na._domainkey TXT x\n",
            action: Action::Delete,
            records: &["@,TXT", "a._domainkey,TXT"],
            after: Ok(&["@ 600 TXT \"proof\""]),
        },
        Case {
            what: "a text of nobody's kind",
            given: &["hosts", "mail", "acme", "atproto-handle"],
            zone: "@ TXT proof\n",
            action: Action::Delete,
            records: &["@,TXT,proof"],
            after: Err("no scope opens this TXT record at example.com"),
        },
        Case {
            what: "a kind of another scope",
            given: &["hosts"],
            zone: "@ TXT \"v=spf1 -all\"\n",
            action: Action::Delete,
            records: &["@,TXT"],
            after: Err("the token has no permission namedrop-mail for example.com"),
        },
    ]);
}

#[test]
fn other_names_are_out_of_reach() {
    check(&[
        Case {
            what: "a sibling whose name ends alike",
            given: &["hosts sub"],
            zone: "",
            action: Action::Set,
            records: &["evilsub,A,192.0.2.1"],
            after: Err("the token has no permission namedrop-hosts for evilsub.example.com"),
        },
        Case {
            what: "hosts do not open challenges",
            given: &["hosts"],
            zone: "",
            action: Action::Set,
            records: &[
                "_acme-challenge,CNAME,evil.example",
                "_acme-challenge,TXT,x",
            ],
            after: Err(
                "no scope opens this CNAME record at _acme-challenge.example.com; \
                        the token has no permission namedrop-acme for example.com",
            ),
        },
        Case {
            what: "a wide underscore is an underscore",
            given: &["hosts"],
            zone: "",
            action: Action::Set,
            records: &["\u{ff3f}acme-challenge,A,192.0.2.1"],
            after: Err("no scope opens this A record at _acme-challenge.example.com"),
        },
        Case {
            what: "an alias for all names would open everything",
            given: &["hosts"],
            zone: "",
            action: Action::Set,
            records: &["*,CNAME,evil.example"],
            after: Err("no scope opens this CNAME record at *.example.com"),
        },
        Case {
            what: "the challenge of the host above",
            given: &["acme *.sub"],
            zone: "",
            action: Action::Set,
            records: &["_acme-challenge.sub,TXT,x"],
            after: Err("the token has no permission namedrop-acme for sub.example.com"),
        },
    ]);
}

#[test]
fn other_zones_are_out_of_reach() {
    let delegated = "sub NS ns.elsewhere.example.\nns.sub A 192.0.2.1\n";
    check(&[
        Case {
            what: "delegated names",
            given: &["hosts"],
            zone: delegated,
            action: Action::Set,
            records: &["ns.sub,A,192.0.2.9"],
            after: Err("sub.example.com is delegated to other servers: ask there"),
        },
        Case {
            what: "the delegated name itself",
            given: &["hosts"],
            zone: delegated,
            action: Action::Set,
            records: &["SUB,CNAME,x.example"],
            after: Err("sub.example.com is delegated to other servers: ask there"),
        },
        Case {
            what: "a zone that is served apart",
            given: &["hosts"],
            zone: "",
            action: Action::Set,
            records: &["a.Served,A,192.0.2.1"],
            after: Err("served.example.com is a zone of its own, which the token is not for"),
        },
        Case {
            what: "a name below a DNAME",
            given: &["hosts"],
            zone: "old DNAME new.example.\n",
            action: Action::Set,
            records: &["a.old,A,192.0.2.1"],
            after: Err(
                "a.old.example.com is below old.example.com, whose DNAME record redirects every name \
                        below it",
            ),
        },
    ]);
}

#[test]
fn other_types_are_out_of_reach() {
    check(&[
        Case {
            what: "records of the zone itself",
            given: &["hosts", "mail", "acme", "atproto-handle"],
            zone: "",
            action: Action::Set,
            records: &[
                "@,NS,ns.evil.example",
                "@,SOA,x",
                "@,CAA,0 issue evil",
                "_x._tcp,SRV,x",
            ],
            after: Err(
                "no scope opens this NS record at example.com; no scope opens this SOA record at \
                        example.com; no scope opens this CAA record at example.com; no scope opens this SRV \
                        record at _x._tcp.example.com",
            ),
        },
        Case {
            what: "an alias of other servers",
            given: &["hosts"],
            zone: "",
            action: Action::Set,
            records: &["@,Aname,x.example"],
            after: Err(
                "ANAME records are not offered here: use CNAME, or A and AAAA at the domain itself",
            ),
        },
    ]);
}

#[test]
fn conflicting_records_go_when_asked_and_only_those_that_are_permitted() {
    for (lines, given_list, permitted) in [
        (
            "www A 192.0.2.1\nwww AAAA 2001:db8::1\n",
            &["hosts"][..],
            true,
        ),
        ("www A 192.0.2.1\nwww TXT proof\n", &["hosts"], false),
        ("www A 192.0.2.1\nwww MX 1 m.example.\n", &["hosts"], false),
        (
            "www A 192.0.2.1\nwww MX 1 m.example.\n",
            &["hosts", "mail www"],
            true,
        ),
    ] {
        let zone = zone(lines);
        let body = serde_json::json!({
            "delete_conflicting": true, "records": records(&["www,CNAME,x.example"]),
        });
        let body = body.to_string();
        let resolve = |action| {
            let call = RecordCall::parse(action, body.as_bytes()).unwrap();
            call.resolve(&given(given_list)).unwrap()
        };
        let set = plan_call(&resolve(Action::Set), &zone, &[]);
        assert_eq!(set.is_ok(), permitted, "{lines}");
        if let Ok(plan) = set {
            let after = shown(&zone.apply(&plan.changes).unwrap());
            assert_eq!(after, ["www 300 CNAME x.example."]);
        }
        assert!(plan_call(&resolve(Action::Create), &zone, &[]).is_err());
    }
}

#[test]
fn what_is_in_the_way_is_named_unless_it_is_hidden() {
    let zone = zone("www A 192.0.2.1\nwww TXT proof\n");
    let refusal = plan(
        Action::Set,
        &given(&["hosts"]),
        &zone,
        &["www,CNAME,x.example"],
    );
    let refusal = refusal.unwrap_err();
    assert_eq!(refusal.status(), 400);
    let named: Vec<_> = refusal
        .records
        .iter()
        .flat_map(|one| &one.conflicting)
        .collect();
    assert_eq!(named.len(), 1);
    assert_eq!(named[0].value, "192.0.2.1");
    assert!(refusal.records.iter().all(|one| one.requested.is_some()));
    let both = plan(
        Action::Set,
        &given(&["hosts"]),
        &zone,
        &["a,CNAME,x.example", "a,A,192.0.2.1"],
    );
    let is_alone =
        |one: &namedrop::RefusedRecord| matches!(one.fault, RecordFault::CnameNotAlone { .. });
    assert!(both.unwrap_err().records.iter().all(is_alone));
}

#[test]
fn only_what_is_permitted_is_told() {
    let zone = zone(
        "@ A 192.0.2.1\n@ MX 1 m.example.\n@ TXT \"v=spf1 -all\"\n@ TXT proof\n_acme-challenge TXT c\n\
         sub A 192.0.2.2\n_acme-challenge.sub TXT d\nevilsub A 192.0.2.3\na.sub A 192.0.2.4\n\
         _x.sub TXT secret\nodd\\.name A 192.0.2.5\n_atproto TXT did=did:plc:x\n",
    );
    let told = |list: &[&str], body: &str| {
        let call = RecordCall::parse(Action::Get, body.as_bytes()).unwrap();
        let listing = call
            .resolve_listing(&given(list))
            .map_err(|refusal| refusal.status())?;
        let records = list_records(&listing, &zone).unwrap();
        let shown = records
            .iter()
            .map(|one| format!("{} {} {}", one.host, one.rtype, one.value));
        Ok::<_, u16>(shown.collect::<Vec<_>>())
    };
    let of = |lines: &[&str]| {
        Ok(lines
            .iter()
            .map(|line| (*line).to_owned())
            .collect::<Vec<_>>())
    };
    for (list, body, expected) in [
        (
            &["hosts sub"][..],
            "{}",
            of(&["sub A 192.0.2.2", "a.sub A 192.0.2.4"]),
        ),
        (&["hosts *.sub"], "{}", of(&["a.sub A 192.0.2.4"])),
        (
            &["acme"],
            "{}",
            of(&["_acme-challenge TXT c", "_acme-challenge.sub TXT d"]),
        ),
        (
            &["acme"],
            r#"{"host": "SUB"}"#,
            of(&["_acme-challenge.sub TXT d"]),
        ),
        (&["mail"], "{}", of(&[" MX m.example", " TXT v=spf1 -all"])),
        (
            &["atproto-handle"],
            r#"{"domain": "Example.com."}"#,
            of(&["_atproto TXT did=did:plc:x"]),
        ),
        (&["hosts sub"], r#"{"host": "evilsub"}"#, Err(403)),
        (
            &["hosts sub"],
            r#"{"host": "@"}"#,
            of(&["sub A 192.0.2.2", "a.sub A 192.0.2.4"]),
        ),
        (&["hosts sub"], r#"{"domain": "example.net"}"#, Err(403)),
        (&["hosts sub"], r#"{"domain": "com"}"#, Err(403)),
        (&["hosts sub"], r#"{"host": "a b"}"#, Err(400)),
        (&[], "{}", Err(400)),
    ] {
        assert_eq!(told(list, body), expected, "{list:?} {body}");
    }
}

#[test]
fn what_was_told_can_be_sent_back() {
    let zone = zone(
        "www A 192.0.2.1\n@ MX 5 m.example.\n@ MX 0 .\na._domainkey TXT \"\\\"q\\\"\"\n_dmarc TXT \"\"\n",
    );
    let permissions = given(&["hosts", "mail"]);
    let listing = RecordCall::parse(Action::Get, b"{}").unwrap();
    let listing = listing.resolve_listing(&permissions).unwrap();
    let mut told = list_records(&listing, &zone).unwrap();
    assert_eq!(told.len(), 5);
    // An empty text is the one thing that cannot be made.
    told.retain(|one| one.host != "_dmarc");
    let body = serde_json::json!({"records": told}).to_string();
    let call = RecordCall::parse(Action::Set, body.as_bytes()).unwrap();
    let plan = plan_call(&call.resolve(&permissions).unwrap(), &zone, &[]).unwrap();
    assert!(plan.changes.is_empty(), "{:?}", plan.changes);
}

/// Whoever got one name must not be able to fill the zone below it.
#[test]
fn an_access_holds_so_many_records_and_no_more() {
    let lines = (0..namedrop::MAX_HELD - 1).map(|at| format!("h{at}.sub A 192.0.2.1"));
    let zone = zone(&lines.collect::<Vec<_>>().join("\n"));
    let tried = |action, records: &[&str]| {
        let plan = plan(action, &given(&["hosts sub"]), &zone, records);
        plan.map(|plan| plan.changes.is_empty())
            .map_err(|refusal| refusal.to_string())
    };
    let too_many = "5000 records are the most that an access may hold: delete some first";
    for (action, records, expected) in [
        (Action::Create, &["a.{{host}},A,192.0.2.1"][..], Ok(false)),
        (
            Action::Create,
            &["a.{{host}},A,192.0.2.1", "b.{{host}},A,192.0.2.1"],
            Err(too_many.to_owned()),
        ),
        (Action::Set, &["h1.{{host}},A,192.0.2.9"], Ok(false)),
        (Action::Delete, &["h1.{{host}},A,192.0.2.1"], Ok(false)),
    ] {
        assert_eq!(tried(action, records), expected, "{action:?} {records:?}");
    }
}
