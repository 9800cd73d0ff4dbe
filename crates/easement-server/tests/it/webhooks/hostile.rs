//! URLs that lead where nobody should be led, and receivers that misbehave.

use std::net::Ipv4Addr;

use http::StatusCode;

use super::dns::HERE;
use super::receiver::{Behaviour, Receiver, make_certificate};
use super::world::{Made, Owner, World};
use crate::tools::is_installed;

/// Sends a test, and gives what its page says once it was tried.
async fn test(owner: &Owner, webhook: &Made) -> String {
    owner.act(webhook, "test").await;
    let delivery = owner.newest_delivery(webhook).await;
    owner.page_with(&delivery, " ms</td>").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_spelling_of_a_private_address_is_taken() {
    if !is_installed("openssl") {
        return;
    }
    let world = World::start_with(&[]).await;
    let owner = world.owner().await;
    for host in [
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "0xA9.0xFE.0xA9.0xFE",
        "0251.0376.0251.0376",
        "169.254.43518",
        "169.254.169.254.",
        "%31%36%39.254.169.254",
        "１６９.254.169.254",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::169.254.169.254]",
        "[2002:a9fe:a9fe::1]",
        "[fd00:ec2::254]",
        "[::1]",
        "[fe80::1]",
        "127.1",
        "0",
        "10.0.0.1",
        "192.168.1.1:8443",
        "me@hooks.example.net",
    ] {
        let answer = owner.try_make(&format!("https://{host}/latest")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{host}");
        assert!(!answer.body.contains("whsec_"), "{host}");
    }
    let page = owner.0.get("/webhooks").await.body;
    assert!(page.contains("You have none yet"), "{page}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_leads_to_a_private_address_is_not_connected_to() {
    if !is_installed("openssl") {
        return;
    }
    let world = World::start().await;
    let receiver = Receiver::start(Ipv4Addr::new(127, 0, 0, 2).into(), &world.certificate()).await;
    let owner = world.owner().await;
    let url = format!("https://hook.example.net:{}/", receiver.address.port());
    let webhook = owner.make(&url).await;
    for addresses in [
        &["127.0.0.2"][..],
        &["169.254.169.254"],
        &["10.0.0.1"],
        &["::ffff:127.0.0.2"],
        &["fd00::1"],
        // One that is allowed does not make up for one that is not.
        &["127.0.0.1", "127.0.0.2"],
        &["127.0.0.1", "::1"],
    ] {
        world.dns.set("hook.example.net", &[addresses]);
        let page = test(&owner, &webhook).await;
        assert!(
            page.contains("sends to public addresses alone"),
            "{addresses:?}: {page}"
        );
    }
    world.dns.set("hook.example.net", &[&[]]);
    let page = test(&owner, &webhook).await;
    assert!(page.contains("has no address"), "{page}");
    assert_eq!(receiver.connections(), 0);
    let address = world.app().metrics_addresses()[0];
    let (_, metrics) = crate::monitoring::get(address, "/metrics").await;
    let refused = "easement_webhook_tries_total{result=\"refused\"} 7\n";
    assert!(metrics.contains(refused), "{metrics}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_changes_between_check_and_connection_gains_nothing() {
    if !is_installed("openssl") {
        return;
    }
    let world = World::start().await;
    let mut allowed = world.receiver().await;
    let port = allowed.address.port();
    let inside = (Ipv4Addr::new(127, 0, 0, 2), port).into();
    let inside = Receiver::start_at(inside, &world.certificate()).await;
    let owner = world.owner().await;
    let webhook = owner
        .make(&format!("https://hook.example.net:{port}/"))
        .await;
    // Whoever looks a second time finds the other one.
    world
        .dns
        .set("hook.example.net", &[&["127.0.0.1"], &["127.0.0.2"]]);
    let page = test(&owner, &webhook).await;
    assert!(page.contains("It was taken"), "{page}");
    assert_eq!(allowed.next().await.event(), "ping");
    let page = test(&owner, &webhook).await;
    assert!(page.contains("127.0.0.2 is not a public address"), "{page}");
    assert_eq!((allowed.connections(), inside.connections()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_is_not_followed() {
    if !is_installed("openssl") {
        return;
    }
    let world = World::start().await;
    let receiver = world.receiver().await;
    let inside = Receiver::start(HERE, &world.certificate()).await;
    let owner = world.owner().await;
    let url = format!("https://hook.example.net:{}/", receiver.address.port());
    let webhook = owner.make(&url).await;
    let elsewhere = format!("https://127.0.0.1:{}/", inside.address.port());
    receiver.then(Behaviour::Redirect(elsewhere));
    let page = test(&owner, &webhook).await;
    assert!(page.contains("redirects are not followed"), "{page}");
    assert_eq!((receiver.connections(), inside.connections()), (1, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_without_an_end_is_left() {
    if !is_installed("openssl") {
        return;
    }
    let world = World::start().await;
    let receiver = world.receiver().await;
    let owner = world.owner().await;
    let url = format!("https://hook.example.net:{}/", receiver.address.port());
    let webhook = owner.make(&url).await;
    for (behaviour, words) in [
        (Behaviour::Endless, "It was taken"),
        (Behaviour::EndlessHead, "the answer is not HTTP"),
        (Behaviour::Nonsense, "the answer is not HTTP"),
        (Behaviour::Status(204), "It was taken"),
        (Behaviour::Status(404), "answered 404"),
        (Behaviour::Status(500), "answered 500"),
    ] {
        receiver.then(behaviour.clone());
        let page = test(&owner, &webhook).await;
        assert!(page.contains(words), "{behaviour:?}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_certificate_for_the_name_that_somebody_vouches_for_is_believed() {
    if !is_installed("openssl") {
        return;
    }
    let world = World::start().await;
    let subjects = "DNS:hook.example.net,IP:127.0.0.1";
    make_certificate(world.files(), "unknown", subjects);
    let mut good = world.receiver().await;
    let unknown = Receiver::start(HERE, &world.files().join("unknown.pem")).await;
    world.dns.set("wrong.example.net", &[&["127.0.0.1"]]);
    let owner = world.owner().await;
    for (host, receiver) in [("wrong.example.net", &good), ("hook.example.net", &unknown)] {
        let url = format!("https://{host}:{}/", receiver.address.port());
        let webhook = owner.make(&url).await;
        let page = test(&owner, &webhook).await;
        assert!(page.contains("no TLS connection"), "{host}: {page}");
        owner.act(&webhook, "delete").await;
    }
    // An address can stand in a certificate, too.
    let url = format!("https://127.0.0.1:{}/", good.address.port());
    let webhook = owner.make(&url).await;
    let page = test(&owner, &webhook).await;
    assert!(page.contains("It was taken"), "{page}");
    assert_eq!(good.next().await.event(), "ping");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_network_that_is_not_named_any_more_is_not_reached() {
    if !is_installed("openssl") {
        return;
    }
    let mut world = World::start().await;
    let mut receiver = world.receiver().await;
    let owner = world.owner().await;
    let port = receiver.address.port();
    let by_address = owner.make(&format!("https://127.0.0.1:{port}/")).await;
    let by_name = format!("https://hook.example.net:{port}/");
    let by_name = owner.make(&by_name).await;
    for webhook in [&by_address, &by_name] {
        let page = test(&owner, webhook).await;
        assert!(page.contains("It was taken"), "{page}");
        assert_eq!(receiver.next().await.event(), "ping");
    }
    world.end().await;

    world.allow(&[]);
    world.begin().await;
    let owner = world.owner().await;
    for webhook in [&by_address, &by_name] {
        let page = test(&owner, webhook).await;
        assert!(page.contains("sends to public addresses alone"), "{page}");
    }
    assert_eq!(receiver.connections(), 2, "those from before");
}
