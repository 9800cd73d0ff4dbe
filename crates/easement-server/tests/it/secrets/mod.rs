//! What is logged, and what is not.

mod issued;

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

    let of_programs = send_secrets_of_programs(&world).await;
    let issued = issued::issue_all(&world).await;

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
    for hidden in of_programs {
        assert!(!log.contains(&hidden), "{hidden} is in the log");
    }
    for (what, hidden) in issued {
        assert!(hidden.len() > 4, "{what}: {hidden}");
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(&hidden)).collect();
        assert!(lines.is_empty(), "{what} is in the log: {lines:?}");
    }
}

/// Sends codes, tokens and secrets of clients wherever they may stand, and gives them.
async fn send_secrets_of_programs(world: &World) -> [String; 5] {
    let (code, access, refresh) = (
        format!("easement_code_{}", "C".repeat(43)),
        format!("easement_access_{}", "D".repeat(43)),
        format!("easement_refresh_{}", "E".repeat(43)),
    );
    let client_secret = "a-secret-of-a-client";
    let program = world.anonymous();
    for query in [
        format!("grant_type=authorization_code&code={code}"),
        format!("grant_type=refresh_token&refresh_token={refresh}"),
    ] {
        for client in ["domainconnect.org", "nobody.example"] {
            let path = format!(
                "/v2/oauth/access_token?{query}&client_id={client}&client_secret={client_secret}"
            );
            program.post(&path, &[]).await;
            let inconceivable = path.replace(client_secret, "inconceivable");
            program.post(&inconceivable, &[]).await;
        }
    }
    for token in [&access, &refresh] {
        let fields = [("client_id", "domainconnect.org"), ("token", token)];
        program.post("/oauth/revoke", &fields).await;
        program.post("/oauth/introspect", &fields).await;
    }
    [
        code,
        access,
        refresh,
        client_secret.to_owned(),
        "inconceivable".to_owned(),
    ]
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
