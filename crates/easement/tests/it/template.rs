//! `easement template`: the templates that a server keeps.

use crate::run::{Ended, Folder};

const TEMPLATE: &str = r#"{"providerId": "p.test", "providerName": "P", "serviceId": "s",
    "serviceName": "S", "version": 3, "syncPubKeyDomain": "p.test", "records": [
    {"type": "A", "host": "@", "pointsTo": "192.0.2.9", "ttl": 600}]}"#;

/// The same template, which may point anywhere.
fn wider() -> String {
    TEMPLATE
        .replace("192.0.2.9", "%ip%")
        .replace("\"version\": 3", "\"version\": 4")
}

fn template(folder: &Folder, arguments: &[&str]) -> Ended {
    folder.run(&[&["template"], arguments].concat())
}

fn how_many(folder: &Folder) -> usize {
    let list = template(folder, &["list", "--json"]).json();
    list.as_array().unwrap().len()
}

#[test]
fn a_template_waits_until_it_is_approved() {
    let folder = Folder::new();
    folder.write("templates/p.test.s.json", TEMPLATE);
    folder.write("templates/README.md", "not a template");
    let imported = template(&folder, &["import", "templates"]);
    assert!(
        imported
            .said
            .contains("1 new, 0 changed, 0 unchanged, 0 withdrawn, 0 refused."),
        "{imported:?}"
    );
    assert!(imported.said.contains("hint: "), "{imported:?}");
    assert!(imported.done().contains("p.test/s version 3: pending"));
    let again = template(&folder, &["import", "templates"]);
    assert!(
        again.said.contains("0 new, 0 changed, 1 unchanged"),
        "{again:?}"
    );
    template(
        &folder,
        &["approve", "p.test", "s", "--reason", "looked at it"],
    )
    .done();
    let list = template(&folder, &["list", "--json"]).json();
    assert_eq!(list[0]["status"], "approved");
    assert_eq!(list[0]["version"], 3);
    assert_eq!(list[0]["signed_by"], "p.test");
    assert_eq!(
        template(&folder, &["show", "p.test", "s"])
            .done()
            .trim_end(),
        TEMPLATE
    );
    template(&folder, &["approve", "p.test", "other"]).failed(4, &["p.test/other"]);
    template(&folder, &["approve", "../p", "s"]).failed(2, &["../p"]);
}

#[test]
fn a_change_that_widens_is_shown_and_decided_anew() {
    let folder = Folder::new();
    folder.write("p.test.s.json", TEMPLATE);
    template(&folder, &["import", "p.test.s.json"]).done();
    template(&folder, &["approve", "p.test", "s"]).done();
    folder.write("p.test.s.json", &wider());
    template(&folder, &["import", "p.test.s.json"]).done();
    let queue = template(&folder, &["review"]).done();
    assert!(
        queue.contains("pending") && !queue.contains("approved"),
        "{queue}"
    );
    let review = template(&folder, &["review", "p.test", "s"]).done();
    for told in [
        "P: S\np.test/s version 4, pending",
        "What it does\n  - unusual: Lets the name it is applied to lead to whatever the request gives as %ip%.",
        "What it may do that the approved text may not\n  - Record 1 may say something that was not approved",
        "info DCTL1040",
        "not proven: TXT at _easement-proof.p.test must be easement-proof=",
        "no rule of the configuration approves templates",
        "approved by the command line (another text)",
    ] {
        assert!(review.contains(told), "{told}: {review}");
    }
    template(&folder, &["reject", "p.test", "s"]).failed(2, &["--reason"]);
    template(&folder, &["reject", "p.test", "s", "--reason", " "]).failed(3, &["say why"]);
    template(&folder, &["reject", "p.test", "s", "--reason", "too wide"]).done();
    template(&folder, &["reject", "p.test", "s", "--reason", "again"])
        .failed(3, &["is rejected and cannot become rejected"]);
    // The approved text is still offered, until it is withdrawn.
    let withdrawn = template(
        &folder,
        &["withdraw", "p.test", "s", "--reason", "keys were stolen"],
    );
    assert!(
        withdrawn.said.contains("version 3 is withdrawn now"),
        "{withdrawn:?}"
    );
    let list = template(&folder, &["list", "--status", "approved", "--json"]).json();
    assert_eq!(list.as_array().unwrap().len(), 0);
}

#[test]
fn a_terminal_obeys_no_name_of_a_file() {
    let folder = Folder::new();
    folder.write("templates/\u{1b}[2J\u{202e}.json", "{");
    let imported = template(&folder, &["import", "templates"]);
    assert_eq!(imported.code, Some(3), "{imported:?}");
    assert!(
        imported
            .said
            .contains(r"templates/\u{1b}[2J\u{202e}.json: "),
        "{imported:?}"
    );
}

#[test]
fn when_several_texts_wait_the_checksum_says_which_was_looked_at() {
    let folder = Folder::new();
    folder.write("p.test.s.json", TEMPLATE);
    template(&folder, &["import", "p.test.s.json"]).done();
    let seen = template(&folder, &["review", "p.test", "s", "--json"]).json();
    let checksum = &seen["line"]["checksum"].as_str().unwrap()[..12];
    // Another text comes in between looking and deciding.
    folder.write("p.test.s.json", &wider());
    template(&folder, &["import", "p.test.s.json"]).done();
    let approve = |more: &[&str]| {
        let arguments = ["approve", "p.test", "s"];
        template(&folder, &[&arguments, more].concat())
    };
    approve(&[]).failed(5, &["2 texts of p.test/s wait", checksum, "--checksum"]);
    approve(&["--checksum", ""]).failed(3, &["write more of it"]);
    approve(&["--checksum", "zzzz"]).failed(4, &["zzzz"]);
    let review = template(&folder, &["review", "p.test", "s", "--checksum", checksum]);
    assert!(review.done().contains("version 3, pending"));
    assert!(
        approve(&["--checksum", checksum])
            .said
            .contains("version 3 is approved now")
    );
    // One alone waits now, and is meant.
    assert!(approve(&[]).said.contains("version 4 is approved now"));
}

