//! Schemas say what documents are, and which bodies are taken.

use std::collections::BTreeSet;
use std::fmt::Debug;

use apertodns::acme_dns::{self, Account, Challenge, RegisterRequest};
use apertodns::described::{answer_schema, error_example};
use apertodns::v1::{
    Answer, ApiError, Authentication, BulkReport, BulkResult, BulkSummary, BulkUpdateRequest,
    Capabilities, Endpoints, ErrorCode, ErrorDocument, FieldError, Health, HealthStatus,
    HostStatus, Info, Meta, ProviderInfo, RateLimitInfo, RequestError, RequestRules,
    TxtDeleteReport, TxtDeleteRequest, TxtList, TxtName, TxtReport, TxtSetReport, TxtSetRequest,
    TxtValue, TxtWish, UpdateReport, UpdateRequest,
};
use apertodns::{Hostname, Timestamp};
use openapi::{Described, Kind, Schema};
use serde::Serialize;
use serde_json::{Value, json};

fn hostname() -> Hostname {
    "home.example.com".parse().unwrap()
}

fn txt_name() -> TxtName {
    TxtName::parse("_acme-challenge.home.example.com", &RequestRules::default()).unwrap()
}

fn noon() -> Timestamp {
    Timestamp::from_unix_millis(1_768_478_400_000)
}

/// The example and all samples are as the schema says, and every member that it describes is in one of them.
fn check<T: Described + Serialize>(samples: &[T]) {
    let samples = samples.iter().map(|one| serde_json::to_value(one).unwrap());
    check_values::<T>(&samples.collect::<Vec<_>>());
}

fn check_values<T: Described>(samples: &[Value]) {
    let mut seen = BTreeSet::new();
    for sample in samples.iter().chain([&T::example()]) {
        let found = T::schema().check(sample);
        assert!(found.is_empty(), "{}: {found:?}\n{sample:#}", T::NAME);
        seen.extend(
            sample
                .as_object()
                .into_iter()
                .flat_map(serde_json::Map::keys)
                .cloned(),
        );
    }
    if let Kind::Object(fields) = T::schema().kind {
        for field in fields {
            assert!(
                seen.contains(field.name),
                "{}: no sample has {}",
                T::NAME,
                field.name
            );
        }
    }
}

#[test]
fn answers_about_hosts_are_as_their_schemas_say() {
    let few = UpdateReport {
        hostname: hostname(),
        ipv4: None,
        ipv6: None,
        previous_ipv4: None,
        previous_ipv6: None,
        ttl: 60,
        changed: false,
        propagation_estimate_seconds: None,
        txt: None,
        updated_at: noon(),
    };
    let txt = TxtReport {
        hostname: txt_name(),
        record_count: 2,
        changed: true,
    };
    let all = UpdateReport {
        ipv4: Some("203.0.113.50".parse().unwrap()),
        ipv6: Some("2001:db8::1".parse().unwrap()),
        previous_ipv4: Some("203.0.113.49".parse().unwrap()),
        previous_ipv6: Some("2001:db8::2".parse().unwrap()),
        propagation_estimate_seconds: Some(60),
        txt: Some(txt.clone()),
        ..few.clone()
    };
    check(&[few, all]);
    check(&[txt]);
    let few = HostStatus {
        hostname: hostname(),
        ipv4: None,
        ipv6: Some("2001:db8::1".parse().unwrap()),
        ttl: 300,
        updated_at: None,
        created_at: None,
        is_active: None,
        update_count_24h: None,
        update_count_total: None,
    };
    let all = HostStatus {
        updated_at: Some(noon()),
        created_at: Some(noon()),
        is_active: Some(true),
        update_count_24h: Some(0),
        update_count_total: Some(u64::from(u32::MAX)),
        ..few.clone()
    };
    check(&[few, all]);
}

#[test]
fn answers_of_bulk_updates_are_as_their_schemas_say() {
    let results = vec![
        BulkResult::Updated {
            hostname: hostname(),
            ipv4: Some("203.0.113.50".parse().unwrap()),
            ipv6: None,
            changed: true,
        },
        BulkResult::Failed {
            hostname: String::new(),
            error: ApiError::new(ErrorCode::HostnameNotOwned),
        },
    ];
    check(&results);
    let report = BulkReport::new(results);
    check(&[report.summary()]);
    check(&[report, BulkReport::new(vec![])]);
    check::<BulkSummary>(&[]);
}

#[test]
fn answers_about_texts_are_as_their_schemas_say() {
    check(&[TxtSetReport {
        hostname: txt_name(),
        value: TxtValue::parse("gfj9Xq").unwrap(),
        ttl: 60,
        record_count: 1,
        timestamp: noon(),
    }]);
    check(&[0, 2].map(|values_removed| TxtDeleteReport {
        hostname: txt_name(),
        values_removed,
        remaining_count: 0,
        timestamp: noon(),
    }));
    check(&[
        TxtList::new(txt_name(), vec![], 60),
        TxtList::new(txt_name(), vec!["gfj9Xq".to_owned()], 60),
    ]);
}

