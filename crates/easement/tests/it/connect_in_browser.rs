//! `easement connect` and its browser: the person answers there, and the command goes on.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::person::Person;
use crate::run::Ended;

/// A browser that notes what it is to open. The other file is there when the first is whole.
const BROWSER: &str = "#!/bin/sh\nprintf '%s' \"$1\" > link && : > opened\n";

const TEMPLATE: &str =
    include_str!("../../../easement-server/demo/templates/onepager.test.page.json");

/// `easement connect`, waiting for its browser.
pub(crate) struct Connect {
    pub(crate) process: Child,
    pub(crate) link: String,
}

impl Connect {
    /// Asks for the page of the demo's Onepager.
    async fn start(person: &Person, more: &[&str]) -> Self {
        let folder = &person.folder;
        write_key(folder.path());
        folder.write("page.json", TEMPLATE);
        let dns = person.demo.dns();
        let connect = [
            "connect",
            "example.test",
            "--template",
            "onepager.test/page",
            "--host",
            "shop",
            "--template-file",
            "page.json",
            "--return",
            "always",
        ];
        let sign = ["--sign-with", "key.pem", "--key-label", "_dck1"];
        let reach = [
            "--allow-loopback",
            "--resolver",
            &dns,
            "--name-server",
            &dns,
        ];
        Self::ask(person, &[&connect[..], &sign, &reach, more].concat()).await
    }

    /// Runs the command, until it opens the browser.
    pub(crate) async fn ask(person: &Person, arguments: &[&str]) -> Self {
        let folder = &person.folder;
        let browser = folder.write("browser", BROWSER);
        std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o700)).unwrap();
        let _ = std::fs::remove_file(folder.path().join("opened"));
        let process = folder
            .command(arguments)
            .env("BROWSER", &browser)
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let link = wait_for_link(folder.path()).await;
        Self { process, link }
    }

    pub(crate) fn is_waiting(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    pub(crate) fn end(self) -> Ended {
        tokio::task::block_in_place(|| Ended::from(self.process.wait_with_output().unwrap()))
    }
}

/// The key that the demo's service providers share, as the command takes it.
fn write_key(folder: &Path) {
    let key = std::fs::read(folder.join("easement-demo/service-provider-key.der")).unwrap();
    let key = BASE64.encode(key);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n");
    std::fs::write(folder.join("key.pem"), pem).unwrap();
}

async fn wait_for_link(folder: &Path) -> String {
    for _ in 0..600 {
        if folder.join("opened").is_file() {
            return std::fs::read_to_string(folder.join("link")).unwrap();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it opens no browser");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_browser_agrees_and_comes_back_and_dns_shows_the_records() {
    let Some(person) = Person::start().await else {
        return;
    };
    let mut connect = Connect::start(&person, &["--json"]).await;
    assert_eq!(person.dig("shop.example.test", "CNAME"), [""; 0]);
    person.open(&connect.link).await;
    person.sign_in().await;
    person.reads(&["Onepager", "shop.example.test"]).await;
    assert!(connect.is_waiting());
    person.agree().await;
    person.reads(&["Done. You can close this window"]).await;
    assert!(person.address().await.starts_with("http://127.0.0.1:"));
    person.inspect("connect-return").await;
    let link = connect.link.clone();
    let ended = connect.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let document: Value = serde_json::from_str(&ended.data).unwrap();
    for (pointer, value) in [
        ("/zone", json!("example.test")),
        ("/host", json!("shop")),
        ("/template", json!("onepager.test/page")),
        ("/supported", json!(true)),
        ("/provider/id", json!("127.0.0.1")),
        ("/provider/name", json!("Easement demo")),
        ("/url", json!(link)),
        ("/result", json!("shown")),
        ("/returned/has_state", json!(true)),
        ("/returned/error", json!(null)),
        ("/verified/complete", json!(true)),
        ("/verified/servers/0/shows", json!(true)),
    ] {
        assert_eq!(
            document.pointer(pointer),
            Some(&value),
            "{pointer}: {document:#}"
        );
    }
    let records = document["records"].as_array().unwrap();
    assert!(!records.is_empty(), "{document:#}");
    for record in records {
        let (name, rtype) = (
            record["name"].as_str().unwrap(),
            record["type"].as_str().unwrap(),
        );
        assert!(!person.dig(name, rtype).is_empty(), "{record}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_cancels_ends_it_with_a_code_of_its_own() {
    let Some(person) = Person::start().await else {
        return;
    };
    for (more, is_json) in [(&["--json"][..], true), (&[][..], false)] {
        let connect = Connect::start(&person, more).await;
        person.open(&connect.link).await;
        if is_json {
            person.sign_in().await;
        }
        person.decline().await;
        person
            .reads(&["says that the change was not agreed to. You can close this window"])
            .await;
        let ended = connect.end();
        assert_eq!(ended.code, Some(5), "{ended:?}");
        if is_json {
            let document: Value = serde_json::from_str(&ended.data).unwrap();
            assert_eq!(
                document["returned"]["error"], "access_denied",
                "{document:#}"
            );
            assert_eq!(document["verified"]["complete"], false, "{document:#}");
        } else {
            assert!(
                ended.said.contains("that the change was not agreed to"),
                "{ended:?}"
            );
        }
    }
    assert_eq!(person.dig("shop.example.test", "A"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_know_the_state_ends_nothing() {
    let Some(person) = Person::start().await else {
        return;
    };
    let mut connect = Connect::start(&person, &[]).await;
    let link: url::Url = connect.link.parse().unwrap();
    let back = link.query_pairs().find(|(name, _)| name == "redirect_uri");
    let back: url::Url = back.unwrap().1.parse().unwrap();
    let elsewhere = back.join("/return/guessed?state=x").unwrap();
    let other_state = format!("{back}?state=wrong");
    for (url, words) in [
        (elsewhere.as_str(), "This is not the page that you look for"),
        (back.as_str(), "an answer that does not fit"),
        (&other_state, "an answer that does not fit"),
    ] {
        person.open(url).await;
        person.reads(&[words]).await;
        assert!(connect.is_waiting(), "{url}");
    }
    person.open(&connect.link).await;
    person.sign_in().await;
    person.agree().await;
    let ended = connect.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.said.contains("All name servers show the records"),
        "{ended:?}"
    );
}
