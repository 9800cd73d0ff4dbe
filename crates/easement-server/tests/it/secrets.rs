//! What is logged, and what is not.

use easement_server::admin::{AdminReply, AdminRequest};
use easement_server::demo::OWNER;
use http::StatusCode;

use crate::log_lines::Lines;
use crate::world::World;

#[tokio::test]
async fn no_secret_is_logged_even_when_everything_is() {
    let lines = Lines::record();
    let world = World::start().await;
    let app = world.demo.app();

    let request = AdminRequest::CreateAccount {
        email: "new@example.test".parse().unwrap(),
        standing: easement_core::Standing::Member,
        password: None,
    };
    let AdminReply::AccountCreated(account) = app.administer(request).await.unwrap() else {
        panic!("an account");
    };
    let link = account.choose_password_link.unwrap();
    let path = link
        .reveal()
        .strip_prefix(&app.public_url().origin())
        .unwrap();
    let fields = [
        ("password", "a new secret phrase"),
        ("password_again", "a new secret phrase"),
    ];
    let chosen = world.anonymous().post(path, &fields).await;
    assert_eq!(chosen.status, StatusCode::SEE_OTHER, "{}", chosen.body);
    let used = world.anonymous().get(path).await;
    assert_eq!(used.status, StatusCode::GONE, "the link works once");
    world.anonymous().try_sign_in(OWNER, "a wrong guess").await;
    let owner = world.owner().await;
    let state = "a-state-of-the-provider";
    let apply = world.mail_link("example.test", &[("state", state)]);
    owner.answer_consent(&apply, "agree").await;

    // Tokens that do not count are no less secret: one letter may be wrong.
    let token = "easement_live_abcdefghijklBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB";
    let mut device = world.anonymous();
    for path in [
        format!("/update?domains=home.example.test&token={token}"),
        format!("/update/home.example.test/{token}/9.9.9.9"),
        format!("/u/{token}/"),
        format!("/nic/update?hostname=home.example.test&password={token}"),
    ] {
        device.get(&path).await;
    }
    device
        .post(&format!("/acme-dns/{token}/register"), &[])
        .await;
    device.headers.insert("x-api-key", token.parse().unwrap());
    device.post("/update", &[]).await;
    device.get("/.well-known/apertodns/v1/domains").await;

    let log = lines.text();
    assert!(log.contains("\"http.route\""), "requests are logged: {log}");
    assert!(log.contains("a template was applied"), "{log}");
    let secret = path.rsplit('/').next().unwrap();
    for hidden in [
        secret,
        "a new secret phrase",
        "a wrong guess",
        world.demo.owner_password(),
        world.demo.neighbour_password(),
        owner.cookie.as_deref().unwrap(),
        state,
        token,
        "$argon2id$",
    ] {
        assert!(!log.contains(hidden), "{hidden} is in the log");
    }
}

#[tokio::test]
async fn a_password_that_was_typed_in_place_of_the_address_is_not_kept() {
    let world = World::start().await;
    let typed = "three@little-words";
    let answer = world.anonymous().try_sign_in(typed, "x").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let written = world.written();
    let is_written = |text: &str| {
        written
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(is_written(OWNER), "the database was looked at");
    assert!(!is_written(typed));
}
