//! Who may use the tools, and how often.

use easement_server::admin::{AdminRequest, TemplateFile, TemplateWish};
use easement_server::config::{Config, ToolsAccess};
use easement_server::{App, Surroundings};
use http::StatusCode;
use tempfile::TempDir;

use crate::world::Browser;

const TEMPLATE: &str = r#"{"providerId": "new.test", "providerName": "New", "serviceId": "s",
    "serviceName": "S", "version": 1, "records": [
    {"type": "A", "host": "@", "pointsTo": "192.0.2.9", "ttl": 600}]}"#;

/// A server with a template that nobody has approved.
async fn start(folder: &TempDir, access: ToolsAccess) -> App {
    let mut config = Config::default();
    config.server.public_url = "http://127.0.0.1:0".parse().unwrap();
    config.server.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.dns.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.store.data_dir = folder.path().to_owned();
    config.tools.access = access;
    let app = App::start(config, Surroundings::of_this_machine())
        .await
        .unwrap();
    let files = vec![TemplateFile {
        name: "new.json".to_owned(),
        json: TEMPLATE.to_owned(),
    }];
    let request = AdminRequest::ImportTemplates {
        files,
        wish: TemplateWish::Each,
    };
    app.administer(request).await.unwrap();
    app
}

#[tokio::test]
async fn strangers_are_let_in_only_on_purpose() {
    for (access, status) in [
        (ToolsAccess::Public, StatusCode::OK),
        (Config::default().tools.access, StatusCode::SEE_OTHER),
        (ToolsAccess::Operators, StatusCode::SEE_OTHER),
        (ToolsAccess::Closed, StatusCode::NOT_FOUND),
    ] {
        let folder = TempDir::new().unwrap();
        let app = start(&folder, access).await;
        let answer = Browser::of(&app).get("/tools").await;
        assert_eq!(answer.status, status, "{access:?}");
        if status == StatusCode::OK {
            assert_eq!(answer.header("x-robots-tag"), "noindex, nofollow");
        }
        app.shutdown().await;
    }
}

#[tokio::test]
async fn a_template_that_waits_for_a_review_is_not_shown_to_strangers() {
    let folder = TempDir::new().unwrap();
    let app = start(&folder, ToolsAccess::Public).await;
    for tool in ["playground", "lint"] {
        let path = format!("/tools/{tool}?template=new.test/s");
        let answer = Browser::of(&app).get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    app.shutdown().await;
}

#[tokio::test]
async fn one_network_has_to_wait_when_it_asks_too_often() {
    let folder = TempDir::new().unwrap();
    let app = start(&folder, ToolsAccess::Public).await;
    let browser = Browser::of(&app);
    let fields = [("template", "{}")];
    for _ in 0..60 {
        let answer = browser.post("/tools/lint", &fields).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    let refused = browser.post("/tools/lint", &fields).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=61).contains(&wait), "{wait}");
    let words = browser.get("/tools/lint").await;
    assert_eq!(words.status, StatusCode::OK, "reading is free");
    app.shutdown().await;
}
