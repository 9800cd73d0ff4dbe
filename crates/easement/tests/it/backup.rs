//! `easement backup` and `easement restore`

use std::os::unix::fs::PermissionsExt as _;

use crate::run::Folder;

fn folder_with_zone() -> Folder {
    let folder = Folder::new();
    let owner = "owner@example.test";
    folder.run(&["account", "create", owner]).done();
    let create = ["zone", "create", "example.test", "--owner", owner];
    folder.run(&create).done();
    folder
}

#[test]
fn a_backup_is_made_looked_at_and_restored() {
    let folder = folder_with_zone();
    let made = folder.run(&["backup", "all"]);
    assert!(made.said.contains("1 zones"), "{made:?}");
    assert!(made.said.contains("1 accounts"), "{made:?}");
    assert_eq!(made.done(), "");
    let file = folder.path().join("all");
    let bits = file.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(bits, 0o600, "it holds password hashes");
    let before = std::fs::read(&file).unwrap();
    folder
        .run(&["backup", "all"])
        .failed(5, &["all", "already", "--force"]);
    assert_eq!(std::fs::read(&file).unwrap(), before);
    folder.run(&["backup", "all", "--force"]).done();
    let left = std::fs::read_dir(folder.path()).unwrap();
    let left = left.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_str().unwrap().starts_with(".all")
    });
    assert_eq!(left.count(), 0, "no half files stay");

    let table = folder.run(&["backup", "verify", "all"]).done();
    assert!(table.contains("zone_commit"), "{table}");
    let summary = folder.run(&["backup", "verify", "all", "--json"]).json();
    assert_eq!(summary["last_commit"], 1);

    let other = Folder::new();
    std::fs::copy(&file, other.path().join("all")).unwrap();
    let restored = other.run(&["restore", "all"]);
    assert!(restored.said.contains("sign in again"), "{restored:?}");
    restored.done();
    let zone = ["zone", "show", "example.test"];
    assert_eq!(other.run(&zone).done(), folder.run(&zone).done());
    other
        .run(&["restore", "all"])
        .failed(5, &["1 accounts, 1 zones", "--replace"]);
    let replaced = other.run(&["restore", "all", "--replace"]);
    assert!(replaced.said.contains("before-restore"), "{replaced:?}");
    replaced.done();
}

#[test]
fn what_is_no_backup_is_refused_by_its_exit_code() {
    let folder = folder_with_zone();
    folder.write("text", "no backup");
    folder
        .run(&["backup", "verify", "text"])
        .failed(3, &["not a backup"]);
    folder
        .run(&["restore", "text", "--replace"])
        .failed(3, &["not a backup"]);
    folder
        .run(&["restore", "missing"])
        .failed(4, &["cannot read the backup missing"]);
    folder.run(&["backup"]).failed(2, &["FILE"]);
    let empty = Folder::new();
    empty
        .run(&["backup", "all"])
        .failed(4, &["easement.sqlite", "no store"]);
    assert!(!empty.path().join("all").exists());
    folder.run(&["zone", "show", "example.test"]).done();
}
