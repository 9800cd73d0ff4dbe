//! How often tokens are tried and used, and clients that are switched off.

use std::time::Duration;

use easement_server::admin::{AdminRequest, ClientChange, ClientRequest};
use http::StatusCode;

use super::{Program, assert_done, assert_failed, link, records, sent};
use crate::world::World;

#[tokio::test]
async fn a_network_that_guesses_tokens_has_to_wait_and_owners_of_tokens_do_not() {
    let world = World::start().await;
    let program = Program::with_access(&world, "&host=home").await;
    let home = "domain=example.test&host=home&IPv4=198.51.100.7&groupId=IPv4";
    let mut guess = Program {
        browser: world.anonymous(),
        access: "easement_access_guess".to_owned(),
        refresh: String::new(),
    };
    for _ in 0..120 {
        let refused = guess.apply(home).await;
        assert_failed(&refused, StatusCode::UNAUTHORIZED, "invalid_token");
    }
    let refused = guess.apply(home).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(!refused.header("retry-after").is_empty());
    assert_done(&program.apply(home).await);
    guess.browser = guess.browser.from("203.0.113.9:4000");
    let elsewhere = guess.apply(home).await;
    assert_failed(&elsewhere, StatusCode::UNAUTHORIZED, "invalid_token");
    guess.browser = world.anonymous();
    world.clock.pass(Duration::from_mins(1));
    let later = guess.apply(home).await;
    assert_failed(&later, StatusCode::UNAUTHORIZED, "invalid_token");
}

#[tokio::test]
async fn one_access_is_used_so_often_and_no_more() {
    let world = World::start().await;
    let program = Program::with_access(&world, "&host=home").await;
    let other = Program::with_access(&world, "&host=home").await;
    let home = "domain=example.test&host=home&IPv4=198.51.100.7&groupId=IPv4";
    for _ in 0..120 {
        assert_done(&program.apply(home).await);
    }
    let refused = program.apply(home).await;
    assert_failed(&refused, StatusCode::TOO_MANY_REQUESTS, "too_many_requests");
    assert!(!refused.header("retry-after").is_empty());
    assert_done(&other.apply(home).await);
    world.clock.pass(Duration::from_mins(1));
    assert_done(&program.apply(home).await);
}

#[tokio::test]
async fn a_disabled_client_asks_and_does_nothing_until_it_is_enabled() {
    let world = World::start().await;
    let program = Program::with_access(&world, "&host=home").await;
    let change = async |change| {
        let id = "domainconnect.org".parse().unwrap();
        let request = AdminRequest::Client(ClientRequest::Change { id, change });
        world.demo.app().administer(request).await.unwrap();
    };
    change(ClientChange::Disable).await;
    let home = "domain=example.test&host=home&IPv4=198.51.100.7&groupId=IPv4";
    let refused = program.apply(home).await;
    assert_failed(&refused, StatusCode::UNAUTHORIZED, "invalid_token");
    let refused = program.revert("domain=example.test&host=home").await;
    assert_failed(&refused, StatusCode::UNAUTHORIZED, "invalid_token");
    let owner = world.owner().await;
    let page = owner.get(&link("example.test", "&host=home")).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST, "{}", page.body);
    assert_eq!(page.location(), "", "nobody is sent anywhere");
    for path in ["/apps", "/apps/1"] {
        let page = owner.get(path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains("disabled it"), "{path}: {}", page.body);
    }
    assert!(!records(&world, "home").await.contains("198.51.100.7"));
    change(ClientChange::Enable).await;
    assert_done(&program.apply(home).await);
}

#[tokio::test]
async fn who_declines_for_a_zone_of_somebody_else_leaves_no_trace() {
    let world = World::start().await;
    let owner = world.owner().await;
    let declined = async || {
        let data = owner.get("/account/export").await.body;
        data.matches("grant_declined").count()
    };
    for domain in ["neighbour.test", "nowhere.test"] {
        let posted = owner
            .post(&link(domain, ""), &[("answer", "decline")])
            .await;
        assert_eq!(sent(&posted, "error").as_deref(), Some("access_denied"));
    }
    assert_eq!(declined().await, 0);
    let posted = owner
        .post(&link("example.test", ""), &[("answer", "decline")])
        .await;
    assert_eq!(sent(&posted, "error").as_deref(), Some("access_denied"));
    assert_eq!(declined().await, 1);
}
