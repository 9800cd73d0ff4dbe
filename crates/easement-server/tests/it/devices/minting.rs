//! Narrower tokens that holders make from their own.

use std::time::Duration;

use axum::body::Body;
use easement_core::{ApiTokenText, TokenChain};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::world::{Device, Devices, Token, start};

const HOME: &str = "home.example.test";

impl Device {
    async fn tokens(&self, method: Method, path: &str, body: Body) -> (StatusCode, Value) {
        let bearer = Some(format!("Bearer {}", self.token));
        let path = format!("/api/tokens{path}");
        let answer = self.send_as(method, &path, bearer, body).await;
        assert!(answer.header("cache-control").contains("no-store"));
        let document = serde_json::from_str(&answer.body).unwrap();
        (answer.status, document)
    }

    async fn mint(&self, wanted: Value) -> (StatusCode, Value) {
        let body = Body::from(wanted.to_string());
        self.tokens(Method::POST, "", body).await
    }

    /// A device with a token that was made from this one's.
    async fn narrower(&self, wanted: Value) -> Self {
        let (status, document) = self.mint(wanted).await;
        assert_eq!(status, StatusCode::CREATED, "{document}");
        let token = document["data"]["token"].as_str().unwrap().to_owned();
        Self {
            browser: self.browser.clone(),
            token,
        }
    }

    async fn list(&self) -> Value {
        let (status, document) = self.tokens(Method::GET, "", Body::empty()).await;
        assert_eq!(status, StatusCode::OK, "{document}");
        document["data"].clone()
    }

    async fn revoke(&self, id: &str) -> (StatusCode, Value) {
        let path = format!("/{id}");
        self.tokens(Method::DELETE, &path, Body::empty()).await
    }

    fn id(&self) -> String {
        self.token.parse::<ApiTokenText>().unwrap().id.to_string()
    }

    async fn updates(&self, hostname: &str, address: &str) -> String {
        let path = format!("/nic/update?hostname={hostname}&myip={address}");
        let bearer = Some(format!("Bearer {}", self.token));
        let answer = self
            .send_as(Method::GET, &path, bearer, Body::empty())
            .await;
        answer.body.split(' ').next().unwrap().to_owned()
    }
}

fn code(document: &Value) -> &str {
    document["error"]["code"].as_str().unwrap_or_default()
}

async fn house() -> (Devices, Device) {
    start(Token {
        networks: &["192.0.2.0/24"],
        days: Some(30),
        rate: Some((1000, 3600)),
        ..Token::for_names(&["*.example.test"])
    })
    .await
}

#[tokio::test]
async fn a_holder_makes_a_narrower_token_which_is_told_once() {
    let (world, house) = house().await;
    let nas = house
        .narrower(json!({"name": "NAS", "names": [HOME], "types": ["A"], "expires": "1d"}))
        .await;
    assert_eq!(nas.updates(HOME, "9.9.9.9").await, "good");
    assert_eq!(nas.updates("other.example.test", "9.9.9.9").await, "nohost");
    assert_eq!(nas.updates(HOME, "2620:fe::fe").await, "nohost");
    assert_eq!(world.addresses(HOME).await, ["9.9.9.9"]);
    let list = house.list().await;
    assert_eq!(list["own"]["id"], house.id());
    let told = &list["tokens"][0];
    assert_eq!(
        (&told["id"], &told["from"]),
        (&json!(nas.id()), &json!(house.id()))
    );
    assert_eq!(told["limits"]["names"], json!([HOME]));
    // What was not said is as it is for the token that it was made from.
    assert_eq!(told["limits"]["networks"], json!(["192.0.2.0/24"]));
    assert_eq!(told["limits"]["rate"], "1000/3600");
    assert!(told.get("token").is_none() && !list.to_string().contains(&nas.token));
    assert_eq!(nas.list().await["tokens"], json!([]));
    world.inner.clock.pass(Duration::from_hours(24));
    assert_eq!(nas.updates(HOME, "8.8.8.8").await, "badauth");
    assert_eq!(house.updates(HOME, "8.8.8.8").await, "good");
}

