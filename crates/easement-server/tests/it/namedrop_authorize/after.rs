//! What an owner gave, and takes back.

use std::time::Duration;

use easement_core::Clock as _;
use http::StatusCode;

use super::{ALL, APP, DONE, VERIFIER, answer, link, question, redeem, sent};
use crate::world::{Browser, World};

#[tokio::test]
async fn an_owner_leaves_an_app_less_and_nobody_else_can() {
    let world = World::start().await;
    let owner = world.owner().await;
    let page = question(&owner, &link(), "notes").await;
    let agreed = answer(&owner, &link(), &page, ("agree", &ALL)).await;
    assert!(sent(&agreed, "code").is_some());
    let apps = owner.get("/apps").await;
    let (_, rest) = apps.body.split_once("href=\"/apps/").unwrap();
    let id = rest.split_once('"').unwrap().0.to_owned();
    let path = format!("/apps/{id}");
    let narrow = format!("{path}/narrow");
    let shown = owner.get(&path).await;
    for part in [
        "Nobody registered it",
        "Leave it less",
        "namedrop-acme at notes.example.test",
    ] {
        assert!(shown.body.contains(part), "{part}: {}", shown.body);
    }
    let keep = [
        ("keep", "namedrop-acme at notes.example.test"),
        ("keep", "namedrop-mail at notes.example.test"),
        ("keep", "namedrop-hosts at example.test"),
    ];
    let neighbour = world.neighbour().await;
    let refused = neighbour.post(&narrow, &keep).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND, "{}", refused.body);
    let nothing = owner.post(&narrow, &[("keep", "everything")]).await;
    assert_eq!(nothing.location(), format!("{path}/revoke"));
    assert!(
        owner
            .get(&path)
            .await
            .body
            .contains("decide where names lead")
    );

    let narrowed = owner.post(&narrow, &keep).await;
    assert_eq!(narrowed.location(), path);
    let left = owner.get(&path).await;
    assert!(
        left.body.contains("get certificates for names"),
        "{}",
        left.body
    );
    for gone in ["decide where names lead", "Leave it less", "mail"] {
        assert!(!left.body.contains(gone), "{gone}: {}", left.body);
    }
    // Going back and ticking all again gives nothing back.
    let all = [
        ("keep", "namedrop-acme at notes.example.test"),
        ("keep", "namedrop-hosts at notes.example.test"),
    ];
    let again = owner.post(&narrow, &all).await;
    assert_eq!(again.location(), path);
    assert!(
        !owner
            .get(&path)
            .await
            .body
            .contains("decide where names lead")
    );
}

