//! Bodies of ApertoDNS v1 and acme-dns: what is read says the same when it is written again, and what is
//! refused is refused in a short document that names at least one thing.
//!
//! Input: a body.

#![no_main]

use apertodns::acme_dns;
use apertodns::address::DocumentationRanges;
use apertodns::v1::{
    ApiError, BulkUpdateRequest, ErrorDocument, Meta, RequestError, RequestRules, TxtDeleteRequest,
    TxtSetRequest, UpdateRequest, Wish,
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|body: &[u8]| {
    let rules = RequestRules {
        documentation: DocumentationRanges::Accept,
        ..RequestRules::default()
    };
    match UpdateRequest::parse(body, &rules) {
        Ok(request) => check_update(request, &rules),
        Err(error) => check_refusal(error),
    }
    match BulkUpdateRequest::parse(body, &rules) {
        Ok(request) => {
            assert!((1..=BulkUpdateRequest::MAX_UPDATES).contains(&request.items.len()));
            for item in request.items {
                match item {
                    Ok(request) => check_update(request, &rules),
                    Err(bad) => check_refusal(bad.into_error()),
                }
            }
        }
        Err(error) => check_refusal(error),
    }
    match TxtSetRequest::parse(body, &rules) {
        Ok(request) => {
            let again =
                json!({"hostname": request.name, "value": request.value, "ttl": request.ttl});
            let again = without_null(again).to_string();
            assert_eq!(TxtSetRequest::parse(again.as_bytes(), &rules), Ok(request));
        }
        Err(error) => check_refusal(error),
    }
    match TxtDeleteRequest::parse(body, &rules) {
        Ok(request) => {
            let again = json!({"hostname": request.name, "value": request.value});
            let again = without_null(again).to_string();
            assert_eq!(
                TxtDeleteRequest::parse(again.as_bytes(), &rules),
                Ok(request)
            );
        }
        Err(error) => check_refusal(error),
    }
    if let Ok(request) = acme_dns::UpdateRequest::parse(body) {
        let again = json!({"subdomain": request.subdomain, "txt": request.txt}).to_string();
        assert_eq!(
            acme_dns::UpdateRequest::parse(again.as_bytes()),
            Ok(request)
        );
    }
    if let Ok(request) = acme_dns::RegisterRequest::parse(body) {
        let again = json!({"allowfrom": request.allow_from}).to_string();
        assert_eq!(
            acme_dns::RegisterRequest::parse(again.as_bytes()),
            Ok(request)
        );
    }
});

fn without_null(mut body: Value) -> Value {
    if let Some(members) = body.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    body
}

/// Writes a request again, but for its text.
fn check_update(mut request: UpdateRequest, rules: &RequestRules) {
    request.txt = None;
    let mut body = without_null(json!({"hostname": request.hostname, "ttl": request.ttl}));
    let mut insert = |name: &str, wish: Option<Value>| {
        if let Some(wish) = wish {
            body[name] = wish;
        }
    };
    insert("ipv4", written(request.ipv4));
    insert("ipv6", written(request.ipv6));
    let again = UpdateRequest::parse(body.to_string().as_bytes(), rules);
    assert_eq!(again, Ok(request));
}

fn written<A: ToString>(wish: Wish<A>) -> Option<Value> {
    match wish {
        Wish::Omitted => None,
        Wish::Delete => Some(Value::Null),
        Wish::Auto => Some("auto".into()),
        Wish::Address(address) => Some(address.to_string().into()),
    }
}

fn check_refusal(error: RequestError) {
    if let RequestError::Fields(fields) = &error {
        assert!(!fields.is_empty());
    }
    let meta = Meta::new("r".parse().expect("a request id"));
    let document = ErrorDocument::new(ApiError::from(error), meta);
    let document = serde_json::to_string(&document).expect("it can be written");
    assert!(document.len() < 20_000, "{document}");
}
