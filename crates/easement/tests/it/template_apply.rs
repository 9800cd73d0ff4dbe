//! `easement template apply`

use std::path::Path;

use crate::run::{Ended, Folder};

const ZONE: &str = "\
; our zone
$ORIGIN example.com.
$TTL 1h
@     IN SOA ns1.dns.test. hostmaster 7 2h 15m 2w 5m
      IN NS  ns1.dns.test.
      IN MX  10 mx.old.test.   ; mail
      IN TXT \"v=spf1 mx -all\"
www   IN A   192.0.2.1
";

const MAIL: &str = r#"{"providerId": "p.test", "providerName": "Fern", "serviceId": "mail",
    "serviceName": "Mail", "records": [
    {"type": "MX", "host": "@", "pointsTo": "mx.p.test", "priority": 10, "ttl": 3600},
    {"type": "SPFM", "host": "@", "spfRules": "include:spf.p.test"}]}"#;
const WEB: &str = r#"{"providerId": "p.test", "providerName": "Fern", "serviceId": "web",
    "serviceName": "Web", "syncPubKeyDomain": "p.test", "records": [
    {"type": "A", "host": "@", "pointsTo": "%ip%", "ttl": 600},
    {"type": "TXT", "host": "@", "data": "fern=%token%", "ttl": 3600}]}"#;

/// Applies that template to the zone file and keeps a state.
const WEB_IN_PLACE: [&str; 7] = [
    "--template",
    "p.test/web",
    "--templates",
    "t",
    "--state",
    "state",
    "--in-place",
];

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("zone", ZONE);
    folder.write("mail.json", MAIL);
    folder.write("t/p.test.web.json", WEB);
    folder
}

fn apply(folder: &Folder, more: &[&str]) -> Ended {
    folder.run(&[&["template", "apply", "--zone", "zone"], more].concat())
}

fn read(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap()
}

/// Whoever may not read the zone file may not read the new one either, nor what stands in its folder.
#[test]
fn mode_and_link_of_the_zone_file_stay() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = folder();
    let file = folder.path().join("zone");
    let kept = folder.path().join("t/kept.zone");
    std::fs::rename(&file, &kept).unwrap();
    std::fs::set_permissions(&kept, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::os::unix::fs::symlink("t/kept.zone", &file).unwrap();
    let arguments = ["--template", "mail.json", "--replace", "--in-place"];
    assert_eq!(apply(&folder, &arguments).code, Some(0));
    assert!(read(&folder, "t/kept.zone").contains("mx.p.test."));
    assert!(std::fs::symlink_metadata(&file).unwrap().is_symlink());
    let mode = std::fs::metadata(&kept).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let files: Vec<_> = std::fs::read_dir(folder.path().join("t"))
        .unwrap()
        .collect();
    assert_eq!(files.len(), 2, "{files:?}");
}

#[test]
fn only_what_must_change_is_written() {
    let folder = folder();
    let mail = ["--template", "mail.json", "--replace"];
    let ended = apply(&folder, &mail);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let expected = ZONE
        .replace("10 mx.old.test.", "10 mx.p.test.")
        .replace("mx -all", "mx include:spf.p.test ~all")
        .replace("hostmaster 7", "hostmaster 8");
    assert_eq!(ended.data, expected);
    assert_eq!(
        ended.said,
        "\
Fern: Mail
- example.com 3600 MX 10 mx.old.test.   ; in the way: one service receives all mail of a name
+ example.com 3600 MX 10 mx.p.test.   ; record 1
- example.com 3600 TXT \"v=spf1 mx -all\"
+ example.com 3600 TXT \"v=spf1 mx include:spf.p.test ~all\"   ; merged
In the way of record 1: example.com MX 10 mx.old.test.: one service receives all mail of a name
Mail for example.com is delivered to mx.p.test instead of mx.old.test.
Who may send mail as example.com: new include:spf.p.test; new ~all; no longer -all;
"
    );
    assert_eq!(read(&folder, "zone"), ZONE);
    apply(&folder, &[&mail[..], &["--output", "new"]].concat()).done();
    assert_eq!(read(&folder, "new"), expected);
}

