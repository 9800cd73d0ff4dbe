//! `easement zone`

use crate::run::{Ended, Folder};

const ZONE: &str = "\
$ORIGIN example.test.
$TTL 1h
@    SOA  ns1.example.net. hostmaster 7 2h 15m 2w 5m
     NS   ns1.example.net.
www  A    192.0.2.1
";

fn folder_with_owner() -> Folder {
    let folder = Folder::new();
    folder
        .run(&["account", "create", "owner@example.test"])
        .done();
    folder
}

#[test]
fn a_zone_is_made_shown_and_written_out() {
    let folder = folder_with_owner();
    let create = [
        "zone",
        "create",
        "example.test",
        "--owner",
        "owner@example.test",
    ];
    folder.run(&create).done();
    folder.run(&create).failed(5, &["example.test", "already"]);
    let zone = folder
        .run(&["zone", "show", "example.test", "--json"])
        .json();
    assert_eq!(zone["version"], 1);
    assert_eq!(zone["records"].as_array().unwrap().len(), 2);
    let text = folder.run(&["zone", "export", "example.test"]).done();
    assert!(text.contains("ns2.example.net."), "{text}");
    let list = folder.run(&["zone", "list"]).done();
    assert!(list.contains("example.test"), "{list}");
}

#[test]
fn a_zone_file_is_imported_compared_and_put_in_place() {
    let folder = folder_with_owner();
    folder.write("zone", ZONE);
    let import = ["zone", "import", "example.test", "zone"];
    folder.run(&import).failed(3, &["owner", "hint: "]);
    folder
        .run(&[&import[..], &["--owner", "nobody@example.test"]].concat())
        .failed(4, &["nobody@example.test"]);
    folder
        .run(&[&import[..], &["--owner", "owner@example.test"]].concat())
        .done();

    folder.write("zone", &ZONE.replace("192.0.2.1", "192.0.2.2"));
    let compared = folder.run(&import);
    assert!(compared.said.contains("--replace"), "{compared:?}");
    let changes = compared.done();
    assert!(
        changes.contains("- www.example.test. 3600 A 192.0.2.1\n"),
        "{changes}"
    );
    assert!(
        changes.contains("+ www.example.test. 3600 A 192.0.2.2\n"),
        "{changes}"
    );
    let text = folder.run(&["zone", "export", "example.test"]).done();
    assert!(text.contains("192.0.2.1"), "it was left as it is: {text}");

    folder.run(&[&import[..], &["--replace"]].concat()).done();
    let text = folder.run(&["zone", "export", "example.test"]).done();
    assert!(text.contains("192.0.2.2"), "{text}");
    folder.write("zone", &text);
    let same = folder.run(&[&import[..], &["--json"]].concat()).json();
    assert_eq!(
        same["changes"].as_array().unwrap().len(),
        0,
        "what is exported is what is there"
    );
}

#[test]
fn a_zone_file_with_mistakes_changes_nothing_and_names_them() {
    let folder = folder_with_owner();
    folder.write("zone", &ZONE.replace("192.0.2.1", "192.0.2.x"));
    let import = [
        "zone",
        "import",
        "example.test",
        "zone",
        "--owner",
        "owner@example.test",
    ];
    folder.run(&import).failed(3, &["5:11", "192.0.2.x"]);
    folder
        .run(&["zone", "show", "example.test"])
        .failed(4, &["example.test", "hint: "]);
    folder
        .run(&["zone", "import", "example.test", "missing"])
        .failed(1, &["missing"]);
}

#[test]
fn roles_are_given_and_taken_but_for_the_last_owner() {
    let folder = folder_with_owner();
    folder
        .run(&[
            "zone",
            "create",
            "example.test",
            "--owner",
            "owner@example.test",
        ])
        .done();
    folder
        .run(&["account", "create", "other@example.test"])
        .done();
    let role = |email, role| folder.run(&["zone", "role", "example.test", email, role]);
    role("other@example.test", "viewer").done();
    role("owner@example.test", "none").failed(5, &["owner"]);
    role("other@example.test", "king").failed(2, &["king", "owner, editor or viewer"]);
    role("nobody@example.test", "viewer").failed(4, &["nobody@example.test"]);
    role("other@example.test", "none").done();
}

#[test]
fn a_full_disk_is_noticed_when_a_zone_is_written_out() {
    let folder = folder_with_owner();
    let create = [
        "zone",
        "create",
        "example.test",
        "--owner",
        "owner@example.test",
    ];
    folder.run(&create).done();
    let full = std::fs::File::create("/dev/full").unwrap();
    let mut command = folder.command(&["zone", "export", "example.test"]);
    let ended = Ended::from(command.stdout(full).output().unwrap());
    ended.failed(1, &["cannot write to the standard output"]);
}

#[test]
fn a_zone_is_taken_back_to_an_earlier_version() {
    let folder = folder_with_owner();
    folder.write("zone", ZONE);
    let import = ["zone", "import", "example.test", "zone"];
    folder
        .run(&[&import[..], &["--owner", "owner@example.test"]].concat())
        .done();
    let first = folder.run(&["zone", "export", "example.test"]).done();
    for last in 2..4 {
        folder.write(
            "zone",
            &ZONE.replace("192.0.2.1", &format!("192.0.2.{last}")),
        );
        folder.run(&[&import[..], &["--replace"]].concat()).done();
    }
    let restore = ["zone", "restore", "example.test", "--version", "1"];
    let compared = folder.run(&restore);
    assert!(compared.said.contains("--replace"), "{compared:?}");
    let changes = compared.done();
    let expected = "- www.example.test. 3600 A 192.0.2.3\n+ www.example.test. 3600 A 192.0.2.1\n";
    assert_eq!(changes, expected);
    folder.run(&[&restore[..], &["--replace"]].concat()).done();
    let again = folder.run(&["zone", "export", "example.test"]).done();
    let without_serial = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.contains("serial"));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(without_serial(&again), without_serial(&first));
    assert_ne!(again, first, "the serial number went on");
    let zone = ["zone", "show", "example.test", "--json"];
    assert_eq!(
        folder.run(&zone).json()["version"],
        4,
        "history goes on too"
    );
    let same = folder.run(&restore);
    assert!(same.said.contains("already"), "{same:?}");
    for nowhere in ["0", "5"] {
        let restore = ["zone", "restore", "example.test", "--version", nowhere];
        folder
            .run(&restore)
            .failed(4, &["versions 1 to 4", "hint: "]);
    }
}
