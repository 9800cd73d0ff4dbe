//! A disk that is full, and one that may only be read: DNS goes on, and whoever asks hears why.
//!
//! The disk is made in a mount namespace of a process of its own. Where that is not allowed, the test
//! says so and is skipped.

use std::fs::{File, remove_file};
use std::io::Write as _;
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use easement_core::{EmailAddress, Standing};
use easement_server::admin::{AdminFailure, AdminReply, AdminRequest};
use easement_server::config::Config;
use easement_server::{App, Surroundings};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::monitoring::get;

/// Names the disk to the process that has it.
const DISK: &str = "EASEMENT_TEST_DISK";
/// How that process ends when it may not make the disk.
const NOT_ALLOWED: i32 = 77;
/// Long enough for any machine; an answer of `/readyz` counts for some seconds.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs a part of this file where a disk of four megabytes is in a folder.
fn run_on_small_disk(part: &str) {
    let folder = TempDir::new().unwrap();
    let script = format!(
        "mount -t tmpfs -o size=4m none \"${DISK}\" || exit {NOT_ALLOWED}; \
         exec \"$0\" --exact full_disk::{part} --nocapture"
    );
    let status = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", &script])
        .arg(std::env::current_exe().unwrap())
        .env(DISK, folder.path())
        .status();
    match status.map(|status| status.code()) {
        Ok(Some(0)) => {}
        // `unshare` itself ends with 1, and a test that fails with 101.
        Err(_) | Ok(Some(1 | NOT_ALLOWED)) => {
            eprintln!("SKIPPED: this user may not mount a small disk (that needs root)");
        }
        Ok(code) => panic!("it ended with {code:?}"),
    }
}

#[test]
fn a_full_disk_is_noticed_and_changes_go_on_when_there_is_room() {
    run_on_small_disk("on_a_disk_that_fills_up");
}

#[test]
fn a_disk_that_may_only_be_read_is_named_at_the_start() {
    run_on_small_disk("on_a_disk_that_may_only_be_read");
}

fn disk() -> Option<PathBuf> {
    std::env::var_os(DISK).map(PathBuf::from)
}

fn config(disk: &Path) -> Config {
    let mut config = Config::default();
    config.server.public_url = "http://127.0.0.1:0".parse().unwrap();
    config.server.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.dns.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config.dns.name_servers = vec!["ns1.example.net".parse().unwrap()];
    config.store.data_dir = disk.join("data");
    config.metrics.listen = vec!["127.0.0.1:0".parse().unwrap()];
    config
}

async fn start(disk: &Path) -> App {
    let around = Surroundings::of_this_machine();
    App::start(config(disk), around).await.unwrap()
}

fn owner() -> EmailAddress {
    "owner@example.test".parse().unwrap()
}

async fn make_zone(app: &App, apex: &str) -> Result<AdminReply, AdminFailure> {
    let zone = AdminRequest::CreateZone {
        apex: apex.parse().unwrap(),
        owner: owner(),
    };
    app.administer(zone).await
}

/// What the doctor would hear.
async fn why_not_writable(app: &App) -> Option<String> {
    let examine = AdminRequest::Examine {
        zones: Some(Vec::new()),
    };
    let AdminReply::Examined(facts) = app.administer(examine).await.unwrap() else {
        panic!("another answer");
    };
    facts.not_writable
}

/// Takes all the room that is left.
fn fill(path: &Path) {
    let mut file = File::create(path).unwrap();
    while file.write_all(&[0; 512]).is_ok() {}
}

/// Whether the zone is answered for.
fn answers(dns: SocketAddr) -> bool {
    let query = b"\xab\xcd\0\0\0\x01\0\0\0\0\0\0\x07example\x04test\0\0\x06\0\x01";
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket.connect(dns).unwrap();
    socket.send(query).unwrap();
    let mut answer = [0; 512];
    socket.recv(&mut answer).unwrap();
    // No error, and one record.
    answer[3] % 16 == 0 && answer[7] == 1
}

/// Not a test but what happens on the disk.
#[tokio::test(flavor = "multi_thread")]
async fn on_a_disk_that_fills_up() {
    let Some(disk) = disk() else {
        return;
    };
    let app = start(&disk).await;
    let account = AdminRequest::CreateAccount {
        email: owner(),
        standing: Standing::Member,
        password: None,
    };
    app.administer(account).await.unwrap();
    make_zone(&app, "example.test").await.unwrap();
    let monitoring = app.metrics_addresses()[0];
    assert_eq!(get(monitoring, "/readyz").await.0, 200);

    let filler = disk.join("filler");
    fill(&filler);
    let end = Instant::now() + PATIENCE;
    let mut zones = 0;
    let refused = loop {
        assert!(Instant::now() < end, "{zones} zones fit in");
        match make_zone(&app, &format!("zone{zones}.test")).await {
            Ok(_) => zones += 1,
            Err(failure) => break failure.message,
        }
    };
    assert!(refused.contains("make room on"), "{refused}");
    assert!(answers(app.dns_addresses()[0]), "DNS goes on");
    // A smaller change may still fit into the files as they are, until that room is used up too.
    let why = loop {
        if let Some(why) = why_not_writable(&app).await {
            break why;
        }
        assert!(Instant::now() < end, "small changes go on");
    };
    assert!(why.contains("make room on"), "{why}");
    loop {
        why_not_writable(&app).await;
        let (status, body) = get(monitoring, "/readyz").await;
        if status == 503 {
            let expected = r#"{"ready":false,"reasons":["store_refuses_changes"]}"#;
            assert_eq!(body, expected);
            break;
        }
        assert!(Instant::now() < end, "still ready");
        sleep(Duration::from_millis(100)).await;
    }

    remove_file(&filler).unwrap();
    make_zone(&app, "after.test").await.unwrap();
    while get(monitoring, "/readyz").await.0 != 200 {
        assert!(Instant::now() < end + PATIENCE, "not ready in a minute");
        sleep(Duration::from_millis(100)).await;
    }
    app.shutdown().await;
    let app = start(&disk).await;
    assert!(answers(app.dns_addresses()[0]), "all is there");
    make_zone(&app, "after.test").await.unwrap_err();
    app.shutdown().await;
}

/// Not a test but what happens on the disk.
#[tokio::test]
async fn on_a_disk_that_may_only_be_read() {
    let Some(disk) = disk() else {
        return;
    };
    start(&disk).await.shutdown().await;
    let status = Command::new("mount")
        .args(["-o", "remount,ro"])
        .arg(&disk)
        .status();
    assert!(status.unwrap().success());
    let around = Surroundings::of_this_machine();
    let error = App::start(config(&disk), around).await.err().unwrap();
    let said = format!("{error}: {:?}", std::error::Error::source(&error));
    let data = disk.join("data");
    assert!(said.contains(data.to_str().unwrap()), "{said}");
    assert!(said.contains("Read-only file system"), "{said}");
}