#[test]
fn public_documents_are_as_their_schemas_say() {
    let few = Info::new(ProviderInfo::default());
    let mut all = Info::new(ProviderInfo {
        documentation: Some("https://example.com".to_owned()),
        support_email: Some("help@example.com".to_owned()),
        privacy_policy: Some("https://example.com".to_owned()),
        terms_of_service: Some("https://example.com".to_owned()),
        ..ProviderInfo::default()
    });
    let limit = RateLimitInfo {
        requests: 60,
        window_seconds: 60,
    };
    all.rate_limits.insert("update", limit);
    all.server_time = Some(noon());
    check(&[few.provider.clone(), all.provider.clone()]);
    check(&[few, all]);
    check(&[limit]);
    check(&[Capabilities::default()]);
    check(&[Authentication::default()]);
    check(&[Endpoints::default()]);
    let statuses = [
        HealthStatus::Healthy,
        HealthStatus::Degraded,
        HealthStatus::Unhealthy,
    ];
    check(&statuses.map(|status| Health {
        status,
        timestamp: noon(),
    }));
}

#[test]
fn errors_are_as_their_schemas_say() {
    let meta = Meta {
        processing_time_ms: Some(1),
        timestamp: Some(noon()),
        ..Meta::new("req-1".parse().unwrap())
    };
    let cut = Meta {
        truncated: true,
        ..meta.clone()
    };
    check(&[Meta::new("req-2".parse().unwrap()), meta.clone(), cut]);
    for code in ErrorCode::ALL {
        let document = ErrorDocument::new(ApiError::new(*code), meta.clone());
        let mut example = error_example(*code);
        assert_eq!(ErrorDocument::schema().check(&example), [""; 0]);
        example["meta"] = serde_json::to_value(&meta).unwrap();
        assert_eq!(serde_json::to_value(&document).unwrap(), example);
        check(&[document]);
    }
    let full = ApiError {
        documentation_url: Some("https://example.com".to_owned()),
        support_id: Some("req-1".to_owned()),
        ..ApiError::new(ErrorCode::RateLimited).with_retry_after(1)
    };
    // Every code of a field, with what was sent and limits.
    let (mut errors, mut fields) = (vec![full], Vec::new());
    for body in [
        r#"{"hostname": "?", "ipv4": 1, "ipv6": "::1", "ttl": 1.5}"#,
        r#"{"ttl": 1, "ttl": 2, "txt": {"name": "a", "action": "x", "value": ""}}"#,
        r#"{"hostname": "home.example.com", "txt": {"name": "a", "action": "set", "value": "\u0000"}}"#,
        r#"{"hostname": "home.example.com", "ipv4": true, "ipv6": [1], "txt": null}"#,
    ] {
        let error = UpdateRequest::parse(body.as_bytes(), &RequestRules::default()).unwrap_err();
        let RequestError::Fields(faults) = error else {
            panic!("{error:?}");
        };
        errors.push(ApiError::from(RequestError::Fields(faults.clone())));
        fields.extend(faults);
    }
    check(&errors);
    let told: BTreeSet<&str> = fields.iter().map(|field| field.fault.code()).collect();
    let known = [
        "invalid_format",
        "invalid_type",
        "not_public",
        "out_of_range",
        "repeated",
        "required",
    ];
    assert_eq!(told.into_iter().collect::<Vec<_>>(), known);
    check::<FieldError>(&fields);
}

#[test]
fn answers_of_acme_dns_are_as_their_schemas_say() {
    let network = "192.0.2.0/24".parse().unwrap();
    check(&[vec![], vec![network]].map(|allowfrom| Account {
        username: "user".to_owned(),
        password: "password".to_owned(),
        fulldomain: "a.example.com".to_owned(),
        subdomain: "a".parse().unwrap(),
        allowfrom,
    }));
    let txt: Challenge = "c".repeat(43).parse().unwrap();
    check(&[acme_dns::UpdateReport { txt }]);
    check(&[acme_dns::RequestError::Forbidden.document()]);
}

#[test]
fn an_answer_is_wrapped() {
    let answer = Answer::new(
        TxtList::new(txt_name(), vec![], 60),
        Meta::new("req-1".parse().unwrap()),
    );
    let schema = answer_schema(Schema::of::<TxtList>());
    assert_eq!(
        schema.check(&serde_json::to_value(&answer).unwrap()),
        [""; 0]
    );
}

//------------ Requests --------------------------------------------------------------------------

