//! Links without a signature, where the operator lets them in.

use easement_core::{Standing, TemplateStatus};
use easement_server::admin::{
    AdminRequest, ExistingZone, GivenPassword, ImportOptions, TemplateFile, TemplateWish,
};
use easement_server::config::Config;
use easement_server::{App, Surroundings};
use http::StatusCode;
use tempfile::TempDir;

use crate::world::Browser;

const OWNER: &str = "owner@example.test";
const PASSWORD: &str = "three little words";
const TEMPLATE: &str = r#"{"providerId": "open.test", "providerName": "Open", "serviceId": "s",
    "serviceName": "S", "version": 1, "syncRedirectDomain": "open.test, also.test", "records": [
    {"type": "A", "host": "@", "pointsTo": "192.0.2.9", "ttl": 600}]}"#;
const LINK: &str = "/v2/domainTemplates/providers/open.test/services/s/apply?domain=example.test";

/// A server with one approved template without a key, which it offers or not.
async fn start(folder: &TempDir, allow_unsigned: bool) -> App {
    let mut config = Config::default();
    config.server.public_url = "http://127.0.0.1:0".parse().unwrap();
    config.server.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.dns.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.store.data_dir = folder.path().to_owned();
    config.domain_connect.allow_unsigned = allow_unsigned;
    let app = App::start(config, Surroundings::of_this_machine())
        .await
        .unwrap();
    for request in [
        AdminRequest::CreateAccount {
            email: OWNER.parse().unwrap(),
            standing: Standing::Member,
            password: Some(GivenPassword::new(PASSWORD)),
        },
        AdminRequest::ImportZone {
            apex: "example.test".parse().unwrap(),
            text: include_str!("../../demo/zones/example.test.zone").to_owned(),
            owner: Some(OWNER.parse().unwrap()),
            existing: ExistingZone::Compare,
            options: ImportOptions::default(),
        },
        AdminRequest::ImportTemplates {
            files: vec![TemplateFile {
                name: "open.json".to_owned(),
                json: TEMPLATE.to_owned(),
            }],
            wish: TemplateWish::Each,
        },
        AdminRequest::DecideTemplate {
            provider: "open.test".parse().unwrap(),
            service: "s".parse().unwrap(),
            checksum: None,
            status: TemplateStatus::Approved,
            reason: String::new(),
        },
    ] {
        app.administer(request).await.unwrap();
    }
    app
}

#[tokio::test]
async fn a_template_without_a_key_is_not_offered_unless_the_operator_lets_it_in() {
    let folder = TempDir::with_prefix("easement-unsigned-").unwrap();
    let app = start(&folder, false).await;
    let mut owner = Browser::of(&app);
    owner.sign_in(OWNER, PASSWORD).await;
    let (template, _) = LINK.split_once("/apply").unwrap();
    let answer = owner.get(template).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.body);
    let answer = owner.get(LINK).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.body);
    assert_eq!(answer.location(), "");
    assert!(answer.body.contains("not offered"), "{}", answer.body);
    app.shutdown().await;
}

#[tokio::test]
async fn an_unsigned_link_warns_and_leads_back_to_listed_places_only() {
    let folder = TempDir::with_prefix("easement-unsigned-").unwrap();
    let app = start(&folder, true).await;
    let mut owner = Browser::of(&app);
    owner.sign_in(OWNER, PASSWORD).await;
    for (target, status) in [
        ("https://open.test/done", StatusCode::OK),
        ("https://app.also.test/", StatusCode::OK),
        ("https://evil.example/", StatusCode::BAD_REQUEST),
        ("https://open.test.evil.example/", StatusCode::BAD_REQUEST),
        ("https://evilopen.test/", StatusCode::BAD_REQUEST),
        ("https://open.test@evil.example/", StatusCode::BAD_REQUEST),
        ("http://open.test/", StatusCode::BAD_REQUEST),
        ("http://127.0.0.1:1/", StatusCode::BAD_REQUEST),
        ("javascript:alert(1)//open.test", StatusCode::BAD_REQUEST),
    ] {
        let target: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
        // A signature that nobody can check makes nothing safer.
        for signature in ["", "&sig=AAAA&key=_dck1"] {
            let link = format!("{LINK}&redirect_uri={target}{signature}");
            let answer = owner.get(&link).await;
            assert_eq!(answer.status, status, "{link}");
            assert_eq!(answer.location(), "", "{link}");
            let is_shown = answer.body.contains("Nobody can tell who made this link");
            assert_eq!(
                is_shown,
                status == StatusCode::OK,
                "{link}: {}",
                answer.body
            );
        }
    }
    let link = format!("{LINK}&redirect_uri=https%3A%2F%2Fopen.test%2F%3Fa%3D1%23top&state=x");
    let declined = owner.answer_consent(&link, "decline").await;
    assert!(
        declined
            .location()
            .starts_with("https://open.test/?a=1&error=access_denied")
    );
    assert!(
        declined.location().ends_with("&state=x#top"),
        "{}",
        declined.location()
    );
    app.shutdown().await;
}
