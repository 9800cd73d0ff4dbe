//! Operators register programs that may ask owners for access, on pages.

use http::StatusCode;

use crate::world::{Browser, World};

const FIELDS: [(&str, &str); 5] = [
    ("id", "tool.example"),
    ("name", "A tool"),
    ("provider", ""),
    ("templates", "website, mail"),
    (
        "redirects",
        "https://tool.example/done http://127.0.0.1/done",
    ),
];

/// Whether a secret opens the token endpoint: a refusal for another reason than the client.
async fn opens(browser: &Browser, secret: &str) -> bool {
    let fields = [
        ("client_id", "tool.example"),
        ("client_secret", secret),
        ("grant_type", "refresh_token"),
        ("refresh_token", "x"),
    ];
    let answer = browser.post("/oauth/token", &fields).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    answer.body.contains("invalid_grant")
}

/// The secret that a page shows.
fn secret_of(body: &str) -> Option<&str> {
    let (_, rest) = body.split_once("<p class=\"card mono\"><bdi>")?;
    rest.split_once('<').map(|(secret, _)| secret)
}

#[tokio::test]
async fn an_operator_registers_a_client_and_ends_it() {
    let world = World::start().await;
    let owner = world.owner().await;
    let program = world.anonymous();
    let made = owner.post("/clients", &FIELDS).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let first = secret_of(&made.body).unwrap();
    assert!(opens(&program, first).await);
    let page = owner.get("/clients/tool.example").await;
    assert!(
        page.body.contains("website, mail of tool.example"),
        "{}",
        page.body
    );
    assert_eq!(secret_of(&page.body), None, "it is shown once");
    let rotated = owner
        .post("/clients/tool.example", &[("do", "rotate")])
        .await;
    let second = secret_of(&rotated.body).unwrap();
    assert_ne!(first, second);
    assert!(opens(&program, first).await && opens(&program, second).await);
    owner
        .post("/clients/tool.example", &[("do", "disable")])
        .await;
    assert!(!opens(&program, second).await);
    owner
        .post("/clients/tool.example", &[("do", "enable")])
        .await;
    assert!(opens(&program, second).await);
    let list = owner.get("/clients").await;
    assert!(list.body.contains("domainconnect.org"), "{}", list.body);
    // Deleting it is asked about first.
    let ask = owner.get("/clients/tool.example/delete").await;
    assert!(
        ask.body.contains("No owner gives it access"),
        "{}",
        ask.body
    );
    assert!(opens(&program, second).await);
    let gone = owner.post("/clients/tool.example/delete", &[]).await;
    assert_eq!(gone.location(), "/clients");
    assert!(!opens(&program, second).await);
    let list = owner.get("/clients").await;
    assert!(!list.body.contains("tool.example"), "{}", list.body);
    for path in ["/clients/tool.example", "/clients/tool.example/delete"] {
        assert_eq!(owner.get(path).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn what_is_not_right_is_said_beside_the_form() {
    let world = World::start().await;
    let owner = world.owner().await;
    for (field, value) in [
        ("id", "two words"),
        ("id", "domainconnect.org"),
        ("name", ""),
        ("redirects", ""),
        ("redirects", "http://tool.example/done"),
        ("templates", "no/template"),
    ] {
        let fields = FIELDS.map(|(name, usual)| {
            if name == field {
                (name, value)
            } else {
                (name, usual)
            }
        });
        let answer = owner.post("/clients", &fields).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{field} {value}"
        );
        assert!(
            answer.body.contains(&format!("id=\"{field}-problem\"")),
            "{field} {value}"
        );
    }
    assert_eq!(
        owner.get("/clients/tool.example").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn nobody_else_sees_or_changes_clients() {
    let world = World::start().await;
    let member = world.neighbour().await;
    for path in [
        "/clients",
        "/clients/domainconnect.org",
        "/clients/domainconnect.org/delete",
    ] {
        assert_eq!(member.get(path).await.status, StatusCode::FORBIDDEN);
        let tried = member.post(path, &[("do", "disable")]).await;
        assert_eq!(tried.status, StatusCode::FORBIDDEN);
    }
    let stranger = world.anonymous().get("/clients").await;
    assert_ne!(stranger.status, StatusCode::OK);
}
