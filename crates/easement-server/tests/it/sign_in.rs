//! Signing in and out, and everything that someone tries who may not.

use std::time::Duration;

use easement_server::admin::{AdminReply, AdminRequest};
use easement_server::demo::OWNER;
use http::StatusCode;
use tokio::task::JoinSet;

use crate::world::World;

#[tokio::test]
async fn a_session_begins_with_a_new_secret_in_a_locked_cookie_and_ends_on_request() {
    let world = World::start().await;
    let mut browser = world.anonymous();
    let planted = "A".repeat(43);
    browser.cookie = Some(planted.clone());

    let answer = browser
        .try_sign_in(OWNER, world.demo.owner_password())
        .await;

    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.location(), "/zones");
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-easement="), "{cookie}");
    assert!(
        cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    assert_ne!(
        answer.session().unwrap(),
        planted,
        "a planted secret is not taken over"
    );
    assert_eq!(
        browser.get("/zones").await.location(),
        "/sign-in?next=%2Fzones"
    );

    let first = answer.session();
    browser.cookie = first.clone();
    assert_eq!(browser.get("/zones").await.status, StatusCode::OK);
    let again = browser
        .try_sign_in(OWNER, world.demo.owner_password())
        .await;
    assert_ne!(again.session(), first);
    assert_eq!(
        browser.get("/zones").await.status,
        StatusCode::SEE_OTHER,
        "the first has ended"
    );

    browser.cookie = again.session();
    let out = browser.post("/sign-out", &[]).await;
    assert_eq!(out.location(), "/sign-in?after=signed-out");
    assert_eq!(out.session().as_deref(), Some(""));
    assert_eq!(browser.get("/zones").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn nobody_learns_whether_an_account_exists() {
    let world = World::start().await;
    let browser = world.anonymous();
    let known = browser.try_sign_in(OWNER, "not the password").await;
    let unknown = browser
        .try_sign_in("nobody@example.test", "not the password")
        .await;
    assert_eq!(known.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(unknown.status, known.status);
    let without_address = |body: &str| body.replace(OWNER, "X").replace("nobody@example.test", "X");
    assert_eq!(without_address(&known.body), without_address(&unknown.body));
    assert!(known.session().is_none() && unknown.session().is_none());
}

#[tokio::test]
async fn guessing_is_slowed_down_whatever_address_is_pretended() {
    let world = World::start().await;
    let mut guesser = world.anonymous();
    let mut last = StatusCode::OK;
    for guess in 0..7 {
        // Nobody said that this peer is a proxy, so the header changes nothing.
        let pretended = format!("203.0.113.{guess}");
        guesser
            .headers
            .insert("x-forwarded-for", pretended.parse().unwrap());
        last = guesser.try_sign_in(OWNER, "a guess").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);

    let right = world.demo.owner_password();
    let elsewhere = world.anonymous();
    assert_eq!(
        elsewhere.try_sign_in(OWNER, right).await.status,
        StatusCode::TOO_MANY_REQUESTS,
        "the account waits, wherever the next try comes from"
    );
    world.clock.pass(Duration::from_mins(15));
    assert_eq!(
        elsewhere.try_sign_in(OWNER, right).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_that_come_all_at_once_are_slowed_down_like_others() {
    let world = World::start().await;
    let mut guesses = JoinSet::new();
    for _ in 0..12 {
        let browser = world.anonymous();
        guesses.spawn(async move { browser.try_sign_in(OWNER, "a guess").await.status });
    }
    let answers = guesses.join_all().await;
    let tried = answers
        .iter()
        .filter(|status| **status == StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(tried.count(), 6, "five are free, and the sixth costs");
}

#[tokio::test]
async fn one_network_is_slowed_down_as_a_whole() {
    let world = World::start().await;
    let mut guesser = world.anonymous();
    let mut last = StatusCode::OK;
    for guess in 1..=22 {
        guesser.peer = format!("[2001:db8:1:2::{guess:x}]:40000").parse().unwrap();
        let email = format!("nobody-{guess}@example.test");
        last = guesser.try_sign_in(&email, "a guess").await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    guesser.peer = "[2001:db8:1:3::1]:40000".parse().unwrap();
    let right = world.demo.owner_password();
    assert_eq!(
        guesser.try_sign_in(OWNER, right).await.status,
        StatusCode::SEE_OTHER,
        "the network beside it"
    );
}

#[tokio::test]
async fn signing_in_leads_to_paths_of_this_server_only() {
    let world = World::start().await;
    let browser = world.anonymous();
    let password = world.demo.owner_password();
    for (next, location) in [
        ("/zones/example.test?q=mx", "/zones/example.test?q=mx"),
        ("https://evil.example/", "/zones"),
        ("//evil.example/", "/zones"),
        ("/\\evil.example/", "/zones"),
        ("/\t/evil.example/", "/zones"),
        ("javascript:alert(1)", "/zones"),
        ("", "/zones"),
    ] {
        let fields = [("email", OWNER), ("password", password), ("next", next)];
        let answer = browser.post("/sign-in", &fields).await;
        assert_eq!(answer.location(), location, "{next:?}");
    }
}

#[tokio::test]
async fn a_session_ends_by_itself() {
    let world = World::start().await;
    let owner = world.owner().await;
    for _ in 0..13 {
        world.clock.pass(Duration::from_hours(23));
        assert_eq!(
            owner.get("/zones").await.status,
            StatusCode::OK,
            "it is used every day"
        );
    }
    world.clock.pass(Duration::from_hours(24));
    assert_eq!(
        owner.get("/zones").await.status,
        StatusCode::SEE_OTHER,
        "it was not used for a day"
    );

    let owner = world.owner().await;
    for _ in 0..14 {
        world.clock.pass(Duration::from_hours(23));
        owner.get("/zones").await;
    }
    world.clock.pass(Duration::from_hours(23));
    assert_eq!(
        owner.get("/zones").await.status,
        StatusCode::SEE_OTHER,
        "it is two weeks old"
    );
}

#[tokio::test]
async fn another_password_ends_the_other_sessions() {
    let world = World::start().await;
    let (here, elsewhere) = (world.owner().await, world.owner().await);
    let old = world.demo.owner_password();
    let change = async |current: &str, new: &str, again: &str| {
        let fields = [
            ("current_password", current),
            ("new_password", new),
            ("new_password_again", again),
        ];
        here.post("/account/password", &fields).await.status
    };
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    assert_eq!(
        change("wrong", "correct horse battery", "correct horse battery").await,
        refused
    );
    assert_eq!(change(old, "short", "short").await, refused);
    assert_eq!(
        change(old, "correct horse battery", "correct horse batterie").await,
        refused
    );
    assert_eq!(elsewhere.get("/zones").await.status, StatusCode::OK);

    let status = change(old, "correct horse battery", "correct horse battery").await;

    assert_eq!(status, StatusCode::OK);
    assert_eq!(here.get("/zones").await.status, StatusCode::OK);
    assert_eq!(elsewhere.get("/zones").await.status, StatusCode::SEE_OTHER);
    let anonymous = world.anonymous();
    assert_eq!(anonymous.try_sign_in(OWNER, old).await.status, refused);
    let new = anonymous.try_sign_in(OWNER, "correct horse battery").await;
    assert_eq!(new.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_password_that_is_being_changed_begins_no_session_that_stays() {
    let world = World::start().await;
    let here = world.owner().await;
    let old = world.demo.owner_password();
    let fields = [
        ("current_password", old),
        ("new_password", "correct horse battery"),
        ("new_password_again", "correct horse battery"),
    ];
    let mut thief = world.owner().await;

    // Both are asked for at once; the theft comes in while the new password is hashed.
    let change = here.post("/account/password", &fields);
    let (changed, stolen) = tokio::join!(change, thief.try_sign_in(OWNER, old));

    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    thief.cookie = stolen.session();
    assert_eq!(thief.get("/zones").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_a_link() {
    let world = World::start().await;
    let owner = world.owner().await;
    let request = AdminRequest::MakePasswordLink {
        email: OWNER.parse().unwrap(),
    };
    let app = world.demo.app();
    let AdminReply::PasswordLink(made) = app.administer(request).await.unwrap() else {
        panic!("a link");
    };
    let origin = app.public_url().origin();
    let path = made.link.reveal().strip_prefix(&origin).unwrap();
    let browser = world.anonymous();
    let page = browser.get(path).await;
    assert!(page.body.contains("Choose a new password"), "{}", page.body);
    assert!(page.body.contains(OWNER), "{}", page.body);
    assert_eq!(
        owner.get("/zones").await.status,
        StatusCode::OK,
        "looking changes nothing"
    );
    let password = "words that are new";
    let fields = [("password", password), ("password_again", password)];
    assert_eq!(
        browser.post(path, &fields).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        owner.get("/zones").await.status,
        StatusCode::SEE_OTHER,
        "whoever knew the old password is out"
    );
    let old = world.demo.owner_password();
    let refused = browser.try_sign_in(OWNER, old).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let welcome = browser.try_sign_in(OWNER, password).await;
    assert_eq!(welcome.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.post(path, &fields).await.status, StatusCode::GONE);
}
