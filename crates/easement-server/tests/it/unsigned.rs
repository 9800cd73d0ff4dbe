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
    start_with(folder, allow_unsigned, TEMPLATE).await
}

async fn start_with(folder: &TempDir, allow_unsigned: bool, template: &str) -> App {
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
                json: template.to_owned(),
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
    let back = Some("You go back to");
    let stays = Some("You stay here: ");
    for (target, words) in [
        ("https://open.test/done", back),
        ("https://app.also.test/", back),
        ("https://evil.example/", stays),
        ("https://open.test.evil.example/", stays),
        ("https://evilopen.test/", stays),
        ("https://open.test@evil.example/", None),
        ("http://open.test/", None),
        ("http://127.0.0.1:1/", None),
        ("javascript:alert(1)//open.test", None),
    ] {
        let status = match words {
            Some(_) => StatusCode::OK,
            None => StatusCode::BAD_REQUEST,
        };
        let target: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
        // A signature that nobody can check makes nothing safer.
        for signature in ["", "&sig=AAAA&key=_dck1"] {
            let link = format!("{LINK}&redirect_uri={target}{signature}");
            let answer = owner.get(&link).await;
            assert_eq!(answer.status, status, "{link}");
            assert_eq!(answer.location(), "", "{link}");
            let words = words.unwrap_or("redirect_uri");
            assert!(answer.body.contains(words), "{link}: {}", answer.body);
            let policy = answer.header("content-security-policy");
            let leads_out = policy.contains("form-action 'self' https:;");
            assert_eq!(leads_out, words == "You go back to", "{link}: {policy}");
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
    // Only going there is forbidden, not what was asked for.
    let link = format!("{LINK}&redirect_uri=https%3A%2F%2Fevil.example%2F&state=x");
    let done = owner.answer_consent(&link, "agree").await;
    assert_eq!((done.status, done.location()), (StatusCode::OK, ""));
    assert!(done.body.contains("is connected to"), "{}", done.body);
    app.shutdown().await;
}

/// The service provider learns what is wrong with its links, whatever it is.
#[tokio::test]
async fn what_is_wrong_with_a_link_is_told_at_a_listed_address() {
    let folder = TempDir::with_prefix("easement-unsigned-").unwrap();
    let app = start(&folder, true).await;
    let visitor = Browser::of(&app);
    let (path, _) = LINK.split_once('?').unwrap();
    let long = format!("domain=example.test&x={}", "a".repeat(8000));
    for (query, told) in [
        ("domain=", "domain"),
        ("", "domain"),
        ("domain=a..b", "domain"),
        ("domain=%ff", "decoded"),
        ("domain=example.test&host=a%20b", "%60a%20b%60"),
        ("domain=example.test&domain=b.test", "more%20than%20once"),
        ("domain=example.test&groupId=a/b", "groupId"),
        ("domain=example.test&groupId=nope", "nope"),
        ("domain=example.test&dryRun=1&crit=dryRun", "dryRun"),
        (&long, "octets"),
    ] {
        let link = |target: &str| format!("{path}?{query}&redirect_uri={target}&state=s1");
        let answer = visitor.get(&link("https%3A%2F%2Fapp.open.test%2Fx")).await;
        let location = answer.location();
        let start = "https://app.open.test/x?error=invalid_request&error_description=";
        assert!(location.starts_with(start), "{query}: {answer:?}");
        assert!(location.contains(told), "{query}: {location}");
        assert!(location.ends_with("&state=s1"), "{query}: {location}");
        let unlisted = visitor.get(&link("https%3A%2F%2Fevil.example%2F")).await;
        assert_eq!(unlisted.location(), "", "{query}");
        assert!(unlisted.status.is_client_error(), "{query}: {unlisted:?}");
    }
    let two = format!("{LINK}&redirect_uri=https://open.test/&redirect_uri=https://also.test/");
    let answer = visitor.get(&two).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::BAD_REQUEST, "")
    );
    app.shutdown().await;
}

