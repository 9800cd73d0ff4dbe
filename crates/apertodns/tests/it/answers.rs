//! Answers, with the shapes of the OpenAPI document and of the examples of the specification.

use std::collections::BTreeSet;

use apertodns::Timestamp;
use apertodns::v1::{
    Answer, ApiError, BulkReport, BulkResult, ErrorCode, ErrorDocument, HostStatus, Info, Meta,
    ProviderInfo, RequestError, RequestRules, UpdateRequest,
};
use serde_json::{Value, json};

fn meta() -> Meta {
    Meta {
        processing_time_ms: Some(45),
        ..Meta::new("550e8400-e29b-41d4-a716-446655440000".parse().unwrap())
    }
}

fn updated(hostname: &str, ipv4: &str) -> BulkResult {
    BulkResult::Updated {
        hostname: hostname.parse().unwrap(),
        ipv4: Some(ipv4.parse().unwrap()),
        ipv6: None,
        changed: true,
    }
}

#[test]
fn the_codes_are_those_of_the_specification() {
    // ApertoDNS 1.4.0 section 8.2.
    let table = "unauthorized 401, token_expired 401, token_revoked 401, invalid_token 401, \
        forbidden 403, hostname_forbidden 403, ip_forbidden 403, invalid_request 400, \
        invalid_json 400, validation_error 400, invalid_hostname 400, invalid_ip 400, \
        ipv4_auto_failed 400, ipv6_auto_failed 400, invalid_ttl 400, txt_not_supported 400, \
        txt_limit_exceeded 400, txt_invalid_name 400, txt_value_too_long 400, not_found 404, \
        hostname_not_owned 403, token_not_found 404, webhook_not_found 404, \
        method_not_allowed 405, hostname_exists 409, rate_limited 429, payload_too_large 413, \
        bulk_limit_exceeded 400, server_error 500, dns_error 502, maintenance 503, timeout 504";
    let codes = ErrorCode::ALL.iter();
    let codes: Vec<_> = codes
        .map(|code| format!("{code} {}", code.http_status()))
        .collect();
    assert_eq!(codes.join(", "), table);
    let messages: BTreeSet<_> = ErrorCode::ALL.iter().map(|code| code.message()).collect();
    assert_eq!(
        messages.len(),
        ErrorCode::ALL.len(),
        "each says something of its own"
    );
}

#[test]
fn wrong_fields_are_told_as_the_specification_shows() {
    let body = br#"{"hostname": "not a valid hostname!", "ttl": 30}"#;
    let error = UpdateRequest::parse(body, &RequestRules::default()).unwrap_err();
    let document = ErrorDocument::new(error.into(), meta());
    let document = serde_json::to_value(&document).unwrap();
    assert_eq!(document["success"], false);
    assert_eq!(document["error"]["code"], "validation_error");
    let hostname = &document["error"]["details"]["fields"][0];
    assert_eq!(hostname["field"], "hostname");
    assert_eq!(hostname["code"], "invalid_format");
    assert_eq!(hostname["provided"], "not a valid hostname!");
    assert_eq!(hostname.get("constraints"), None);
    let ttl = &document["error"]["details"]["fields"][1];
    assert_eq!(ttl["code"], "out_of_range");
    assert_eq!(ttl["constraints"], json!({"min": 60, "max": 86_400}));
    let message = document["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("hostname: ") && message.contains("ttl must"),
        "{message}"
    );
}

#[test]
fn an_error_with_nothing_more_to_say_has_a_code_and_a_message() {
    let document = ErrorDocument::new(ApiError::new(ErrorCode::Unauthorized), meta());
    let document = serde_json::to_value(&document).unwrap();
    let keys: Vec<_> = document["error"].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["code", "message"]);
}

