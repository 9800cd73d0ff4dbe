//! The page by which an owner gives an app a name: every step of it, and everything that must lead nowhere.

mod after;
mod binding;
mod hosts;
mod links;
mod way;

use easement_core::ZoneRole;
use easement_server::admin::{AdminRequest, ExistingZone, ImportOptions};
use http::StatusCode;
use url::Url;
use url::form_urlencoded::byte_serialize;

use crate::world::{Answer, Browser, World};

const APP: &str = "https://notes.example";
const DONE: &str = "https://notes.example/done";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// What it was made from (RFC 7636 appendix B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// The path of a link as the client in JavaScript makes it.
fn link_of(client_id: &str, redirect: &str, scope: &str) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    format!(
        "/namedrop/authorize?client_id={}&redirect_uri={}&scope={}&state=s%26%201&response_type=code\
         &code_challenge={CHALLENGE}&code_challenge_method=S256",
        encoded(client_id),
        encoded(redirect),
        encoded(scope),
    )
}

pub(crate) fn link() -> String {
    link_of(APP, DONE, "namedrop-hosts namedrop-acme")
}

/// The whole way of a link, to the code.
pub(crate) async fn agree(owner: &Browser, link: &str) -> String {
    let page = question(owner, link, "notes").await;
    let agreed = answer(owner, link, &page, ("agree", &ALL)).await;
    sent(&agreed, "code").unwrap()
}

/// What the app gets for it.
pub(crate) async fn redeem_usual(app: &Browser, code: &str) -> Answer {
    redeem(app, code, (APP, DONE, VERIFIER)).await
}

/// The last step, for a host that is typed.
async fn question(owner: &Browser, link: &str, host: &str) -> Answer {
    let fields = [
        ("answer", "host"),
        ("zone", "example.test"),
        ("pick", "other"),
        ("host", host),
    ];
    let page = owner.post(link, &fields).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    page
}

/// Sends the form of the last step, with what is ticked and for how long.
async fn answer(
    owner: &Browser,
    link: &str,
    page: &Answer,
    (answer, more): (&str, &[(&str, &str)]),
) -> Answer {
    let carried = ["zone", "pick", "host", "shown"];
    let carried = carried.map(|name| (name, page.hidden(name).unwrap_or_default()));
    let mut fields: Vec<(&str, &str)> = carried
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    fields.push(("answer", answer));
    fields.extend(more);
    owner.post(link, &fields).await
}

const ALL: [(&str, &str); 3] = [
    ("scope", "namedrop-hosts"),
    ("scope", "namedrop-acme"),
    ("until", "never"),
];

/// What stands in the query of the place that a browser is sent to.
fn sent(answer: &Answer, name: &str) -> Option<String> {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let url: Url = answer.location().parse().unwrap();
    assert!(url.as_str().starts_with(DONE), "{url}");
    let mut pairs = url.query_pairs();
    pairs
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

async fn has_no_apps(browser: &Browser) -> bool {
    let apps = browser.get("/apps").await;
    apps.body.contains("No app has access")
}

async fn set_role(world: &World, apex: &str, email: &str, role: Option<ZoneRole>) {
    let change = AdminRequest::SetRole {
        apex: apex.parse().unwrap(),
        email: email.parse().unwrap(),
        role,
    };
    world.demo.app().administer(change).await.unwrap();
}

async fn make_zone(world: &World, apex: &str, owner: &str) {
    let text = format!(
        "$ORIGIN {apex}.\n@ 3600 SOA ns1.example.test. hostmaster.example.test. 1 2h 15m 2w 5m\n@ 3600 NS ns1.example.test.\n"
    );
    let request = AdminRequest::ImportZone {
        apex: apex.parse().unwrap(),
        text,
        owner: Some(owner.parse().unwrap()),
        existing: ExistingZone::Compare,
        options: ImportOptions::default(),
    };
    world.demo.app().administer(request).await.unwrap();
}

/// The app shows a code.
async fn redeem(
    app: &Browser,
    code: &str,
    (client_id, redirect, verifier): (&str, &str, &str),
) -> Answer {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", client_id),
        ("redirect_uri", redirect),
        ("code_verifier", verifier),
    ];
    app.post("/namedrop/token", &fields).await
}
