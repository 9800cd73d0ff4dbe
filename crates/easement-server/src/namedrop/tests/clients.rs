//! What known clients send at the token endpoint and for records, each with what it gets.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::base::Rtype;
use http::{Method, StatusCode};
use serde_json::json;

use super::world::{APP, FORM, TEXT, VERIFIER, World, encode};

/// The client in JavaScript: the redirect as its name, short verifiers, texts as the type of its calls.
#[tokio::test]
async fn the_client_in_javascript() {
    let world = World::start().await;
    let (_, code) = world
        .agree("example.test", &["hosts sub", "acme sub"])
        .await;
    let form = encode(&[
        ("code", &code),
        ("client_id", APP),
        ("redirect_uri", APP),
        ("code_verifier", VERIFIER),
        ("grant_type", "authorization_code"),
    ]);
    let tokens = world.post("/namedrop/token", &[FORM], &form).await;
    let access = tokens.text("access_token");
    let body = json!({"domain": "example.test", "host": "sub", "token": access, "records": [
        {"type": "A", "value": "192.0.2.1"},
        {"host": "_acme-challenge.{{host}}", "type": "TXT", "value": "v", "ttl": 60},
    ]});
    let origin = ("origin", "http://localhost:8000");
    for what in ["set", "get", "delete", "create"] {
        let path = format!("/namedrop/{what}-records");
        let done = world.post(&path, &[TEXT, origin], &body.to_string()).await;
        assert_eq!(done.records().len(), 2, "{what}");
    }
    assert_eq!(world.dns("sub.example.test", Rtype::A), ["192.0.2.1"]);
    // It tells these two apart.
    let other =
        json!({"host": "www", "token": access, "records": [{"type": "A", "value": "192.0.2.1"}]});
    let refused = world
        .post("/namedrop/set-records", &[TEXT], &other.to_string())
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let unknown = json!({"token": "nonsense"});
    let refused = world
        .post("/namedrop/get-records", &[TEXT], &unknown.to_string())
        .await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
}

/// The client in Rust: HTTP Basic with its address and an empty secret; then version 0.2.0.
#[tokio::test]
async fn the_client_in_rust() {
    let world = World::start().await;
    let (_, code) = world
        .agree("example.test", &["hosts sub", "acme sub"])
        .await;
    let basic = BASE64_STANDARD.encode("https%3A%2F%2Fapp.example%2Fdone:");
    let basic = format!("Basic {basic}");
    let form = encode(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("code_verifier", VERIFIER),
        ("redirect_uri", APP),
    ]);
    let headers = [FORM, ("authorization", basic.as_str())];
    let tokens = world.post("/namedrop/token", &headers, &form).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    let bearer = format!("Bearer {}", tokens.text("access_token"));
    let bearer = [("authorization", bearer.as_str())];
    let data = world
        .send(Method::GET, "/namedrop/token-data", &bearer, "")
        .await;
    let places = json!([{"domain": "example.test", "host": "sub"}]);
    assert_eq!(data.body["scopes"], places);
    let record = json!({
        "domain": "example.test", "host": "sub", "type": "A", "value": "192.0.2.7", "ttl": 60, "priority": 0,
    });
    let done = world
        .post("/namedrop/records", &bearer, &record.to_string())
        .await;
    assert_eq!(done.records(), ["sub A 192.0.2.7"]);
    let again = world
        .post("/namedrop/records", &bearer, &record.to_string())
        .await;
    again.assert_failed(400, "exists already");
    let refresh = tokens.text("refresh_token");
    let form = encode(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]);
    let headers = [FORM, ("authorization", headers[1].1)];
    let tokens = world.post("/namedrop/token", &headers, &form).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
}

/// The client in Go: an empty `client_id`. The oldest has no PKCE and shows its token in queries, which is refused.
#[tokio::test]
async fn the_clients_in_go() {
    let world = World::start().await;
    let (_, code) = world.agree("example.test", &["hosts sub"]).await;
    let old = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("client_id", ""),
        ("redirect_uri", APP),
    ];
    world
        .form("/namedrop/token", &old)
        .await
        .assert_refused(400, "invalid_request");
    let with_verifier = [&old[..], &[("code_verifier", VERIFIER)]].concat();
    let tokens = world.form("/namedrop/token", &with_verifier).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    let access = tokens.text("access_token");
    let data = format!("/namedrop/token-data?access_token={access}");
    let refused = world.send(Method::GET, &data, &[], "").await;
    refused.assert_failed(400, "stands in logs");
    let records = format!("/namedrop/records?access_token={access}");
    let record =
        json!({"domain": "example.test", "host": "sub", "type": "A", "value": "192.0.2.7"});
    let refused = world.post(&records, &[], &record.to_string()).await;
    refused.assert_failed(400, "stands in logs");
    assert_eq!(world.dns("sub.example.test", Rtype::A), [""; 0]);
}

/// The provider for libdns: JSON, its token in the body, no TTL said as 0, and several records in one call.
#[tokio::test]
async fn the_provider_for_libdns() {
    let world = World::start().await;
    let tokens = world.tokens("example.test", &["hosts", "acme"]).await;
    let json_type = ("content-type", "application/json");
    let send = |what: &'static str, records: serde_json::Value| {
        let (world, access) = (&world, tokens.access.clone());
        async move {
            let body =
                json!({"domain": "example.test", "host": "", "token": access, "records": records});
            let path = format!("/namedrop/{what}-records");
            world.post(&path, &[json_type], &body.to_string()).await
        }
    };
    let challenges = json!([
        {"host": "_acme-challenge", "type": "TXT", "value": "one", "ttl": 0, "priority": 0},
        {"host": "_acme-challenge", "type": "TXT", "value": "two", "ttl": 0, "priority": 0},
    ]);
    let made = send("create", challenges.clone()).await;
    assert_eq!(made.records().len(), 2);
    assert_eq!(made.body["records"][0]["ttl"], 300);
    let served = world.dns("_acme-challenge.example.test", Rtype::TXT);
    assert_eq!(served, ["\"one\"", "\"two\""]);
    assert_eq!(send("delete", challenges.clone()).await.records().len(), 2);
    assert_eq!(send("delete", challenges).await.records().len(), 0);
    let at_apex = json!([{"host": "@", "type": "A", "value": "192.0.2.8"}]);
    assert_eq!(send("set", at_apex).await.records(), [" A 192.0.2.8"]);
    let refreshed = world.refresh(&tokens.refresh).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.body);
}