/// Each body is taken, or refused, by the reader and by the schema.
fn check_bodies<T: Described, E: Debug>(
    parse: impl Fn(&[u8]) -> Result<T, E>,
    good: &[Value],
    bad: &[Value],
) {
    check_values::<T>(good);
    for body in good.iter().chain([&T::example()]) {
        if let Err(error) = parse(body.to_string().as_bytes()) {
            // The addresses of examples are for tests.
            let text = format!("{error:?}");
            assert!(text.contains("NotPublic"), "{}: {body}: {text}", T::NAME);
        }
    }
    for body in bad {
        assert!(
            parse(body.to_string().as_bytes()).is_err(),
            "{}: {body} is taken",
            T::NAME
        );
        assert!(
            !T::schema().check(body).is_empty(),
            "{}: {body} is described",
            T::NAME
        );
    }
}

const HOME: &str = "home.example.com";

#[test]
fn bodies_of_updates_are_taken_as_the_schema_says() {
    let rules = RequestRules::default();
    let txt = |txt: Value| json!({"hostname": HOME, "txt": txt});
    let name = "_acme-challenge";
    check_bodies(
        |body| UpdateRequest::parse(body, &rules),
        &[
            json!({"hostname": HOME}),
            json!({"hostname": HOME, "ipv4": "9.9.9.9", "ipv6": "2620:fe::fe", "ttl": 60}),
            json!({"hostname": HOME, "ipv4": null, "ipv6": "auto", "ttl": 86400}),
            txt(json!({"name": name, "action": "set", "value": "v"})),
            txt(json!({"name": name, "action": "delete"})),
        ],
        &[
            json!([]),
            json!({}),
            json!({"hostname": null}),
            json!({"hostname": HOME, "ipv4": "home"}),
            json!({"hostname": HOME, "ipv4": "2620:fe::fe"}),
            json!({"hostname": HOME, "ipv6": 6}),
            json!({"hostname": HOME, "ttl": 59}),
            json!({"hostname": HOME, "ttl": "60"}),
            json!({"hostname": HOME, "ttl": 86401}),
            txt(json!({"name": name, "action": "add", "value": "v"})),
            txt(json!({"action": "set", "value": "v"})),
            txt(json!({"name": name, "action": "set", "value": ""})),
        ],
    );
    check_values::<TxtWish>(&[json!({"name": name, "action": "delete"})]);
}

#[test]
fn bodies_of_bulk_updates_are_taken_as_the_schema_says() {
    let rules = RequestRules::default();
    let update = json!({"hostname": HOME});
    check_bodies(
        |body| BulkUpdateRequest::parse(body, &rules),
        &[
            json!({"updates": [update]}),
            json!({"updates": vec![update.clone(); 100], "defaults": {"ipv4": "auto", "ipv6": null}}),
        ],
        &[
            json!({}),
            json!({"updates": []}),
            json!({"updates": {}}),
            json!({"updates": vec![update.clone(); 101]}),
            json!({"updates": [update], "defaults": []}),
            json!({"updates": [update], "defaults": {"ttl": 1}}),
        ],
    );
}

#[test]
fn bodies_about_texts_are_taken_as_the_schema_says() {
    let rules = RequestRules::default();
    let name = "_acme-challenge.home.example.com";
    let long = "v".repeat(256);
    check_bodies(
        |body| TxtSetRequest::parse(body, &rules),
        &[json!({"hostname": name, "value": "v".repeat(255), "ttl": 60})],
        &[
            json!({"hostname": name}),
            json!({"value": "v"}),
            json!({"hostname": name, "value": null}),
            json!({"hostname": name, "value": ""}),
            json!({"hostname": name, "value": long}),
            json!({"hostname": name, "value": "v", "ttl": 1}),
        ],
    );
    check_bodies(
        |body| TxtDeleteRequest::parse(body, &rules),
        &[
            json!({"hostname": name}),
            json!({"hostname": name, "value": "v"}),
        ],
        &[
            json!({}),
            json!({"hostname": name, "value": null}),
            json!({"hostname": name, "value": ""}),
            json!({"hostname": name, "value": long}),
        ],
    );
}

#[test]
fn bodies_of_acme_dns_are_taken_as_the_schema_says() {
    check_bodies(
        RegisterRequest::parse,
        &[
            json!(null),
            json!({}),
            json!({"allowfrom": null}),
            json!({"allowfrom": ["192.0.2.0/24"]}),
        ],
        &[
            json!([]),
            json!({"allowfrom": "192.0.2.0/24"}),
            json!({"allowfrom": [1]}),
            json!({"allowfrom": vec!["192.0.2.0/24"; 101]}),
        ],
    );
    let txt = "c".repeat(43);
    check_bodies(
        acme_dns::UpdateRequest::parse,
        &[json!({"subdomain": "a", "txt": txt})],
        &[
            json!({}),
            json!({"subdomain": "a"}),
            json!({"subdomain": "", "txt": txt}),
            json!({"subdomain": "a".repeat(64), "txt": txt}),
            json!({"subdomain": "a", "txt": "short"}),
        ],
    );
}
