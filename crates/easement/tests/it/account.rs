//! `easement account`

use crate::run::Folder;

#[test]
fn an_account_is_made_with_a_link_or_a_password() {
    let folder = Folder::new();
    let link = folder
        .run(&["account", "create", "Owner@Example.test"])
        .done();
    assert!(link.starts_with("http://127.0.0.1:8080/welcome/"), "{link}");
    assert_eq!(
        link.lines().count(),
        1,
        "the link is all the data there is: {link}"
    );
    let arguments = [
        "account",
        "create",
        "op@example.test",
        "--operator",
        "--password-stdin",
    ];
    let made = folder.run_with_input(&arguments, "three little words\n");
    assert_eq!(made.done(), "");

    let accounts = folder.run(&["account", "list", "--json"]).json();
    assert_eq!(accounts[0]["email"], "op@example.test");
    assert_eq!(accounts[0]["standing"], "operator");
    assert_eq!(accounts[1]["email"], "owner@example.test");
    let table = folder.run(&["account", "list"]).done();
    assert!(table.starts_with("ADDRESS"), "{table}");
}

#[test]
fn what_is_not_valid_is_refused_with_its_reason() {
    let folder = Folder::new();
    folder
        .run(&["account", "create", "owner"])
        .failed(2, &["`owner`", "@"]);
    let arguments = ["account", "create", "a@example.test", "--password-stdin"];
    folder
        .run_with_input(&arguments, "short\n")
        .failed(3, &["at least 12 characters"]);
    folder.run(&["account", "create", "a@example.test"]).done();
    folder
        .run(&["account", "create", "A@EXAMPLE.test"])
        .failed(5, &["a@example.test", "already"]);
}

#[test]
fn who_forgot_the_password_gets_a_link() {
    let folder = Folder::new();
    let first = folder.run(&["account", "create", "a@example.test"]).done();
    let arguments = ["account", "password-link", "A@example.test"];
    let link = folder.run(&arguments).done();
    assert!(link.starts_with("http://127.0.0.1:8080/welcome/"), "{link}");
    assert_eq!(link.lines().count(), 1, "{link}");
    assert_ne!(link, first);
    let made = folder
        .run(&["account", "password-link", "a@example.test", "--json"])
        .json();
    assert_eq!(made["email"], "a@example.test");
    folder
        .run(&["account", "password-link", "b@example.test"])
        .failed(4, &["b@example.test", "easement account create"]);
}

#[test]
fn an_account_is_exported_and_deleted() {
    let folder = Folder::new();
    let owner = "owner@example.test";
    folder.run(&["account", "create", owner]).done();
    let create = ["zone", "create", "example.test", "--owner", owner];
    folder.run(&create).done();

    let document = folder.run(&["account", "export", owner]).json();
    assert_eq!(document["account"]["email"], owner);
    assert_eq!(document["zones"][0]["apex"], "example.test");

    let asked = folder.run(&["account", "delete", owner]);
    assert!(asked.said.contains("Nothing was done"), "{asked:?}");
    assert_eq!(
        asked.would_change(),
        "example.test\n",
        "the zones that would have no owner"
    );
    let still = folder.run(&["account", "list", "--json"]).json();
    assert_eq!(still[0]["email"], owner);

    let deleted = folder.run(&["account", "delete", owner, "--yes"]);
    assert!(deleted.said.contains("was deleted"), "{deleted:?}");
    deleted.done();
    assert_eq!(
        folder
            .run(&["account", "list", "--json"])
            .json()
            .as_array()
            .unwrap()
            .len(),
        0
    );
    folder
        .run(&["account", "export", owner])
        .failed(4, &["there is no account", owner]);
    let zones = folder.run(&["zone", "list", "--json"]).json();
    assert_eq!(zones[0]["apex"], "example.test.", "zones go on");
}

#[test]
fn the_last_operator_cannot_be_deleted() {
    let folder = Folder::new();
    let operator = "op@example.test";
    folder
        .run(&["account", "create", operator, "--operator"])
        .done();
    let remedy = "easement account operator EMAIL on";
    for arguments in [
        &["account", "delete", operator][..],
        &["account", "delete", operator, "--yes"],
        &["account", "operator", operator, "off"],
    ] {
        folder.run(arguments).failed(5, &["last operator", remedy]);
    }
}

#[test]
fn an_account_becomes_an_operator_and_a_member_again() {
    let folder = Folder::new();
    let (first, second) = ("op@example.test", "alice@example.test");
    folder
        .run(&["account", "create", first, "--operator"])
        .done();
    folder.run(&["account", "create", second]).done();
    let set = |email: &str, state: &str| folder.run(&["account", "operator", email, state]);
    for (email, state, words) in [
        (
            second,
            "off",
            "alice@example.test is no operator of this server.\n",
        ),
        (second, "on", "is an operator of this server now"),
        (second, "on", "is an operator of this server already"),
        (first, "off", "is no operator of this server any more"),
    ] {
        let ended = set(email, state);
        assert!(ended.said.contains(words), "{words}: {ended:?}");
        assert_eq!(ended.done(), "", "{email} {state}");
    }
    let accounts = folder.run(&["account", "list", "--json"]).json();
    assert_eq!(accounts[0]["standing"], "operator", "{accounts}");
    assert_eq!(accounts[1]["standing"], "member", "{accounts}");
    let line = folder
        .run(&["account", "operator", first, "on", "--json"])
        .json();
    assert_eq!(line["standing"], "operator");
    assert_eq!(line["has_changed"], true);
    set("nobody@example.test", "on").failed(4, &["nobody@example.test", "easement account create"]);
    set(first, "maybe").failed(2, &["on", "off"]);
}
