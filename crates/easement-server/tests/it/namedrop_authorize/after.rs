//! What an owner gave, and takes back.

use http::StatusCode;

use super::{ALL, APP, DONE, VERIFIER, answer, link, question, redeem, sent};
use crate::world::World;

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
