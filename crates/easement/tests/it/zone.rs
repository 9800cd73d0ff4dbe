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
    let changes = compared.would_change();
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
        .failed(4, &["missing"]);
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
        let replace = [&import[..], &["--replace", "--ignore-serial"]].concat();
        folder.run(&replace).done();
    }
    let restore = ["zone", "restore", "example.test", "--version", "1"];
    let compared = folder.run(&restore);
    assert!(compared.said.contains("--replace"), "{compared:?}");
    let changes = compared.would_change();
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

/// A zone that another server signed, with mistakes that change what is read.
const SIGNED_ZONE: &str = "\
$ORIGIN example.test.
$TTL 1h
@    SOA  ns1.example.net. hostmaster 7 2h 15m 2w 5m
     NS   ns1.example.net.
     DNSKEY 257 3 13 AAAA
     RRSIG NS 13 2 3600 20270101000000 20260101000000 1 example.test. AAAA
www  300 A  192.0.2.1
www  60  A  192.0.2.2
m    MX  10 mail.example.test
";

#[test]
fn what_a_zone_file_says_that_is_read_differently_is_told() {
    let folder = folder_with_owner();
    folder.write("zone", SIGNED_ZONE);
    let import = ["zone", "import", "example.test", "zone"];
    let owned = [&import[..], &["--owner", "owner@example.test"]].concat();
    // Whoever moves a signed zone here says so.
    folder.run(&owned).failed(
        3,
        &["5:6", "2 records of DNSSEC signing", "DS", "--unsigned"],
    );
    folder
        .run(&["zone", "show", "example.test"])
        .failed(4, &["example.test"]);
    let unsigned = [&owned[..], &["--unsigned"]].concat();
    let warnings = [
        "5:6: 2 records of DNSSEC signing",
        "8:1: the A records of www.example.test have several TTLs",
        "9:13: this name is mail.example.test.example.test",
    ];
    let made = folder.run(&unsigned);
    for warning in warnings {
        assert!(
            made.said.contains(&format!("warning: {warning}")),
            "{made:?}"
        );
    }
    made.done();
    // The zone is served unsigned already, so comparing it needs no word.
    let same = folder.run(&[&import[..], &["--json"]].concat()).json();
    let told: Vec<_> = same["warnings"].as_array().unwrap().iter().collect();
    assert_eq!(told.len(), warnings.len());
    for (told, warning) in told.into_iter().zip(warnings) {
        assert!(told.as_str().unwrap().starts_with(warning), "{told}");
    }
}

/// A folder whose zone was exported into a file with the serial 7, and in which somebody else then
/// changed `www` and added `ddns`.
fn folder_with_old_export() -> Folder {
    let folder = folder_with_owner();
    folder.write("zone", ZONE);
    let import = ["zone", "import", "example.test", "zone"];
    folder
        .run(&[&import[..], &["--owner", "owner@example.test"]].concat())
        .done();
    let meanwhile = ZONE.replace("192.0.2.1", "192.0.2.2") + "ddns A 192.0.2.99\n";
    folder.write("zone", &meanwhile);
    folder.run(&[&import[..], &["--replace"]].concat()).done();
    folder
}

#[test]
fn what_others_changed_since_a_zone_was_exported_stays() {
    let folder = folder_with_old_export();
    folder.write("zone", &(ZONE.to_owned() + "byhand A 192.0.2.3\n"));
    let import = ["zone", "import", "example.test", "zone"];
    let compared = folder.run(&import);
    for words in [
        "version 1 of example.test",
        "serial 7",
        "version 2",
        "stays as it was made since: ddns.example.test A",
        "stays as it was made since: www.example.test A",
    ] {
        assert!(compared.said.contains(words), "{compared:?}");
    }
    let expected = "+ byhand.example.test. 3600 A 192.0.2.3\n";
    assert_eq!(compared.would_change(), expected);
    let replaced = folder.run(&[&import[..], &["--replace", "--json"]].concat());
    let replaced = replaced.json();
    assert_eq!(
        replaced["kept"],
        serde_json::json!(["ddns.example.test A", "www.example.test A"])
    );
    let compared_with = &replaced["compared_with"];
    assert_eq!(compared_with["version"], 1);
    assert_eq!(compared_with["newest"], 2);
    assert_eq!(compared_with["because"], "serial_of_file");
    let text = folder.run(&["zone", "export", "example.test"]).done();
    for kept in ["192.0.2.99", "192.0.2.2", "192.0.2.3"] {
        assert!(text.contains(kept), "{text}");
    }
    let same = folder.run(&import);
    assert!(
        same.said.contains("has what the file changes already"),
        "{same:?}"
    );
}

