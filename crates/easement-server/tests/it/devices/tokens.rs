//! When a token counts, and when it does not.

use std::time::Duration;

use http::{HeaderValue, Method};

use super::world::{Device, Token, start};

const HOME: &str = "home.example.test";

impl Device {
    /// The first word of a reply, or the status when there is none.
    async fn word(&self, hostname: &str, address: &str) -> String {
        let path = format!("/nic/update?hostname={hostname}&myip={address}");
        let bearer = Some(format!("Bearer {}", self.token));
        let answer = self
            .send_as(Method::GET, &path, bearer, axum::body::Body::empty())
            .await;
        answer.body.split(' ').next().unwrap_or_default().to_owned()
    }
}

#[tokio::test]
async fn a_token_ends_at_once_when_it_is_revoked() {
    let (world, device) = start(Token::for_names(&[HOME])).await;
    assert_eq!(device.word(HOME, "9.9.9.9").await, "good");
    world.revoke(&device.token).await;
    assert_eq!(device.word(HOME, "8.8.8.8").await, "badauth");
    assert_eq!(world.addresses(HOME).await, ["9.9.9.9"]);
}

#[tokio::test]
async fn a_token_ends_at_its_time_and_counts_from_where_it_may() {
    let (world, device) = start(Token {
        networks: &["192.0.2.0/24"],
        days: Some(1),
        ..Token::for_names(&[HOME])
    })
    .await;
    assert_eq!(device.word(HOME, "9.9.9.9").await, "good");
    let mut elsewhere = device.clone();
    elsewhere.browser.peer = "198.51.100.7:1000".parse().unwrap();
    assert_eq!(elsewhere.word(HOME, "8.8.8.8").await, "badauth");
    // Nobody said that there is a proxy.
    let forged = HeaderValue::from_static("192.0.2.7");
    for name in ["x-forwarded-for", "x-real-ip", "cf-connecting-ip"] {
        elsewhere.browser.headers.insert(name, forged.clone());
    }
    elsewhere
        .browser
        .headers
        .insert("forwarded", HeaderValue::from_static("for=192.0.2.7"));
    assert_eq!(elsewhere.word(HOME, "8.8.8.8").await, "badauth");
    world.inner.clock.pass(Duration::from_hours(24));
    assert_eq!(device.word(HOME, "8.8.8.8").await, "badauth");
    assert_eq!(world.addresses(HOME).await, ["9.9.9.9"]);
}

#[tokio::test]
async fn a_token_can_do_no_more_than_its_account() {
    let (world, device) = start(Token::for_names(&[HOME])).await;
    assert_eq!(device.word(HOME, "9.9.9.9").await, "good");
    world.set_role("viewer").await;
    assert_eq!(device.word(HOME, "8.8.8.8").await, "nohost");
    world.set_role("editor").await;
    assert_eq!(device.word(HOME, "8.8.4.4").await, "good");
    assert_eq!(world.addresses(HOME).await, ["8.8.4.4"]);
}

#[tokio::test]
async fn a_token_is_used_as_often_as_it_may() {
    let (world, device) = start(Token {
        rate: Some((2, 60)),
        ..Token::for_names(&[HOME])
    })
    .await;
    assert_eq!(device.word(HOME, "9.9.9.9").await, "good");
    assert_eq!(device.word(HOME, "8.8.8.8").await, "good");
    assert_eq!(device.word(HOME, "1.1.1.1").await, "abuse");
    world.inner.clock.pass(Duration::from_mins(1));
    assert_eq!(device.word(HOME, "1.1.1.1").await, "good");
}

#[tokio::test]
async fn who_guesses_has_to_wait_and_holds_up_nobody() {
    let (_world, device) = start(Token::for_names(&[HOME])).await;
    assert_eq!(device.word(HOME, "9.9.9.9").await, "good");
    let (id, secret) = device.token.split_at("easement_live_".len() + 12);
    let guess = Device {
        token: format!("{id}{}", "A".repeat(secret.len())),
        ..device.clone()
    };
    let mut words = Vec::new();
    for _ in 0..32 {
        words.push(guess.word(HOME, "6.6.6.6").await);
    }
    assert!(
        words[..30].iter().all(|word| word == "badauth"),
        "{words:?}"
    );
    assert_eq!(words[31], "abuse");
    assert_eq!(
        device.word(HOME, "8.8.8.8").await,
        "good",
        "the real token is known"
    );
}

#[tokio::test]
async fn a_test_token_is_for_zones_that_are_marked() {
    let (world, device) = start(Token {
        test: true,
        ..Token::for_names(&[HOME])
    })
    .await;
    assert!(device.token.starts_with("easement_test_"));
    assert_eq!(device.word(HOME, "192.0.2.7").await, "nohost");
    world.mark_for_testing("example.test").await;
    assert_eq!(device.word(HOME, "192.0.2.7").await, "good");
    assert_eq!(device.word(HOME, "10.0.0.1").await, "dnserr");
    assert_eq!(world.addresses(HOME).await, ["192.0.2.7"]);
    let live = Device {
        token: device.token.replace("_test_", "_live_"),
        ..device
    };
    assert_eq!(
        live.word(HOME, "9.9.9.9").await,
        "badauth",
        "the kind is part of it"
    );
}

#[tokio::test]
async fn no_token_ends_a_service() {
    let (world, device) = start(Token::for_names(&["*.example.test"])).await;
    world.connect_website("8.8.4.4").await;
    let services = world.services().await;
    assert_eq!(services.len(), 1, "{services:?}");
    assert_eq!(device.word("example.test", "8.8.8.8").await, "dnserr");
    assert_eq!(world.addresses("example.test").await, ["8.8.4.4"]);
    let before = world.version("example.test").await;
    assert_eq!(
        device.word(HOME, "9.9.9.9").await,
        "good",
        "no service needs this"
    );
    assert_eq!(world.version("example.test").await, before + 1);
    assert_eq!(world.services().await, services);
}