#[test]
fn a_conflict_stops_and_a_check_tells() {
    let folder = folder();
    let mail = ["--template", "mail.json"];
    let ended = apply(&folder, &[&mail[..], &["--in-place"]].concat());
    assert_eq!(ended.code, Some(5), "{ended:?}");
    assert!(ended.said.contains("nothing was written"), "{ended:?}");
    assert_eq!(
        apply(&folder, &[&mail[..], &["--check"]].concat()).code,
        Some(5)
    );
    let check = [&mail[..], &["--check", "--replace"]].concat();
    assert_eq!(apply(&folder, &check).code, Some(6));
    assert_eq!(read(&folder, "zone"), ZONE);
    apply(&folder, &[&mail[..], &["--in-place", "--replace"]].concat()).done();
    assert_eq!(apply(&folder, &check).code, Some(0));
}

#[test]
fn a_service_comes_and_goes_again() {
    let folder = folder();
    let values = ["ip=192.0.2.9", "token=x y"];
    apply(&folder, &[&WEB_IN_PLACE[..], &values].concat()).done();
    let with = read(&folder, "zone");
    assert!(with.contains("@     3600 IN TXT \"fern=x y\""), "{with}");
    assert!(with.contains("@     600 IN A 192.0.2.9"), "{with}");
    let list = folder
        .run(&[
            "template", "apply", "--zone", "zone", "--state", "state", "--list", "--json",
        ])
        .json();
    assert_eq!(list[0]["key"]["service_id"], "web");
    // Again: nothing changes, also not the serial number.
    apply(&folder, &[&WEB_IN_PLACE[..], &values].concat()).done();
    assert_eq!(read(&folder, "zone"), with);
    apply(&folder, &[&WEB_IN_PLACE[..], &["--remove"]].concat()).done();
    assert_eq!(
        read(&folder, "zone"),
        ZONE.replace("hostmaster 7", "hostmaster 9")
    );
    let ended = apply(&folder, &[&WEB_IN_PLACE[..], &["--remove"]].concat());
    ended.failed(3, &["p.test/web is not applied at @", "--list"]);
}

#[test]
fn a_state_that_does_not_belong_to_the_zone_file_is_noticed() {
    let folder = folder();
    let web = [&WEB_IN_PLACE[..], &["ip=192.0.2.9", "token=x"]].concat();
    apply(&folder, &web).done();
    // As after a crash between the two files: the old zone file with the new state.
    folder.write("zone", ZONE);
    let ended = apply(&folder, &web);
    assert!(
        ended
            .said
            .contains("the last run did not write the zone file"),
        "{ended:?}"
    );
    folder.write(
        "zone",
        &read(&folder, "zone").replace("192.0.2.1", "192.0.2.3"),
    );
    let ended = apply(&folder, &web);
    assert!(
        ended.said.contains("was changed since the last run"),
        "{ended:?}"
    );
    folder.write(
        "state",
        "{\"version\": 2, \"zone\": \"example.com\", \"services\": []}",
    );
    apply(&folder, &web).failed(3, &["version 2"]);
    folder.write("state", "oops");
    apply(&folder, &web).failed(3, &["state is not a state of this command"]);
    folder.write(
        "state",
        "{\"version\": 1, \"zone\": \"other.test\", \"services\": []}",
    );
    apply(&folder, &web).failed(3, &["other.test", "example.com"]);
}

#[test]
fn what_is_missing_or_wrong_is_said_at_once() {
    let folder = folder();
    let web = ["--template", "t/p.test.web.json"];
    let run = |more: &[&str]| apply(&folder, &[&web[..], more].concat());
    run(&[]).failed(3, &["add ip=VALUE token=VALUE"]);
    run(&["ip"]).failed(3, &["\"ip\" is not VARIABLE=VALUE"]);
    run(&["ip=nonsense", "token=x"]).failed(3, &["`nonsense` is not an address"]);
    run(&["--group", "none", "ip=192.0.2.9", "token=x"]).failed(3, &["none"]);
    run(&["--domain", "other.test", "ip=192.0.2.9", "token=x"]).failed(3, &["other.test"]);
    run(&["--remove"]).failed(2, &["--state"]);
    apply(&folder, &["--template", "../p/x"]).failed(4, &["no id such as p.example/web"]);
    apply(&folder, &["--template", "p.test/none", "--templates", "t"])
        .failed(4, &["p.test.none.json"]);
    folder.write("zone", "oops");
    run(&["ip=192.0.2.9", "token=x"]).failed(3, &["zone is not a zone file"]);
}

