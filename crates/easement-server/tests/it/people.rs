//! Owners give and take roles in their zones.

use std::time::Duration;

use easement_core::{AuditEvent, EmailAddress, Standing, ZoneRole};
use easement_server::admin::{AdminReply, AdminRequest, GivenPassword};
use easement_server::demo::{NEIGHBOUR, OWNER};
use http::StatusCode;

use crate::world::{Answer, Browser, World};

const PEOPLE: &str = "/zones/example.test/people";
const ANOTHER: &str = "another@example.net";

async fn give(world: &World, by: &Browser, email: &str, role: &str) -> Answer {
    let password = world.demo.owner_password();
    let fields = [
        ("email", email),
        ("role", role),
        ("current_password", password),
    ];
    by.post(PEOPLE, &fields).await
}

/// The address of the page about somebody, as the list has it.
async fn page_of(owner: &Browser, email: &str) -> String {
    let list = owner.get(PEOPLE).await.body;
    let (_, row) = list.split_once(&format!("<bdi>{email}</bdi>")).unwrap();
    let (_, href) = row.split_once("href=\"").unwrap();
    href.split_once('"').unwrap().0.to_owned()
}

/// Gives somebody a role from the machine of the server.
async fn set_role(world: &World, email: &str, role: Option<ZoneRole>) {
    let request = AdminRequest::SetRole {
        apex: "example.test".parse().unwrap(),
        email: email.parse().unwrap(),
        role,
    };
    world.demo.app().administer(request).await.unwrap();
}

/// Makes an account, and signs it in.
async fn make_account(world: &World, email: &str) -> Browser {
    let password = "three little words";
    let request = AdminRequest::CreateAccount {
        email: email.parse().unwrap(),
        standing: Standing::Member,
        password: Some(GivenPassword::new(password)),
    };
    let made = world.demo.app().administer(request).await.unwrap();
    assert!(matches!(made, AdminReply::AccountCreated(_)), "{made:?}");
    let mut browser = world.anonymous();
    browser.sign_in(email, password).await;
    browser
}

/// A problem of a field of a form that did nothing.
#[track_caller]
fn assert_problem(answer: &Answer, field: &str, words: &str) {
    assert_eq!(
        answer.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        answer.body
    );
    for needed in [format!("id=\"{field}-problem\"").as_str(), words] {
        assert!(answer.body.contains(needed), "{needed}: {}", answer.body);
    }
}

#[tokio::test]
async fn an_owner_gives_changes_and_takes_a_role() {
    let world = World::start().await;
    let (owner, neighbour) = (world.owner().await, world.neighbour().await);
    let zone = "/zones/example.test";
    assert!(owner.get(zone).await.body.contains(PEOPLE));
    let list = owner.get(PEOPLE).await;
    assert_eq!(list.status, StatusCode::OK);
    assert!(list.body.contains(OWNER), "{}", list.body);
    assert_eq!(neighbour.get(zone).await.status, StatusCode::FORBIDDEN);

    let shouted = format!(" {} ", NEIGHBOUR.to_uppercase());
    let given = give(&world, &owner, &shouted, "viewer").await;
    assert_eq!(given.location(), PEOPLE, "{}", given.body);
    let seen = neighbour.get(zone).await;
    assert_eq!(seen.status, StatusCode::OK);
    assert!(!seen.body.contains(PEOPLE), "{}", seen.body);

    let page = page_of(&owner, NEIGHBOUR).await;
    let shown = owner.get(&page).await;
    assert!(
        shown
            .body
            .contains("id=\"role-viewer\" name=\"role\" value=\"viewer\" checked"),
        "{}",
        shown.body
    );
    let change = |role: &'static str| {
        let (owner, page) = (owner.clone(), page.clone());
        let password = world.demo.owner_password().to_owned();
        async move {
            let fields = [("role", role), ("current_password", password.as_str())];
            owner.post(&page, &fields).await
        }
    };
    assert_eq!(change("owner").await.location(), PEOPLE);
    assert_eq!(neighbour.get(PEOPLE).await.status, StatusCode::OK);
    assert_eq!(change("none").await.location(), PEOPLE);
    assert_eq!(neighbour.get(zone).await.status, StatusCode::FORBIDDEN);
    assert_eq!(owner.get(&page).await.status, StatusCode::NOT_FOUND);
    assert_eq!(change("owner").await.status, StatusCode::NOT_FOUND);

    // Each change is in the audit trail, as done by the owner.
    let export = owner.get("/account/export").await.body;
    let export: serde_json::Value = serde_json::from_str(&export).unwrap();
    let audit = export["audit"].as_array().unwrap().iter().rev();
    let events: Vec<AuditEvent> = audit
        .map(|entry| serde_json::from_value(entry["event"].clone()).unwrap())
        .filter(|event| matches!(event, AuditEvent::RoleSet { .. }))
        .collect();
    let email: EmailAddress = NEIGHBOUR.parse().unwrap();
    let set =
        [Some(ZoneRole::Viewer), Some(ZoneRole::Owner), None].map(|role| AuditEvent::RoleSet {
            apex: "example.test".to_owned(),
            email: email.clone(),
            role,
        });
    assert_eq!(events, set);
}

