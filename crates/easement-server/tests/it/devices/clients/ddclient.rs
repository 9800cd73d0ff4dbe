//! ddclient 3.10, as Debian has it.

use super::flow::{Client, HOME, Target};
use crate::devices::lab::{Ended, Folder, Lab};
use crate::devices::world::Token;
use crate::tools::is_installed;

/// Runs it with a configuration, as if it had never run before: else it does not send what it sent just now.
pub(super) fn run(folder: &Folder, configuration: &str) -> Ended {
    folder.write("ddclient.conf", configuration);
    let cache = folder.path("ddclient.cache");
    // Fails when it was never there.
    let _ = std::fs::remove_file(&cache);
    let arguments = [
        "-file",
        "ddclient.conf",
        "-cache",
        cache.to_str().unwrap(),
        "-daemon=0",
        "-foreground",
        "-noquiet",
        "-verbose",
    ];
    folder.run("ddclient", &arguments)
}

fn configuration(target: &Target<'_>, token: &str, addresses: &str, hosts: &str) -> String {
    format!(
        "ssl=no\n{addresses}\nprotocol=dyndns2\nserver={}\nlogin=device\npassword='{token}'\n{hosts}\n",
        target.host
    )
}

const DDCLIENT: Client = Client {
    run: |target, address, token| {
        let addresses = format!("use=ip, ip={address}");
        run(
            target.folder,
            &configuration(target, token, &addresses, HOME),
        )
    },
    addresses: &["9.9.9.10", "2620:fe::10"],
    says_set: "SUCCESS",
    says_there: "nochg",
    says_refused: "FAILED",
};

fn target(lab: &Lab) -> Target<'_> {
    Target {
        host: lab.web().to_string(),
        dns: lab.dns(),
        folder: &lab.folder,
        token: &lab.token,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ddclient_sets_addresses() {
    if !is_installed("ddclient") {
        return;
    }
    let lab = Lab::start(Token::for_names(&[HOME])).await;
    DDCLIENT.try_out(&target(&lab));
    lab.assert_not_logged(&[&lab.token]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ddclient_sets_two_hosts_in_one_request() {
    if !is_installed("ddclient") {
        return;
    }
    let lab = Lab::start(Token::for_names(&["*.example.test"])).await;
    let hosts = "home.example.test,nas.example.test";
    let text = configuration(&target(&lab), &lab.token, "use=ip, ip=9.9.9.10", hosts);
    let ended = run(&lab.folder, &text).well();
    for host in hosts.split(',') {
        assert_eq!(lab.dns().addresses(host), ["9.9.9.10"], "{}", ended.said);
    }
    let one_is_not = text.replace("nas.example.test", "nas.neighbour.test");
    let ended = run(&lab.folder, &one_is_not.replace("9.9.9.10", "9.9.9.11"));
    ended.assert_said("SUCCESS:  updating home.example.test");
    ended.assert_said("nohost");
    assert!(!ended.is_success);
    assert_eq!(lab.dns().addresses(HOME), ["9.9.9.11"], "{}", ended.said);
}

/// This version sends no IPv6 address when it has one of each, and an empty one when it has nothing else. Neither may
/// take away what is there.
#[tokio::test(flavor = "multi_thread")]
async fn what_ddclient_leaves_out_stays() {
    if !is_installed("ddclient") {
        return;
    }
    let lab = Lab::start(Token::for_names(&[HOME])).await;
    let target = target(&lab);
    let six = configuration(&target, &lab.token, "use=ip, ip=2620:fe::10", HOME);
    run(&lab.folder, &six).well();
    let both = "usev4=ipv4, ipv4=9.9.9.12\nusev6=ipv6, ipv6=2620:fe::12";
    run(&lab.folder, &configuration(&target, &lab.token, both, HOME)).well();
    assert_eq!(lab.dns().addresses(HOME), ["9.9.9.12", "2620:fe::10"]);
    let serial = lab.dns().serial("example.test");
    let six = "use=no\nusev6=ipv6, ipv6=2620:fe::13";
    let ended = run(&lab.folder, &configuration(&target, &lab.token, six, HOME));
    // The address that the request came from is set then, and loopback is none for DNS.
    ended.assert_said("dnserr");
    assert_eq!(lab.dns().serial("example.test"), serial);
}
