//! Clients that others wrote, unmodified, over a socket. What they say of themselves is worth little: what
//! counts is what DNS has afterwards.

use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use super::world::{Devices, Token, start};
use crate::tools::is_installed;

/// Runs a client, and gives what it says. It works in a folder of its own, and ends by itself.
fn run(folder: &Path, program: &str, arguments: &[&str]) -> Output {
    let client = Command::new("timeout")
        .args(["60", program])
        .args(arguments)
        .current_dir(folder)
        .output();
    client.unwrap()
}

/// Writes a file that only its owner reads, as clients want their configuration.
fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
}

fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}\n{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
}

fn server(world: &Devices) -> SocketAddr {
    world.inner.demo.app().web_addresses()[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn ddclient_sets_two_hosts_in_one_request() {
    if !is_installed("ddclient") {
        return;
    }
    let (world, device) = start(Token::for_names(&["*.example.test"])).await;
    let folder = TempDir::new().unwrap();
    let (server, token) = (server(&world), &device.token);
    let configuration = format!(
        "ssl=no\nuse=ip, ip=9.9.9.10\nprotocol=dyndns2\nserver={server}\nlogin=device\n\
         password='{token}'\nhome.example.test,nas.example.test\n"
    );
    write(folder.path(), "ddclient.conf", &configuration);
    let arguments = [
        "-file",
        "ddclient.conf",
        "-cache",
        "cache",
        "-daemon=0",
        "-foreground",
        "-noquiet",
    ];
    let ended = tokio::task::block_in_place(|| run(folder.path(), "ddclient", &arguments));
    assert!(said(&ended).contains("SUCCESS"), "{}", said(&ended));
    for host in ["home.example.test", "nas.example.test"] {
        assert_eq!(
            world.addresses(host).await,
            ["9.9.9.10"],
            "{}",
            said(&ended)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn inadyn_sets_both_families_one_after_the_other() {
    if !is_installed("inadyn") {
        return;
    }
    let (world, device) = start(Token::for_names(&["home.example.test"])).await;
    let folder = TempDir::new().unwrap();
    let (server, token) = (server(&world), &device.token);
    for (address, expected) in [
        ("9.9.9.11", vec!["9.9.9.11"]),
        ("2620:fe::11", vec!["9.9.9.11", "2620:fe::11"]),
    ] {
        let configuration = format!(
            "period = 60\nallow-ipv6 = true\ncustom easement {{\n    ssl = false\n    username = device\n    \
             password = \"{token}\"\n    checkip-command = \"echo {address}\"\n    ddns-server = {server}\n    \
             ddns-path = \"/nic/update?hostname=%h&myip=%i\"\n    hostname = home.example.test\n}}\n"
        );
        write(folder.path(), "inadyn.conf", &configuration);
        let cache = folder.path().join(format!("cache-{}", expected.len()));
        fs::create_dir(&cache).unwrap();
        let cache = format!("--cache-dir={}", cache.display());
        let arguments = [
            "-1",
            "-n",
            "--no-pidfile",
            "-l",
            "info",
            "-f",
            "inadyn.conf",
            &cache,
        ];
        let ended = tokio::task::block_in_place(|| run(folder.path(), "inadyn", &arguments));
        assert_eq!(
            world.addresses("home.example.test").await,
            expected,
            "{}",
            said(&ended)
        );
    }
}