#[tokio::test]
async fn an_owner_lets_the_only_permission_end_earlier_and_nobody_puts_that_off() {
    let world = World::start().await;
    let owner = world.owner().await;
    let page = question(&owner, &link(), "notes").await;
    let ticked = [("scope", "namedrop-acme"), ("until", "never")];
    let agreed = answer(&owner, &link(), &page, ("agree", &ticked)).await;
    let code = sent(&agreed, "code").unwrap();
    let app = world.anonymous();
    let given = redeem(&app, &code, (APP, DONE, VERIFIER)).await;
    let tokens: serde_json::Value = serde_json::from_str(&given.body).unwrap();
    let apps = owner.get("/apps").await;
    let (_, rest) = apps.body.split_once("href=\"/apps/").unwrap();
    let path = format!("/apps/{}", rest.split_once('"').unwrap().0);
    let shorten = format!("{path}/shorten");
    let day_in = |days: u64| {
        let moment = world.clock.now().plus(Duration::from_hours(24 * days));
        moment.to_string().split('T').next().unwrap().to_owned()
    };
    let ends = async |browser: &Browser, day: &str| {
        let answer = browser.post(&shorten, &[("date", day)]).await;
        answer.status.as_u16()
    };
    let neighbour = world.neighbour().await;
    assert_eq!(ends(&neighbour, &day_in(3)).await, 404);
    for wrong in ["", "soon", "2001-01-01"] {
        assert_eq!(ends(&owner, wrong).await, 400, "{wrong}");
    }
    assert_eq!(ends(&owner, &day_in(3)).await, 303);
    assert_eq!(ends(&owner, &day_in(4)).await, 400, "later");
    assert_eq!(ends(&owner, &day_in(2)).await, 303, "earlier still");
    let shown = owner.get(&path).await;
    assert!(
        !shown.body.contains("when it is taken back"),
        "{}",
        shown.body
    );

    let call = async || {
        let body = serde_json::json!({"token": tokens["access_token"]}).to_string();
        let body = axum::body::Body::from(body);
        let path = "/namedrop/get-records";
        app.send(http::Method::POST, path, body).await.status
    };
    assert_eq!(call().await, StatusCode::OK);
    // The refresh token would count for a year.
    world.clock.pass(Duration::from_hours(72));
    assert_eq!(call().await, StatusCode::UNAUTHORIZED);
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let over = app.post("/namedrop/token", &fields).await;
    assert_eq!(over.status, StatusCode::BAD_REQUEST, "{}", over.body);
    let owner = world.owner().await;
    let late = owner.post(&shorten, &[("date", &day_in(1))]).await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST, "{}", late.body);
    let over = owner.get(&path).await;
    assert!(!over.body.contains("Let it end earlier"), "{}", over.body);
    // The words are for its owner, who has nobody else to ask.
    for page in [&late, &over] {
        assert!(page.body.contains("his access expired at"), "{}", page.body);
        assert!(!page.body.contains("ask the owner"), "{}", page.body);
    }
}

#[tokio::test]
async fn a_code_gives_what_was_ticked_to_the_app_that_asked_and_to_nobody_else() {
    let world = World::start().await;
    let owner = world.owner().await;
    let app = world.anonymous();
    let page = question(&owner, &link(), "notes").await;
    let ticked = [("scope", "namedrop-acme"), ("until", "never")];
    let agreed = answer(&owner, &link(), &page, ("agree", &ticked)).await;
    let code = sent(&agreed, "code").unwrap();
    for (client_id, redirect, verifier) in [
        ("https://evil.example", "https://evil.example/", VERIFIER),
        (APP, "https://notes.example/other", VERIFIER),
        (APP, DONE, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXK"),
    ] {
        let refused = redeem(&app, &code, (client_id, redirect, verifier)).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.body);
    }
    let given = redeem(&app, &code, (APP, DONE, VERIFIER)).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.body);
    let tokens: serde_json::Value = serde_json::from_str(&given.body).unwrap();
    assert_eq!(
        tokens["permissions"],
        serde_json::json!([{"scope": "namedrop-acme", "domain": "example.test", "host": "notes"}])
    );
    let set = |record: serde_json::Value| {
        let body = serde_json::json!({"token": tokens["access_token"], "records": [record]});
        let app = app.clone();
        async move {
            let body = axum::body::Body::from(body.to_string());
            app.send(http::Method::POST, "/namedrop/set-records", body)
                .await
        }
    };
    let proof =
        serde_json::json!({"host": "_acme-challenge.{{host}}", "type": "TXT", "value": "v"});
    let done = set(proof.clone()).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    let refused = set(serde_json::json!({"type": "A", "value": "192.0.2.5"})).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
    let apps = owner.get("/apps").await;
    let (_, rest) = apps.body.split_once("href=\"/apps/").unwrap();
    let path = format!("/apps/{}", rest.split_once('"').unwrap().0);
    let shown = owner.get(&path).await;
    assert!(
        shown.body.contains("/zones/example.test/history/"),
        "{}",
        shown.body
    );
    let revoked = owner.post(&format!("{path}/revoke"), &[]).await;
    assert_eq!(revoked.status, StatusCode::SEE_OTHER);
    let over = set(proof).await;
    assert_eq!(over.status, StatusCode::UNAUTHORIZED, "{}", over.body);
}
