//! `easement key` and `easement url`

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::Value;

use crate::run::Folder;

const LINK: &str = "https://dns.test/v2/domainTemplates/providers/p.test/services/s/apply?domain=example.com&ip=192.0.2.1&NAME=a%20b";

/// A folder with a key, and its records as a file.
fn folder_with_key() -> Folder {
    let folder = Folder::new();
    let made = folder.run(&["key", "generate", "--out", "key.pem"]);
    let records = made.done();
    folder.write("records.txt", &records);
    folder
}

fn sign(folder: &Folder, link: &str) -> String {
    let arguments = ["url", "sign", "--key", "key.pem", "--label", "_k", link];
    folder.run(&arguments).done().trim_end().to_owned()
}

#[test]
fn a_key_is_made_once_and_only_its_owner_reads_it() {
    let folder = folder_with_key();
    let mode = std::fs::metadata(folder.path().join("key.pem"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    folder
        .run(&["key", "generate", "--out", "key.pem"])
        .failed(5, &["key.pem is there already", "hint:"]);
    let records = folder.run(&["key", "records", "key.pem"]).done();
    assert_eq!(
        records,
        std::fs::read_to_string(folder.path().join("records.txt")).unwrap()
    );
    assert!(records.lines().all(|line| line.len() <= 255), "{records}");
    let arguments = [
        "key",
        "records",
        "key.pem",
        "--name",
        "_k.p.test",
        "--format",
        "zone",
    ];
    let zone = folder.run(&arguments).done();
    assert!(
        zone.starts_with("_k.p.test. 3600 IN TXT \"p=1,a=RS256,d=MIIB"),
        "{zone}"
    );
    folder
        .run(&["key", "records", "records.txt"])
        .failed(3, &["records.txt"]);
}

#[test]
fn what_is_published_is_checked() {
    let folder = folder_with_key();
    let check = |file: &str, more: &[&str]| {
        let arguments = [&["key", "check", "_k.p.test", "--records", file], more].concat();
        folder.run(&arguments)
    };
    let good = check("records.txt", &["--expect", "key.pem"]).done();
    assert!(
        good.starts_with("_k.p.test: an RSA key of 2048 bits, SHA-256 "),
        "{good}"
    );
    folder
        .run(&["key", "generate", "--out", "other.pem"])
        .done();
    let ended = check("records.txt", &["--expect", "other.pem"]);
    assert_eq!(ended.code, Some(3));
    assert!(
        ended
            .said
            .contains("another key is published than that of other.pem"),
        "{ended:?}"
    );
    folder.write("wrong.txt", "v=spf1 -all\np=2,a=ES256,d=AAAA\n");
    let faults = check("wrong.txt", &["--json"]);
    assert_eq!(faults.code, Some(3));
    let faults: Value = serde_json::from_str(&faults.data).unwrap();
    assert_eq!(faults["usable"], false);
    assert!(faults["faults"].as_array().unwrap().len() >= 2, "{faults}");
}

#[test]
fn a_link_that_was_signed_here_is_valid() {
    let folder = folder_with_key();
    let link = sign(&folder, LINK);
    assert!(
        link.starts_with(LINK) && link.ends_with("&key=_k"),
        "{link}"
    );
    let verify = |link: &str, key: &str| {
        folder.run(&[
            "url",
            "verify",
            "--key-domain",
            "p.test",
            "--public-key",
            key,
            link,
        ])
    };
    assert_eq!(verify(&link, "key.pem").done(), "valid\n");
    assert_eq!(verify(&link, "records.txt").done(), "valid\n");
    verify(&link.replace("192.0.2.1", "192.0.2.2"), "key.pem").failed(3, &["not valid", "explain"]);
    verify(LINK, "key.pem").failed(3, &["not signed"]);
    folder
        .run(&["url", "sign", "--key", "key.pem", "--label", "_k", &link])
        .failed(3, &["has sig or key already"]);
    let arguments = [
        "url",
        "verify",
        "--key-domain",
        "p.test",
        "--public-key",
        "key.pem",
        "-",
    ];
    assert_eq!(folder.run_with_input(&arguments, &link).done(), "valid\n");
}

#[test]
fn a_link_is_built_and_checked_against_its_template() {
    let folder = folder_with_key();
    folder.write(
        "t.json",
        r#"{"providerId": "p.test", "providerName": "P", "serviceId": "s", "serviceName": "S",
            "syncPubKeyDomain": "p.test", "hostRequired": true, "records": [
            {"type": "A", "host": "@", "pointsTo": "%ip%", "ttl": 600}]}"#,
    );
    let build = |more: &[&str]| {
        let base = [
            "url",
            "sign",
            "--key",
            "key.pem",
            "--label",
            "_k",
            "--url-sync-ux",
            "https://dns.test/",
            "--provider",
            "p.test",
            "--service",
            "s",
            "--domain",
            "example.com",
            "--template",
            "t.json",
        ];
        folder.run(&[&base, more].concat())
    };
    let link = build(&["--host", "shop", "--state", "a b", "ip=192.0.2.1"]).done();
    assert!(
        link.starts_with("https://dns.test/v2/domainTemplates/providers/p.test/services/s/apply?domain=example.com&host=shop&ip=192.0.2.1&state=a%20b&sig="),
        "{link}"
    );
    build(&["ip=192.0.2.1"]).failed(3, &["host"]);
    build(&["--host", "shop"]).failed(3, &["needs values for: ip"]);
    build(&["--host", "shop", "ip"]).failed(3, &["\"ip\" is not VARIABLE=VALUE"]);
    for (name, option) in [
        ("domain", "--domain"),
        ("host", "--host"),
        ("groupId", "--group"),
        ("redirect_uri", "--redirect-uri"),
        ("state", "--state"),
        ("sig", "signing"),
        ("key", "--label"),
    ] {
        let pair = format!("{name}=x");
        build(&["ip=192.0.2.1", "--host", "shop", &pair]).failed(3, &[name, option]);
    }
}

#[test]
fn every_step_is_explained() {
    let folder = folder_with_key();
    let sorted = "NAME=a%20b&domain=example.com&ip=192.0.2.1";
    let signed = sign(&folder, &format!("https://dns.test/?{sorted}"));
    let (_, signature) = signed.split_once("&sig=").unwrap();
    let link = format!("{LINK}&sig={signature}");
    let arguments = [
        "url",
        "explain",
        "--key-domain",
        "p.test",
        "--public-key",
        "key.pem",
        &link,
    ];
    let ended = folder.run(&arguments);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    for told in [
        "Which text must have been signed? yes\n   domain=example.com&ip=192.0.2.1&NAME=a%20b\n",
        "Where is the key? yes\n   TXT records at _k.p.test\n",
        "Is a key published there? yes\n",
        "Does the signature fit? NO\n   it does not fit the text above. The parameters were signed in sorted order",
    ] {
        assert!(ended.data.contains(told), "{told}: {}", ended.data);
    }
    let hostile = "a=\u{1b}[2J\u{202e}&sig=AA&key=_k";
    let arguments = [
        "url",
        "explain",
        "--color",
        "always",
        "--key-domain",
        "p.test",
        "--public-key",
        "key.pem",
        hostile,
    ];
    let ended = folder.run(&arguments);
    assert!(
        !ended.data.contains("\u{1b}[2J") && !ended.data.contains('\u{202e}'),
        "{ended:?}"
    );
}

/// OpenSSL is another implementation of the same signatures.
#[test]
fn openssl_agrees() {
    if Command::new("openssl").arg("version").output().is_err() {
        assert!(
            std::env::var_os("EASEMENT_REQUIRE_TOOLS").is_none(),
            "openssl is missing"
        );
        println!("SKIPPED: openssl is not installed");
        return;
    }
    let folder = folder_with_key();
    let run = |arguments: &[&str]| {
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        output.stdout
    };
    // Theirs is valid here ...
    let (_, query) = LINK.split_once('?').unwrap();
    folder.write("query", query);
    run(&[
        "dgst",
        "-sha256",
        "-sign",
        "key.pem",
        "-out",
        "signature",
        "query",
    ]);
    let signature = run(&["base64", "-A", "-in", "signature"]);
    let signature = String::from_utf8(signature).unwrap();
    let signature = signature
        .trim()
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    let link = format!("{LINK}&sig={signature}&key=_k");
    let arguments = [
        "url",
        "verify",
        "--key-domain",
        "p.test",
        "--public-key",
        "key.pem",
        &link,
    ];
    assert_eq!(folder.run(&arguments).done(), "valid\n");
    // ... and the same as ours, since nothing about these signatures is random.
    assert_eq!(sign(&folder, LINK), link);
    let public = run(&["pkey", "-in", "key.pem", "-pubout"]);
    folder.write("public.pem", std::str::from_utf8(&public).unwrap());
    let records = folder.run(&["key", "records", "public.pem"]).done();
    assert_eq!(
        records,
        std::fs::read_to_string(folder.path().join("records.txt")).unwrap()
    );
}

/// A browser would not send what stands behind it.
#[test]
fn a_link_with_a_fragment_is_not_signed() {
    let folder = folder_with_key();
    let sign = ["url", "sign", "--key", "key.pem", "--label", "_k"];
    let link = format!("{LINK}#top");
    folder
        .run(&[&sign[..], &[&link]].concat())
        .failed(3, &["#top", "fragment"]);
    for base in ["https://dns.test/#x", "https://dns.test/?x"] {
        let parts = [
            "--url-sync-ux",
            base,
            "--provider",
            "p.test",
            "--service",
            "s",
            "--domain",
            "example.com",
        ];
        folder
            .run(&[&sign[..], &parts].concat())
            .failed(3, &["--url-sync-ux", base]);
    }
}

#[test]
fn records_are_read_as_dig_prints_them() {
    let folder = folder_with_key();
    let records = folder.run(&["key", "records", "key.pem"]).done();
    // Each text as two strings, the second of which begins with an escape.
    let dig = |text: &str| {
        let (first, second) = text.split_at(text.len() / 2);
        let (code, rest) = (second.as_bytes()[0], &second[1..]);
        format!("\"{first}\" \"\\{code:03}{rest}\"")
    };
    let dig: Vec<String> = records.lines().map(dig).collect();
    folder.write("dig.txt", &dig.join("\n"));
    let check = [
        "key",
        "check",
        "_k.p.test",
        "--expect",
        "key.pem",
        "--records",
    ];
    folder.run(&[&check[..], &["dig.txt"]].concat()).done();
    folder.write("cut.txt", "\"p=1,a=RS256\n");
    folder
        .run(&[&check[..], &["cut.txt"]].concat())
        .failed(3, &["cut.txt", "p=1,a=RS256"]);
}

#[test]
fn what_holds_no_private_key_signs_nothing() {
    let folder = folder_with_key();
    folder.write(
        "broken.pem",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    );
    let sign = |file: &str| folder.run(&["url", "sign", "--key", file, "--label", "_k", LINK]);
    sign("records.txt").failed(3, &["records.txt holds no private key"]);
    sign("broken.pem").failed(3, &["broken.pem"]);
    sign("missing.pem").failed(4, &["missing.pem"]);
    let verify = ["url", "verify", "--key-domain", "p.test", "--public-key"];
    let link = sign("key.pem").done();
    folder
        .run(&[&verify[..], &["missing.pem", link.trim()]].concat())
        .failed(4, &["missing.pem"]);
    folder.write("t.json", "{}");
    folder
        .run(&["url", "verify", "--template", "t.json", link.trim()])
        .failed(3, &["t.json is not a template"]);
}

#[test]
fn both_ways_to_name_the_key_are_told() {
    let folder = Folder::new();
    for command in ["verify", "explain"] {
        folder
            .run(&["url", command, LINK])
            .failed(2, &["<--template <FILE>|--key-domain <DOMAIN>>"]);
        let both = ["--template", "t.json", "--key-domain", "p.test", LINK];
        folder
            .run(&[&["url", command][..], &both].concat())
            .failed(2, &["cannot be used with"]);
    }
}

#[test]
fn what_is_left_out_has_an_exit_code_of_its_own() {
    let folder = folder_with_key();
    folder
        .run(&["url", "sign", "--key", "key.pem", "--label", "k1"])
        .failed(2, &["give one link"]);
    folder.write(
        "t.json",
        r#"{"providerId": "p.test", "providerName": "P", "serviceId": "s", "serviceName": "S",
            "records": [{"type": "A", "host": "@", "pointsTo": "192.0.2.1", "ttl": 60}]}"#,
    );
    folder
        .run(&[
            "url",
            "verify",
            "--template",
            "t.json",
            "https://p.test/?a=b",
        ])
        .failed(3, &["no syncPubKeyDomain"]);
}
