//! `/v2/{domain}/settings` and the question for a template.

use std::time::Duration;

use axum::body::Body;
use easement_core::TemplateStatus;
use easement_server::admin::AdminRequest;
use http::{Method, StatusCode};
use serde_json::Value;

use crate::world::World;

#[tokio::test]
async fn a_zone_says_where_to_connect_it() {
    let world = World::start().await;
    let mut program = world.anonymous();
    program.cookie = Some("A".repeat(43));
    for domain in ["example.test", "EXAMPLE.test", "example.test."] {
        let answer = program.get(&format!("/v2/{domain}/settings")).await;
        assert_eq!(answer.status, StatusCode::OK, "{domain}");
        let origin = world.demo.app().public_url().origin();
        let settings: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(settings["urlSyncUX"], origin);
        assert_eq!(settings["urlAPI"], origin);
        assert_eq!(settings["nameServers"][0], "ns1.example.test");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert!(answer.header("cache-control").contains("max-age"));
        assert_eq!(answer.header("set-cookie"), "");
    }
    for domain in [
        "www.example.test",
        "elsewhere.test",
        "a..b",
        "%00",
        "%ff",
        "test",
    ] {
        let answer = program.get(&format!("/v2/{domain}/settings")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{domain}");
        let error: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(error["error"], "not_found");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }
}

#[tokio::test]
async fn a_template_is_offered_when_it_is_approved() {
    let world = World::start().await;
    let program = world.anonymous();
    let path = "/v2/domainTemplates/providers/fernmail.test/services/business";
    let answer = program.get(path).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, r#"{"version":4}"#);
    let head = program.send(Method::HEAD, path, Body::empty()).await;
    assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));

    let mut reader = program.clone();
    let kind = "application/domainconnect-template+json";
    reader.headers.insert("accept", kind.parse().unwrap());
    let answer = reader.get(path).await;
    assert_eq!(answer.header("content-type"), kind);
    let template: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(template["serviceId"], "business");

    for path in [
        "/v2/domainTemplates/providers/fernmail.test/services/other",
        "/v2/domainTemplates/providers/FERNMAIL.test/services/business",
        "/v2/domainTemplates/providers/..%2F..%2Fetc/services/passwd",
        "/v2/domainTemplates/providers/a%00b/services/c",
    ] {
        let answer = program.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.body.contains("\"error\""), "{path}: {}", answer.body);
    }
}

#[tokio::test]
async fn one_network_has_to_wait_when_it_asks_too_often() {
    let world = World::start().await;
    let program = world.anonymous();
    let settings = "/v2/example.test/settings";
    for _ in 0..600 {
        assert_eq!(program.get(settings).await.status, StatusCode::OK);
    }
    let template = "/v2/domainTemplates/providers/fernmail.test/services/business";
    for path in [settings, template] {
        let refused = program.get(path).await;
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{path}");
        let wait: u64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=61).contains(&wait), "{wait}");
        let error: Value = serde_json::from_str(&refused.body).unwrap();
        assert_eq!(error["error"], "too_many_requests");
        assert_eq!(refused.header("access-control-allow-origin"), "*");
        assert_eq!(refused.header("cache-control"), "no-store");
    }
    world.clock.pass(Duration::from_secs(61));
    assert_eq!(program.get(settings).await.status, StatusCode::OK);
}

#[tokio::test]
async fn whoever_has_a_template_is_not_sent_it_again() {
    let world = World::start().await;
    let path = "/v2/domainTemplates/providers/fernmail.test/services/business";
    let mut tags = Vec::new();
    for kind in ["*/*", "application/domainconnect-template+json"] {
        let mut program = world.anonymous();
        program.headers.insert("accept", kind.parse().unwrap());
        let tag = program.get(path).await.header("etag").to_owned();
        program
            .headers
            .insert("if-none-match", tag.parse().unwrap());
        let again = program.get(path).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{kind}");
        assert_eq!(
            (again.body.as_str(), again.header("etag")),
            ("", tag.as_str())
        );
        assert_eq!(again.header("vary"), "accept");
        assert!(again.header("cache-control").contains("max-age"), "{kind}");
        tags.push(tag);
    }
    assert_ne!(tags[0], tags[1], "the version is not the template");
    let mut program = world.anonymous();
    program
        .headers
        .insert("if-none-match", tags[1].parse().unwrap());
    assert_eq!(program.get(path).await.body, r#"{"version":4}"#);
}

#[tokio::test]
async fn a_template_that_is_withdrawn_is_told_to_nobody() {
    let world = World::start().await;
    let withdraw = AdminRequest::DecideTemplate {
        provider: "fernmail.test".parse().unwrap(),
        service: "business".parse().unwrap(),
        checksum: None,
        status: TemplateStatus::Withdrawn,
        reason: "their keys were stolen".to_owned(),
    };
    world.demo.app().administer(withdraw).await.unwrap();
    let mut program = world.anonymous();
    let path = "/v2/domainTemplates/providers/fernmail.test/services/business";
    for kind in ["*/*", "application/domainconnect-template+json"] {
        program.headers.insert("accept", kind.parse().unwrap());
        let answer = program.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{kind}");
        assert!(!answer.body.contains("stolen"), "{}", answer.body);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }
}
