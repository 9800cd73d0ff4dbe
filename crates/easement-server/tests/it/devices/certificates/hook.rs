//! Clients that call `packaging/acme/acme-easement`.

use super::authority::Authority;
use super::recipe::{names_in, recipe};
use crate::devices::lab::{Lab, repository};
use crate::devices::world::Token;
use crate::tools::{is_client_installed, is_installed};

const CHALLENGE: &str = "_acme-challenge.example.test";
const APEX_AND_WILDCARD: [&str; 2] = ["*.example.test", "example.test"];

fn token() -> Token {
    Token {
        types: &["TXT"],
        ..Token::for_names(&[CHALLENGE])
    }
}

/// Gets a certificate as the document says, and gives the names in it.
async fn follow(program: &str, certificate: &str, key: &str) -> Vec<String> {
    let is_there = match program {
        "certbot" => is_client_installed(program),
        _ => is_installed(program),
    };
    if !is_there {
        return Vec::new();
    }
    let lab = Box::pin(Lab::start(token())).await;
    let Some(authority) = Authority::start(&lab).await else {
        return Vec::new();
    };
    let serial = lab.dns().serial("example.test");
    for block in recipe("The hook").iter().chain(&recipe(program)) {
        authority.run(&lab, block).well();
    }
    assert_ne!(lab.dns().serial("example.test"), serial, "texts came");
    assert!(lab.dns().texts(CHALLENGE).is_empty(), "and went");
    lab.assert_not_logged(&[&lab.token]);
    names_in(&lab, certificate, key)
}

#[tokio::test(flavor = "multi_thread")]
async fn certbot_gets_a_certificate_for_a_domain_and_all_below_it() {
    let folder = "certbot/live/example.test";
    let files = ["fullchain.pem", "privkey.pem"].map(|file| format!("{folder}/{file}"));
    let names = follow("certbot", &files[0], &files[1]).await;
    assert!(names.is_empty() || names == APEX_AND_WILDCARD, "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn dehydrated_gets_a_certificate_for_a_domain_and_all_below_it() {
    let folder = "certs/example.test";
    let files = ["fullchain.pem", "privkey.pem"].map(|file| format!("{folder}/{file}"));
    let names = follow("dehydrated", &files[0], &files[1]).await;
    assert!(names.is_empty() || names == APEX_AND_WILDCARD, "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lego_gets_a_certificate() {
    let files = ["crt", "key"].map(|end| format!(".lego/certificates/example.test.{end}"));
    let names = follow("lego", &files[0], &files[1]).await;
    assert!(names.is_empty() || names == ["example.test"], "{names:?}");
}

/// A token for another name: the client fails, and the words of the server are there to be read.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_a_certificate_with_a_token_for_another_name() {
    if !is_installed("lego") {
        return;
    }
    let lab = Lab::start(Token {
        types: &["TXT"],
        ..Token::for_names(&["_acme-challenge.home.example.test"])
    })
    .await;
    let Some(authority) = Authority::start(&lab).await else {
        return;
    };
    for block in recipe("The hook") {
        authority.run(&lab, &block).well();
    }
    let serial = lab.dns().serial("example.test");
    let ended = authority.run(&lab, &recipe("lego").concat());
    assert!(!ended.is_success, "{}", ended.said);
    ended.assert_said("this API token is not for the name _acme-challenge.example.test");
    assert_eq!(lab.dns().serial("example.test"), serial);
    assert!(
        !lab.folder
            .path(".lego/certificates/example.test.crt")
            .exists()
    );
    lab.assert_not_logged(&[&lab.token]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hook_says_what_it_cannot_do() {
    if !is_installed("curl") {
        return;
    }
    let lab = Lab::start(token()).await;
    let hook = repository("packaging/acme/acme-easement");
    let hook = hook.to_str().unwrap();
    let url = format!("http://{}/", lab.web());
    lab.folder.write("token", &format!("{}\n", lab.token));
    let settings = [
        ("EASEMENT_URL", url.as_str()),
        ("EASEMENT_TOKEN_FILE", "token"),
    ];
    let nobody = [("EASEMENT_URL", "http://127.0.0.1:1"), settings[1]];
    let no_file = [settings[0], ("EASEMENT_TOKEN_FILE", "nowhere")];
    let page = [settings[0], ("EASEMENT_TOKEN_FILE", "page.html")];
    lab.folder
        .write("page.html", "\"\nurl = file:///etc/passwd\n");
    let serial = lab.dns().serial("example.test");
    let injected = format!("x\",\"hostname\":\"{CHALLENGE}");
    for (settings, arguments, words) in [
        (
            &settings[..],
            &["present", CHALLENGE, &injected][..],
            "no name or value",
        ),
        (
            &settings,
            &["present", "a b.example.test", "x"],
            "no name or value",
        ),
        (&settings, &["present", CHALLENGE], "no name or value"),
        (&settings, &["certbot-auth"], "CERTBOT_DOMAIN"),
        (
            &settings,
            &["present", "home.example.test", "x"],
            "txt_invalid_name",
        ),
        (
            &settings[..1],
            &["present", CHALLENGE, "x"],
            "set EASEMENT_TOKEN_FILE",
        ),
        (
            &settings[1..],
            &["present", CHALLENGE, "x"],
            "set EASEMENT_URL",
        ),
        (&no_file, &["present", CHALLENGE, "x"], "nowhere"),
        (&page, &["present", CHALLENGE, "x"], "no API token"),
        (&nobody, &["present", CHALLENGE, "x"], "no answer"),
    ] {
        let ended = lab.folder.run_with(settings, hook, arguments);
        assert!(!ended.is_success, "{arguments:?}: {}", ended.said);
        ended.assert_said(words);
        assert!(!ended.said.contains(&lab.token), "{}", ended.said);
    }
    assert_eq!(lab.dns().serial("example.test"), serial);
    // What dehydrated tells it beside that.
    for arguments in [
        &["startup_hook"][..],
        &["deploy_cert", "example.test"],
        &["--help"],
    ] {
        lab.folder.run(hook, arguments).well();
    }
}
