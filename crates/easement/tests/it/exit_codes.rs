//! One rule for exit codes, whichever command it is.

use crate::run::Folder;

const ZONE: &str = "\
$ORIGIN example.test.
$TTL 3600
@ SOA ns1.example.net. hostmaster.example.test. 7 3600 900 604800 300
@ NS ns1.example.net.
";
const TEMPLATE: &str = r#"{"providerId": "p.test", "providerName": "P", "serviceId": "s",
    "serviceName": "S", "version": 1, "syncBlock": true, "records": [
    {"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 600}]}"#;

/// A store with an account and a zone, and files beside it.
fn furnished() -> Folder {
    let folder = Folder::new();
    folder.write("zone", ZONE);
    folder.write("p.test.s.json", TEMPLATE);
    let owner = "owner@example.test";
    folder.run(&["account", "create", owner]).done();
    for arguments in [
        &["zone", "import", "example.test", "zone", "--owner", owner][..],
        &["backup", "all"],
    ] {
        folder.run(arguments).done();
    }
    folder.write("more", &format!("{ZONE}www A 192.0.2.1\n"));
    folder
}

#[test]
fn a_file_that_is_not_there_has_one_exit_code() {
    let folder = furnished();
    for arguments in [
        &["zone", "import", "example.test", "missing"][..],
        &["restore", "missing"],
        &["restore", "missing", "--replace"],
        &["backup", "verify", "missing"],
        &["template", "lint", "missing"],
        &["template", "lint", "p.test.s.json", "missing"],
        &["template", "import", "missing"],
        &["template", "import", "p.test.s.json", "missing"],
        &["template", "sync", "missing"],
        &[
            "template",
            "apply",
            "--zone",
            "missing",
            "--template",
            "p.test.s.json",
        ],
        &[
            "template",
            "apply",
            "--zone",
            "zone",
            "--template",
            "missing",
        ],
        &["key", "records", "missing"],
        &["key", "check", "_k.p.test", "--records", "missing"],
        &["names", "get", "--access", "missing"],
        &["example-service", "--domain", "p.test", "--key", "missing"],
        &["zone", "list", "--config", "missing"],
        &["config", "check", "--config", "missing"],
        &["serve", "--config", "missing"],
    ] {
        let ended = folder.run(arguments);
        assert_eq!(ended.code, Some(4), "{arguments:?}: {ended:?}");
        assert_eq!(ended.data, "", "{arguments:?}: {ended:?}");
        for words in ["error: ", "missing"] {
            assert!(ended.said.contains(words), "{arguments:?}: {ended:?}");
        }
        let reason = "No such file or directory (os error 2)";
        let times = ended.said.matches(reason).count();
        assert!(times <= 1, "{arguments:?}: {ended:?}");
    }
    let none = folder.run(&["template", "list", "--json"]).json();
    assert_eq!(none, serde_json::json!([]), "nothing was taken in");
}

#[test]
fn commands_in_which_4_means_something_else_say_so() {
    let folder = Folder::new();
    let connect = [
        "connect",
        "example.test",
        "--template",
        "p.test/s",
        "--template-file",
        "missing",
    ];
    folder.run(&connect).failed(3, &["missing"]);
    let status = ["ddns", "status", "--config", "missing"];
    folder.run(&status).failed(2, &["missing"]);
    // What is to be taken down, and is not there, is taken down.
    let removed = folder.run(&["ddns", "remove", "--config", "missing"]);
    assert!(removed.said.contains("nothing is set up"), "{removed:?}");
    removed.done();
    for (command, words) in [
        (&["connect", "--help"][..], "or a file is not there; 4"),
        (
            &["ddns", "status", "--help"],
            "2  the configuration is not there",
        ),
        (&["--help"], "their own help lists their exit codes"),
    ] {
        let help = folder.run(command).done();
        let help = help.replace('\n', " ");
        assert!(help.contains(words), "{command:?}: {help}");
    }
}

#[test]
fn what_only_says_what_would_change_has_one_exit_code() {
    let folder = furnished();
    let json = |arguments: &[&'static str]| [arguments, &["--json"]].concat();
    for (arguments, done) in [
        (&["zone", "import", "example.test", "more"][..], "--replace"),
        (
            &["zone", "restore", "example.test", "--version", "1"],
            "--replace",
        ),
        (&["account", "delete", "owner@example.test"], "--yes"),
    ] {
        for asked in [arguments.to_vec(), json(arguments)] {
            let ended = folder.run(&asked);
            assert_eq!(ended.code, Some(6), "{asked:?}: {ended:?}");
        }
        let arguments = [arguments, &[done]].concat();
        folder.run(&arguments).done();
    }
    for (dry, code) in [(true, 6), (false, 0), (true, 0)] {
        let import = ["template", "import", "p.test.s.json"];
        let more: &[&str] = if dry { &["--dry-run"] } else { &[] };
        let ended = folder.run(&[&import[..], more].concat());
        assert_eq!(ended.code, Some(code), "{dry}: {ended:?}");
    }
    // Nothing would change any more.
    for arguments in [
        &["zone", "import", "example.test", "zone", "--ignore-serial"][..],
        &["zone", "restore", "example.test", "--version", "3"],
    ] {
        let ended = folder.run(arguments);
        assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:?}");
    }
}
