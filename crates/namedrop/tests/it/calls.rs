//! Bodies of calls, and what they leave out.

use namedrop::{Action, ErrorDocument, RecordCall};

use crate::given;

fn resolve(list: &[&str], body: &str) -> Result<Vec<String>, (u16, String)> {
    let call = RecordCall::parse(Action::Set, body.as_bytes())
        .map_err(|error| (error.status(), error.to_string()))?;
    let call = call
        .resolve(&given(list))
        .map_err(|refusal| (refusal.status(), refusal.to_string()))?;
    let records = call.records().iter().map(|record| {
        let ttl = record.ttl.map_or("-".to_owned(), |ttl| ttl.to_string());
        format!(
            "{} {ttl} {}",
            record.owner.to_text(),
            record.data.as_ref().unwrap()
        )
    });
    Ok(records.collect())
}

#[test]
fn what_a_call_leaves_out_comes_from_around_it_or_from_the_token() {
    for (list, body, expected) in [
        (
            &["hosts sub"][..],
            r#"{"records":[{"type":"A","value":"192.0.2.1"}]}"#,
            "sub.example.com - 192.0.2.1",
        ),
        (
            &["hosts sub", "hosts other"],
            r#"{"host":"other","records":[{"type":"A","value":"192.0.2.1"}]}"#,
            "other.example.com - 192.0.2.1",
        ),
        (
            &["hosts"],
            r#"{"domain":"EXAMPLE.com.","host":"","records":[{"type":"a","value":"192.0.2.1","ttl":5}]}"#,
            "example.com 60 192.0.2.1",
        ),
        (
            &["hosts"],
            r#"{"domain":"example.net","records":[{"domain":"example.com","host":"@","type":"A","value":"192.0.2.1","ttl":"1e9"}]}"#,
            "",
        ),
        (
            &["hosts"],
            r#"{"records":[{"host":"{{host}}","type":"A","value":"192.0.2.1","ttl":"999999999"}]}"#,
            "example.com 86400 192.0.2.1",
        ),
        (
            &["hosts"],
            r#"{"domain":null,"host":null,"records":[{"domain":"example.com","host":"b","type":"A","value":"192.0.2.1","ttl":0,"priority":0}]}"#,
            "b.example.com - 192.0.2.1",
        ),
        (
            &["mail sub"],
            r#"{"records":[{"host":"s1._domainkey.{{host}}","type":"CNAME","value":"f1.example.com.dkim-server.com"}]}"#,
            "s1._domainkey.sub.example.com - f1.example.com.dkim-server.com.",
        ),
        (
            &["mail sub"],
            r#"{"records":[{"host":"s1._domainkey.{{host}}","type":"CNAME","value":"{{host}}.dkim-server.com"}]}"#,
            "s1._domainkey.sub.example.com - sub.dkim-server.com.",
        ),
        (
            &["hosts bücher"],
            r#"{"host":"BÜCHER","records":[{"type":"A","value":"192.0.2.1"}]}"#,
            "xn--bcher-kva.example.com - 192.0.2.1",
        ),
        (
            &["acme"],
            r#"{"records":[{"host":"_acme-challenge.{{host}}","type":"TXT","value":"v","ttl":60.0,"more":{"x":[1]}}]}"#,
            "_acme-challenge.example.com 60 \"v\"",
        ),
    ] {
        match resolve(list, body) {
            Ok(found) => assert_eq!(found, [expected], "{body}"),
            Err(error) => assert_eq!(expected, "", "{body}: {error:?}"),
        }
    }
}

fn check_refused(cases: &[(&[&str], &str, u16)]) {
    for (list, body, status) in cases {
        let error = resolve(list, body).unwrap_err();
        assert_eq!(error.0, *status, "{body}: {}", error.1);
    }
}

#[test]
fn what_is_not_said_clearly_is_refused() {
    check_refused(&[
        (
            &["hosts a", "hosts b"][..],
            r#"{"records":[{"type":"A","value":"192.0.2.1"}]}"#,
            400,
        ),
        (
            &["hosts *.a"],
            r#"{"records":[{"type":"A","value":"192.0.2.1"}]}"#,
            400,
        ),
        (
            &[],
            r#"{"records":[{"host":"a","type":"A","value":"192.0.2.1"}]}"#,
            400,
        ),
        (
            &["hosts"],
            r#"{"domain":"example.net","records":[{"host":"a","type":"A","value":"192.0.2.1"}]}"#,
            403,
        ),
        (
            &["hosts"],
            r#"{"domain":"sub.example.com","records":[{"type":"A","value":"192.0.2.1"}]}"#,
            403,
        ),
        (
            &["hosts"],
            r#"{"records":[{"domain":"example.com","type":"A","value":"192.0.2.1"},{"domain":"example.net","type":"A","value":"192.0.2.1"}]}"#,
            400,
        ),
        (
            &["hosts"],
            r#"{"records":[{"host":"a.","type":"A","value":"192.0.2.1"}]}"#,
            400,
        ),
        (
            &["hosts"],
            r#"{"records":[{"type":"NOPE","value":"x"}]}"#,
            400,
        ),
    ]);
}

