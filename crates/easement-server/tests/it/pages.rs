//! Pages that look, and what every answer has in common.

use axum::body::Body;
use easement_core::EmailAddress;
use easement_server::admin::AdminRequest;
use easement_server::demo::OWNER;
use http::{Method, StatusCode};

use crate::world::World;

#[tokio::test]
async fn every_answer_tells_browsers_to_be_careful() {
    let world = World::start().await;
    let owner = world.owner().await;
    for path in [
        "/",
        "/zones",
        "/zones/example.test",
        "/zones/example.test/history/1",
        "/account",
        "/templates",
        "/sign-in",
        "/nothing-here",
        "/healthz",
        "/assets/easement.css",
        "/v2/example.test/settings",
        "/v2/nowhere.test/settings",
        "/welcome/not-a-link",
    ] {
        let answer = owner.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
        assert_ne!(answer.header("x-request-id"), "", "{path}");
        assert_ne!(answer.header("cache-control"), "", "{path}");
    }
}

#[tokio::test]
async fn what_is_not_there_or_not_theirs_has_a_page() {
    let world = World::start().await;
    let (owner, neighbour) = (world.owner().await, world.neighbour().await);
    for (person, path, status) in [
        (&owner, "/nothing-here", StatusCode::NOT_FOUND),
        (
            &owner,
            "/zones/example.test/history/999",
            StatusCode::NOT_FOUND,
        ),
        (
            &owner,
            "/zones/example.test/history/x",
            StatusCode::NOT_FOUND,
        ),
        (
            &owner,
            "/zones/example.test/services/x/remove",
            StatusCode::NOT_FOUND,
        ),
        (&owner, "/zones/neighbour.test", StatusCode::FORBIDDEN),
        (&owner, "/welcome/abc", StatusCode::GONE),
        (&owner, "/zones/%ff", StatusCode::NOT_FOUND),
        (&owner, "/templates", StatusCode::OK),
        (&neighbour, "/templates", StatusCode::FORBIDDEN),
        (
            &neighbour,
            "/zones/example.test/history/1",
            StatusCode::FORBIDDEN,
        ),
    ] {
        let answer = person.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.body.contains("<h1"), "{path}: {}", answer.body);
    }
    let wrong_method = owner.send(Method::DELETE, "/zones", Body::empty()).await;
    assert_eq!(wrong_method.status, StatusCode::METHOD_NOT_ALLOWED);
    let large = format!("x={}", "y".repeat(70_000));
    let answer = owner
        .send(Method::POST, "/sign-in", Body::from(large))
        .await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn records_are_found_by_name_value_and_type() {
    let world = World::start().await;
    let owner = world.owner().await;
    let found = owner.get("/zones/example.test?q=_dmarc").await.body;
    assert!(found.contains("v=DMARC1") && !found.contains("mx1.oldhost"));
    let found = owner.get("/zones/example.test?type=mx").await.body;
    assert!(found.contains("mx1.oldhost") && !found.contains("v=DMARC1"));
    let odd = owner
        .get("/zones/example.test?q=%3Cscript%3E&type=NOPE&page=-1")
        .await;
    assert_eq!(odd.status, StatusCode::OK);
    assert!(!odd.body.contains("<script>"), "{}", odd.body);
}

#[tokio::test]
async fn many_zones_are_shown_page_by_page() {
    let world = World::start().await;
    let owner = world.owner().await;
    let email: EmailAddress = OWNER.parse().unwrap();
    for number in 0..150 {
        let create = AdminRequest::CreateZone {
            apex: format!("many-{number:03}.test").parse().unwrap(),
            owner: email.clone(),
        };
        world.demo.app().administer(create).await.unwrap();
    }
    let first = owner.get("/zones").await.body;
    assert!(first.contains("/zones/many-098.test"), "{first}");
    assert!(!first.contains("/zones/many-140.test"));
    assert!(!first.contains("To the first"));
    let (_, link) = first.split_once("href=\"/zones?after=").unwrap();
    let (last, _) = link.split_once('"').unwrap();
    let second = owner.get(&format!("/zones?after={last}")).await.body;
    assert!(second.contains("/zones/many-149.test"), "{second}");
    assert!(second.contains("To the first") && !second.contains("More →"));
    for shown in 0..150 {
        let link = format!("href=\"/zones/many-{shown:03}.test\"");
        let times = [&first, &second].map(|page| page.matches(&link).count());
        assert_eq!(times[0] + times[1], 1, "{shown}: every zone is on one page");
    }
    let beyond = owner.get("/zones?after=zzz.test").await.body;
    assert!(beyond.contains("no more zones"), "{beyond}");
}
