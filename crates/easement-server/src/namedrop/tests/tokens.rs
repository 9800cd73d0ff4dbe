//! Codes and tokens.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use easement_core::{AuditEvent, GrantEnd, HolderId};
use http::{Method, StatusCode};
use serde_json::json;

use crate::oauth::test_place::{Place, on_both};

use super::world::{APP, FORM, TEXT, World, encode};

on_both! {
    an_app_that_lost_an_answer_still_gives_everything_back
}

#[tokio::test]
async fn tokens_are_renewed_so_often_and_nobody_else_uses_that_up() {
    let world = World::start().await;
    let (one, other) = (
        world.tokens("example.test", &["hosts a"]).await,
        world.tokens("example.test", &["hosts b"]).await,
    );
    let mut refresh = one.refresh.clone();
    for _ in 0..20 {
        // Whoever has no token of it.
        let guessed = world.refresh("easement_refresh_guessed").await;
        guessed.assert_refused(400, "invalid_grant");
        let given = world.refresh(&refresh).await;
        assert_eq!(given.status, StatusCode::OK, "{}", given.body);
        refresh = given.text("refresh_token");
    }
    let refused = world.refresh(&refresh).await;
    refused.assert_refused(429, "temporarily_unavailable");
    assert!(refused.header("retry-after").is_some());
    assert_eq!(world.ended(one.grant).await, None);
    let given = world.refresh(&other.refresh).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.body);
    world.advance(Duration::from_mins(1));
    let given = world.refresh(&refresh).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.body);
}

#[tokio::test]
async fn a_code_becomes_tokens_with_what_the_owner_agreed_to() {
    let world = World::start().await;
    let (_, code) = world
        .agree("example.test", &["hosts sub", "acme *.sub"])
        .await;
    let answer = world.redeem(&code, &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.text("token_type"), "bearer");
    assert_eq!(answer.body["expires_in"], 3600);
    assert_eq!(
        answer.body["permissions"],
        json!([
            {"scope": "namedrop-hosts", "domain": "example.test", "host": "sub"},
            {"scope": "namedrop-acme", "domain": "example.test", "host": "*.sub"},
        ])
    );
    let again = world.refresh(&answer.text("refresh_token")).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);
    assert_eq!(again.body["permissions"], answer.body["permissions"]);
    assert_ne!(again.text("refresh_token"), answer.text("refresh_token"));
    assert_ne!(again.text("access_token"), answer.text("access_token"));
}

