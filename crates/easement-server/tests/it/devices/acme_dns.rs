//! The HTTP interface of acme-dns.

use std::time::Duration;

use axum::body::Body;
use easement_core::{ApiTokenText, EmailAddress, PublicTokenId, Standing, TokenKind};
use easement_server::admin::{
    AdminReply, AdminRequest, ExistingZone, ImportOptions, NewToken, TokenRequest,
};
use easement_server::config::Config;
use easement_server::{App, Surroundings};
use http::{HeaderValue, Method, StatusCode};
use serde_json::Value;
use tempfile::TempDir;

use super::world::{Token, start, start_with};
use crate::world::{Answer, Browser};

/// A token for the texts below `acme.example.test`, which may stand in a URL.
fn invitation() -> Token {
    Token {
        types: &["TXT"],
        in_url: true,
        ..Token::for_names(&["*.acme.example.test"])
    }
}

/// What a client keeps of the answer to `/register`.
#[derive(Clone, Debug)]
struct Account {
    username: String,
    password: String,
    subdomain: String,
    fulldomain: String,
}

impl Account {
    fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        let document: Value = serde_json::from_str(&answer.body).unwrap();
        let text = |name: &str| document[name].as_str().unwrap().to_owned();
        Self {
            username: text("username"),
            password: text("password"),
            subdomain: text("subdomain"),
            fulldomain: text("fulldomain"),
        }
    }

    /// Sets a text, and gives the status and the body.
    async fn set(&self, browser: &Browser, txt: &str) -> (u16, String) {
        let mut browser = browser.clone();
        for (name, value) in [
            ("x-api-user", &self.username),
            ("x-api-key", &self.password),
        ] {
            browser
                .headers
                .insert(name, HeaderValue::from_str(value).unwrap());
        }
        let body = serde_json::json!({ "subdomain": self.subdomain, "txt": txt });
        let answer = browser
            .send(Method::POST, "/update", Body::from(body.to_string()))
            .await;
        (answer.status.as_u16(), answer.body)
    }
}

async fn register(browser: &Browser, invitation: &str, body: &'static str) -> Answer {
    let path = format!("/acme-dns/{invitation}/register");
    browser.send(Method::POST, &path, Body::from(body)).await
}

fn challenge(letter: &str) -> String {
    letter.repeat(43)
}

