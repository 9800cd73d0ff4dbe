//! Secrets that the server really gives out, each by the way of people and programs, and used as they use it.

use axum::body::Body;
use easement_core::ApiTokenText;
use http::{HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use crate::world::{Answer, Browser, World};

/// A secret, and what it is.
pub(super) type Issued = (&'static str, String);

/// Has everything made that is secret, and gives what of it must not be logged.
pub(super) async fn issue_all(world: &World) -> Vec<Issued> {
    let owner = world.owner().await;
    let mut issued = Vec::new();
    issued.extend(of_devices(world, &owner).await);
    issued.extend(of_clients(world, &owner).await);
    issued.extend(of_domain_connect(world, &owner).await);
    issued.extend(of_namedrop(world, &owner).await);
    issued.extend(of_webhooks(&owner).await);
    issued.extend(of_submissions(world).await);
    issued.extend(of_passwords(world).await);
    issued
}

/// The text of a page or document between two others.
fn between<'a>(body: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = body.split_once(start).expect(start);
    rest.split_once(end).expect(end).0
}

fn document(answer: &Answer) -> Value {
    assert!(answer.status.is_success(), "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn with_bearer(browser: &Browser, token: &str) -> Browser {
    let mut browser = browser.clone();
    let bearer = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
    browser.headers.insert("authorization", bearer);
    browser
}

async fn send_json(browser: &Browser, path: &str, body: Value) -> Answer {
    let body = Body::from(body.to_string());
    browser.send(Method::POST, path, body).await
}

//------------ Devices ---------------------------------------------------------------------------

/// A token in each place where one may stand, another secret of it, one that was made from it, and an account of
/// acme-dns.
async fn of_devices(world: &World, owner: &Browser) -> Vec<Issued> {
    let shown = |answer: Answer| {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        between(&answer.body, "id=\"token\" value=\"", "\"").to_owned()
    };
    let make = async |names: &str, types: &str| {
        let fields = [
            ("name", "Router at home"),
            ("names", names),
            ("types", types),
            ("operations", "create"),
            ("operations", "update"),
            ("operations", "delete"),
            ("in_url", "yes"),
        ];
        shown(owner.post("/tokens/new", &fields).await)
    };
    let token = make("home.example.test", "A, AAAA, TXT").await;
    let anybody = world.anonymous();
    let device = with_bearer(&anybody, &token);
    let updated = device.get("/nic/update?hostname=home.example.test&myip=9.9.9.9");
    assert!(updated.await.body.starts_with("good"));
    for path in [
        format!("/update?domains=home.example.test&token={token}&ip=9.9.9.8"),
        format!("/u/{token}/"),
    ] {
        let answer = anybody.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
    let narrower = json!({"name": "NAS", "types": ["A"]});
    let narrower = document(&send_json(&device, "/api/tokens", narrower).await);
    let narrower = text(&narrower["data"]["token"]);
    let id = token.parse::<ApiTokenText>().unwrap().id;
    let rotate = format!("/tokens/{id}/rotate");
    let rotated = shown(owner.post(&rotate, &[("overlap", "1h")]).await);

    let invitation = make("*.acme.example.test", "TXT").await;
    let register = format!("/acme-dns/{invitation}/register");
    let account = document(&anybody.post(&register, &[]).await);
    let mut client = anybody.clone();
    for (header, member) in [("x-api-user", "username"), ("x-api-key", "password")] {
        let value = HeaderValue::try_from(text(&account[member])).unwrap();
        client.headers.insert(header, value);
    }
    let challenge = json!({"subdomain": account["subdomain"], "txt": "x".repeat(43)});
    let set = send_json(&client, "/update", challenge).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.body);
    // The beginning of a token is no secret, and names it in the log.
    let hidden = |token: &str| token[token.len() - 43..].to_owned();
    vec![
        ("a token", hidden(&token)),
        ("a narrower token", hidden(&narrower)),
        ("another secret of a token", hidden(&rotated)),
        ("an invitation", hidden(&invitation)),
        ("a password of acme-dns", text(&account["password"])),
    ]
}

//------------ OAuth -----------------------------------------------------------------------------

/// The secret of a client, and the one that follows it.
async fn of_clients(world: &World, owner: &Browser) -> Vec<Issued> {
    let fields = [
        ("id", "tool.example"),
        ("name", "A tool"),
        ("provider", ""),
        ("templates", "website, mail"),
        ("redirects", "https://tool.example/done"),
    ];
    let secret =
        |answer: Answer| between(&answer.body, "<p class=\"card mono\"><bdi>", "<").to_owned();
    let first = secret(owner.post("/clients", &fields).await);
    let rotate = [("do", "rotate")];
    let second = secret(owner.post("/clients/tool.example", &rotate).await);
    for secret in [&first, &second] {
        let fields = [
            ("client_id", "tool.example"),
            ("client_secret", secret.as_str()),
            ("grant_type", "refresh_token"),
            ("refresh_token", "x"),
        ];
        let answer = world.anonymous().post("/oauth/token", &fields).await;
        assert!(answer.body.contains("invalid_grant"), "{}", answer.body);
    }
    vec![
        ("a secret of a client", first),
        ("another secret of a client", second),
    ]
}

/// The code and the tokens of a program that applies templates, old and new.
async fn of_domain_connect(world: &World, owner: &Browser) -> Vec<Issued> {
    const BACK: &str = "https%3A%2F%2Fdynamicdns.domainconnect.org%2Fddnscode";
    let link = format!(
        "/v2/domainTemplates/providers/domainconnect.org?client_id=domainconnect.org&scope=dynamicdns-v2\
         &domain=example.test&host=home&IP=0.0.0.0&IPv4=0.0.0.0&IPv6=%3A%3A&redirect_uri={BACK}&state=a-state-1"
    );
    let page = owner.get(&link).await;
    let shown = page.hidden("shown").expect("the page asks");
    let agreed = [
        ("shown", shown.as_str()),
        ("answer", "agree"),
        ("until", "never"),
    ];
    let agreed = owner.post(&link, &agreed).await;
    let code = between(agreed.location(), "code=", "&").to_owned();
    let program = world.anonymous();
    let take = async |asked: String| {
        let path = format!(
            "/v2/oauth/access_token?{asked}&client_id=domainconnect.org&client_secret=inconceivable"
        );
        let tokens = document(&program.send(Method::POST, &path, Body::empty()).await);
        (
            text(&tokens["access_token"]),
            text(&tokens["refresh_token"]),
        )
    };
    let asked = format!("grant_type=authorization_code&code={code}&redirect_uri={BACK}");
    let (access, refresh) = take(asked).await;
    let asked = format!("grant_type=refresh_token&refresh_token={refresh}");
    let (next_access, next_refresh) = take(asked).await;
    let apply = "/v2/domainTemplates/providers/domainconnect.org/services/dynamicdns-v2/apply?\
                 domain=example.test&host=home&IPv4=198.51.100.7&groupId=IPv4";
    let applied = with_bearer(&program, &next_access);
    let applied = applied.send(Method::POST, apply, Body::empty()).await;
    assert_eq!(applied.status, StatusCode::OK, "{}", applied.body);
    vec![
        ("a code of Domain Connect", code),
        ("a state of Domain Connect", "a-state-1".to_owned()),
        ("an access token of Domain Connect", access),
        ("a refresh token of Domain Connect", refresh),
        ("the next access token of Domain Connect", next_access),
        ("the next refresh token of Domain Connect", next_refresh),
    ]
}

/// The code and the tokens of an app that was given a name.
async fn of_namedrop(world: &World, owner: &Browser) -> Vec<Issued> {
    let link = crate::namedrop_authorize::link();
    let code = crate::namedrop_authorize::agree(owner, &link).await;
    let app = world.anonymous();
    let tokens = document(&crate::namedrop_authorize::redeem_usual(&app, &code).await);
    let (access, refresh) = (
        text(&tokens["access_token"]),
        text(&tokens["refresh_token"]),
    );
    let record = json!({"host": "_acme-challenge.{{host}}", "type": "TXT", "value": "v"});
    let set = json!({"token": access, "records": [record]});
    let set = send_json(&app, "/namedrop/set-records", set).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.body);
    vec![
        ("a code of NameDrop", code),
        ("an access token of NameDrop", access),
        ("a refresh token of NameDrop", refresh),
    ]
}

//------------ The rest --------------------------------------------------------------------------

/// The secrets of a webhook, and the one that its owner put into the URL.
async fn of_webhooks(owner: &Browser) -> Vec<Issued> {
    let fields = [
        (
            "url",
            "https://hook.example.net/a-path-only-we-know?key=a-key",
        ),
        ("event", "ip_changed"),
    ];
    let made = owner.post("/webhooks", &fields).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let secret = |body: &str| format!("whsec_{}", between(body, "whsec_", "<"));
    let path = format!("/webhooks/wh_{}", between(&made.body, "wh_", "<"));
    let renewed = owner.post(&path, &[("do", "renew")]).await;
    // Nobody is there, which is logged, with the host alone.
    let tested = owner.post(&path, &[("do", "test")]).await;
    assert_eq!(tested.status, StatusCode::OK, "{}", tested.body);
    vec![
        ("a secret of a webhook", secret(&made.body)),
        ("another secret of a webhook", secret(&renewed.body)),
        ("the path of a webhook", "a-path-only-we-know".to_owned()),
    ]
}

/// The address of what was handed in, which whoever knows it may see.
async fn of_submissions(world: &World) -> Vec<Issued> {
    const TEMPLATE: &str = r#"{"providerId": "open.test", "providerName": "Open", "serviceId": "s",
        "serviceName": "S", "version": 1, "syncPubKeyDomain": "open.test", "records": [
        {"type": "A", "host": "www", "pointsTo": "192.0.2.9", "ttl": 600}]}"#;
    let stranger = world.anonymous();
    let contact = "stranger@elsewhere.test";
    let fields = [("json", TEMPLATE), ("contact", contact)];
    let handed_in = stranger.post("/templates/submit", &fields).await;
    assert_eq!(
        handed_in.status,
        StatusCode::SEE_OTHER,
        "{}",
        handed_in.body
    );
    let path = handed_in.location().to_owned();
    assert_eq!(stranger.get(&path).await.status, StatusCode::OK);
    stranger.post(&format!("{path}/control"), &[]).await;
    let secret = path.rsplit('/').next().unwrap().to_owned();
    vec![
        ("the address of a submission", secret),
        ("the contact of a submission", contact.to_owned()),
    ]
}

/// An old password, a new one, and sessions.
async fn of_passwords(world: &World) -> Vec<Issued> {
    let neighbour = world.neighbour().await;
    let old = world.demo.neighbour_password();
    let new = "a phrase that is quite new";
    let fields = [
        ("current_password", old),
        ("new_password", new),
        ("new_password_again", new),
    ];
    let changed = neighbour.post("/account/password", &fields).await;
    assert!(
        neighbour
            .try_sign_in(easement_server::demo::NEIGHBOUR, new)
            .await
            .session()
            .is_some(),
        "{}",
        changed.body
    );
    let ended = neighbour.post("/account/delete", &[("current_password", "a wrong phrase")]);
    ended.await;
    vec![
        ("a new password", new.to_owned()),
        ("an old password", old.to_owned()),
        ("a wrong password", "a wrong phrase".to_owned()),
        ("a session", neighbour.cookie.unwrap()),
    ]
}