#[test]
fn a_record_set_that_others_changed_in_another_way_is_named() {
    let folder = folder_with_old_export();
    folder.write("zone", &ZONE.replace("192.0.2.1", "192.0.2.3"));
    let import = ["zone", "import", "example.test", "zone", "--replace"];
    folder.run(&import).failed(
        5,
        &[
            "www.example.test A",
            "version 1",
            "serial 7",
            "--ignore-serial",
        ],
    );
    let zone = ["zone", "show", "example.test", "--json"];
    assert_eq!(folder.run(&zone).json()["version"], 2, "nothing changed");
    // On purpose, the file is the whole zone.
    let whole = folder.run(&[&import[..], &["--ignore-serial"]].concat());
    assert!(
        whole.said.contains("version 2 of example.test"),
        "{whole:?}"
    );
    let expected = "- ddns.example.test. 3600 A 192.0.2.99\n\
         - www.example.test. 3600 A 192.0.2.2\n+ www.example.test. 3600 A 192.0.2.3\n";
    assert_eq!(whole.done(), expected);
}

#[test]
fn a_zone_file_from_elsewhere_is_the_whole_zone() {
    let folder = folder_with_old_export();
    folder.write(
        "zone",
        &ZONE.replace("hostmaster 7 ", "hostmaster 2026112101 "),
    );
    let import = ["zone", "import", "example.test", "zone"];
    let compared = folder.run(&import);
    let words = "No version of example.test has the serial 2026112101";
    assert!(compared.said.contains(words), "{compared:?}");
    let changes = compared.would_change();
    assert!(changes.contains("- ddns.example.test."), "{changes}");
}

#[test]
fn a_zone_file_in_another_encoding_is_not_valid_and_its_place_is_named() {
    let folder = folder_with_owner();
    let text = [ZONE.as_bytes(), b"; caf\xe9\n"].concat();
    std::fs::write(folder.path().join("zone"), text).unwrap();
    let words = ["zone", "6:6", "octet e9", "iconv -f latin1"];
    let import = ["zone", "import", "example.test", "zone"];
    folder.run(&import).failed(3, &words);
    let apply = [
        "template", "apply", "--zone", "zone", "--state", "state", "--list",
    ];
    folder.run(&apply).failed(3, &words);
}

#[test]
fn what_other_servers_load_and_nobody_is_answered_with_is_left_out() {
    let folder = folder_with_owner();
    let strange = "sub NS ns.example.net.\nsub TXT old\nbig 2147483648 A 192.0.2.9\n\
         _domainconnect CNAME _domainconnect.example.net.\n";
    folder.write("zone", &(ZONE.to_owned() + strange));
    let import = [
        "zone",
        "import",
        "example.test",
        "zone",
        "--owner",
        "owner@example.test",
    ];
    let made = folder.run(&import);
    for warning in [
        "warning: 7:1: the TXT records of sub.example.test are left out",
        "warning: 8:5: a TTL above 2147483647 counts as 0",
        "warning: the CNAME records of _domainconnect.example.test are stored and not served",
    ] {
        assert!(made.said.contains(warning), "{warning}: {made:?}");
    }
    let data = made.done();
    assert!(
        !data.contains("TXT") && data.contains("big.example.test. 0 A"),
        "{data}"
    );
}