#[tokio::test]
async fn a_token_that_would_be_wider_is_refused_with_the_reason() {
    let (_world, house) = house().await;
    for (wanted, field) in [
        (json!({"names": ["home.other.test"]}), "names"),
        (json!({"names": ["**.example.test"]}), "names"),
        (json!({"names": ["test"]}), "names"),
        (json!({"types": ["A", "TXT"]}), "types"),
        (json!({"networks": ["192.0.0.0/16"]}), "networks"),
        (json!({"networks": ["0.0.0.0/0"]}), "networks"),
        (json!({"networks": ["::/0"]}), "networks"),
        (json!({"expires": "31d"}), "expires"),
        (json!({"expires": "2099-01-01"}), "expires"),
        (json!({"rate": "1001/3600"}), "rate"),
        (json!({"rate": "100/60"}), "rate"),
        (json!({"in_url": true}), "in_url"),
        (json!({"webhooks": true}), "webhooks"),
    ] {
        let mut wanted = wanted;
        wanted["name"] = json!("NAS");
        let (status, document) = house.mint(wanted.clone()).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{wanted}: {document}");
        let message = document["error"]["message"].as_str().unwrap();
        assert!(
            message.starts_with(&format!("{field}: ")),
            "{wanted}: {message}"
        );
    }
    let narrow = house
        .narrower(json!({"name": "x", "operations": ["create", "update"]}))
        .await;
    let (status, document) = narrow
        .mint(json!({"name": "y", "operations": ["create", "delete"]}))
        .await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{document}");
    assert!(
        document.to_string().contains("may not delete"),
        "{document}"
    );
    assert_eq!(house.list().await["tokens"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_request_that_makes_no_sense_is_refused_with_all_of_it() {
    let (_world, house) = house().await;
    for (body, expected) in [
        ("", "invalid_json"),
        ("{", "invalid_json"),
        ("[]", "invalid_request"),
        (r#"{"name": 1}"#, "validation_error"),
        (
            r#"{"name": "x", "account": "neighbour@example.test"}"#,
            "validation_error",
        ),
        (r#"{"name": "x", "kind": "test"}"#, "validation_error"),
        (r#"{"name": "x", "records": -1}"#, "validation_error"),
        (r#"{"name": ""}"#, "validation_error"),
        (r#"{"name": "a\u202eb"}"#, "validation_error"),
        (r#"{"name": "x", "types": ["NS"]}"#, "validation_error"),
        (
            r#"{"name": "x", "names": [".."], "rate": "often"}"#,
            "validation_error",
        ),
        (
            r#"{"name": "x", "expires": "2020-01-01"}"#,
            "validation_error",
        ),
    ] {
        let (status, document) = house.tokens(Method::POST, "", Body::from(body)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}: {document}");
        assert_eq!(code(&document), expected, "{body}: {document}");
    }
    let (_, both) = house
        .mint(json!({"name": "x", "names": [".."], "rate": "often"}))
        .await;
    let fields = both["error"]["details"]["fields"].as_array().unwrap();
    let named: Vec<&str> = fields
        .iter()
        .map(|one| one["field"].as_str().unwrap())
        .collect();
    assert_eq!(named, ["names", "rate"]);
    let message = both["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("names: ") && message.contains("rate: "),
        "{message}"
    );
    let large = format!(r#"{{"name": "{}"}}"#, "x".repeat(200_000));
    let (status, _) = house.tokens(Method::POST, "", Body::from(large)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_holder_revokes_what_it_made_and_nothing_else() {
    let (world, house) = house().await;
    let nas = house
        .narrower(json!({"name": "NAS", "names": [HOME]}))
        .await;
    let backup = nas.narrower(json!({"name": "Backup"})).await;
    let camera = house
        .narrower(json!({"name": "Camera", "names": [HOME]}))
        .await;
    let stranger = Device {
        browser: house.browser.clone(),
        token: world.token(Token::for_names(&["*.example.test"])).await,
    };
    for (holder, id) in [
        (&stranger, nas.id()),
        (&camera, nas.id()),
        (&nas, camera.id()),
        (&nas, house.id()),
        (&nas, nas.id()),
        (&nas, "aaaaaaaaaaaa".to_owned()),
        (&nas, "%ff".to_owned()),
        (&nas, "x".to_owned()),
    ] {
        let (status, document) = holder.revoke(&id).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{id}");
        assert_eq!(code(&document), "token_not_found");
    }
    assert_eq!(stranger.list().await["tokens"], json!([]));
    assert_eq!(house.list().await["tokens"].as_array().unwrap().len(), 3);
    let (status, document) = house.revoke(&nas.id()).await;
    assert_eq!(
        (status, &document["data"]["counted"]),
        (StatusCode::OK, &json!(true))
    );
    let (_, again) = house.revoke(&nas.id()).await;
    assert_eq!(again["data"]["counted"], json!(false));
    for (device, word) in [(&nas, "badauth"), (&backup, "badauth"), (&camera, "good")] {
        assert_eq!(device.updates(HOME, "9.9.9.9").await, word);
    }
    let list = house.list().await;
    let ended = |id: &str| {
        let tokens = list["tokens"].as_array().unwrap();
        let token = tokens.iter().find(|one| one["id"] == id).unwrap();
        !token["ended"].is_null()
    };
    assert!(ended(&nas.id()) && ended(&backup.id()) && !ended(&camera.id()));
}

#[tokio::test]
async fn a_token_that_does_not_count_makes_none() {
    let (world, house) = house().await;
    let wanted = json!({"name": "NAS"});
    let nas = house.narrower(wanted.clone()).await;
    world.revoke(&house.token).await;
    for device in [&house, &nas] {
        let (status, document) = device.mint(wanted.clone()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert_eq!(code(&document), "token_revoked");
    }
    let (_world, elsewhere) = self::house().await;
    let mut elsewhere = elsewhere;
    elsewhere.browser.peer = "198.51.100.7:1000".parse().unwrap();
    let (status, document) = elsewhere.mint(wanted.clone()).await;
    assert_eq!(
        (status, code(&document)),
        (StatusCode::FORBIDDEN, "ip_forbidden")
    );
    elsewhere.token = "easement_live_x".to_owned();
    let (status, document) = elsewhere.mint(wanted).await;
    assert_eq!(
        (status, code(&document)),
        (StatusCode::UNAUTHORIZED, "invalid_token")
    );
    let answer = elsewhere
        .send_as(Method::GET, "/api/tokens", None, Body::empty())
        .await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let answer = elsewhere
        .send_as(Method::PUT, "/api/tokens", None, Body::empty())
        .await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn chains_and_changes_have_an_end() {
    let (world, house) = house().await;
    let mut deepest = house.clone();
    for depth in 1..TokenChain::MAX_LENGTH {
        deepest = deepest.narrower(json!({"name": format!("{depth}")})).await;
    }
    assert_eq!(deepest.updates(HOME, "9.9.9.9").await, "good");
    let (status, document) = deepest.mint(json!({"name": "one more"})).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{document}");
    assert!(document.to_string().contains("8 deep"), "{document}");
    // Children do not make more than their parents: all of a chain are counted together.
    let mut last = house.clone();
    let mut minted = TokenChain::MAX_LENGTH - 1;
    loop {
        let (status, document) = house.mint(json!({"name": "another"})).await;
        if status == StatusCode::TOO_MANY_REQUESTS {
            assert!(
                document["error"]["retry_after_seconds"].is_number(),
                "{document}"
            );
            break;
        }
        assert_eq!(status, StatusCode::CREATED, "{document}");
        minted += 1;
        assert!(minted <= 60, "they are counted");
        last.token = document["data"]["token"].as_str().unwrap().to_owned();
    }
    let (status, _) = house.revoke(&last.id()).await;
    assert_eq!(
        status,
        StatusCode::OK,
        "what was made can always be revoked"
    );
    // An hour later there is room for more, up to a limit.
    let mut refused = String::new();
    for _ in 0..3 {
        world.inner.clock.pass(Duration::from_hours(2));
        for _ in 0..60 {
            let (status, document) = house.mint(json!({"name": "another"})).await;
            if status == StatusCode::FORBIDDEN {
                refused = document.to_string();
            }
        }
    }
    assert!(refused.contains("there are 100 tokens below"), "{refused}");
    assert_eq!(house.updates(HOME, "8.8.8.8").await, "good");
}
