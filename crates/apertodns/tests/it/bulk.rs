//! `POST /bulk-update`.

use apertodns::v1::{ApiError, BulkUpdateRequest, ErrorCode, RequestError, UpdateTtl, Wish};

use crate::update::rules;

fn parse(body: &str) -> Result<BulkUpdateRequest, RequestError> {
    BulkUpdateRequest::parse(body.as_bytes(), &rules())
}

#[test]
fn defaults_hold_for_what_an_item_does_not_say() {
    let body = r#"{
        "updates": [
            {"hostname": "a.example.com", "ipv4": null},
            {"hostname": "b.example.com", "ttl": 600},
            {"hostname": "c.example.com", "ipv4": "203.0.113.100", "ttl": 60}
        ],
        "defaults": {"ttl": 300, "ipv4": "auto", "hostname": "ignored", "other": []}
    }"#;
    let request = parse(body).unwrap();
    let items: Vec<_> = request
        .items
        .iter()
        .map(|item| item.as_ref().unwrap())
        .collect();
    let ttls: Vec<_> = items
        .iter()
        .map(|item| item.ttl.map(UpdateTtl::as_secs))
        .collect();
    assert_eq!(ttls, [Some(300), Some(600), Some(60)]);
    let wishes: Vec<_> = items.iter().map(|item| item.ipv4).collect();
    let address = "203.0.113.100".parse().unwrap();
    assert_eq!(wishes, [Wish::Delete, Wish::Auto, Wish::Address(address)]);
    assert!(items.iter().all(|item| item.ipv6 == Wish::Omitted));
}

#[test]
fn no_default_moves_the_host_of_a_text() {
    let body = r#"{
        "updates": [
            {"hostname": "a.example.com", "txt": {"name": "_acme-challenge", "action": "set", "value": "x"}},
            {"hostname": "b.example.com", "txt": {"name": "_acme-challenge", "action": "set", "value": "x"}, "ttl": 600},
            {"hostname": "c.example.com", "txt": {"name": "_acme-challenge", "action": "set", "value": "x"}, "ipv6": null}
        ],
        "defaults": {"ttl": 300, "ipv4": "auto"}
    }"#;
    let request = parse(body).unwrap();
    let found: Vec<_> = request
        .items
        .iter()
        .map(|item| item.as_ref().unwrap())
        .map(|item| (item.ipv4, item.ttl.map(UpdateTtl::as_secs)))
        .collect();
    let expected = [
        (Wish::Omitted, None),
        (Wish::Omitted, Some(600)),
        (Wish::Auto, Some(300)),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_bad_item_is_alone() {
    let body = r#"{"updates": [
        {"hostname": "a.example.com"}, 7, {"ipv4": "auto"},
        {"hostname": "b.example.com", "hostname": "c.example.com"},
        {"hostname": "d.example.com", "ttl": 1, "ipv4": "10.0.0.1"}
    ]}"#;
    let request = parse(body).unwrap();
    let found: Vec<_> = request
        .items
        .iter()
        .map(|item| match item {
            Ok(update) => format!("ok {}", update.hostname),
            Err(bad) => {
                let fields: Vec<_> = bad
                    .fields
                    .iter()
                    .map(|error| error.field.as_str())
                    .collect();
                format!("{:?} {}", bad.hostname, fields.join(" "))
            }
        })
        .collect();
    let expected = [
        "ok a.example.com",
        r#""" updates[1]"#,
        r#""" updates[2].hostname"#,
        r#""b.example.com" updates[3].hostname"#,
        r#""d.example.com" updates[4].ipv4 updates[4].ttl"#,
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_is_wrong_for_all_fails_as_a_whole() {
    let many = |count: usize| {
        let updates = vec![r#"{"hostname": "a.example.com"}"#; count].join(",");
        format!(r#"{{"updates": [{updates}]}}"#)
    };
    assert_eq!(parse(&many(100)).unwrap().items.len(), 100);
    for (body, code, fields) in [
        (many(101), ErrorCode::BulkLimitExceeded, 0),
        (many(0), ErrorCode::ValidationError, 1),
        ("{}".to_owned(), ErrorCode::ValidationError, 1),
        (
            r#"{"updates": {}}"#.to_owned(),
            ErrorCode::ValidationError,
            1,
        ),
        (
            r#"{"updates": [{}], "updates": []}"#.to_owned(),
            ErrorCode::ValidationError,
            1,
        ),
        (
            r#"{"updates": [{}], "defaults": 1}"#.to_owned(),
            ErrorCode::ValidationError,
            1,
        ),
        (
            r#"{"updates": [{}], "defaults": {"ttl": 1}}"#.to_owned(),
            ErrorCode::InvalidTtl,
            1,
        ),
        (
            r#"{"updates": [{}], "defaults": {"ipv4": "10.0.0.1"}}"#.to_owned(),
            ErrorCode::InvalidIp,
            1,
        ),
        (
            r#"{"updates": [], "defaults": {"ttl": 1}}"#.to_owned(),
            ErrorCode::ValidationError,
            2,
        ),
        ("[]".to_owned(), ErrorCode::InvalidRequest, 0),
    ] {
        let error = ApiError::from(parse(&body).unwrap_err());
        let found = error.details.map_or(0, |details| details.fields.len());
        assert_eq!((error.code, found), (code, fields), "{body}");
    }
}