#[tokio::test]
async fn an_account_keeps_its_two_newest_texts() {
    let (world, device) = start(invitation()).await;
    let account = Account::of(&register(&device.browser, &device.token, "").await);
    assert_eq!(
        account.fulldomain,
        format!("{}.acme.example.test", account.subdomain)
    );
    let [a, b, c] = ["a", "b", "c"].map(challenge);
    for (txt, texts) in [
        (&a, vec![&a]),
        (&b, vec![&a, &b]),
        (&b, vec![&a, &b]),
        (&c, vec![&b, &c]),
    ] {
        let set = account.set(&device.browser, txt).await;
        assert_eq!(set, (200, format!(r#"{{"txt":"{txt}"}}"#)));
        let found = world.texts(&account.fulldomain).await;
        assert_eq!(found.iter().collect::<Vec<_>>(), texts);
    }
    let other = Account::of(&register(&device.browser, &device.token, "null").await);
    assert_ne!(other.subdomain, account.subdomain);
}

#[tokio::test]
async fn the_oldest_text_goes_whatever_its_letters_are() {
    let (world, device) = start(invitation()).await;
    let account = Account::of(&register(&device.browser, &device.token, "").await);
    let letters = ["z", "b", "y", "a"].map(challenge);
    for txt in &letters {
        assert_eq!(account.set(&device.browser, txt).await.0, 200);
        world.inner.clock.pass(Duration::from_secs(1));
    }
    assert_eq!(
        world.texts(&account.fulldomain).await,
        [challenge("a"), challenge("y")]
    );
    world.inner.clock.pass(Duration::from_hours(24));
    world.inner.demo.app().keep_house().await.unwrap();
    assert!(
        world.texts(&account.fulldomain).await.is_empty(),
        "after a day"
    );
}

#[tokio::test]
async fn an_account_reaches_no_further_than_its_name() {
    let (world, device) = start(invitation()).await;
    let browser = &device.browser;
    let account = Account::of(&register(browser, &device.token, "{}").await);
    let other = Account::of(&register(browser, &device.token, "{}").await);
    let txt = challenge("x");
    let forbidden = (401, r#"{"error":"forbidden"}"#.to_owned());
    for wrong in [
        Account {
            subdomain: other.subdomain.clone(),
            ..account.clone()
        },
        Account {
            subdomain: "acme".to_owned(),
            ..account.clone()
        },
        Account {
            username: other.username.clone(),
            ..account.clone()
        },
        Account {
            password: format!("{}x", account.password),
            ..account.clone()
        },
        Account {
            password: String::new(),
            ..account.clone()
        },
    ] {
        assert_eq!(wrong.set(browser, &txt).await, forbidden, "{wrong:?}");
    }
    let bad = account.set(browser, "not a challenge").await;
    assert_eq!(bad, (400, r#"{"error":"bad_txt"}"#.to_owned()));
    assert!(world.texts(&account.fulldomain).await.is_empty());
    assert!(world.texts(&other.fulldomain).await.is_empty());
    world.revoke(&device.token).await;
    assert_eq!(
        account.set(browser, &txt).await,
        forbidden,
        "accounts end with their invitation"
    );
}

#[tokio::test]
async fn an_account_is_used_from_its_networks_alone() {
    let (_world, device) = start(Token {
        networks: &["192.0.2.0/24"],
        ..invitation()
    })
    .await;
    let browser = &device.browser;
    let narrow = register(
        browser,
        &device.token,
        r#"{"allowfrom": ["192.0.2.44/32"]}"#,
    )
    .await;
    let document: Value = serde_json::from_str(&narrow.body).unwrap();
    assert_eq!(document["allowfrom"], serde_json::json!(["192.0.2.44/32"]));
    let account = Account::of(&narrow);
    assert_eq!(account.set(browser, &challenge("x")).await.0, 200);
    let elsewhere = browser.from("192.0.2.45:1024");
    assert_eq!(account.set(&elsewhere, &challenge("y")).await.0, 401);
    for wrong in [
        r#"{"allowfrom": ["0.0.0.0/0"]}"#,
        r#"{"allowfrom": ["198.51.100.0/24"]}"#,
        r#"{"allowfrom": ["here"]}"#,
    ] {
        let answer = register(browser, &device.token, wrong).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
        assert_eq!(answer.body, r#"{"error":"invalid_allowfrom_cidr"}"#);
    }
}

#[tokio::test]
async fn nobody_registers_without_an_invitation() {
    let (world, device) = start(invitation()).await;
    let browser = &device.browser;
    let not_in_url = world
        .token(Token {
            in_url: false,
            ..invitation()
        })
        .await;
    let no_texts = world
        .token(Token {
            types: &["A"],
            ..invitation()
        })
        .await;
    let one_name = Token {
        in_url: true,
        types: &["TXT"],
        ..Token::for_names(&["acme.example.test"])
    };
    let one_name = world.token(one_name).await;
    let elsewhere = Token {
        in_url: true,
        types: &["TXT"],
        ..Token::for_names(&["*.neighbour.test"])
    };
    let elsewhere = world.token(elsewhere).await;
    for wrong in ["x", "%ff", &not_in_url, &one_name, &elsewhere] {
        let answer = register(browser, wrong, "").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{wrong}");
    }
    let answer = register(browser, &no_texts, "").await;
    assert_eq!(
        answer.status,
        StatusCode::UNAUTHORIZED,
        "it would be wider than its invitation"
    );
    let uninvited = browser.send(Method::POST, "/register", Body::empty()).await;
    assert_eq!(
        (uninvited.status, uninvited.body.as_str()),
        (StatusCode::UNAUTHORIZED, r#"{"error":"forbidden"}"#)
    );
    let large = browser
        .send(Method::POST, "/register", Body::from(vec![b' '; 1 << 20]))
        .await;
    assert_eq!(large.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn one_network_makes_so_many_accounts_and_no_more() {
    let (_world, device) = start(invitation()).await;
    for _ in 0..30 {
        Account::of(&register(&device.browser, &device.token, "").await);
    }
    let spent = register(&device.browser, &device.token, "").await;
    assert_eq!(
        (spent.status, spent.body.as_str()),
        (StatusCode::TOO_MANY_REQUESTS, r#"{"error":"rate_limited"}"#)
    );
    let elsewhere = device.browser.from("198.51.100.7:1024");
    Account::of(&register(&elsewhere, &device.token, "").await);
}

#[tokio::test]
async fn so_many_accounts_are_below_an_invitation_and_no_more() {
    let settings = ["dynamic_dns.acme_dns_accounts=2"];
    let (world, device) = start_with(invitation(), &settings).await;
    let first = Account::of(&register(&device.browser, &device.token, "").await);
    Account::of(&register(&device.browser, &device.token, "").await);
    let full = register(&device.browser, &device.token, "").await;
    assert_eq!(
        (full.status, full.body.as_str()),
        (StatusCode::TOO_MANY_REQUESTS, r#"{"error":"rate_limited"}"#)
    );
    world.revoke(&first.password).await;
    Account::of(&register(&device.browser, &device.token, "").await);
}

/// A server that lets strangers make accounts from this token.
async fn start_open(folder: &TempDir, token: Option<PublicTokenId>) -> App {
    let mut config = Config::default();
    config.server.public_url = "http://127.0.0.1:0".parse().unwrap();
    config.server.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.dns.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.store.data_dir = folder.path().to_owned();
    config.dynamic_dns.acme_dns_open_token = token;
    App::start(config, Surroundings::of_this_machine())
        .await
        .unwrap()
}

/// An account, its zone, and the public id of a token for the texts below `acme.example.test`.
async fn prepare(app: &App) -> PublicTokenId {
    let owner: EmailAddress = "owner@example.test".parse().unwrap();
    let requests = [
        AdminRequest::CreateAccount {
            email: owner.clone(),
            standing: Standing::Member,
            password: None,
        },
        AdminRequest::ImportZone {
            apex: "example.test".parse().unwrap(),
            text: include_str!("../../../demo/zones/example.test.zone").to_owned(),
            owner: Some(owner.clone()),
            existing: ExistingZone::Compare,
            options: ImportOptions::default(),
        },
    ];
    for request in requests {
        app.administer(request).await.unwrap();
    }
    let new = NewToken {
        account: Some(owner),
        from: None,
        kind: TokenKind::Live,
        name: "Strangers' certificates".parse().unwrap(),
        limits: invitation().limits(),
        end: None,
    };
    let request = AdminRequest::Token(TokenRequest::Create(Box::new(new)));
    let AdminReply::TokenMade(made) = app.administer(request).await.unwrap() else {
        panic!("a token");
    };
    made.token.reveal().parse::<ApiTokenText>().unwrap().id
}

#[tokio::test]
async fn strangers_register_where_the_operator_lets_them() {
    let folder = TempDir::new().unwrap();
    let app = start_open(&folder, None).await;
    let id = prepare(&app).await;
    let refused = Browser::of(&app).register_as_stranger().await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    app.shutdown().await;
    let app = start_open(&folder, Some(id.clone())).await;
    let browser = Browser::of(&app);
    let account = Account::of(&browser.register_as_stranger().await);
    assert_eq!(account.set(&browser, &challenge("x")).await.0, 200);
    for refused in 0..100 {
        let answer = browser.register_as_stranger().await;
        assert_eq!(answer.status.is_success(), refused < 29, "{}", answer.body);
    }
    let elsewhere = browser.from("198.51.100.7:1024");
    Account::of(&elsewhere.register_as_stranger().await);
    let revoke = AdminRequest::Token(TokenRequest::Revoke { id });
    app.administer(revoke).await.unwrap();
    let refused = elsewhere.register_as_stranger().await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    app.shutdown().await;
}

impl Browser {
    async fn register_as_stranger(&self) -> Answer {
        self.send(Method::POST, "/register", Body::empty()).await
    }
}
