//! Clients that are honest.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::StatusCode;
use serde_json::json;

use super::super::paths;
use super::super::test_place::{Place, on_both};
use super::{CHALLENGE, DONE, VERIFIER, World, refused};

on_both! {
    a_code_becomes_tokens_from_wherever_the_parameters_come
    a_public_client_proves_that_it_asked
    the_known_client_keeps_its_refresh_token
}

async fn a_code_becomes_tokens_from_wherever_the_parameters_come(place: Place) {
    let world = World::start(place).await;
    let json = ("content-type", "application/json");
    let secret = &world.secret;
    let (_, code) = world.grant("app.example", DONE, None).await;
    // As the library for Python sends it.
    let path = format!(
        "{}?code={code}&grant_type=authorization_code&redirect_uri=https%3A%2F%2Fapp.example%2Fdone",
        paths::ACCESS_TOKEN
    );
    let body = json!({"client_id": "app.example", "client_secret": secret}).to_string();
    let answer = world.send(&path, &[json], body.clone()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert_eq!(answer.body["token_type"], "bearer");
    assert_eq!(answer.body["expires_in"], 3600);
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert!(world.bearer(answer.text("access_token")).await.is_ok());
    let path = format!(
        "{}?client_id=app.example&client_secret={secret}&grant_type=refresh_token&refresh_token={}&redirect_uri=x",
        paths::ACCESS_TOKEN,
        answer.text("refresh_token")
    );
    let answer = world.send(&path, &[json], body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    // All in the query, and an empty body; and with the client in the header.
    let (_, code) = world.grant("app.example", DONE, None).await;
    let rest = format!(
        "grant_type=authorization_code&code={code}&redirect_uri=https%3A%2F%2Fapp.example%2Fdone"
    );
    let basic = BASE64_STANDARD.encode(format!("app.example:{secret}"));
    let basic = format!("Basic {basic}");
    let path = format!("{}?{rest}", paths::TOKEN);
    let answer = world
        .send(&path, &[("authorization", &basic)], String::new())
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
}

async fn a_public_client_proves_that_it_asked(place: Place) {
    let world = World::start(place).await;
    let public = [("client_id", "public.example"), ("client_secret", "")];
    let (grant, code) = world.grant("public.example", DONE, Some(CHALLENGE)).await;
    refused(&world.redeem(&code, &public).await, "invalid_grant");
    let other = "v".repeat(43);
    refused(
        &world
            .redeem(&code, &[public[0], public[1], ("code_verifier", &other)])
            .await,
        "invalid_grant",
    );
    for length in [42, 129] {
        let verifier = "v".repeat(length);
        refused(
            &world
                .redeem(&code, &[public[0], public[1], ("code_verifier", &verifier)])
                .await,
            "invalid_request",
        );
    }
    let answer = world
        .redeem(&code, &[public[0], public[1], ("code_verifier", VERIFIER)])
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    // Whoever saw the code ends nothing with it.
    refused(&world.redeem(&code, &public).await, "invalid_grant");
    let entry = world.app.state().store.grant(grant).await.unwrap();
    assert_eq!(entry.unwrap().grant.ended, None);
}

async fn the_known_client_keeps_its_refresh_token(place: Place) {
    let world = World::start(place).await;
    let redirect = "https://dynamicdns.domainconnect.org/ddnscode";
    let (_, code) = world.grant("domainconnect.org", redirect, None).await;
    let client = [
        ("client_id", "domainconnect.org"),
        ("client_secret", "inconceivable"),
        ("redirect_uri", redirect),
    ];
    let answer = world.redeem(&code, &client).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let refresh = answer.text("refresh_token").to_owned();
    for _ in 0..2 {
        world.advance(Duration::from_hours(2));
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &refresh),
            client[0],
            client[1],
        ];
        let answer = world.form(paths::ACCESS_TOKEN, &fields).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert_eq!(answer.text("refresh_token"), refresh);
        assert!(world.bearer(answer.text("access_token")).await.is_ok());
    }
}
