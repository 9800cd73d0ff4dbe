//! `POST /update`: bodies, and what they do.

use std::net::IpAddr;

use apertodns::address::{AddressChange, Addresses, DocumentationRanges};
use apertodns::v1::{
    ApiError, ErrorCode, FieldError, RequestError, RequestRules, TxtAction, UpdateRequest, Wish,
};

/// The rules of a token for tests, which takes the addresses of examples.
pub(crate) fn rules() -> RequestRules {
    RequestRules {
        documentation: DocumentationRanges::Accept,
        ..RequestRules::default()
    }
}

fn parse(body: &str) -> Result<UpdateRequest, RequestError> {
    UpdateRequest::parse(body.as_bytes(), &rules())
}

fn faults(body: &str) -> Vec<FieldError> {
    match parse(body) {
        Err(RequestError::Fields(fields)) => fields,
        other => panic!("{body}: {other:?}"),
    }
}

/// The field and the code of each fault.
fn named(body: &str) -> Vec<(String, &'static str)> {
    let faults = faults(body);
    let named = faults.iter();
    named
        .map(|error| (error.field.clone(), error.fault.code()))
        .collect()
}

#[test]
fn the_three_states_of_an_address_are_three() {
    let body = |ipv4: &str| format!(r#"{{"hostname": "home.example.com"{ipv4}}}"#);
    for (ipv4, expected) in [
        ("", Wish::Omitted),
        (r#", "ipv4": null"#, Wish::Delete),
        (r#", "ipv4": "auto""#, Wish::Auto),
        (
            r#", "ipv4": "203.0.113.50""#,
            Wish::Address("203.0.113.50".parse().unwrap()),
        ),
    ] {
        assert_eq!(parse(&body(ipv4)).unwrap().ipv4, expected, "{ipv4}");
    }
}

/// What comes of a request of a host that has one address of each family.
fn after(body: &str, source: &str) -> Result<String, ErrorCode> {
    let now = Addresses {
        ipv4: vec!["203.0.113.1".parse().unwrap()],
        ipv6: vec!["2001:db8::1".parse().unwrap()],
    };
    let source: IpAddr = source.parse().unwrap();
    let changes = parse(body)
        .unwrap()
        .changes(Some(source), DocumentationRanges::Accept);
    let changes = changes.map_err(|error| error.code())?;
    Ok(changes.apply(&now).to_string())
}

#[test]
fn what_is_not_named_stays() {
    let (v4, v6) = ("198.51.100.7", "2001:db8:9::7");
    for (fields, source, expected) in [
        (r#""ipv4": "auto""#, v4, Ok("198.51.100.7,2001:db8::1")),
        (r#""ipv6": "auto""#, v6, Ok("203.0.113.1,2001:db8:9::7")),
        (r#""ipv6": null"#, v4, Ok("203.0.113.1")),
        (r#""ipv4": null"#, v4, Ok("2001:db8::1")),
        (r#""ipv4": null, "ipv6": null"#, v4, Ok("")),
        (
            r#""ipv4": "203.0.113.9", "ipv6": "auto""#,
            v6,
            Ok("203.0.113.9,2001:db8:9::7"),
        ),
        (
            r#""ipv6": "2001:db8::9""#,
            v4,
            Ok("203.0.113.1,2001:db8::9"),
        ),
        (r#""ttl": 60"#, v4, Ok("203.0.113.1,2001:db8::1")),
        // Nothing is named: the address that the request came from.
        (r#""unknown": 1"#, v4, Ok("198.51.100.7,2001:db8::1")),
        (r#""unknown": 1"#, v6, Ok("203.0.113.1,2001:db8:9::7")),
        (
            r#""unknown": 1"#,
            "::ffff:198.51.100.7",
            Ok("198.51.100.7,2001:db8::1"),
        ),
        (
            r#""txt": {"name": "_acme-challenge", "value": "x", "action": "set"}"#,
            v4,
            Ok("203.0.113.1,2001:db8::1"),
        ),
        (r#""ipv4": "auto""#, v6, Err(ErrorCode::Ipv4AutoFailed)),
        (r#""ipv6": "auto""#, v4, Err(ErrorCode::Ipv6AutoFailed)),
        (
            r#""ipv4": "auto", "ipv6": "auto""#,
            v4,
            Err(ErrorCode::Ipv6AutoFailed),
        ),
        (r#""ipv4": "auto""#, "10.0.0.1", Err(ErrorCode::InvalidIp)),
        (
            r#""ipv4": "auto""#,
            "::ffff:10.0.0.1",
            Err(ErrorCode::InvalidIp),
        ),
        (
            r#""ipv4": "203.0.113.9""#,
            "10.0.0.1",
            Ok("203.0.113.9,2001:db8::1"),
        ),
    ] {
        let body = format!(r#"{{"hostname": "home.example.com", {fields}}}"#);
        let expected = expected.map(str::to_owned);
        assert_eq!(after(&body, source), expected, "{fields} from {source}");
    }
}

#[test]
fn all_that_is_wrong_is_named_at_once() {
    let body = r#"{
        "hostname": "not a valid hostname!", "ipv4": "999.1.1.1", "ipv6": "fe80::1", "ttl": "300",
        "txt": {"name": "www", "value": "", "action": "replace"}
    }"#;
    let owned = |(field, code): (&str, &'static str)| (field.to_owned(), code);
    let expected = [
        ("hostname", "invalid_format"),
        ("ipv4", "invalid_format"),
        ("ipv6", "not_public"),
        ("ttl", "invalid_type"),
        ("txt.action", "invalid_format"),
        ("txt.value", "out_of_range"),
    ];
    assert_eq!(named(body), expected.map(owned));
    assert_eq!(named("{}"), [owned(("hostname", "required"))]);
}

#[test]
fn each_kind_of_fault_has_its_code() {
    use ErrorCode as Code;
    for (fields, code) in [
        (r#""hostname": "home""#, Code::InvalidHostname),
        (r#""hostname": 7"#, Code::ValidationError),
        (r#""hostname": null"#, Code::ValidationError),
        (r#""hostname": "a.example\u0000""#, Code::InvalidHostname),
        (
            r#""ipv4": "192.168.1.1", "hostname": "a.example""#,
            Code::InvalidIp,
        ),
        (
            r#""ipv4": "2001:db8::1", "hostname": "a.example""#,
            Code::InvalidIp,
        ),
        (r#""ipv4": "", "hostname": "a.example""#, Code::InvalidIp),
        (
            r#""ipv4": "AUTO", "hostname": "a.example""#,
            Code::InvalidIp,
        ),
        (
            r#""ipv4": 16909060, "hostname": "a.example""#,
            Code::ValidationError,
        ),
        (
            r#""ipv4": ["203.0.113.1"], "hostname": "a.example""#,
            Code::ValidationError,
        ),
        (
            r#""ipv6": "203.0.113.1", "hostname": "a.example""#,
            Code::InvalidIp,
        ),
        (
            r#""ipv6": "2001:db8::1%eth0", "hostname": "a.example""#,
            Code::InvalidIp,
        ),
        (
            r#""ipv6": "::ffff:203.0.113.1", "hostname": "a.example""#,
            Code::InvalidIp,
        ),
        (r#""ttl": 59, "hostname": "a.example""#, Code::InvalidTtl),
        (r#""ttl": 86401, "hostname": "a.example""#, Code::InvalidTtl),
        (r#""ttl": -300, "hostname": "a.example""#, Code::InvalidTtl),
        (r#""ttl": 300.5, "hostname": "a.example""#, Code::InvalidTtl),
        (r#""ttl": 1e300, "hostname": "a.example""#, Code::InvalidTtl),
        (
            r#""ttl": 4294967596, "hostname": "a.example""#,
            Code::InvalidTtl,
        ),
        (
            r#""ttl": "300", "hostname": "a.example""#,
            Code::ValidationError,
        ),
        (
            r#""ttl": null, "hostname": "a.example""#,
            Code::ValidationError,
        ),
        (
            r#""ttl": true, "hostname": "a.example""#,
            Code::ValidationError,
        ),
        (
            r#""hostname": "a.example", "hostname": "b.example""#,
            Code::ValidationError,
        ),
        (
            r#""ipv4": null, "ipv4": "auto", "hostname": "a.example""#,
            Code::ValidationError,
        ),
        (
            r#""txt": "x", "hostname": "a.example""#,
            Code::ValidationError,
        ),
    ] {
        let error = ApiError::from(parse(&format!("{{{fields}}}")).unwrap_err());
        assert_eq!(error.code, code, "{fields}");
        assert_eq!(error.details.unwrap().fields.len(), 1, "{fields}");
    }
}

#[test]
fn bodies_that_are_no_objects_say_so() {
    for (body, code) in [
        (&b""[..], ErrorCode::InvalidJson),
        (b"{", ErrorCode::InvalidJson),
        (b"{'hostname': 'a.example'}", ErrorCode::InvalidJson),
        (b"{\"hostname\": \"a.example\",}", ErrorCode::InvalidJson),
        (b"{\"hostname\": \"a.example\"} x", ErrorCode::InvalidJson),
        (b"{\"hostname\": \"\xff.example\"}", ErrorCode::InvalidJson),
        (
            b"{\"hostname\": \"\\ud800.example\"}",
            ErrorCode::InvalidJson,
        ),
        (b"hostname=a.example&ipv4=auto", ErrorCode::InvalidJson),
        (b"\xef\xbb\xbf{}", ErrorCode::InvalidJson),
        (b"null", ErrorCode::InvalidRequest),
        (b"[]", ErrorCode::InvalidRequest),
        (b"\"a.example\"", ErrorCode::InvalidRequest),
    ] {
        let error = ApiError::from(UpdateRequest::parse(body, &rules()).unwrap_err());
        assert_eq!(error.code, code, "{}", String::from_utf8_lossy(body));
        assert_eq!(error.details, None);
    }
    let deep = "[".repeat(100_000);
    assert_eq!(parse(&deep).unwrap_err().code(), ErrorCode::InvalidJson);
}

#[test]
fn numbers_may_be_written_as_json_lets_them() {
    for ttl in ["300", "300.0", "3e2", "3.0E+2"] {
        let request = parse(&format!(r#"{{"hostname": "a.example", "ttl": {ttl}}}"#)).unwrap();
        assert_eq!(request.ttl.unwrap().as_secs(), 300, "{ttl}");
    }
}

#[test]
fn a_live_token_takes_no_addresses_of_examples() {
    let body = br#"{"hostname": "a.example", "ipv4": "203.0.113.50", "ipv6": "2001:db8::1"}"#;
    let Err(RequestError::Fields(fields)) = UpdateRequest::parse(body, &RequestRules::default())
    else {
        panic!("both are refused");
    };
    assert_eq!(fields.len(), 2);
    assert!(parse(std::str::from_utf8(body).unwrap()).is_ok());
}

#[test]
fn what_was_sent_is_shown_but_not_all_of_it() {
    let long = "x".repeat(10_000);
    let faults = faults(&format!(r#"{{"hostname": "{long}", "ttl": [1]}}"#));
    let shown = faults[0].provided.as_ref().unwrap().as_str().unwrap();
    assert_eq!(shown.len(), 80);
    assert!(faults[0].fault.to_string().len() < 300);
    assert_eq!(faults[1].provided, None);
}

#[test]
fn texts_of_updates_stand_at_or_below_the_host() {
    for (hostname, name, expected) in [
        (
            "home.example.com",
            "_acme-challenge",
            Some("_acme-challenge.home.example.com"),
        ),
        (
            "home.example.com",
            "_acme-challenge.home.example.com",
            Some("_acme-challenge.home.example.com"),
        ),
        (
            "home.example.com",
            "_ACME-Challenge.HOME.example.com.",
            Some("_acme-challenge.home.example.com"),
        ),
        (
            "home.example.com",
            "_acme-challenge.www",
            Some("_acme-challenge.www.home.example.com"),
        ),
        ("home.example.com", "_acme-challenge.other.example.", None),
        ("home.example.com", "_acme-challenge.", None),
        ("home.example.com", "www", None),
        ("home.example.com", "", None),
        ("home.example.com", "_acme-challenge..www", None),
        ("home.example.com", r"_acme-challenge\.www", None),
    ] {
        let body = serde_json::json!({
            "hostname": hostname, "txt": {"name": name, "value": "tok", "action": "set"},
        });
        let found = parse(&body.to_string())
            .ok()
            .and_then(|request| request.txt);
        let found = found.map(|txt| txt.name.to_string());
        assert_eq!(found.as_deref(), expected, "{name}");
    }
}

#[test]
fn texts_of_updates_are_set_and_deleted() {
    let txt = |fields: &str| {
        let body = format!(
            r#"{{"hostname": "a.example", "txt": {{"name": "_acme-challenge", {fields}}}}}"#
        );
        let txt = parse(&body).ok()?.txt?;
        Some(match txt.action {
            TxtAction::Set(value) => format!("set {}", value.as_str()),
            TxtAction::Delete(None) => "delete all".to_owned(),
            TxtAction::Delete(Some(value)) => format!("delete {}", value.as_str()),
        })
    };
    for (fields, expected) in [
        (r#""value": "tok", "action": "set""#, Some("set tok")),
        (r#""value": "tok", "action": "delete""#, Some("delete tok")),
        (r#""action": "delete""#, Some("delete all")),
        (r#""action": "delete", "value": null"#, None),
        (r#""action": "set""#, None),
        (r#""value": "tok""#, None),
    ] {
        assert_eq!(txt(fields).as_deref(), expected, "{fields}");
    }
}

#[test]
fn an_address_that_is_set_is_one() {
    let body = r#"{"hostname": "home.example.com", "ipv4": "203.0.113.50"}"#;
    let request = parse(body).unwrap();
    let source = "198.51.100.7".parse().unwrap();
    let changes = request
        .changes(Some(source), DocumentationRanges::Accept)
        .unwrap();
    let expected = AddressChange::Set(vec!["203.0.113.50".parse().unwrap()]);
    assert_eq!(
        (changes.ipv4, changes.ipv6),
        (expected, AddressChange::Keep)
    );
}