#[test]
fn a_bulk_answer_says_what_became_of_each_update() {
    let results = vec![
        updated("host1.example.com", "203.0.113.50"),
        BulkResult::Failed {
            hostname: "invalid.example.com".to_owned(),
            error: ApiError::new(ErrorCode::HostnameNotOwned),
        },
    ];
    let report = BulkReport::new(results);
    let document = serde_json::to_value(Answer::new(&report, meta())).unwrap();
    let expected = json!({
        "success": true,
        "data": {
            "summary": {"total": 2, "successful": 1, "failed": 1},
            "total": 2, "successful": 1, "failed": 1,
            "results": [
                {"hostname": "host1.example.com", "success": true, "status": "success",
                 "ipv4": "203.0.113.50", "ipv6": null, "changed": true},
                {"hostname": "invalid.example.com", "success": false, "status": "error",
                 "error": {"code": "hostname_not_owned", "message": "this hostname is not yours"}},
            ],
        },
        "meta": {"request_id": "550e8400-e29b-41d4-a716-446655440000", "processing_time_ms": 45},
    });
    assert_eq!(document, expected);
}

#[test]
fn a_bulk_answer_is_200_only_when_all_went_well() {
    let good = || updated("a.example.com", "203.0.113.50");
    let bad = || BulkResult::Failed {
        hostname: String::new(),
        error: ApiError::new(ErrorCode::ValidationError),
    };
    for (results, status) in [
        (vec![good(), good()], 200),
        (vec![good(), bad()], 207),
        (vec![bad(), bad()], 207),
    ] {
        assert_eq!(BulkReport::new(results).http_status(), status);
    }
}

#[test]
fn domains_are_a_list() {
    let status = HostStatus {
        hostname: "office.example.com".parse().unwrap(),
        ipv4: Some("203.0.113.51".parse().unwrap()),
        ipv6: None,
        ttl: 300,
        updated_at: Some(Timestamp::from_unix_millis(1_768_478_400_000)),
        created_at: Some(Timestamp::from_unix_millis(1_718_440_500_000)),
        is_active: None,
        update_count_24h: None,
        update_count_total: None,
    };
    let document = serde_json::to_value(Answer::new([status], meta())).unwrap();
    let expected = json!([{
        "hostname": "office.example.com", "ipv4": "203.0.113.51", "ipv6": null, "ttl": 300,
        "updated_at": "2026-01-15T12:00:00.000Z", "created_at": "2024-06-15T08:35:00.000Z",
    }]);
    assert_eq!(document["data"], expected);
}

#[test]
fn the_public_document_has_all_that_the_draft_requires() {
    let info = Info::new(ProviderInfo {
        name: "Example DDNS".to_owned(),
        website: "https://example.com".to_owned(),
        ..ProviderInfo::default()
    });
    let document = serde_json::to_value(Answer::new(info, meta())).unwrap();
    let keys = |value: &Value| -> Vec<String> {
        let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        // Whether they keep their order depends on what else is built.
        keys.sort();
        keys
    };
    let data = &document["data"];
    assert_eq!(
        keys(data),
        [
            "authentication",
            "capabilities",
            "endpoints",
            "protocol",
            "protocol_version",
            "provider"
        ]
    );
    assert_eq!(
        keys(&data["capabilities"]),
        [
            "auto_ip_detection",
            "bulk_update",
            "ipv4",
            "ipv6",
            "max_bulk_size",
            "null_deletion",
            "txt_max_records",
            "txt_records",
            "webhooks"
        ]
    );
    assert_eq!(
        keys(&data["endpoints"]),
        [
            "bulk_update",
            "domains",
            "health",
            "info",
            "legacy_dyndns2",
            "status",
            "txt",
            "update"
        ]
    );
    assert_eq!(keys(&data["provider"]), ["name", "website"]);
    assert_eq!(data["authentication"]["scopes_supported"][0], "dns:update");
}

#[test]
fn messages_have_a_limit_whatever_was_sent() {
    let name = "x".repeat(100_000);
    let body = json!({
        "hostname": name, "ipv4": name, "ipv6": name, "ttl": name,
        "txt": {"name": name, "value": name, "action": name},
    });
    let rules = RequestRules::default();
    let error = UpdateRequest::parse(body.to_string().as_bytes(), &rules).unwrap_err();
    assert!(matches!(&error, RequestError::Fields(fields) if fields.len() >= 5));
    let document = serde_json::to_string(&ErrorDocument::new(error.into(), meta())).unwrap();
    assert!(document.len() < 5_000, "{}", document.len());
}
