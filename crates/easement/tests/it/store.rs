//! `easement store`

use std::path::PathBuf;

use crate::run::Folder;
use crate::serve::Server;

fn make_zone(folder: &Folder) {
    folder.run(&["account", "create", "op@example.test"]).done();
    let zone = [
        "zone",
        "create",
        "example.test",
        "--owner",
        "op@example.test",
    ];
    folder.run(&zone).done();
}

fn database(folder: &Folder) -> PathBuf {
    folder.path().join("easement-data/easement.sqlite")
}

#[test]
fn a_healthy_store_is_checked_with_a_server_and_without() {
    let folder = Folder::new();
    make_zone(&folder);
    let alone = folder.run(&["store", "verify"]);
    assert!(
        alone.said.contains("Zones checked: 1, with 1 commits"),
        "{alone:?}"
    );
    assert!(
        alone.said.contains("Everything fits together."),
        "{alone:?}"
    );
    assert_eq!(alone.done(), "");

    let (server, _) = Server::start(&folder);
    let report = folder.run(&["store", "verify", "--json"]).json();
    assert_eq!(report["zones"], 1);
    assert_eq!(report["findings"], serde_json::json!([]));
    assert_eq!(server.stop(), Some(0));
}

#[test]
fn looking_makes_no_store() {
    let folder = Folder::new();
    for arguments in [
        &["store", "verify"][..],
        &["zone", "list"],
        &["zone", "show", "example.test"],
        &[
            "zone",
            "create",
            "example.test",
            "--owner",
            "op@example.test",
        ],
        &["account", "list"],
        &["token", "list"],
        &["client", "list"],
        &["template", "list"],
        &["backup", "all.gz"],
    ] {
        let ended = folder.run(arguments);
        ended.failed(
            4,
            &["there is no store at", "easement-data/easement.sqlite"],
        );
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert!(left.is_empty(), "{arguments:?}: {left:?}");
    }
    folder.run(&["account", "create", "op@example.test"]).done();
    folder.run(&["zone", "list"]).done();
}

#[test]
fn what_is_wrong_is_listed_with_what_to_do() {
    let folder = Folder::new();
    make_zone(&folder);
    let file = database(&folder);
    let mut octets = std::fs::read(&file).unwrap();
    let kind = b"zone_created";
    let found = octets.windows(kind.len()).position(|octets| octets == kind);
    let start = found.unwrap();
    octets[start..start + kind.len()].copy_from_slice(b"zone_creamed");
    std::fs::write(&file, octets).unwrap();

    let ended = folder.run(&["store", "verify"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(
        ended.data.starts_with("example.test, version 1: "),
        "{ended:?}"
    );
    assert!(ended.data.ends_with("[row-senseless]\n"), "{ended:?}");
    assert!(
        ended.said.contains("hint: ") && ended.said.contains("restore"),
        "{ended:?}"
    );

    let ended = folder.run(&["store", "verify", "--json"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let report: serde_json::Value = serde_json::from_str(&ended.data).unwrap();
    let finding = &report["findings"][0];
    assert_eq!(finding["zone"], "example.test");
    assert_eq!(finding["version"], 1);
    assert_eq!(finding["code"], "row-senseless");
    assert!(
        finding["problem"]
            .as_str()
            .unwrap()
            .contains("zone_creamed")
    );
    assert!(finding["remedy"].as_str().unwrap().contains("backup"));
}

#[test]
fn a_store_whose_zones_cannot_be_read_is_checked_all_the_same() {
    let folder = Folder::new();
    make_zone(&folder);
    let file = database(&folder);
    let mut octets = std::fs::read(&file).unwrap();
    // A column has another name in the schema, as octets of a disk change.
    let column = b"spelling BLOB";
    let places: Vec<usize> = octets
        .windows(column.len())
        .enumerate()
        .filter(|(_, octets)| octets == column)
        .map(|(place, _)| place)
        .collect();
    assert!(!places.is_empty());
    for place in places {
        octets[place] = b'x';
    }
    std::fs::write(&file, octets).unwrap();

    let ended = folder.run(&["store", "verify"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.data.contains("[zones-not-loadable]"), "{ended:?}");
    assert!(ended.data.contains("[database-unreadable]"), "{ended:?}");
    assert!(ended.said.contains("hint: "), "{ended:?}");
}

#[test]
fn a_file_that_is_no_database_any_more_is_named() {
    let folder = Folder::new();
    make_zone(&folder);
    std::fs::write(database(&folder), "nothing of the kind".repeat(1_000)).unwrap();
    let ended = folder.run(&["store", "verify"]);
    ended.failed(1, &["database", "not a database"]);
}