#[test]
fn a_signed_link_is_applied_and_a_forged_one_is_not() {
    let folder = folder();
    folder.run(&["key", "generate", "--out", "key.pem"]).done();
    let base = "https://dns.test/v2/domainTemplates/providers/p.test/services/web/apply";
    let link = format!("{base}?domain=example.com&ip=192.0.2.9&token=x");
    let signed = folder
        .run(&["url", "sign", "--key", "key.pem", "--label", "_k", &link])
        .done();
    let run = |link: &str, more: &[&str]| {
        let link = [
            "--signed-url",
            link,
            "--templates",
            "t",
            "--public-key",
            "key.pem",
        ];
        apply(&folder, &[&link[..], more].concat())
    };
    let ended = run(signed.trim(), &[]);
    assert!(ended.data.contains("IN A 192.0.2.9"), "{ended:?}");
    run(&signed.trim().replace("192.0.2.9", "192.0.2.8"), &[]).failed(3, &["not validly signed"]);
    run(&link, &[]).failed(3, &["not validly signed", "not signed"]);
    run(signed.trim(), &["--host", "x"]).failed(2, &["--host"]);
    run(
        &signed.trim().replace("/web/", "/mail/"),
        &["--template", "t/p.test.web.json"],
    )
    .failed(3, &["p.test/mail", "p.test/web"]);
}

#[test]
fn files_that_cannot_be_written_stay_as_they_are() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("there")).unwrap();
    std::os::unix::fs::symlink("gone", folder.path().join("astray")).unwrap();
    let mail = ["--template", "mail.json", "--replace"];
    for (output, told) in [
        ("there", "it is not a regular file"),
        ("none/new", "No such file"),
        ("astray", "symbolic link to gone"),
    ] {
        let ended = apply(&folder, &[&mail[..], &["--output", output]].concat());
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(
            ended.said.contains(output) && ended.said.contains(told),
            "{ended:?}"
        );
    }
    assert_eq!(read(&folder, "zone"), ZONE);
    assert!(folder.path().join("astray").is_symlink());
    // A link keeps pointing where it does, and the mode stays.
    std::os::unix::fs::symlink("zone", folder.path().join("link")).unwrap();
    let arguments = ["template", "apply", "--zone", "link", "--in-place"];
    folder.run(&[&arguments[..], &mail].concat()).done();
    assert!(Path::new(&folder.path().join("link")).is_symlink());
    assert!(read(&folder, "zone").contains("mx.p.test"));
}

#[test]
fn hostile_names_and_values_are_shown_harmlessly() {
    let folder = folder();
    let evil = WEB
        .replace("\"Web\"", "\"W\u{200d}eb\"")
        .replace("fern=", "\\u001b[2J");
    folder.write("evil.json", &evil);
    let ended = apply(
        &folder,
        &[
            "--template",
            "evil.json",
            "--color",
            "always",
            "--check",
            "ip=192.0.2.9",
            "token=\u{1b}]0;x\u{7}",
        ],
    );
    assert!(
        !ended.data.contains("\u{1b}[2J") && !ended.data.contains('\u{7}'),
        "{ended:?}"
    );
}

/// What is in a comment is the business of its author, also on a terminal; a zone file is a file.
#[test]
fn the_new_zone_file_is_printed_octet_by_octet() {
    let folder = folder();
    let odd = format!(
        "; \u{1b}[31mred\u{1b}[0m\n{}",
        ZONE.strip_suffix('\n').unwrap()
    );
    folder.write("zone", &odd);
    let mail = ["--template", "mail.json", "--replace", "--serial", "keep"];
    let expected = odd
        .replace("10 mx.old.test.", "10 mx.p.test.")
        .replace("mx -all", "mx include:spf.p.test ~all");
    assert_eq!(apply(&folder, &mail).done(), expected);
    let json = apply(&folder, &[&mail[..], &["--json"]].concat()).json();
    assert_eq!(json["zone_file"], expected);
    assert!(
        json["changes"].is_array() || json["changes"].is_object(),
        "{json}"
    );
}

#[test]
fn a_zone_file_that_did_not_get_out_leaves_the_state_alone() {
    let folder = folder();
    let arguments = [
        "template",
        "apply",
        "--zone",
        "zone",
        "--template",
        "t/p.test.web.json",
        "--state",
        "state",
        "ip=192.0.2.9",
        "token=x",
    ];
    for more in [&[][..], &["--json"]] {
        let full = std::fs::File::create("/dev/full").unwrap();
        let mut command = folder.command(&[&arguments[..], more].concat());
        let ended = Ended::from(command.stdout(full).output().unwrap());
        ended.failed(1, &["cannot write to the standard output"]);
        assert!(!folder.path().join("state").exists());
    }
    folder.run(&arguments).done();
    assert!(folder.path().join("state").exists());
}