#[tokio::test]
async fn a_code_is_for_whoever_asked_for_it() {
    let world = World::start().await;
    let (grant, code) = world.agree("example.test", &["hosts sub"]).await;
    for (more, error) in [
        (("code_verifier", "another"), "invalid_grant"),
        (("code_verifier", ""), "invalid_request"),
        (("code_verifier", "with space"), "invalid_request"),
        (
            ("redirect_uri", "https://app.example/other"),
            "invalid_grant",
        ),
        (
            ("redirect_uri", "https://app.example.evil.example/done"),
            "invalid_grant",
        ),
        (("redirect_uri", ""), "invalid_grant"),
        (("client_id", "https://evil.example/"), "invalid_grant"),
        (("client_id", "app.example"), "invalid_grant"),
        (("code", "easement_code_x"), "invalid_grant"),
        (("code", ""), "invalid_request"),
        (("grant_type", "password"), "unsupported_grant_type"),
        (("client_secret", "x"), "invalid_client"),
    ] {
        let refused = world.redeem(&code, &[more]).await;
        refused.assert_refused(400, error);
    }
    // Nobody could end it with that, and it counts still.
    assert_eq!(world.ended(grant).await, None);
    let answer = world.redeem(&code, &[]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn a_code_that_is_shown_again_ends_everything() {
    let world = World::start().await;
    let (grant, code) = world.agree("example.test", &["hosts sub"]).await;
    let first = world.redeem(&code, &[]).await;
    let wrong = world.redeem(&code, &[("code_verifier", "another")]).await;
    wrong.assert_refused(400, "invalid_grant");
    assert_eq!(world.ended(grant).await, None);
    world
        .redeem(&code, &[])
        .await
        .assert_refused(400, "invalid_grant");
    assert_eq!(world.ended(grant).await, Some(GrantEnd::CodeReplayed));
    let late = world.refresh(&first.text("refresh_token")).await;
    late.assert_refused(400, "invalid_grant");
    let call = world
        .call("get", &first.text("access_token"), json!({}))
        .await;
    call.assert_failed(401, "used twice");
    let audit = world
        .app
        .state()
        .store
        .audit_entries(None, 5)
        .await
        .unwrap();
    let ended = audit.iter().any(|entry| {
        matches!(&entry.event, AuditEvent::GrantEnded { client: HolderId::App(app), apex, .. }
            if app.client_id() == APP && apex == "example.test")
    });
    assert!(ended, "{audit:?}");
}

#[tokio::test]
async fn a_refresh_token_counts_once_and_no_token_passes_for_another() {
    let world = World::start().await;
    let tokens = world.tokens("example.test", &["hosts sub"]).await;
    world
        .refresh(&tokens.access)
        .await
        .assert_refused(400, "invalid_grant");
    let call = world.call("get", &tokens.refresh, json!({})).await;
    call.assert_failed(401, "not valid");
    let second = world.refresh(&tokens.refresh).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.body);
    // For a minute, an app that lost the answer may ask once more.
    world.advance(Duration::from_mins(1));
    world
        .refresh(&tokens.refresh)
        .await
        .assert_refused(400, "invalid_grant");
    let because = Some(GrantEnd::RefreshTokenReused);
    assert_eq!(world.ended(tokens.grant).await, because);
    let late = world.refresh(&second.text("refresh_token")).await;
    late.assert_refused(400, "invalid_grant");
    let call = world
        .call("get", &second.text("access_token"), json!({}))
        .await;
    call.assert_failed(401, "ended");
}

#[tokio::test]
async fn nothing_lasts_longer_than_it_should() {
    let world = World::start().await;
    let (_, late) = world.agree("example.test", &["hosts sub"]).await;
    let tokens = world.tokens("example.test", &["hosts sub"]).await;
    world.advance(Duration::from_mins(10));
    world
        .redeem(&late, &[])
        .await
        .assert_refused(400, "invalid_grant");
    world.advance(Duration::from_secs(2999));
    let call = world.call("get", &tokens.access, json!({})).await;
    assert_eq!(call.records(), [""; 0]);
    world.advance(Duration::from_secs(1));
    let call = world.call("get", &tokens.access, json!({})).await;
    call.assert_failed(401, "not valid");
}

#[tokio::test]
async fn tokens_are_asked_for_with_a_form_and_nothing_else() {
    let world = World::start().await;
    let (_, code) = world.agree("example.test", &["hosts sub"]).await;
    let body = encode(&[
        ("code", &code),
        ("client_id", APP),
        ("redirect_uri", APP),
        ("code_verifier", super::world::VERIFIER),
        ("grant_type", "authorization_code"),
    ]);
    let in_query = format!("/namedrop/token?{body}");
    world
        .post(&in_query, &[FORM], "")
        .await
        .assert_refused(400, "invalid_request");
    for headers in [TEXT, ("content-type", "application/json")] {
        let answer = world.post("/namedrop/token", &[headers], &body).await;
        answer.assert_refused(400, "invalid_request");
    }
    let twice = format!("{body}&code=another");
    let answer = world.post("/namedrop/token", &[FORM], &twice).await;
    answer.assert_refused(400, "invalid_request");
    let long = format!("{body}&x={}", "x".repeat(20_000));
    let answer = world.post("/namedrop/token", &[FORM], &long).await;
    answer.assert_refused(400, "invalid_request");
    let basic = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
    let secret = basic("https%3A%2F%2Fapp.example%2Fdone:secret");
    let headers = [FORM, ("authorization", secret.as_str())];
    let answer = world.post("/namedrop/token", &headers, &body).await;
    answer.assert_refused(401, "invalid_client");
    assert!(answer.header("www-authenticate").is_some());
    let other = basic("https%3A%2F%2Fother.example:");
    let headers = [FORM, ("authorization", other.as_str())];
    let answer = world.post("/namedrop/token", &headers, &body).await;
    answer.assert_refused(400, "invalid_request");
    let answer = world.send(Method::GET, "/namedrop/token", &[], "").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    let answer = world.post("/namedrop/token", &[FORM], &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

#[tokio::test]
async fn an_app_gives_tokens_back_and_asks_about_them() {
    let world = World::start().await;
    let tokens = world
        .tokens("example.test", &["hosts sub", "acme sub"])
        .await;
    let about = |token: String, client_id: &'static str| {
        let world = &world;
        async move {
            let fields = [("token", token.as_str()), ("client_id", client_id)];
            world.form("/namedrop/introspect", &fields).await.body
        }
    };
    let told = about(tokens.access.clone(), APP).await;
    assert_eq!(told["active"], true);
    assert_eq!(told["client_id"], APP);
    assert_eq!(told["scope"], "namedrop-hosts namedrop-acme");
    assert_eq!(told["domain"], "example.test");
    assert_eq!(told["permissions"][1]["host"], "sub");
    assert_eq!(about(tokens.refresh.clone(), "").await["active"], true);
    let nothing = json!({"active": false});
    assert_eq!(
        about(tokens.access.clone(), "https://evil.example/").await,
        nothing
    );
    assert_eq!(about("easement_access_x".to_owned(), APP).await, nothing);
    let secret = [("token", tokens.access.as_str()), ("client_secret", "x")];
    let answer = world.form("/namedrop/introspect", &secret).await;
    answer.assert_refused(400, "invalid_client");
    let path = format!("/namedrop/revoke?token={}", tokens.refresh);
    world
        .post(&path, &[FORM], "")
        .await
        .assert_refused(400, "invalid_request");
    let other = [
        ("token", tokens.refresh.as_str()),
        ("client_id", "https://evil.example/"),
    ];
    assert_eq!(
        world.form("/namedrop/revoke", &other).await.status,
        StatusCode::OK
    );
    assert_eq!(world.ended(tokens.grant).await, None);
    let access = [("token", tokens.access.as_str())];
    assert_eq!(
        world.form("/namedrop/revoke", &access).await.status,
        StatusCode::OK
    );
    let call = world.call("get", &tokens.access, json!({})).await;
    call.assert_failed(401, "not valid");
    let refresh = [("token", tokens.refresh.as_str())];
    assert_eq!(
        world.form("/namedrop/revoke", &refresh).await.status,
        StatusCode::OK
    );
    let because = Some(GrantEnd::RevokedByClient);
    assert_eq!(world.ended(tokens.grant).await, because);
}

async fn an_app_that_lost_an_answer_still_gives_everything_back(place: Place) {
    let world = World::on(place).await;
    let tokens = world.tokens("example.test", &["hosts sub"]).await;
    let lost = world.refresh(&tokens.refresh).await;
    assert_eq!(lost.status, StatusCode::OK, "{}", lost.body);
    let foreign = [
        ("token", tokens.refresh.as_str()),
        ("client_id", "https://evil.example/"),
    ];
    let answer = world.form("/namedrop/revoke", &foreign).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(world.ended(tokens.grant).await, None);
    let replaced = [("token", tokens.refresh.as_str())];
    let answer = world.form("/namedrop/revoke", &replaced).await;
    assert_eq!(answer.status, StatusCode::OK);
    let because = Some(GrantEnd::RevokedByClient);
    assert_eq!(world.ended(tokens.grant).await, because);
    let late = world.refresh(&lost.text("refresh_token")).await;
    late.assert_refused(400, "invalid_grant");
    let call = world
        .call("get", &lost.text("access_token"), json!({}))
        .await;
    call.assert_failed(401, "ended");
}

#[tokio::test]
async fn what_is_of_an_app_is_worth_nothing_to_a_client_and_elsewhere() {
    let world = World::start().await;
    let (_, code) = world.agree("example.test", &["hosts sub"]).await;
    let tokens = world.tokens("example.test", &["hosts sub"]).await;
    let bearer = format!("Bearer {}", tokens.access);
    let path = "/v2/domainTemplates/providers/p.example/services/s/apply?domain=example.test";
    let headers = [("authorization", bearer.as_str())];
    let answer = world.send_plain(&Method::POST, path, &headers, "").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
    for client_id in [APP, "app.example"] {
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", client_id),
            ("code", &code),
            ("redirect_uri", APP),
            ("code_verifier", super::world::VERIFIER),
        ];
        let body = encode(&fields);
        let answer = world
            .send_plain(&Method::POST, "/oauth/token", &[FORM], &body)
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
    }
}

#[tokio::test]
async fn apps_find_where_everything_is() {
    let world = World::start().await;
    let path = "/.well-known/oauth-authorization-server/namedrop";
    let found = world.send(Method::GET, path, &[], "").await;
    let origin = world.app.public_url().origin();
    assert_eq!(found.text("issuer"), format!("{origin}/namedrop"));
    let place = found.text("authorization_endpoint");
    assert_eq!(place, format!("{origin}/namedrop/authorize"));
    assert_eq!(
        found.body["code_challenge_methods_supported"],
        json!(["S256"])
    );
    for name in ["token", "revocation", "introspection"] {
        let place = found.text(&format!("{name}_endpoint"));
        let path = place.strip_prefix(&origin).unwrap();
        let answer = world.form(path, &[]).await;
        answer.assert_refused(400, "invalid_request");
    }
}

#[tokio::test]
async fn the_configuration_says_where_it_is_and_whether() {
    let elsewhere = World::start_with(|config| {
        config.namedrop.base = "/apps-of/others".parse().unwrap();
    });
    let world = elsewhere.await;
    let path = "/.well-known/oauth-authorization-server/apps-of/others";
    let found = world.send(Method::GET, path, &[], "").await;
    let token = world.app.public_url().join("/apps-of/others/token");
    assert_eq!(found.text("token_endpoint"), token);
    world
        .form("/apps-of/others/token", &[])
        .await
        .assert_refused(400, "invalid_request");
    let plain = world
        .send_plain(&Method::POST, "/namedrop/token", &[FORM], "")
        .await;
    assert_eq!(plain.status, StatusCode::NOT_FOUND);

    let world = World::start_with(|config| config.namedrop.enabled = false).await;
    for path in ["/namedrop/token", "/namedrop/get-records", path] {
        let answer = world.send_plain(&Method::POST, path, &[FORM], "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}
