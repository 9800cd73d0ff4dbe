//! `easement token`

use easement_core::{ApiTokenText, TokenKind};

use crate::run::{Ended, Folder};
use crate::serve::Server;

/// With an owner of `example.test`, and a neighbour who has no zone.
fn folder() -> Folder {
    let folder = Folder::new();
    for email in ["owner@example.test", "neighbour@example.test"] {
        folder.run(&["account", "create", email]).done();
    }
    let owner = ["--owner", "owner@example.test"];
    let create = ["zone", "create", "example.test"];
    folder.run(&[&create[..], &owner].concat()).done();
    folder
}

const OWNER: [&str; 2] = ["--account", "owner@example.test"];
const HOME: [&str; 6] = [
    "--name",
    "Router",
    "--for",
    "home.example.test",
    "--scope",
    "dns:update",
];

fn create(folder: &Folder, arguments: &[&[&str]]) -> Ended {
    let arguments = arguments.concat();
    folder.run(&[&["token", "create"], &arguments[..]].concat())
}

/// Makes a token; gives its text.
#[track_caller]
fn made(ended: Ended) -> ApiTokenText {
    let text = ended.done();
    assert_eq!(text.lines().count(), 1, "the token is all the data");
    text.trim_end().parse().unwrap()
}

#[test]
fn a_token_is_shown_once_and_explained() {
    let folder = folder();
    let ended = create(&folder, &[&OWNER, &HOME, &["--idle", "90d"]]);
    for words in [
        "It may update, create and delete A and AAAA records of home.example.test.",
        "It ends when it was not used for 90 days.",
        "http://127.0.0.1:8080/nic/update?hostname=home.example.test",
    ] {
        assert!(ended.said.contains(words), "{words}: {ended:?}");
    }
    assert!(!ended.said.contains("warning"), "{ended:?}");
    let token = made(ended);
    assert_eq!(token.kind, TokenKind::Live);

    let (id, secret) = (token.id.as_str(), token.secret.reveal());
    let list = folder.run(&["token", "list"]);
    let show = folder.run(&["token", "show", id]);
    let json = folder.run(&["token", "show", id, "--json"]);
    for ended in [list, show, json] {
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(ended.data.contains(id), "{ended:?}");
        assert!(!ended.data.contains(&secret), "{ended:?}");
    }
    let shown = folder.run(&["token", "show", id]).done();
    assert!(shown.contains("last use    never"), "{shown}");
    let none = ["token", "list", "--account", "neighbour@example.test"];
    let none = folder.run(&[&none[..], &["--json"]].concat()).json();
    assert_eq!(none, serde_json::json!([]));
}

