//! The file with what was given: who can read it, and where it leads.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::demo::Demo;
use crate::run::{Ended, Folder};

const SECRET: &str = "s3cret-of-the-owner";

fn access(api: &str) -> Value {
    json!({
        "api": api,
        "client_id": "http://127.0.0.1:7/",
        "access_token": SECRET,
        "expires_at": null,
        "refresh_token": null,
        "permissions": [{"scope": "namedrop-hosts", "domain": "example.test", "host": "notes"}],
    })
}

fn write(folder: &Folder, text: &str, mode: u32) {
    let path = folder.write("names.json", text);
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn get(folder: &Folder, more: &[&str]) -> Ended {
    folder.run(&[&["names", "get", "--access", "names.json"], more].concat())
}

/// What is said has no secret.
#[track_caller]
fn refused(ended: Ended, code: i32, words: &[&str]) {
    assert!(!ended.said.contains(SECRET), "{ended:?}");
    ended.failed(code, words);
}

#[test]
fn a_file_that_others_can_read_is_refused() {
    let folder = Folder::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let api = format!("http://{}/namedrop", listener.local_addr().unwrap());
    for mode in [0o644, 0o640, 0o604, 0o620, 0o660, 0o610] {
        write(&folder, &access(&api).to_string(), mode);
        let ended = get(&folder, &["--allow-loopback"]);
        refused(ended, 3, &["can be read by others", "chmod go= names.json"]);
    }
    assert!(listener.accept().is_err(), "nobody was asked");
}

#[test]
fn a_file_that_holds_something_else_is_refused() {
    let folder = Folder::new();
    refused(
        get(&folder, &[]),
        4,
        &["names.json", "hint: `easement connect --namedrop URL`"],
    );
    let good = access("https://dns.example/namedrop");
    let without = |member: &str| {
        let mut access = good.clone();
        access.as_object_mut().unwrap().remove(member);
        access.to_string()
    };
    for text in [
        String::new(),
        SECRET.to_owned(),
        format!("{{\"access_token\": \"{SECRET}\"}}"),
        without("api"),
        without("permissions"),
        format!("[{good}]"),
        access("dns.example").to_string(),
        access("https://user:word@dns.example/").to_string(),
        access("https://dns.example/?x=1").to_string(),
    ] {
        write(&folder, &text, 0o600);
        refused(get(&folder, &[]), 3, &["names.json"]);
    }
    write(&folder, &" ".repeat(300 * 1024), 0o600);
    refused(get(&folder, &[]), 3, &["far too large"]);
    std::fs::remove_file(folder.path().join("names.json")).unwrap();
    std::fs::create_dir(folder.path().join("names.json")).unwrap();
    refused(get(&folder, &[]), 3, &["is not a file"]);
}

#[test]
fn a_file_leads_to_no_other_server() {
    let folder = Folder::new();
    // In plain HTTP, to others or without being allowed to.
    for (api, more) in [
        ("http://dns.example/namedrop", &["--allow-loopback"][..]),
        ("http://192.0.2.1/namedrop", &["--allow-loopback"]),
        ("http://127.0.0.1:9/namedrop", &[]),
    ] {
        write(&folder, &access(api).to_string(), 0o600);
        refused(get(&folder, more), 3, &["http"]);
    }
    // A server without NameDrop at this address, one that does not know the token, and none at all.
    let demo = Demo::start(&folder);
    for (api, code, words) in [
        (demo.page("/other"), 1, "is the URL right?"),
        (demo.page("/namedrop/namedrop"), 3, "look at its path"),
        (demo.page("/namedrop"), 1, "counts no more"),
        ("http://127.0.0.1:1/namedrop".to_owned(), 1, "error: "),
    ] {
        write(&folder, &access(&api).to_string(), 0o600);
        refused(get(&folder, &["--allow-loopback"]), code, &[words]);
        let kept = std::fs::read_to_string(folder.path().join("names.json")).unwrap();
        assert_eq!(kept, access(&api).to_string());
    }
}

#[test]
fn nobody_is_asked_when_what_is_given_could_not_be_kept() {
    let folder = Folder::new();
    let connect = |file: &str| {
        let base = "http://127.0.0.1:1/namedrop";
        let connect = ["connect", "--namedrop", base, "--access", file];
        folder.run(&[&connect[..], &["--allow-loopback", "--no-browser"]].concat())
    };
    std::os::unix::fs::symlink("nowhere", folder.path().join("link")).unwrap();
    connect("link").failed(3, &["is there already"]);
    folder.write("file", "");
    connect("file/names.json").failed(1, &["cannot make the folder"]);
    let read_only = Path::new("/proc/self/names.json");
    connect(read_only.to_str().unwrap()).failed(1, &["cannot write"]);
}

#[test]
fn a_name_and_a_template_are_not_asked_for_at_once() {
    let folder = Folder::new();
    let base = ["connect", "--namedrop", "https://dns.example/namedrop"];
    for more in [
        &["example.test"][..],
        &["--template", "onepager.test/page"],
        &["--host", "www"],
        &["--no-wait"],
        &["--return", "never"],
        &["--scope", "everything"],
        &["--scope", ""],
    ] {
        let ended = folder.run(&[&base[..], more].concat());
        assert_eq!(ended.code, Some(2), "{more:?}: {ended:?}");
    }
    let template = ["connect", "example.test", "--template", "a.test/b"];
    let [connect, domain, ..] = template;
    for more in [
        &["--scope", "hosts"][..],
        &["--access", "names.json"],
        &["--paste"],
    ] {
        for others in [&template[..], &[connect, domain], &[connect]] {
            let ended = folder.run(&[others, more].concat());
            assert_eq!(ended.code, Some(2), "{others:?} {more:?}: {ended:?}");
        }
    }
}