#[tokio::test]
async fn nobody_else_sees_or_changes_roles() {
    let world = World::start().await;
    let owner = world.owner().await;
    let page = page_of(&owner, OWNER).await;
    let (anonymous, other) = (world.anonymous(), make_account(&world, ANOTHER).await);
    let password = "three little words";
    let wish = [
        ("email", ANOTHER),
        ("role", "owner"),
        ("current_password", password),
    ];
    for path in [PEOPLE, &page] {
        assert_eq!(anonymous.get(path).await.status, StatusCode::SEE_OTHER);
        let posted = anonymous.post(path, &wish).await;
        assert_eq!(posted.status, StatusCode::FORBIDDEN, "{path}");
    }
    for role in [None, Some(ZoneRole::Viewer), Some(ZoneRole::Editor)] {
        set_role(&world, ANOTHER, role).await;
        for path in [PEOPLE, &page] {
            let seen = other.get(path).await;
            assert_eq!(seen.status, StatusCode::FORBIDDEN, "{role:?} {path}");
            assert!(!seen.body.contains(OWNER), "{}", seen.body);
            let posted = other.post(path, &wish).await;
            assert_eq!(posted.status, StatusCode::FORBIDDEN, "{role:?} {path}");
        }
        let knows = role.is_some();
        let words = "is for its owners";
        let seen = other.get(PEOPLE).await;
        assert_eq!(seen.body.contains(words), knows, "{}", seen.body);
    }
    let missing = other.get("/zones/nowhere.test/people").await;
    assert_eq!(missing.status, StatusCode::FORBIDDEN);
    // Somebody who has a role elsewhere has none here.
    let theirs = page.replace("example.test", "neighbour.test");
    let seen = owner.get(&theirs).await;
    assert_eq!(seen.status, StatusCode::FORBIDDEN);
    for id in ["0", "-1", "99999999999999999999", "x", "%ff"] {
        let seen = owner.get(&format!("{PEOPLE}/{id}")).await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND, "{id}");
    }
    let mut foreign = owner.clone();
    foreign
        .headers
        .insert("sec-fetch-site", "cross-site".parse().unwrap());
    let right = world.demo.owner_password();
    let wish = [
        ("email", NEIGHBOUR),
        ("role", "owner"),
        ("current_password", right),
    ];
    for path in [PEOPLE, &page] {
        let posted = foreign.post(path, &wish).await;
        assert_eq!(posted.status, StatusCode::FORBIDDEN, "{path}");
    }
    let list = owner.get(PEOPLE).await;
    assert!(!list.body.contains(NEIGHBOUR), "{}", list.body);
}