#[test]
fn bad_files_are_refused_and_the_rest_is_taken() {
    let folder = Folder::new();
    folder.write("templates/good.json", TEMPLATE);
    folder.write("templates/bad.json", "{\"providerId\": \"p.test\",\n oops}");
    let strict = template(&folder, &["import", "--strict", "templates"]);
    assert_eq!(strict.code, Some(3), "{strict:?}");
    assert_eq!(how_many(&folder), 0);
    let dry = template(&folder, &["import", "--dry-run", "templates"]);
    assert!(dry.said.contains("Would be: 1 new"), "{dry:?}");
    assert_eq!(how_many(&folder), 0);
    let ended = template(&folder, &["import", "templates"]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(
        ended.said.contains("refused    templates/bad.json: ") && ended.said.contains("line 2"),
        "{ended:?}"
    );
    assert_eq!(how_many(&folder), 1);
    folder.write("templates/same.json", TEMPLATE);
    let ended = template(&folder, &["import", "templates"]);
    assert_eq!(
        ended.said.matches("2 files are about p.test/s").count(),
        2,
        "{ended:?}"
    );
}

#[test]
fn a_pipe_among_the_files_keeps_nobody_waiting() {
    let folder = Folder::new();
    folder.write("t/p.test.s.json", TEMPLATE);
    let made = std::process::Command::new("mkfifo")
        .arg(folder.path().join("t/pipe.json"))
        .status();
    assert!(made.unwrap().success());
    let ended = template(&folder, &["sync", "t"]);
    assert!(ended.said.contains("1 new, 0 changed"), "{ended:?}");
    assert!(ended.said.contains("not a regular file"), "{ended:?}");
}

#[test]
fn a_folder_is_followed() {
    let folder = Folder::new();
    for number in 0..12 {
        let text = TEMPLATE.replace(
            "\"serviceId\": \"s\"",
            &format!("\"serviceId\": \"s{number}\""),
        );
        folder.write(&format!("t/p.test.s{number}.json"), &text);
    }
    let sync = |more: &[&str]| template(&folder, &[&["sync", "t"], more].concat());
    assert!(sync(&[]).said.contains("12 new, 0 changed, 0 unchanged"));
    assert!(sync(&[]).said.contains("0 new, 0 changed, 12 unchanged"));
    template(&folder, &["approve", "p.test", "s1"]).done();
    template(&folder, &["approve", "p.test", "s2"]).done();
    // A file that is broken is not gone; one that is gone is withdrawn.
    folder.write("t/p.test.s1.json", "oops");
    std::fs::remove_file(folder.path().join("t/p.test.s2.json")).unwrap();
    let ended = sync(&[]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(
        ended.said.contains("10 unchanged, 1 withdrawn, 1 refused"),
        "{ended:?}"
    );
    let approved = template(&folder, &["list", "--status", "approved", "--json"]).json();
    assert_eq!(approved[0]["service"], "s1");
    // So is one that is there twice: nobody knows which is meant, and what is offered stays so.
    let s1 = TEMPLATE.replace("\"serviceId\": \"s\"", "\"serviceId\": \"s1\"");
    folder.write("t/one.json", &s1);
    folder.write("t/other.json", &s1);
    std::fs::remove_file(folder.path().join("t/p.test.s1.json")).unwrap();
    let doubled = sync(&[]);
    assert!(
        doubled.said.contains("0 withdrawn, 2 refused"),
        "{doubled:?}"
    );
    // A folder that is suddenly empty changes nothing.
    std::fs::rename(folder.path().join("t"), folder.path().join("away")).unwrap();
    std::fs::create_dir(folder.path().join("t")).unwrap();
    sync(&[]).failed(3, &["11 of the 11 templates", "--force"]);
    let ended = sync(&["--force"]);
    assert!(ended.said.contains("1 withdrawn"), "{ended:?}");
    template(&folder, &["sync", "nowhere"]).failed(4, &["nowhere"]);
}

#[test]
fn rules_of_the_configuration_decide() {
    let folder = Folder::new();
    folder.write("p.test.s.json", TEMPLATE);
    let import = |rules: &[&str]| {
        let mut arguments = vec!["template", "import", "p.test.s.json"];
        for rule in rules {
            arguments.extend(["--set", rule]);
        }
        folder.run(&arguments)
    };
    let rules = [
        "templates.approve=rules",
        "templates.approve_needs_proof=false",
    ];
    let types = [&rules[..], &["templates.approve_types=[\"TXT\"]"]].concat();
    assert!(import(&types).done().contains("pending"));
    folder.write(
        "p.test.s.json",
        &TEMPLATE.replace("\"version\": 3", "\"version\": 5"),
    );
    assert!(import(&rules).done().contains("version 5: approved"));
    folder.write("p.test.s.json", &wider());
    assert!(import(&rules).done().contains("version 4: pending"));
    let review = template(&folder, &["review", "p.test", "s", "--json"]).json();
    assert_eq!(
        review["decisions"][0]["who"],
        "the rules of the configuration"
    );
    import(&["templates.approve=always"]).failed(2, &["approve"]);
}
