//! `easement client`, with and without a running server.

use crate::run::{Ended, Folder};
use crate::serve::Server;

const CREATE: [&str; 11] = [
    "client",
    "create",
    "--id",
    "app.example",
    "--name",
    "The app",
    "--redirect",
    "https://app.example/done",
    "--templates",
    "website,mail",
    "--json",
];

#[track_caller]
fn is_refused(ended: &Ended, words: &str) {
    assert_ne!(ended.code, Some(0), "{ended:?}");
    assert!(ended.said.contains(words), "{ended:?}");
}

fn text<'j>(json: &'j serde_json::Value, pointer: &str) -> &'j str {
    json.pointer(pointer)
        .and_then(|value| value.as_str())
        .unwrap()
}

/// The whole life of a client: what each command says, and that its secrets are told once.
fn live(folder: &Folder) {
    let made = folder.run(&CREATE).json();
    assert_eq!(text(&made, "/id"), "app.example");
    let first = text(&made, "/secret").to_owned();
    is_refused(&folder.run(&CREATE), "app.example");
    let rotate = ["client", "rotate", "app.example", "--overlap", "1d"];
    let second = folder.run(&rotate).done();
    assert_ne!(second.trim_end(), first);
    let shown = folder.run(&["client", "show", "app.example"]);
    let listed = folder.run(&["client", "list"]);
    for ended in [shown, listed] {
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(
            ended.data.contains("website, mail of app.example"),
            "{ended:?}"
        );
        for secret in [first.as_str(), second.trim_end()] {
            assert!(!ended.data.contains(secret), "{ended:?}");
        }
    }
    for (word, says) in [
        ("disable", "disabled."),
        ("disable", "disabled already."),
        ("enable", "enabled."),
    ] {
        let ended = folder.run(&["client", word, "app.example"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(ended.said.contains(says), "{ended:?}");
    }
    let known = ["client", "create", "--known", "domainconnect.org"];
    folder.run(&known).done();
    let rotate = ["client", "rotate", "domainconnect.org"];
    is_refused(
        &folder.run(&rotate),
        "only a confidential client has a secret",
    );
    folder.run(&["client", "delete", "app.example"]).done();
    let list = folder.run(&["client", "list", "--json"]).json();
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
    assert_eq!(text(&list, "/0/id"), "domainconnect.org");
    for word in ["show", "rotate", "disable", "enable", "delete"] {
        is_refused(&folder.run(&["client", word, "app.example"]), "app.example");
    }
}

#[test]
fn a_client_lives_and_ends_without_a_server() {
    live(&Folder::new());
}

#[test]
fn a_client_lives_and_ends_through_the_running_server() {
    let folder = Folder::new();
    let (server, _) = Server::start(&folder);
    live(&folder);
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn what_cannot_be_registered_is_named() {
    let folder = Folder::new();
    for (place, value, words) in [
        (3, "two words", "two words"),
        (7, "http://app.example/done", "http://app.example/done"),
        (7, "https://app.example/done#top", "done#top"),
        (9, "no/template", "no/template"),
    ] {
        let mut arguments = CREATE;
        arguments[place] = value;
        is_refused(&folder.run(&arguments), words);
    }
    let list = folder.run(&["client", "list"]);
    list.failed(4, &["there is no store"]);
}
