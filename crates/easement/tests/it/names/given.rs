//! What was given is used.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use serde_json::json;

use super::{FILE, NAME, Owner};
use crate::run::Ended;

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_gives_a_name_and_its_records_are_changed() {
    let Some(owner) = Owner::start().await else {
        return;
    };
    let mut connect = owner.connect(&["--json"]).await;
    owner.choose(&connect.link).await;
    assert!(connect.is_waiting());
    owner.0.agree().await;
    owner
        .0
        .reads(&["Thank you. You can close this window: which name was given"])
        .await;
    assert!(owner.0.address().await.starts_with("http://127.0.0.1:"));
    owner.0.inspect("names-return").await;

    let given = connect.end().json();
    let access = owner.access();
    let permission =
        |scope: &str| json!({"scope": scope, "domain": "example.test", "host": "notes"});
    let permissions = json!([permission("namedrop-hosts"), permission("namedrop-acme")]);
    let shown = json!({"access": FILE, "server": owner.base(), "permissions": permissions});
    assert_eq!(given, shown, "no secret is shown");
    assert_eq!(access["permissions"], permissions);
    is_for_its_owner(&owner);
    changes_records(&owner);
}

/// The file is readable by nobody else, and nothing else was left beside it.
fn is_for_its_owner(owner: &Owner) {
    let mode = std::fs::metadata(owner.path())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let beside = std::fs::read_dir(owner.0.folder.path()).unwrap();
    let beside: Vec<_> = beside.map(|entry| entry.unwrap().file_name()).collect();
    let copies = beside
        .iter()
        .filter(|name| name.to_string_lossy().contains("names"));
    assert_eq!(copies.count(), 1, "{beside:?}");
}

fn changes_records(owner: &Owner) {
    let dig = |name: &str, rtype: &str| owner.0.dig(name, rtype);
    let none: [&str; 0] = [];
    assert_eq!(
        owner.names(&["get", "--json"]).json(),
        json!({"records": []})
    );

    let set = owner.names(&["set", "A=192.0.2.5", "AAAA=2001:db8::5", "--json"]);
    assert_eq!(set.records().len(), 2);
    assert_eq!(dig(NAME, "A"), ["192.0.2.5"]);
    assert_eq!(dig(NAME, "AAAA"), ["2001:db8::5"]);
    owner.names(&["set", "A=192.0.2.6"]).done();
    assert_eq!(dig(NAME, "A"), ["192.0.2.6"]);

    let proof = "_acme-challenge.{{host}}:TXT=proof";
    owner.names(&["create", proof, "--ttl", "60"]).done();
    assert_eq!(
        dig("_acme-challenge.notes.example.test", "TXT"),
        ["\"proof\""]
    );
    let again = owner.names(&["create", proof]);
    again.failed(3, &["error: "]);
    let listed = owner.names(&["get", "--json"]).records();
    assert_eq!(listed.len(), 3, "{listed:?}");
    assert!(listed.contains(&json!({
        "domain": "example.test", "host": "_acme-challenge.notes", "type": "TXT", "value": "proof", "ttl": 60
    })));
    let shown = owner.names(&["get"]).done();
    for part in [
        "notes.example.test",
        "192.0.2.6",
        "_acme-challenge.notes.example.test",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }

    // A script whose variable is empty.
    let empty = owner.names(&["delete", "A=192.0.2.6", "_acme-challenge.{{host}}:TXT="]);
    empty.failed(2, &["to delete all of the type"]);
    for arguments in [&["delete", ":A"][..], &["delete", "A", "--host", ""]] {
        let empty = owner.names(arguments);
        empty.failed(2, &["write @ for the domain itself"]);
    }
    assert_eq!(dig(NAME, "A"), ["192.0.2.6"]);
    assert_eq!(
        dig("_acme-challenge.notes.example.test", "TXT"),
        ["\"proof\""]
    );

    let challenge = "_acme-challenge.{{host}}:TXT";
    owner
        .names(&["delete", challenge, "AAAA=2001:db8::5"])
        .done();
    assert_eq!(dig("_acme-challenge.notes.example.test", "TXT"), none);
    assert_eq!(dig(NAME, "AAAA"), none);
    assert_eq!(dig(NAME, "A"), ["192.0.2.6"]);

    // What was not given, and what is no record: nothing of the call is done.
    let elsewhere = owner.names(&["set", "A=192.0.2.7", "www:A=192.0.2.7"]);
    elsewhere.failed(3, &["does not cover"]);
    let wrong = owner.names(&["set", "A=192.0.2.7", "AAAA=192.0.2.7"]);
    wrong.failed(3, &["error: "]);
    assert_eq!(dig(NAME, "A"), ["192.0.2.6"]);
    assert!(!dig("www.example.test", "A").contains(&"192.0.2.7".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_renewed_once_however_many_use_them() {
    let Some(owner) = Owner::start().await else {
        return;
    };
    owner.give().await;
    for round in 0..3 {
        let before = owner.access();
        owner.change_access(|access| access["expires_at"] = json!(0));
        let runs: Vec<_> = (0..4)
            .map(|_| {
                let mut command = owner.names_command(&["get"]);
                command.stdout(Stdio::piped()).stderr(Stdio::piped());
                command.spawn().unwrap()
            })
            .collect();
        for run in runs {
            let ended = Ended::from(run.wait_with_output().unwrap());
            assert_eq!(ended.code, Some(0), "{round}: {ended:?}");
        }
        let after = owner.access();
        for token in ["access_token", "refresh_token"] {
            assert_ne!(after[token], before[token], "{round}: {token}");
        }
        is_for_its_owner(&owner);
    }

    // A token alone is given back: the next call gets another.
    let before = owner.access();
    owner.give_back("access_token");
    owner.names(&["set", "A=192.0.2.5"]).done();
    assert_ne!(owner.access()["access_token"], before["access_token"]);
    assert_eq!(owner.0.dig(NAME, "A"), ["192.0.2.5"]);
    is_for_its_owner(&owner);
}