#[test]
fn the_running_server_makes_tokens_and_writes_no_secret_down() {
    let folder = folder();
    let (server, _) = Server::start(&folder);
    let made = create(&folder, &[&OWNER, &HOME, &["--json"]]).json();
    let id = made["id"].as_str().unwrap();
    let text: ApiTokenText = made["token"].as_str().unwrap().parse().unwrap();
    assert_eq!(text.id.as_str(), id);
    let rotated = folder.run(&["token", "rotate", id, "--json"]).json();
    let newer: ApiTokenText = rotated["token"].as_str().unwrap().parse().unwrap();
    assert_ne!(newer.id, text.id);
    let shown = folder.run(&["token", "show", id, "--json"]).json();
    assert_eq!(shown["id"], newer.id.as_str(), "the id before leads to it");
    folder.run(&["token", "revoke", id]).done();
    let list = folder.run(&["token", "list"]).done();
    assert!(list.contains("revoked"), "{list}");
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn a_revoked_token_stays_revoked() {
    let folder = folder();
    let token = made(create(&folder, &[&OWNER, &HOME]));
    let id = token.id.as_str();
    let revoked = folder.run(&["token", "revoke", id]);
    assert!(revoked.said.contains("was revoked, and"), "{revoked:?}");
    let again = folder.run(&["token", "revoke", id]);
    assert!(again.said.contains("already"), "{again:?}");
    assert_eq!(again.code, Some(0));
    folder
        .run(&["token", "rotate", id])
        .failed(5, &["revoked", "hint: "]);
    let narrower = create(&folder, &[&HOME, &["--from", id]]);
    narrower.failed(5, &["does not count"]);
    let shown = folder.run(&["token", "show", id]).done();
    assert!(shown.contains("this API token was revoked"), "{shown}");
}

#[test]
fn a_token_is_made_from_another_and_never_wider() {
    let folder = folder();
    let wide = ["--name", "All", "--for", "*.example.test", "--scope"];
    let all = "dns:update,domains:read,txt:read,txt:write,txt:delete";
    let wide = made(create(&folder, &[&OWNER, &wide, &[all]]));
    let from = ["--from", wide.id.as_str()];
    let narrow = made(create(&folder, &[&HOME, &from]));
    let shown = folder.run(&["token", "show", narrow.id.as_str()]).done();
    assert!(shown.contains("It was made from All"), "{shown}");

    let from = ["--from", narrow.id.as_str()];
    let other = ["--name", "Other", "--for", "other.example.test"];
    create(&folder, &[&other, &["--scope", "dns:update"], &from])
        .failed(3, &["`other.example.test`", narrow.id.as_str()]);
    create(&folder, &[&HOME, &from, &["--test"]]).failed(3, &["test token", "hint: "]);
    let neighbour = ["--account", "neighbour@example.test"];
    create(&folder, &[&HOME, &from, &neighbour])
        .failed(3, &["neighbour@example.test", "--account"]);

    folder.run(&["token", "revoke", wide.id.as_str()]).done();
    let list = folder.run(&["token", "list", "--json"]).json();
    assert_eq!(list[0]["id"], narrow.id.as_str());
    assert_eq!(list[0]["ended"], "this API token was revoked");
}

#[test]
fn what_a_token_may_do_is_answered_with_a_reason() {
    let folder = folder();
    let limits = [
        "--ttl",
        "60-600",
        "--values",
        "198.51.100.0/24",
        "1.1.1.0/24",
    ];
    let token = made(create(&folder, &[&OWNER, &HOME, &limits]));
    let id = token.id.as_str();
    let ask = |what: &[&str]| folder.run(&[&["token", "test", id], what].concat());
    let home = "home.example.test";
    assert_eq!(ask(&[home, "A", "1.1.1.7"]).done(), "yes\n");
    let same = ask(&[home, "A", "--delete"]).done();
    assert!(same.contains("already"), "{same}");
    for (what, reason) in [
        (
            &["www.example.test", "A", "1.1.1.7"][..],
            "www.example.test",
        ),
        (&[home, "TXT", "a text"], "TXT"),
        (&[home, "A", "9.9.9.9"], "9.9.9.9"),
        (&[home, "A", "198.51.100.7"], "examples in documents"),
        (&[home, "A", "1.1.1.7", "--ttl", "5"], "60 to 600"),
        (&[home, "A", "--read"], "read"),
        (&["elsewhere.test", "A", "1.1.1.7"], "elsewhere.test"),
    ] {
        let ended = ask(what);
        assert_eq!(ended.code, Some(3), "{what:?}: {ended:?}");
        assert!(ended.data.starts_with("no: "), "{what:?}: {ended:?}");
        assert!(ended.data.contains(reason), "{what:?}: {ended:?}");
    }
    ask(&[home, "A", "1.1.1.x"]).failed(3, &["1.1.1.x"]);
    ask(&[home, "A"]).failed(2, &["VALUE"]);
    let zone = folder.run(&["zone", "show", "example.test", "--json"]);
    assert_eq!(zone.json()["version"], 1, "nothing was changed");
}

#[test]
fn a_token_for_some_networks_is_asked_about_with_an_address() {
    let folder = folder();
    let networks = ["--networks", "192.0.2.0/24"];
    let token = made(create(&folder, &[&OWNER, &HOME, &networks]));
    let test = [
        "token",
        "test",
        token.id.as_str(),
        "home.example.test",
        "A",
        "1.1.1.7",
    ];
    folder.run(&test).failed(3, &["networks", "--address"]);
    let from = |address| folder.run(&[&test[..], &["--address", address]].concat());
    assert_eq!(from("192.0.2.9").done(), "yes\n");
    let elsewhere = from("192.0.3.9");
    assert_eq!(elsewhere.code, Some(3), "{elsewhere:?}");
    assert!(elsewhere.data.contains("192.0.3.9"), "{elsewhere:?}");
}

#[test]
fn a_test_token_needs_a_zone_that_is_marked_for_testing() {
    let folder = folder();
    let ended = create(&folder, &[&OWNER, &HOME, &["--test"]]);
    assert!(ended.said.contains("easement zone testing"), "{ended:?}");
    let token = made(ended);
    assert_eq!(token.kind, TokenKind::Test);
    let id = token.id.as_str();
    let test = ["token", "test", id, "home.example.test", "A", "192.0.2.7"];
    let refused = folder.run(&test);
    assert!(
        refused.data.contains("not marked for testing"),
        "{refused:?}"
    );
    folder
        .run(&["zone", "testing", "example.test", "on"])
        .done();
    assert_eq!(folder.run(&test).done(), "yes\n");
    folder
        .run(&["zone", "testing", "example.test", "off"])
        .done();
    assert_eq!(folder.run(&test).code, Some(3));
    folder
        .run(&["zone", "testing", "other.test", "on"])
        .failed(4, &["other.test", "hint: "]);
}

#[test]
fn an_account_that_may_change_nothing_there_is_warned() {
    let folder = folder();
    let neighbour = ["--account", "neighbour@example.test"];
    let ended = create(&folder, &[&neighbour, &HOME]);
    let warning = "warning: home.example.test is in no zone";
    assert!(ended.said.contains(warning), "{ended:?}");
    let token = made(ended);
    let test = ["token", "test", token.id.as_str(), "home.example.test", "A"];
    let refused = folder.run(&[&test[..], &["1.1.1.7"]].concat());
    assert!(refused.data.contains("no role"), "{refused:?}");
    let wide = ["--name", "Wide", "--for", "*.test", "--scope", "dns:update"];
    let wide = create(&folder, &[&OWNER, &wide]);
    assert!(!wide.said.contains("warning"), "a zone is below: {wide:?}");
}

#[test]
fn what_is_not_valid_is_refused_with_its_value() {
    let folder = folder();
    let with = |more: &[&str]| create(&folder, &[&OWNER, &HOME, more]);
    with(&["--ttl", "600-60"]).failed(3, &["600 to 60"]);
    with(&["--ttl", "short"]).failed(2, &["short", "60-3600"]);
    with(&["--idle", "30"]).failed(2, &["30", "30d"]);
    with(&["--expires", "soon"]).failed(2, &["soon", "2027-03-01"]);
    with(&["--rate", "0/60"]).failed(3, &["rate"]);
    with(&["--networks", "everywhere"]).failed(2, &["everywhere", "192.0.2.0/24"]);
    let name = ["--name", "Router", "--types", "A", "--may", "write"];
    create(&folder, &[&OWNER, &name, &["--for", "home.example.test"]])
        .failed(2, &["write", "read, update, create or delete"]);
    let name = [
        "--name",
        "Router",
        "--for",
        "a..test",
        "--scope",
        "dns:update",
    ];
    create(&folder, &[&OWNER, &name]).failed(2, &["a..test", "*.home.example.test"]);
    let name = [
        "--name", "Router", "--for", "a.test", "--types", "NS", "--may", "read",
    ];
    create(&folder, &[&OWNER, &name]).failed(3, &["NS"]);
    let scopes = ["--name", "Both", "--for", "a.test", "--scope"];
    create(&folder, &[&OWNER, &scopes, &["dns:update,txt:write"]])
        .failed(3, &["txt:delete", "two tokens"]);
    create(&folder, &[&HOME]).failed(2, &["--account"]);
    create(&folder, &[&["--account", "nobody@example.test"], &HOME])
        .failed(4, &["nobody@example.test"]);
    let unknown = ["token", "show", "aaaaaaaaaaaa"];
    folder
        .run(&unknown)
        .failed(4, &["aaaaaaaaaaaa", "easement token list"]);
    folder
        .run(&["token", "show", "Router"])
        .failed(3, &["`Router`", "twelve letters"]);
}
