//! What people do with their webhooks.

use http::{HeaderValue, StatusCode};

use super::receiver::Behaviour;
use super::world::World;
use crate::tools::is_installed;
use crate::world::Browser;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_is_made_changed_tried_and_deleted() {
    if !is_installed("openssl") {
        return;
    }
    let world = World::start().await;
    let mut receiver = world.receiver().await;
    let owner = world.owner().await;
    let url = format!("https://hook.example.net:{}/", receiver.address.port());
    let webhook = owner.make(&url).await;
    let again = owner.0.get(&webhook.path).await.body;
    assert!(!again.contains(&webhook.secret), "it is shown once");
    assert!(again.contains("Nothing yet"), "{again}");

    owner.act(&webhook, "test").await;
    assert_eq!(receiver.next().await.event(), "ping");
    let page = owner.page_with(&webhook.path, "delivered").await;
    assert!(page.contains("ping"), "{page}");

    // Another secret signs from now on.
    let renewed = owner.act(&webhook, "renew").await.body;
    assert!(renewed.contains("whsec_") && !renewed.contains(&webhook.secret));

    // What failed is delivered again when somebody asks.
    receiver.then(Behaviour::Status(500));
    owner.act(&webhook, "test").await;
    receiver.next().await;
    let delivery = owner.newest_delivery(&webhook).await;
    let page = owner.page_with(&delivery, "answered 500").await;
    assert!(!page.contains("Deliver it again"), "it waits: {page}");
    owner.act(&webhook, "disable").await;
    let page = owner.page_with(&delivery, "dropped").await;
    assert!(page.contains("Deliver it again"), "{page}");
    owner.0.post(&delivery, &[]).await;
    assert_eq!(receiver.next().await.event(), "ping");
    owner.page_with(&delivery, "It was taken").await;

    // One that is off is told of nothing.
    let device = world.device().await;
    device.update("home.example.test", "9.9.9.9").await;
    let page = owner.act(&webhook, "enable").await.body;
    assert!(page.contains("It is switched on"), "{page}");
    device.update("home.example.test", "9.9.9.10").await;
    assert_eq!(receiver.next().await.event(), "ip_changed");

    let fields = [
        ("do", "save"),
        ("url", url.as_str()),
        ("event", "hostname_deleted"),
    ];
    let saved = owner.0.post(&webhook.path, &fields).await;
    assert!(saved.body.contains("It is saved"), "{}", saved.body);
    let deleted = owner.act(&webhook, "delete").await;
    assert_eq!(deleted.location(), "/webhooks");
    assert_eq!(
        owner.0.get(&webhook.path).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(owner.0.get(&delivery).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_cannot_be_read_hides_no_other_and_can_be_deleted() {
    if !is_installed("openssl") {
        return;
    }
    let mut world = World::start().await;
    let owner = world.owner().await;
    let whole = owner.make("https://hook.example.net/whole").await;
    let broken = owner.make("https://hook.example.net/broken").await;
    world.end().await;
    world.spoil(
        "https://hook.example.net/broken",
        "nonsensehook.example.net/broken",
    );
    world.begin().await;

    let owner = world.owner().await;
    let page = owner.0.get("/webhooks").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for webhook in [&whole, &broken] {
        assert!(page.body.contains(&webhook.path), "{}", page.body);
    }
    assert_eq!(owner.0.get(&broken.path).await.location(), "/webhooks");
    for what in ["save", "enable", "renew", "test"] {
        let fields = [
            ("do", what),
            ("url", "https://hook.example.net/other"),
            ("event", "ip_changed"),
        ];
        let refused = owner.0.post(&broken.path, &fields).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{what}");
        let words = "can be switched off and deleted";
        assert!(refused.body.contains(words), "{}", refused.body);
    }
    let off = owner.act(&broken, "disable").await;
    assert_eq!(off.location(), "/webhooks", "{}", off.body);
    let page = owner.0.get("/webhooks").await.body;
    assert!(!page.contains("Switch it off"), "{page}");
    owner.act(&broken, "delete").await;
    let page = owner.0.get("/webhooks").await.body;
    assert!(page.contains(&whole.path) && !page.contains(&broken.path));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forms_that_make_no_sense_are_shown_again_with_what_was_typed() {
    if !is_installed("openssl") {
        return;
    }
    let world = World::start().await;
    let owner = world.owner().await;
    let post = async |fields: &[(&str, &str)]| owner.0.post("/webhooks", fields).await;
    for (fields, words) in [
        (
            &[("url", "http://a.example/"), ("event", "ip_changed")][..],
            "https alone",
        ),
        (&[("url", "https://a.example/")], "at least one event"),
        (
            &[("url", "https://a.example/"), ("event", "everything")],
            "`everything` is no event",
        ),
        (&[("event", "ip_changed")], "not a URL"),
    ] {
        let answer = post(fields).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{fields:?}"
        );
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
        if let ("url", url) = fields[0] {
            assert!(answer.body.contains(url), "{url} is still there");
        }
    }
    // There is room for four.
    for number in 0..4 {
        owner
            .make(&format!("https://hook{number}.example.net/"))
            .await;
    }
    let answer = owner.try_make("https://hook5.example.net/").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("at most 4"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_is_its_owners_business_alone() {
    if !is_installed("openssl") {
        return;
    }
    let world = World::start().await;
    let owner = world.owner().await;
    let webhook = owner.make("https://hook.example.net/").await;
    owner.act(&webhook, "test").await;
    let delivery = owner.newest_delivery(&webhook).await;

    let anonymous = Browser::of(world.app());
    for path in ["/webhooks", &webhook.path, &delivery] {
        let answer = anonymous.get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.location().starts_with("/sign-in"), "{path}");
    }
    let mut foreign = owner.0.clone();
    let site = HeaderValue::from_static("cross-site");
    foreign.headers.insert("sec-fetch-site", site);
    let answer = foreign.post(&webhook.path, &[("do", "delete")]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);

    let neighbour = world.neighbour().await;
    for path in [&webhook.path, &delivery] {
        assert_eq!(neighbour.get(path).await.status, StatusCode::NOT_FOUND);
        let answer = neighbour.post(path, &[("do", "delete")]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(owner.0.get(&webhook.path).await.status, StatusCode::OK);
    // A delivery is found below its own webhook alone.
    let other = owner.make("https://other.example.net/").await;
    let (_, id) = delivery.rsplit_once('/').unwrap();
    let path = format!("{}/deliveries/{id}", other.path);
    assert_eq!(owner.0.get(&path).await.status, StatusCode::NOT_FOUND);
}
