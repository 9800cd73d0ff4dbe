//! Clients that speak acme-dns.

use std::time::Duration;

use easement_server::admin::{AdminRequest, ExistingZone, ImportOptions};
use easement_server::demo::NEIGHBOUR;

use super::authority::Authority;
use super::recipe::{names_in, recipe};
use crate::devices::lab::Lab;
use crate::devices::world::Token;
use crate::tools::is_client_installed;

/// A domain that the holder of the token has no rights in.
const ELSEWHERE: &str = "example.org";

/// An invitation for the names below `acme`.
fn invitation() -> Token {
    Token {
        types: &["TXT"],
        in_url: true,
        ..Token::for_names(&["*.acme.example.test"])
    }
}

async fn start(token: Token) -> Option<(Lab, Authority)> {
    if !is_client_installed("certbot") {
        return None;
    }
    let lab = Box::pin(Lab::start(token)).await;
    host_elsewhere(&lab, "").await;
    let authority = Authority::start(&lab).await?;
    Some((lab, authority))
}

/// What a person does once: says in that zone, which is another account's, that the name of the client's account
/// answers for its challenges.
async fn make_alias(lab: &Lab, account: &Account) {
    let alias = format!("_acme-challenge CNAME {}.\n", account.fulldomain);
    host_elsewhere(lab, &alias).await;
}

async fn host_elsewhere(lab: &Lab, more: &str) {
    let request = AdminRequest::ImportZone {
        apex: ELSEWHERE.parse().unwrap(),
        text: format!(
            "$ORIGIN {ELSEWHERE}.\n$TTL 60\n@ SOA ns1 hostmaster 1 7200 900 1209600 60\n  NS ns1\n\
             ns1 A 192.0.2.53\n{more}"
        ),
        owner: Some(NEIGHBOUR.parse().unwrap()),
        existing: ExistingZone::Replace,
        options: ImportOptions::default(),
    };
    let app = lab.world.inner.demo.app();
    app.administer(request).await.unwrap();
}

/// What the client keeps of its account.
struct Account {
    fulldomain: String,
    password: String,
}

impl Account {
    fn of(lab: &Lab, name: &str) -> Self {
        let file = std::fs::read(lab.folder.path("acme-dns-accounts.json")).unwrap();
        let accounts: serde_json::Value = serde_json::from_slice(&file).unwrap();
        let member = |member: &str| accounts[name][member].as_str().unwrap().to_owned();
        Self {
            fulldomain: member("fulldomain"),
            password: member("password"),
        }
    }
}

/// Gets a certificate for a domain and all below it: two texts at once at one name.
fn certify(lab: &Lab, authority: &Authority, domain: &str, steps: &str) {
    authority.run(lab, steps).well();
    let folder = format!("certbot/live/{domain}");
    let files = ["fullchain.pem", "privkey.pem"].map(|file| format!("{folder}/{file}"));
    let names = names_in(lab, &files[0], &files[1]);
    assert_eq!(names, [format!("*.{domain}"), domain.to_owned()]);
    let texts = lab.dns().texts(&format!("_acme-challenge.{domain}"));
    assert_eq!(texts.len(), 2, "the two that came last stay: {texts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn certbot_gets_a_certificate_with_an_account() {
    let Some((lab, authority)) = start(invitation()).await else {
        return;
    };
    let steps = recipe("certbot with acme-dns");
    authority.run(&lab, &steps[0]).well();
    let account = Account::of(&lab, ELSEWHERE);
    let refused = authority.run(&lab, &steps[1]);
    assert!(!refused.is_success, "without the alias: {}", refused.said);
    // Which texts are the older ones is told by the clock, and that of the test stands still.
    lab.world.inner.clock.pass(Duration::from_mins(1));
    make_alias(&lab, &account).await;
    certify(&lab, &authority, ELSEWHERE, &steps[1]);
    lab.assert_not_logged(&[&lab.token, &account.password]);
}

/// lego inside a plugin of certbot, which Traefik has inside too.
#[tokio::test(flavor = "multi_thread")]
async fn lego_makes_an_account_and_gets_a_certificate() {
    let Some((lab, authority)) = start(invitation()).await else {
        return;
    };
    let steps = recipe("certbot with certbot-dns-multi").concat();
    let first = authority.run(&lab, &steps);
    assert!(!first.is_success, "{}", first.said);
    let account = Account::of(&lab, ELSEWHERE);
    let alias = format!("_acme-challenge.{ELSEWHERE}. CNAME {}.", account.fulldomain);
    first.assert_said(&alias);
    make_alias(&lab, &account).await;
    certify(&lab, &authority, ELSEWHERE, &steps);
    lab.assert_not_logged(&[&lab.token, &account.password]);
}

/// Without an account of its own, and without an alias.
#[tokio::test(flavor = "multi_thread")]
async fn certbot_gets_a_certificate_with_a_token_for_one_text() {
    let token = Token {
        types: &["TXT"],
        ..Token::for_names(&["_acme-challenge.example.test"])
    };
    let Some((lab, authority)) = start(token).await else {
        return;
    };
    let steps = recipe("certbot with a token for one text").concat();
    certify(&lab, &authority, "example.test", &steps);
    lab.assert_not_logged(&[&lab.token]);
}
