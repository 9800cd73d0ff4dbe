//! What is delivered, when, and how often.

use std::process::Command;
use std::time::Duration;

use http::StatusCode;

use super::dns::HERE;
use super::receiver::{Behaviour, Received, Receiver};
use super::world::{Owner, World};
use crate::tools::is_installed;

const HOST: &str = "home.example.test";

/// What came is what the OpenAPI document says of it.
fn assert_described(came: &Received) {
    let document = easement_server::openapi::document();
    let mut told = document.webhooks.iter();
    let told = told.find(|one| one.path == came.event()).unwrap();
    let schema = &told.body.as_ref().unwrap().content.schema;
    let found = schema.check(&came.json());
    assert!(found.is_empty(), "{}: {found:?}", came.body);
    for parameter in &told.parameters {
        let name = parameter.name.to_lowercase();
        assert!(!came.header(&name).is_empty(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_delivered_with_a_signature_that_others_compute() {
    if !is_installed("openssl") {
        return;
    }
    let world = World::start().await;
    let mut receiver = world.receiver().await;
    let (owner, device) = (world.owner().await, world.device().await);
    let port = receiver.address.port();
    let url = format!("https://hook.example.net:{port}/easement?key=1");
    let webhook = owner.make(&url).await;

    assert_eq!(device.update(HOST, "9.9.9.9").await.status, StatusCode::OK);
    let came = receiver.next().await;
    assert_eq!(came.line, "POST /easement?key=1 HTTP/1.1");
    assert_eq!(came.header("host"), format!("hook.example.net:{port}"));
    assert_eq!(came.header("content-type"), "application/json");
    assert_eq!(came.header("x-apertodns-event"), "hostname_created");
    assert!(came.header("user-agent").starts_with("Easement-Webhook/"));
    let body = came.json();
    assert_described(&came);
    assert_eq!(body["data"]["hostname"], HOST);
    assert_eq!(body["data"]["ipv4"], "9.9.9.9");
    assert_eq!(body["data"]["previous_ipv4"], serde_json::Value::Null);
    assert_eq!(body["timestamp"], "2026-11-21T22:55:48.000Z");
    assert_eq!(
        webhook.path,
        format!("/webhooks/{}", body["webhook_id"].as_str().unwrap())
    );

    // Another program computes the same signature from what came and the secret that was shown.
    let seconds = came.header("x-apertodns-timestamp");
    assert_eq!(seconds, "1795301748");
    let signed = world.files().join("signed");
    std::fs::write(&signed, format!("{seconds}.{}", came.body)).unwrap();
    let computed = Command::new("openssl")
        .args(["dgst", "-sha256", "-hmac", &webhook.secret, "-r"])
        .arg(&signed)
        .output()
        .unwrap();
    let computed = String::from_utf8(computed.stdout).unwrap();
    let computed = computed.split(' ').next().unwrap();
    assert_eq!(
        came.header("x-apertodns-signature"),
        format!("sha256={computed}")
    );

    assert_eq!(device.update(HOST, "9.9.9.10").await.status, StatusCode::OK);
    let came = receiver.next().await;
    assert_eq!(came.event(), "ip_changed");
    assert_eq!(came.json()["data"]["previous_ipv4"], "9.9.9.9");
    // What changes nothing is no news.
    assert_eq!(device.update(HOST, "9.9.9.10").await.status, StatusCode::OK);
    let other = "b.home.example.test";
    assert_eq!(device.update(other, "9.9.9.9").await.status, StatusCode::OK);
    assert_eq!(receiver.next().await.json()["data"]["hostname"], other);
    owner.page_with(&webhook.path, "delivered").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_is_down_gets_it_later_and_the_same() {
    if !is_installed("openssl") {
        return;
    }
    let world = World::start().await;
    let mut receiver = world.receiver().await;
    let (owner, device) = (world.owner().await, world.device().await);
    let url = format!("https://hook.example.net:{}/", receiver.address.port());
    let webhook = owner.make(&url).await;

    receiver.then(Behaviour::Status(503));
    device.update(HOST, "9.9.9.9").await;
    let first = receiver.next().await;
    let page = owner
        .page_with(&webhook.path, "next try in 30 seconds")
        .await;
    assert!(page.contains("waiting"), "{page}");
    // Nobody is there at the second try.
    let address = receiver.stop().await;
    world.clock.pass(Duration::from_secs(30));
    owner
        .page_with(&webhook.path, "next try in 5 minutes")
        .await;
    let mut receiver = Receiver::start_at(address, &world.certificate()).await;
    world.clock.pass(Duration::from_mins(5));
    let again = receiver.next().await;
    assert_eq!(again.body, first.body);
    let id = "x-apertodns-delivery-id";
    assert_eq!(again.header(id), first.header(id), "the same delivery");
    assert_ne!(
        again.header("x-apertodns-signature"),
        first.header("x-apertodns-signature"),
        "signed at the time of the try"
    );
    owner.page_with(&webhook.path, "delivered").await;
    let page = owner.newest_delivery(&webhook).await;
    let page = owner.0.get(&page).await.body;
    for words in ["503", "no connection came about", "It was taken"] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_delivered_is_delivered_by_the_next_server() {
    if !is_installed("openssl") {
        return;
    }
    let mut world = World::start().await;
    let receiver = world.receiver().await;
    let url = format!("https://hook.example.net:{}/", receiver.address.port());
    let webhook = world.owner().await.make(&url).await;
    let address = receiver.stop().await;
    world.device().await.update(HOST, "9.9.9.9").await;
    let owner = world.owner().await;
    owner.page_with(&webhook.path, "next try").await;
    world.end().await;

    let mut receiver = Receiver::start_at(address, &world.certificate()).await;
    world.clock.pass(Duration::from_secs(30));
    world.begin().await;
    assert_eq!(receiver.next().await.event(), "hostname_created");
    world.end().await;
}

/// Both have something that waits, and are told of what happens later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_cannot_be_read_holds_up_no_other() {
    if !is_installed("openssl") {
        return;
    }
    let mut world = World::start().await;
    let receiver = world.receiver().await;
    let (owner, device) = (world.owner().await, world.device().await);
    let port = receiver.address.port();
    let [broken, whole] =
        ["broken", "whole"].map(|path| format!("https://hook.example.net:{port}/{path}"));
    let webhooks = [owner.make(&broken).await, owner.make(&whole).await];
    let address = receiver.stop().await;
    device.update(HOST, "9.9.9.9").await;
    for webhook in &webhooks {
        owner.page_with(&webhook.path, "next try").await;
    }
    world.end().await;

    world.spoil(&broken, &broken.replace("https://", "nonsense"));
    let mut receiver = Receiver::start_at(address, &world.certificate()).await;
    world.clock.pass(Duration::from_secs(30));
    world.begin().await;
    let device = world.again(&device);
    let mut came = receiver.next().await;
    for last in 1..4 {
        assert_eq!(came.line, "POST /whole HTTP/1.1");
        device.update(HOST, &format!("9.9.9.{last}")).await;
        came = receiver.next().await;
    }
    assert_eq!(came.line, "POST /whole HTTP/1.1");
    assert_eq!(came.json()["data"]["ipv4"], "9.9.9.3");
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_receiver_holds_up_no_other() {
    if !is_installed("openssl") {
        return;
    }
    let world = World::start().await;
    let mut silent = world.receiver().await;
    let mut other = Receiver::start(HERE, &world.certificate()).await;
    let (owner, device) = (world.owner().await, world.device().await);
    for receiver in [&silent, &other] {
        let url = format!("https://hook.example.net:{}/", receiver.address.port());
        owner.make(&url).await;
    }
    for _ in 0..8 {
        silent.then(Behaviour::Silent);
    }
    for last in 1..=8 {
        device.update(HOST, &format!("9.9.9.{last}")).await;
    }
    silent.next().await;
    for _ in 0..8 {
        other.next().await;
    }
}

/// Four webhooks of one account have a backlog, and one receiver that never answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_for_a_silent_receiver_takes_no_more_than_its_share() {
    const BACKLOG: usize = 40;
    if !is_installed("openssl") {
        return;
    }
    let world = World::start().await;
    let mut silent = world.receiver().await;
    let mut other = Receiver::start(HERE, &world.certificate()).await;
    let (owner, device) = (world.owner().await, world.device().await);
    let url = |receiver: &Receiver, path| {
        format!(
            "https://hook.example.net:{}/{path}",
            receiver.address.port()
        )
    };
    for path in ["a", "b", "c", "d"] {
        owner.make(&url(&silent, path)).await;
    }
    for _ in 0..4 * BACKLOG {
        silent.then(Behaviour::Silent);
    }
    for last in 1..=BACKLOG {
        device.update(HOST, &format!("9.9.9.{last}")).await;
    }
    // The account has six deliveries under way, and nobody answers.
    for _ in 0..6 {
        silent.next().await;
    }
    // Somebody else is told of as much as they ask for.
    let neighbour = Owner(world.neighbour().await);
    let webhook = neighbour.make(&url(&other, "")).await;
    for _ in 0..8 {
        neighbour.act(&webhook, "test").await;
        let came = other.next().await;
        assert_eq!(came.event(), "ping");
        assert_described(&came);
    }
    assert_eq!(silent.most_at_once(), 6);
    let tried = silent.connections();
    assert!(
        tried < 4 * BACKLOG,
        "the backlog was not waited for: {tried}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_that_is_refused_is_told() {
    if !is_installed("openssl") {
        return;
    }
    let world = World::start().await;
    let mut receiver = world.receiver().await;
    let (owner, device) = (world.owner().await, world.device().await);
    let url = format!("https://hook.example.net:{}/", receiver.address.port());
    owner.make(&url).await;

    let refused = device.update("www.example.test", "9.9.9.9").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
    let came = receiver.next().await;
    assert_eq!(came.event(), "update_failed");
    assert_described(&came);
    assert_eq!(came.json()["data"]["hostname"], "www.example.test");
    let reason = came.json()["data"]["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("not for the name"), "{reason}");
    // Again and again is told once.
    for _ in 0..5 {
        device.update("www.example.test", "9.9.9.9").await;
    }
    // What is in no zone of the account is not its business.
    device.update("home.example.org", "9.9.9.9").await;
    let updated = device.update(HOST, "9.9.9.9").await;
    assert_eq!(updated.status, StatusCode::OK, "{}", updated.body);
    let came = receiver.next().await;
    assert_eq!(came.event(), "hostname_created", "{}", came.body);
}
