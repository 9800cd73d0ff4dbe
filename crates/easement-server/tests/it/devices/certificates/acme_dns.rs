//! Clients that speak acme-dns, each with an account of its own at another name.

use easement_server::admin::{AdminRequest, ExistingZone};

use super::authority::Authority;
use super::recipe::{names_in, recipe};
use crate::devices::lab::Lab;
use crate::devices::world::Token;
use crate::tools::is_client_installed;

const ZONE: &str = include_str!("../../../../demo/zones/example.test.zone");

/// A server with an invitation for the names below `acme`.
async fn start() -> Option<(Lab, Authority)> {
    if !is_client_installed("certbot") {
        return None;
    }
    let invitation = Token {
        types: &["TXT"],
        in_url: true,
        ..Token::for_names(&["*.acme.example.test"])
    };
    let lab = Lab::start(invitation).await;
    let authority = Authority::start(&lab).await?;
    Some((lab, authority))
}

/// What a person does once: says that the name of the account answers for the challenges of another.
async fn make_alias(lab: &Lab, name: &str, account: &Account) {
    let alias = &account.fulldomain;
    let request = AdminRequest::ImportZone {
        apex: "example.test".parse().unwrap(),
        text: format!("{ZONE}_acme-challenge.{name}. CNAME {alias}.\n"),
        owner: None,
        existing: ExistingZone::Replace,
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

/// Two texts at once at one name, which is neither of the names that are certified.
#[tokio::test(flavor = "multi_thread")]
async fn certbot_gets_a_certificate_for_a_domain_and_all_below_it() {
    let Some((lab, authority)) = start().await else {
        return;
    };
    let steps = recipe("certbot with acme-dns");
    authority.run(&lab, &steps[0]).well();
    let account = Account::of(&lab, "example.test");
    let refused = authority.run(&lab, &steps[1]);
    assert!(!refused.is_success, "without the alias: {}", refused.said);
    make_alias(&lab, "example.test", &account).await;
    authority.run(&lab, &steps[1]).well();
    let folder = "certbot/live/example.test";
    let files = ["fullchain.pem", "privkey.pem"].map(|file| format!("{folder}/{file}"));
    let names = names_in(&lab, &files[0], &files[1]);
    assert_eq!(names, ["*.example.test", "example.test"]);
    let texts = lab.dns().texts(&account.fulldomain);
    assert_eq!(texts.len(), 2, "the two that came last stay");
    assert_eq!(lab.dns().texts("_acme-challenge.example.test"), texts);
    lab.assert_not_logged(&[&lab.token, &account.password]);
}

/// lego inside a plugin of certbot, which Traefik has inside too.
#[tokio::test(flavor = "multi_thread")]
async fn lego_makes_an_account_and_gets_a_certificate() {
    const HOME: &str = "home.example.test";
    let Some((lab, authority)) = start().await else {
        return;
    };
    let steps = recipe("certbot with certbot-dns-multi").concat();
    let first = authority.run(&lab, &steps);
    assert!(!first.is_success, "{}", first.said);
    let account = Account::of(&lab, HOME);
    first.assert_said(&format!(
        "_acme-challenge.{HOME}. CNAME {}.",
        account.fulldomain
    ));
    make_alias(&lab, HOME, &account).await;
    authority.run(&lab, &steps).well();
    let folder = format!("certbot/live/{HOME}");
    let files = ["fullchain.pem", "privkey.pem"].map(|file| format!("{folder}/{file}"));
    let names = names_in(&lab, &files[0], &files[1]);
    assert_eq!(names, ["*.home.example.test", HOME]);
    let texts = lab.dns().texts(&account.fulldomain);
    assert_eq!(texts.len(), 2, "the two that came last stay");
    lab.assert_not_logged(&[&lab.token, &account.password]);
}