/// Tag managers and login pages add parameters to links.
#[tokio::test]
async fn parameters_that_nobody_uses_change_nothing() {
    let folder = TempDir::with_prefix("easement-unsigned-").unwrap();
    let app = start(&folder, true).await;
    let mut owner = Browser::of(&app);
    owner.sign_in(OWNER, PASSWORD).await;
    for more in [
        "utm=a&utm=b",
        "note=a%0Ab",
        "note=%ff",
        "instanceId=a%20b",
        "providerName=%E2%80%AE",
    ] {
        let answer = owner.get(&format!("{LINK}&{more}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{more}: {}", answer.body);
    }
    app.shutdown().await;
}

#[tokio::test]
async fn what_can_never_be_applied_is_not_said_to_be_supported() {
    for (records, status) in [
        (
            r#"{"type": "A", "host": "@", "pointsTo": "192.0.2.9", "ttl": 600}"#,
            StatusCode::OK,
        ),
        (
            r#"{"type": "REDIR301", "host": "@", "target": "https://open.test/"}"#,
            StatusCode::NOT_FOUND,
        ),
        (
            r#"{"type": "A", "host": "@", "pointsTo": "192.0.2.9", "ttl": 600, "groupId": "a"},
                {"type": "APEXCNAME", "pointsTo": "open.test", "ttl": 600, "groupId": "b"}"#,
            StatusCode::OK,
        ),
    ] {
        let folder = TempDir::with_prefix("easement-unsigned-").unwrap();
        let template = format!(
            r#"{{"providerId": "open.test", "providerName": "Open", "serviceId": "s", "serviceName": "S",
                "records": [{records}]}}"#
        );
        let app = start_with(&folder, true, &template).await;
        let (path, _) = LINK.split_once("/apply").unwrap();
        let answer = Browser::of(&app).get(path).await;
        assert_eq!(answer.status, status, "{records}");
        if status == StatusCode::OK {
            assert_eq!(answer.body, "{}", "there is no version to tell");
        }
        app.shutdown().await;
    }
}

/// Which groups of a service are connected by now is the service provider's choice, and the owner's yes.
#[tokio::test]
async fn a_link_to_another_group_ends_the_one_in_its_way_when_the_owner_agrees() {
    const TEMPLATE: &str = r#"{"providerId": "open.test", "providerName": "Open", "serviceId": "s",
        "serviceName": "Sites", "version": 1, "records": [
        {"groupId": "address", "type": "A", "host": "sites", "pointsTo": "192.0.2.9", "ttl": 600},
        {"groupId": "address", "type": "TXT", "host": "_open", "data": "by-address", "ttl": 600},
        {"groupId": "mail", "type": "TXT", "host": "_mail", "data": "by-mail", "ttl": 600},
        {"groupId": "alias", "type": "CNAME", "host": "sites", "pointsTo": "all.open.test", "ttl": 600}]}"#;
    let folder = TempDir::with_prefix("easement-unsigned-").unwrap();
    let app = start_with(&folder, true, TEMPLATE).await;
    let mut owner = Browser::of(&app);
    owner.sign_in(OWNER, PASSWORD).await;
    let connected = |groups: &str| format!("{LINK}&groupId={groups}");
    let first = connected("address,mail");
    let done = owner.answer_consent(&first, "agree").await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);

    let link = connected("alias");
    let page = owner.get(&link).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for words in [
        "One part of the service ends",
        "<bdi class=\"mono\">address</bdi>, because a CNAME record must be alone at its name",
        "These 2 records go:",
        "192.0.2.9",
        "by-address",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert!(!page.body.contains("by-mail"), "it stays: {}", page.body);
    let zone = async || {
        let hosts = ["sites", "_open", "_mail"];
        let mut bodies = String::new();
        for host in hosts {
            bodies += &owner
                .get(&format!("/zones/example.test?q={host}"))
                .await
                .body;
        }
        ["192.0.2.9", "by-address", "by-mail", "all.open.test"].map(|part| bodies.contains(part))
    };
    let before = [true, true, true, false];
    assert_eq!(zone().await, before, "looking changes nothing");
    owner.answer_consent(&link, "decline").await;
    assert_eq!(zone().await, before, "a no changes nothing");

    let done = owner.answer_consent(&link, "agree").await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(zone().await, [false, false, true, true]);
    let again = owner.get(&link).await;
    assert!(again.body.contains("already connected"), "{}", again.body);
    let back = owner.get(&first).await;
    for words in ["One part of the service ends", "This record goes:"] {
        assert!(back.body.contains(words), "{words}: {}", back.body);
    }
    app.shutdown().await;
}
