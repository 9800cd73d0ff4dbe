//! The ready-made settings of a new token's page, in the hands of the programs that they are for. These run on
//! this machine, so where one would ask for its public address, it is told one.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::world::{Devices, Token, start};
use crate::tools::is_installed;

const HOME: &str = "home.example.test";

/// The page of a new token, as its owner sees it.
async fn made_page(names: &str, types: &str) -> (Devices, String) {
    let (world, _) = Box::pin(start(Token::for_names(&[HOME]))).await;
    let owner = world.inner.owner().await;
    let fields = [
        ("name", "Trial"),
        ("names", names),
        ("types", types),
        ("operations", "create"),
        ("operations", "update"),
        ("operations", "delete"),
    ];
    let answer = owner.post("/tokens/new", &fields).await;
    (world, answer.body)
}

/// A text of the page, as somebody copies it.
fn copied(page: &str, label: &str) -> String {
    let start = format!("aria-label=\"{label}\">");
    let (_, rest) = page.split_once(&start).expect(label);
    let (text, _) = rest.split_once("</pre>").unwrap();
    [
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#38;", "&"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (code, character)| {
        text.replace(code, character)
    })
}

/// The text with the line that begins so in the place of the one that begins with the other.
fn with_line(text: &str, begins: &str, line: &str) -> String {
    assert!(text.contains(begins), "{begins}: {text}");
    let lines = text.lines().map(|one| {
        if one.trim_start().starts_with(begins) {
            line
        } else {
            one
        }
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
}

/// Runs a command line in a folder; gives whether it went well, and what it said.
fn run(folder: &Path, command: &str) -> (bool, String) {
    let output = tokio::task::block_in_place(|| {
        Command::new("timeout")
            .args(["60", "sh", "-c", command])
            .current_dir(folder)
            .output()
            .unwrap()
    });
    let said = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    (output.status.success(), said.join("\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn ddclient_takes_its_file() {
    if !is_installed("ddclient") {
        return;
    }
    let (world, page) = made_page("home.example.test, nas.example.test", "A, AAAA").await;
    let file = copied(&page, "Settings for ddclient");
    let file = with_line(&file, "use=web", "use=ip, ip=9.9.9.10");
    let folder = TempDir::new().unwrap();
    write(folder.path(), "ddclient.conf", &file);
    let command = "ddclient -file ddclient.conf -cache cache -daemon=0 -foreground -noquiet";
    let (_, said) = run(folder.path(), command);
    for host in [HOME, "nas.example.test"] {
        assert_eq!(world.addresses(host).await, ["9.9.9.10"], "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn inadyn_takes_its_file() {
    if !is_installed("inadyn") {
        return;
    }
    let (_, page) = made_page(HOME, "A, AAAA").await;
    let folder = TempDir::new().unwrap();
    let both = copied(&page, "Settings for inadyn");
    write(folder.path(), "both.conf", &both);
    let (is_fine, said) = run(folder.path(), "inadyn --check-config --config=both.conf");
    assert!(is_fine, "{said}");

    let (world, page) = made_page("router.example.test", "A").await;
    let file = copied(&page, "Settings for inadyn");
    let file = with_line(
        &file,
        "checkip-server",
        "checkip-command = \"echo 9.9.9.11\"",
    );
    write(folder.path(), "inadyn.conf", &file);
    let command = "inadyn -1 -n --no-pidfile -l info -f inadyn.conf --cache-dir=.";
    let (_, said) = run(folder.path(), command);
    assert_eq!(
        world.addresses("router.example.test").await,
        ["9.9.9.11"],
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_takes_its_file() {
    if !is_installed("curl") {
        return;
    }
    let (world, page) = made_page("router.example.test", "A").await;
    let file = copied(&page, "Settings for curl");
    let folder = TempDir::new().unwrap();
    let command = copied(&page, "Command 1 for curl");
    write(folder.path(), "easement.curl", &file);
    let (is_fine, said) = run(folder.path(), &command);
    assert!(
        is_fine && said.starts_with("dnserr"),
        "this machine is not public: {said}"
    );
    let named = file.replace("test\"\nuser", "test&myip=9.9.9.12\"\nuser");
    write(folder.path(), "easement.curl", &named);
    let (_, said) = run(folder.path(), &command);
    assert_eq!(
        world.addresses("router.example.test").await,
        ["9.9.9.12"],
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scripts_for_certificates_set_a_text_and_take_it_away() {
    const PROOF: &str = "_acme-challenge.home.example.test";
    const VALUE: &str = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0";
    if !is_installed("curl") {
        return;
    }
    let (world, page) = made_page(PROOF, "TXT").await;
    let folder = TempDir::new().unwrap();
    write(
        folder.path(),
        "hook.sh",
        &copied(&page, "Settings for certbot"),
    );
    write(
        folder.path(),
        "dns_easement.sh",
        &copied(&page, "Settings for acme.sh"),
    );
    assert_eq!(
        copied(&page, "Settings for lego"),
        copied(&page, "Settings for certbot")
    );
    let certbot = format!("CERTBOT_DOMAIN=home.example.test CERTBOT_VALIDATION={VALUE} sh hook.sh");
    for (set, delete) in [
        (format!("{certbot} set"), format!("{certbot} delete")),
        (
            format!("sh hook.sh present {PROOF}. {VALUE}"),
            format!("sh hook.sh cleanup {PROOF}. {VALUE}"),
        ),
        (
            format!(". ./dns_easement.sh; dns_easement_add {PROOF} {VALUE}"),
            format!(". ./dns_easement.sh; dns_easement_rm {PROOF} {VALUE}"),
        ),
    ] {
        let (is_fine, said) = run(folder.path(), &set);
        assert!(is_fine, "{set}: {said}");
        assert_eq!(world.texts(PROOF).await, [VALUE], "{set}: {said}");
        let (is_fine, said) = run(folder.path(), &delete);
        assert!(is_fine, "{delete}: {said}");
        assert_eq!(world.texts(PROOF).await, [""; 0], "{delete}: {said}");
    }
    let other = format!("sh hook.sh present _acme-challenge.other.example.test. {VALUE}");
    let (is_fine, said) = run(folder.path(), &other);
    assert!(!is_fine, "what is refused ends with an error: {said}");
}
