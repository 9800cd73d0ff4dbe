//! What ends or stops an access after it was given.

use easement_core::ZoneRole;
use easement_server::admin::AdminRequest;
use easement_server::demo::{NEIGHBOUR, OWNER};
use http::StatusCode;

use super::{Program, assert_done, assert_failed, link, replace_template, sent, withdraw_template};
use crate::world::World;

#[tokio::test]
async fn a_template_that_was_withdrawn_is_not_applied_any_more() {
    let world = World::start().await;
    let program = Program::with_access(&world, "&host=home").await;
    withdraw_template(&world).await;
    let refused = program
        .apply("domain=example.test&host=home&IPv4=198.51.100.7&groupId=IPv4")
        .await;
    assert_failed(&refused, StatusCode::NOT_FOUND, "not_found");
    let answer = world.owner().await.get(&link("example.test", "")).await;
    assert_eq!(sent(&answer, "error").as_deref(), Some("invalid_scope"));
}

#[tokio::test]
async fn a_text_of_a_template_that_asks_for_more_was_not_agreed_to() {
    let world = World::start().await;
    let program = Program::with_access(&world, "&host=home").await;
    let wider = r#"{"providerId": "domainconnect.org", "providerName": "Domain Connect",
        "serviceId": "dynamicdns-v2", "serviceName": "Dynamic DNS", "version": 99, "syncBlock": true,
        "records": [{"groupId": "IPv4", "type": "A", "host": "@", "pointsTo": "%IPv4%", "ttl": 60},
            {"groupId": "IPv6", "type": "AAAA", "host": "@", "pointsTo": "%IPv6%", "ttl": 60},
            {"groupId": "IPv4", "type": "A", "host": "www", "pointsTo": "%IPv4%", "ttl": 60}]}"#;
    replace_template(&world, wider).await;
    let shown = world.owner().await.get("/apps/1").await;
    for part in ["asks for more by now", "A at www.home.example.test"] {
        assert!(shown.body.contains(part), "{part}: {}", shown.body);
    }
    let home = "domain=example.test&host=home&IPv4=198.51.100.7&groupId=IPv4";
    let refused = program.apply(home).await;
    assert_failed(&refused, StatusCode::FORBIDDEN, "insufficient_scope");
    assert!(
        refused.body.contains("www.home.example.test"),
        "{}",
        refused.body
    );
    let asked_again = Program::with_access(&world, "&host=home").await;
    assert_done(&asked_again.apply(home).await);
}

#[tokio::test]
async fn a_role_that_was_taken_stops_what_was_granted_with_it() {
    let world = World::start().await;
    let program = Program::with_access(&world, "&host=home").await;
    for (email, role) in [(NEIGHBOUR, Some(ZoneRole::Owner)), (OWNER, None)] {
        let change = AdminRequest::SetRole {
            apex: "example.test".parse().unwrap(),
            email: email.parse().unwrap(),
            role,
        };
        world.demo.app().administer(change).await.unwrap();
    }
    let refused = program
        .apply("domain=example.test&host=home&IPv4=198.51.100.7&groupId=IPv4")
        .await;
    assert_failed(&refused, StatusCode::UNAUTHORIZED, "invalid_token");
    // It does not come back with the role.
    let change = AdminRequest::SetRole {
        apex: "example.test".parse().unwrap(),
        email: OWNER.parse().unwrap(),
        role: Some(ZoneRole::Owner),
    };
    world.demo.app().administer(change).await.unwrap();
    let refused = program
        .apply("domain=example.test&host=home&IPv4=198.51.100.7&groupId=IPv4")
        .await;
    assert_failed(&refused, StatusCode::UNAUTHORIZED, "invalid_token");
}
