//! Templates that strangers hand in, on a server whose rules approve much.

use easement_core::TemplateStatus;
use easement_server::admin::{AdminReply, AdminRequest, TemplateFile, TemplateWish};
use easement_server::config::{ApprovalMode, Config};
use easement_server::{App, Surroundings};
use http::StatusCode;
use tempfile::TempDir;

use crate::world::{Answer, Browser};

const TEMPLATE: &str = r#"{"providerId": "open.test", "providerName": "Open", "serviceId": "s",
    "serviceName": "S", "version": 1, "syncPubKeyDomain": "open.test", "records": [
    {"type": "A", "host": "www", "pointsTo": "192.0.2.9", "ttl": 600},
    {"type": "A", "host": "shop", "pointsTo": "192.0.2.9", "ttl": 600}]}"#;
const SHOP: &str = r#",
    {"type": "A", "host": "shop", "pointsTo": "192.0.2.9", "ttl": 600}"#;

/// A server where whatever is within the rules is approved, and one text was.
async fn start(folder: &TempDir) -> App {
    let mut config = Config::default();
    config.server.public_url = "http://127.0.0.1:0".parse().unwrap();
    config.server.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.dns.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.store.data_dir = folder.path().to_owned();
    config.templates.submissions = true;
    config.templates.approve = ApprovalMode::Rules;
    config.templates.approve_unwidened = ApprovalMode::Rules;
    config.templates.approve_needs_proof = false;
    let app = App::start(config, Surroundings::of_this_machine())
        .await
        .unwrap();
    let files = vec![TemplateFile {
        name: "open.json".to_owned(),
        json: TEMPLATE.to_owned(),
    }];
    let wish = TemplateWish::Each;
    let import = AdminRequest::ImportTemplates { files, wish };
    app.administer(import).await.unwrap();
    assert_eq!(statuses(&app).await, [TemplateStatus::Approved]);
    app
}

async fn statuses(app: &App) -> Vec<TemplateStatus> {
    let reply = app.administer(AdminRequest::ListTemplates).await.unwrap();
    let AdminReply::Templates(lines) = reply else {
        panic!("{reply:?}")
    };
    lines.iter().map(|line| line.status).collect()
}

/// Hands a text in, and opens the page that tells what becomes of it.
async fn hand_in(app: &App, json: &str) -> Answer {
    let stranger = Browser::of(app);
    let fields = [("json", json), ("contact", "stranger@elsewhere.test")];
    let answer = stranger.post("/templates/submit", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    stranger.get(answer.location()).await
}

#[tokio::test]
async fn rules_never_decide_about_what_a_stranger_hands_in() {
    let folder = TempDir::with_prefix("easement-submissions-").unwrap();
    let app = start(&folder).await;
    // It may do less than the approved text, and would break the service all the same.
    let narrower = TEMPLATE.replace(SHOP, "");
    assert_ne!(narrower, TEMPLATE);
    let other_service = TEMPLATE.replace(r#""serviceId": "s""#, r#""serviceId": "t""#);
    for text in [narrower, other_service] {
        let page = hand_in(&app, &text).await;
        assert!(page.body.contains("It waits for somebody"), "{}", page.body);
    }
    let (waits, offered) = (TemplateStatus::Pending, TemplateStatus::Approved);
    assert_eq!(statuses(&app).await, [waits, offered, waits]);
    app.shutdown().await;
}

#[tokio::test]
async fn what_operators_said_before_is_not_told_to_strangers() {
    let folder = TempDir::with_prefix("easement-submissions-").unwrap();
    let app = start(&folder).await;
    let withdraw = AdminRequest::DecideTemplate {
        provider: "open.test".parse().unwrap(),
        service: "s".parse().unwrap(),
        checksum: None,
        status: TemplateStatus::Withdrawn,
        reason: "their keys were stolen".to_owned(),
    };
    app.administer(withdraw).await.unwrap();
    let page = hand_in(&app, TEMPLATE).await;
    assert!(
        page.body.contains("is not offered any more"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("stolen"), "{}", page.body);
    app.shutdown().await;
}
