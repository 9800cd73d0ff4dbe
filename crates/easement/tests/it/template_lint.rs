//! `easement template lint` and `explain`

use serde_json::Value;

use crate::run::Folder;

const WRONG: &str = r#"{
    "providerId": "p.test", "providerName": "P", "serviceId": "s", "serviceName": "S",
    "version": 1, "syncPubKeyDomain": "p.test", "syncRedirectDomain": "p.test",
    "records": [
        {"type": "A", "host": "@", "pointsTo": "2001:db8::1", "ttl": "600"}
    ]
}
"#;

#[test]
fn findings_are_shown_where_they_are() {
    let folder = Folder::new();
    folder.write("p.test.s.json", WRONG);
    let ended = folder.run(&["template", "lint", "p.test.s.json"]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert_eq!(
        ended.data,
        r#"error[DCTL1035]: 2001:db8::1 is an IPv6 address
 --> p.test.s.json:5:48
  |
5 |         {"type": "A", "host": "@", "pointsTo": "2001:db8::1", "ttl": "600"}
  |                                                ^^^^^^^^^^^^^
  |
  = note: A records hold IPv4 addresses.
  = help: Write an AAAA record.

info[DCTL2014]: `ttl` is the text "600"
 --> p.test.s.json:5:70
  |
5 |         {"type": "A", "host": "@", "pointsTo": "2001:db8::1", "ttl": "600"}
  |                                                                      ^^^^^
  |
  = note: The specification writes numbers as numbers; readers of typed languages refuse the quotation marks.
  = help: Take the quotation marks away.

"#
    );
    assert_eq!(
        ended.said,
        "1 template: 1 error, 0 warnings, 1 note. --fix mends 1 of them.\n\
         hint: `easement template explain CODE` says more\n"
    );
}

#[test]
fn what_fails_can_be_chosen() {
    let folder = Folder::new();
    folder.write("p.test.s.json", &WRONG.replace("2001:db8::1", "192.0.2.1"));
    let run = |more: &[&str]| {
        let arguments = [&["template", "lint", "p.test.s.json"], more].concat();
        folder.run(&arguments).code
    };
    assert_eq!(run(&[]), Some(0));
    assert_eq!(run(&["--deny", "warning"]), Some(0));
    assert_eq!(run(&["--deny", "info"]), Some(3));
    assert_eq!(run(&["--deny", "dctl2014"]), Some(3));
    assert_eq!(run(&["--deny", "info", "--allow", "DCTL2014"]), Some(0));
    assert_eq!(run(&["--ttl-max", "599", "--deny", "warning"]), Some(3));
    assert_eq!(run(&["--deny", "DCTL9999"]), Some(2));
}

#[test]
fn programs_read_json_and_sarif() {
    let folder = Folder::new();
    folder.write("t/p.test.s.json", WRONG);
    folder.write("t/p.test.t.json", WRONG);
    folder.write("t/README.md", "not a template");
    let read = |arguments: &[&str]| -> Value {
        let ended = folder.run(&[&["template", "lint", "t"], arguments].concat());
        assert_eq!(ended.code, Some(3), "{ended:?}");
        serde_json::from_str(&ended.data).unwrap()
    };
    let json = read(&["--json"]);
    assert_eq!(json[0]["file"], "t/p.test.s.json");
    assert_eq!(json[0]["findings"][0]["code"], "DCTL1035");
    assert_eq!(json[0]["findings"][0]["place"]["line"], 5);
    assert_eq!(
        json[0]["findings"][0]["place"]["pointer"],
        "/records/0/pointsTo"
    );
    let sarif = read(&["--format", "sarif"]);
    assert_eq!(sarif["version"], "2.1.0");
    let result = &sarif["runs"][0]["results"][0];
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(rules[index]["id"], result["ruleId"]);
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert_eq!(
        (&region["startColumn"], &region["endColumn"]),
        (&48.into(), &61.into())
    );
    // The second file has the ids of the first, and another name than they say.
    let findings = json[1]["findings"].as_array().unwrap();
    let codes: Vec<&str> = findings
        .iter()
        .filter_map(|one| one["code"].as_str())
        .collect();
    assert!(
        codes.contains(&"DCTL1004") && codes.contains(&"DCTL1003"),
        "{codes:?}"
    );
}

#[test]
fn mending_keeps_the_rest_of_the_file() {
    let folder = Folder::new();
    let file = folder.write("p.test.s.json", WRONG);
    let ended = folder.run(&["template", "lint", "--fix", "p.test.s.json"]);
    assert!(ended.said.contains("1 file mended"), "{ended:?}");
    let mended = std::fs::read_to_string(&file).unwrap();
    assert_eq!(mended, WRONG.replace("\"600\"", "600"));
    folder.run(&["template", "lint", "--fix", "p.test.s.json"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), mended);
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "nothing is left beside it");
}