#[tokio::test]
async fn the_last_owner_stays_one() {
    let world = World::start().await;
    let owner = world.owner().await;
    let own = page_of(&owner, OWNER).await;
    let shown = owner.get(&own).await.body;
    assert!(shown.contains("This is the only owner"), "{shown}");
    assert!(!shown.contains("current_password"), "{shown}");
    let password = world.demo.owner_password();
    let step_down = |role| [("role", role), ("current_password", password)];
    for role in ["viewer", "editor", "none"] {
        let refused = owner.post(&own, &step_down(role)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{role}");
        assert!(refused.body.contains("This is the only owner"), "{role}");
    }
    give(&world, &owner, NEIGHBOUR, "owner").await;
    assert!(owner.get(&own).await.body.contains("current_password"));
    let stepped = owner.post(&own, &step_down("editor")).await;
    assert_eq!(stepped.location(), "/zones/example.test");
    assert_eq!(owner.get(PEOPLE).await.status, StatusCode::FORBIDDEN);
    set_role(&world, OWNER, Some(ZoneRole::Owner)).await;
    let gone = owner.post(&own, &step_down("none")).await;
    assert_eq!(gone.location(), "/zones");
    let zone = owner.get("/zones/example.test").await;
    assert_eq!(zone.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_is_not_right_is_said_beside_the_field() {
    let world = World::start().await;
    let owner = world.owner().await;
    for (email, role, field, words) in [
        ("", "viewer", "email", "is not an e-mail address"),
        ("a b@example.net", "viewer", "email", "space"),
        (OWNER, "viewer", "email", "has a role here already"),
        (NEIGHBOUR, "", "role", "Choose a role"),
        (NEIGHBOUR, "none", "role", "is not a zone role"),
        (NEIGHBOUR, "operator", "role", "is not a zone role"),
        ("nobody@example.net", "viewer", "email", "No account here"),
    ] {
        let refused = give(&world, &owner, email, role).await;
        assert_problem(&refused, field, words);
    }
    let page = page_of(&owner, OWNER).await;
    give(&world, &owner, NEIGHBOUR, "owner").await;
    let right = world.demo.owner_password();
    let king = [("role", "king"), ("current_password", right)];
    assert_problem(
        &owner.post(&page, &king).await,
        "role",
        "is not a zone role",
    );
    for wrong in ["", "a wrong guess", &"x".repeat(2000)] {
        let fields = [("role", "viewer"), ("current_password", wrong)];
        let refused = owner.post(&page, &fields).await;
        assert_problem(&refused, "current_password", "assword");
    }
    assert!(owner.get(PEOPLE).await.body.contains(NEIGHBOUR));
}

/// Whether an address has an account is told to owners who typed their password, and not often.
#[tokio::test]
async fn addresses_are_not_tried_out() {
    let world = World::start().await;
    let owner = world.owner().await;
    let told = |answer: &Answer| answer.body.contains("No account here");
    // A session that somebody else took over learns nothing.
    for email in [NEIGHBOUR, "nobody@example.net"] {
        let fields = [
            ("email", email),
            ("role", "viewer"),
            ("current_password", "a wrong guess"),
        ];
        let refused = owner.post(PEOPLE, &fields).await;
        assert_problem(&refused, "current_password", "not your current password");
        assert!(!told(&refused), "{email}");
    }
    for number in 0..20 {
        let email = format!("nobody{number}@example.net");
        assert!(
            told(&give(&world, &owner, &email, "viewer").await),
            "{email}"
        );
    }
    for email in [NEIGHBOUR, "nobody@example.net"] {
        let refused = give(&world, &owner, email, "viewer").await;
        assert_problem(&refused, "email", "You tried 20 addresses");
        assert!(!told(&refused), "{email}");
    }
    world.clock.pass(Duration::from_hours(1));
    let given = give(&world, &owner, NEIGHBOUR, "viewer").await;
    assert_eq!(given.location(), PEOPLE, "{}", given.body);
}

#[tokio::test]
async fn who_is_no_owner_any_more_changes_nothing() {
    let world = World::start().await;
    let owner = world.owner().await;
    let other = make_account(&world, ANOTHER).await;
    give(&world, &owner, ANOTHER, "owner").await;
    let page = page_of(&owner, OWNER).await;
    assert_eq!(other.get(&page).await.status, StatusCode::OK);
    set_role(&world, ANOTHER, Some(ZoneRole::Editor)).await;
    let fields = [("role", "none"), ("current_password", "three little words")];
    let late = other.post(&page, &fields).await;
    assert_eq!(late.status, StatusCode::FORBIDDEN, "{}", late.body);
    assert_eq!(owner.get(PEOPLE).await.status, StatusCode::OK);
}
