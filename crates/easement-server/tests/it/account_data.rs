//! What people can do with all that is stored about them.

use easement_core::{Standing, ZoneRole};
use easement_server::admin::{AdminReply, AdminRequest};
use easement_server::demo::{NEIGHBOUR, OWNER};
use http::StatusCode;
use serde_json::Value;

use crate::world::World;

#[tokio::test]
async fn people_can_have_everything_that_is_stored_about_them() {
    let world = World::start().await;
    let owner = world.owner().await;
    let answer = owner.get("/account/export").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer
            .header("content-disposition")
            .starts_with("attachment")
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    let document: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(document["account"]["email"], OWNER);
    let zones = document["zones"].as_array().unwrap();
    let zone = zones
        .iter()
        .find(|zone| zone["apex"] == "example.test")
        .unwrap();
    assert_eq!(zone["role"], "owner");
    assert!(zone["zone_file"].as_str().unwrap().contains("SOA"));
    assert!(!zones.iter().any(|zone| zone["apex"] == "neighbour.test"));
    let audit = document["audit"].as_array().unwrap();
    assert!(
        audit
            .iter()
            .any(|entry| entry["event"]["event"] == "signed_in"),
        "{audit:?}"
    );
    for secret in ["argon2", "password", owner.cookie.as_deref().unwrap()] {
        assert!(!answer.body.contains(secret), "{secret}");
    }
    assert_eq!(document["incomplete"], serde_json::json!([]));
    let anonymous = world.anonymous().get("/account/export").await;
    assert_eq!(anonymous.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_others_did_about_an_account_is_told_without_what_is_theirs() {
    let world = World::start().await;
    let owner = world.owner().await;
    let stranger = world.anonymous();
    stranger.try_sign_in(OWNER, "a wrong guess").await;
    let app = world.demo.app();
    let role = AdminRequest::SetRole {
        apex: "neighbour.test".parse().unwrap(),
        email: OWNER.parse().unwrap(),
        role: Some(ZoneRole::Viewer),
    };
    app.administer(role).await.unwrap();
    let link = AdminRequest::MakePasswordLink {
        email: OWNER.parse().unwrap(),
    };
    let AdminReply::PasswordLink(link) = app.administer(link).await.unwrap() else {
        panic!("there is a link");
    };
    let export = owner.get("/account/export").await;
    let document: Value = serde_json::from_str(&export.body).unwrap();
    let about = document["about_account"].as_array().unwrap();
    let told: Vec<(&str, &str)> = about
        .iter()
        .map(|one| {
            (
                one["event"]["event"].as_str().unwrap(),
                one["by"].as_str().unwrap(),
            )
        })
        .collect();
    let here = "somebody at the server's own machine";
    for event in [
        ("sign_in_failed", "somebody who was not signed in"),
        ("role_set", here),
        ("password_link_made", here),
    ] {
        assert!(told.contains(&event), "{event:?}: {told:?}");
    }
    assert!(about.iter().all(|one| one.get("address").is_none()));
    assert!(
        !export.body.contains(link.link.reveal()),
        "the link is no secret any more"
    );
    let neighbour = world.neighbour().await.get("/account/export").await;
    assert!(!neighbour.body.contains(OWNER), "{}", neighbour.body);
}

#[tokio::test]
async fn people_can_have_their_data_so_often_in_an_hour() {
    let world = World::start().await;
    let (owner, neighbour) = (world.owner().await, world.neighbour().await);
    for _ in 0..10 {
        assert_eq!(owner.get("/account/export").await.status, StatusCode::OK);
    }
    let refused = owner.get("/account/export").await;
    assert_eq!(
        refused.status,
        StatusCode::TOO_MANY_REQUESTS,
        "{}",
        refused.body
    );
    assert_eq!(
        neighbour.get("/account/export").await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn an_account_is_deleted_by_its_holder_alone() {
    let world = World::start().await;
    let holder = world.neighbour().await;
    let elsewhere = world.neighbour().await;
    let asked = holder.get("/account/delete").await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(asked.body.contains("would have no owner"), "{}", asked.body);
    assert!(asked.body.contains("neighbour.test"));
    for wrong in ["", "a wrong guess"] {
        let refused = holder
            .post("/account/delete", &[("current_password", wrong)])
            .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let mut foreign = holder.clone();
    foreign
        .headers
        .insert("sec-fetch-site", "cross-site".parse().unwrap());
    let right = [("current_password", world.demo.neighbour_password())];
    let refused = foreign.post("/account/delete", &right).await;
    assert_eq!(
        refused.status,
        StatusCode::FORBIDDEN,
        "a page of somebody else"
    );
    let deleted = holder.post("/account/delete", &right).await;
    assert_eq!(deleted.location(), "/sign-in?after=account-deleted");
    assert_eq!(deleted.session().as_deref(), Some(""));
    assert_eq!(elsewhere.get("/zones").await.status, StatusCode::SEE_OTHER);
    let again = world
        .anonymous()
        .try_sign_in(NEIGHBOUR, world.demo.neighbour_password())
        .await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_last_operator_cannot_delete_the_account() {
    let world = World::start().await;
    let owner = world.owner().await;
    let asked = owner.get("/account/delete").await;
    assert_eq!(asked.status, StatusCode::OK);
    let remedy = "easement account operator EMAIL on";
    for words in ["the last operator", remedy] {
        assert!(asked.body.contains(words), "{words}: {}", asked.body);
    }
    assert!(!asked.body.contains("current_password"), "{}", asked.body);
    let right = [("current_password", world.demo.owner_password())];
    let refused = owner.post("/account/delete", &right).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains(remedy), "{}", refused.body);
    assert!(!refused.body.contains("attention"), "no field is wrong");
    assert_eq!(owner.get("/zones").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_operator_who_is_not_the_last_may_go() {
    let world = World::start().await;
    let owner = world.owner().await;
    let promoted = AdminRequest::SetStanding {
        email: NEIGHBOUR.parse().unwrap(),
        standing: Standing::Operator,
    };
    world.demo.app().administer(promoted).await.unwrap();
    let neighbour = world.neighbour().await;
    assert_eq!(neighbour.get("/templates").await.status, StatusCode::OK);
    let right = [("current_password", world.demo.owner_password())];
    let deleted = owner.post("/account/delete", &right).await;
    assert_eq!(deleted.location(), "/sign-in?after=account-deleted");
}