#[test]
fn a_service_is_removed_when_its_template_is_long_gone() {
    let folder = folder();
    apply(
        &folder,
        &[&WEB_IN_PLACE[..], &["ip=192.0.2.9", "token=x"]].concat(),
    )
    .done();
    std::fs::remove_file(folder.path().join("t/p.test.web.json")).unwrap();
    let remove = [
        "--template",
        "p.test/web",
        "--state",
        "state",
        "--in-place",
        "--remove",
    ];
    apply(&folder, &remove).done();
    assert_eq!(
        read(&folder, "zone"),
        ZONE.replace("hostmaster 7", "hostmaster 9")
    );
    apply(&folder, &remove).failed(3, &["p.test/web is not applied at @", "--list"]);
}

#[test]
fn several_instances_are_not_removed_at_once() {
    let folder = folder();
    let several = WEB.replace(
        "\"serviceName\"",
        "\"multiInstance\": true, \"serviceName\"",
    );
    folder.write("t/p.test.web.json", &several);
    for instance in ["one", "two"] {
        let token = format!("token={instance}");
        let values = ["--instance", instance, "ip=192.0.2.9", &token];
        apply(&folder, &[&WEB_IN_PLACE[..], &values].concat()).done();
    }
    let remove = [&WEB_IN_PLACE[..], &["--remove"]].concat();
    apply(&folder, &remove).failed(3, &["2 instances", "--instance"]);
    apply(&folder, &[&remove[..], &["--instance", "two"]].concat()).done();
    assert!(read(&folder, "zone").contains("fern=one"));
}

#[test]
fn a_signed_link_for_another_domain_removes_nothing() {
    let folder = folder();
    folder.run(&["key", "generate", "--out", "key.pem"]).done();
    apply(
        &folder,
        &[&WEB_IN_PLACE[..], &["ip=192.0.2.9", "token=x"]].concat(),
    )
    .done();
    let with = read(&folder, "zone");
    let remove = |domain: &str| {
        let base = "https://dns.test/v2/domainTemplates/providers/p.test/services/web/apply";
        let link = format!("{base}?domain={domain}&ip=192.0.2.9&token=x");
        let sign = ["url", "sign", "--key", "key.pem", "--label", "_k", &link];
        let link = folder.run(&sign).done();
        let arguments = [
            "--signed-url",
            link.trim(),
            "--templates",
            "t",
            "--public-key",
            "key.pem",
            "--state",
            "state",
            "--in-place",
            "--remove",
        ];
        apply(&folder, &arguments)
    };
    remove("other.test").failed(3, &["other.test", "example.com"]);
    assert_eq!(read(&folder, "zone"), with);
    remove("example.com").done();
}

/// Somebody else's file, in a folder where the group of new files is another one than that of the person.
#[test]
fn the_group_of_a_file_is_kept_or_its_loss_is_told() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    use std::os::unix::process::CommandExt as _;

    const PERSON: u32 = 54321;
    let folder = folder();
    let zone = folder.path().join("zone");
    if chown(&zone, Some(0), Some(PERSON)).is_err() {
        println!("SKIPPED: only root can run a program as somebody else");
        return;
    }
    chown(folder.path(), Some(0), Some(PERSON + 1)).unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o2777)).unwrap();
    let mut told = Vec::new();
    for group in [PERSON, PERSON + 2] {
        std::fs::set_permissions(&zone, std::fs::Permissions::from_mode(0o664)).unwrap();
        chown(&zone, Some(0), Some(group)).unwrap();
        let arguments = ["template", "apply", "--zone", "zone", "--in-place"];
        let mut command =
            folder.command(&[&arguments[..], &["--template", "mail.json", "--replace"]].concat());
        let ended = Ended::from(command.uid(PERSON).gid(PERSON).output().unwrap());
        assert_eq!(ended.code, Some(0), "{ended:?}");
        told.push((
            zone.metadata().unwrap().gid(),
            ended.said.contains("warning: "),
        ));
    }
    assert_eq!(told, [(PERSON, false), (PERSON + 1, true)]);
}