#[test]
fn an_empty_value_does_not_delete_every_value() {
    let delete = |record: &str| {
        let body = format!(r#"{{"records":[{record}]}}"#);
        let call = RecordCall::parse(Action::Delete, body.as_bytes()).unwrap();
        call.resolve(&given(&["acme"]))
            .map_err(|refusal| refusal.to_string())
    };
    let host = r#""host":"_acme-challenge.{{host}}","type":"TXT""#;
    for empty in [r#""""#, r#"" ""#, r#""\t""#] {
        let refusal = delete(&format!(r#"{{{host},"value":{empty}}}"#)).unwrap_err();
        assert!(refusal.contains("`value` is missing"), "{empty}: {refusal}");
    }
    let all = delete(&format!("{{{host}}}")).unwrap();
    assert_eq!(all.records().len(), 1);
    assert!(all.records()[0].data.is_none());
}

#[test]
fn a_body_that_is_no_call_is_refused() {
    check_refused(&[
        (&["hosts"], r#"{"records":[{"type":"A"}]}"#, 400),
        (&["hosts"], r#"{"records":[{"value":"192.0.2.1"}]}"#, 400),
        (&["hosts"], r#"{"records":[{"type":"A","value":1}]}"#, 400),
        (
            &["hosts"],
            r#"{"records":[{"type":"A","value":"192.0.2.1","ttl":-1}]}"#,
            400,
        ),
        (
            &["hosts"],
            r#"{"records":[{"type":"A","value":"192.0.2.1","ttl":1.5}]}"#,
            400,
        ),
        (
            &["hosts"],
            r#"{"records":[{"type":"A","type":"A","value":"192.0.2.1"}]}"#,
            400,
        ),
        (
            &["hosts"],
            r#"{"token":"a","token":"b","records":[{"type":"A","value":"192.0.2.1"}]}"#,
            400,
        ),
        (
            &["hosts"],
            r#"{"token":5,"records":[{"type":"A","value":"192.0.2.1"}]}"#,
            400,
        ),
        (
            &["hosts"],
            r#"{"delete_conflicting":"yes","records":[{"type":"A","value":"192.0.2.1"}]}"#,
            400,
        ),
        (&["hosts"], r#"{"records":{}}"#, 400),
        (&["hosts"], r#"{"records":[]}"#, 400),
        (&["hosts"], "{}", 400),
        (&["hosts"], "[]", 400),
        (&["hosts"], "", 400),
        (&["hosts"], "{} {}", 400),
    ]);
}

#[test]
fn a_message_about_a_body_has_no_token_in_it() {
    for body in [
        r#"{"token": "hunter2", "records": 5}"#,
        r#"{"token": ["hunter2"]}"#,
        r#"{"records": "hunter2"}"#,
        r#"{"token": "hunter2" "#,
    ] {
        let error = RecordCall::parse(Action::Set, body.as_bytes()).unwrap_err();
        let document = serde_json::to_string(&ErrorDocument::from(&error)).unwrap();
        assert!(!document.contains("hunter2"), "{document}");
    }
    let call = RecordCall::parse(Action::Get, br#"{"token": "hunter2"}"#).unwrap();
    assert!(!format!("{call:?}").contains("hunter2"));
}

#[test]
fn everything_has_a_limit() {
    let many = vec![r#"{"type":"A"}"#; RecordCall::MAX_RECORDS + 1].join(",");
    let long = "a".repeat(RecordCall::MAX_VALUE_OCTETS + 1);
    for (body, status) in [
        (format!(r#"{{"records":[{many}]}}"#), 400),
        (
            format!(r#"{{"records":[{{"type":"TXT","value":"{long}"}}]}}"#),
            400,
        ),
        (format!(r#"{{"host":"{long}"}}"#), 400),
        (format!(r#"{{"token":"{long}"}}"#), 400),
        (" ".repeat(RecordCall::MAX_OCTETS + 1), 413),
        (format!(r#"{{"x":{}"#, "[".repeat(10_000)), 400),
    ] {
        let error = RecordCall::parse(Action::Set, body.as_bytes());
        let error = error.err().filter(|error| error.status() == status);
        assert!(error.is_some(), "{}", &body[..body.len().min(60)]);
    }
}

#[test]
fn a_refused_record_comes_back_as_it_was_sent() {
    let body = r#"{"records":[{"host":"_x.{{host}}","type":"txt","value":"v","ttl":7}]}"#;
    let call = RecordCall::parse(Action::Set, body.as_bytes()).unwrap();
    let refusal = call.resolve(&given(&["acme sub"])).unwrap_err();
    assert_eq!(
        serde_json::to_value(ErrorDocument::from(&refusal)).unwrap(),
        serde_json::json!({"type": "error", "errors": [{
            "message": "no scope opens this TXT record at _x.sub.example.com",
            "requested_record": {"host": "_x.{{host}}", "type": "txt", "value": "v", "ttl": 7},
        }]})
    );
}