#[test]
fn hostile_files_are_shown_harmlessly() {
    let folder = Folder::new();
    folder.write(
        "evil.json",
        "{\"providerId\": \"\u{1b}[2J\u{202e}\",\t\"x\": [\u{7}\u{9b}2J",
    );
    folder.write("deep.json", &"[".repeat(200_000));
    std::fs::write(folder.path().join("latin.json"), b"{\"a\": \"\xe9\"}").unwrap();
    let files = ["evil.json", "deep.json", "latin.json"];
    let arguments = [&["template", "lint", "--color", "always"], &files[..]].concat();
    let ended = folder.run(&arguments);
    assert_eq!(ended.code, Some(3), "{}", ended.said);
    assert!(!ended.data.contains("\u{1b}[2J") && !ended.data.contains('\u{7}'));
    for hidden in ['\u{202e}', '\u{9b}'] {
        assert!(!ended.data.contains(hidden), "{ended:?}");
    }
    assert_eq!(ended.data.matches("DCTL0001").count(), 1);
    assert_eq!(ended.data.matches("DCTL0003").count(), 2);
}

#[test]
fn a_template_comes_from_the_standard_input_too() {
    let folder = Folder::new();
    let ended = folder.run_with_input(&["template", "lint", "-"], WRONG);
    assert!(ended.data.contains("DCTL1035"), "{ended:?}");
    assert!(!ended.data.contains("DCTL1003"), "{ended:?}");
}

#[test]
fn every_code_is_explained() {
    let folder = Folder::new();
    let list = folder
        .run(&["template", "explain", "--list", "--json"])
        .json();
    assert!(list.as_array().unwrap().len() > 60);
    let text = folder.run(&["template", "explain", "dctl1011"]).done();
    assert!(text.contains("Why it matters: ") && text.contains("How to mend it: "));
    folder
        .run(&["template", "explain", "DCTL0000"])
        .failed(2, &["DCTL0000"]);
}

#[test]
fn mending_the_standard_input_prints_the_template_and_nothing_else() {
    let folder = Folder::new();
    let fix = ["template", "lint", "--fix", "-"];
    let ended = folder.run_with_input(&fix, WRONG);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    let mended = WRONG.replace("\"600\"", "600");
    assert_eq!(ended.data, mended);
    assert!(ended.said.contains("DCTL1035"), "{ended:?}");
    let ended = folder.run_with_input(&fix, &mended);
    assert_eq!(ended.data, mended, "what needs no mending goes through");
    for more in [&["--json"][..], &["--format", "sarif"]] {
        folder
            .run_with_input(&[&fix[..], more].concat(), WRONG)
            .failed(2, &["--fix -"]);
    }
}

/// Cut off, it might even be another template.
#[test]
fn a_file_that_is_too_long_is_refused_and_not_cut() {
    let folder = Folder::new();
    let spaces = 1024 * 1024 - WRONG.len();
    folder.write("p.test.s.json", &format!("{WRONG}{}", " ".repeat(spaces)));
    let lint = |path: &str| folder.run(&["template", "lint", path]);
    let told = "p.test.s.json is longer than 1048576 octets";
    assert!(!lint("p.test.s.json").data.contains(told));
    folder.write(
        "p.test.s.json",
        &format!("{WRONG}{}", " ".repeat(spaces + 1)),
    );
    let ended = lint("p.test.s.json");
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.data.contains(told), "{ended:?}");
}
