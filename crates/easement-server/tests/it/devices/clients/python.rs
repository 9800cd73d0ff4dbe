//! Clients from PyPI.

use super::flow::{Client, HOME, Target};
use crate::devices::lab::Lab;
use crate::devices::world::Token;
use crate::tools::is_client_installed;

/// `home` has an IPv4 address in the zone of the demo, so that one comes first.
const BOTH: &[&str] = &["9.9.9.21", "2620:fe::21"];

const DYNDNSC: Client = Client {
    run: |target, address, token| {
        let url = format!("http://{}/nic/update", target.host);
        let detector = format!("echo {address}");
        let arguments = [
            "-vv",
            "--updater-dyndns2",
            "--updater-dyndns2-hostname",
            HOME,
            "--updater-dyndns2-userid",
            "device",
            "--updater-dyndns2-password",
            token,
            "--updater-dyndns2-url",
            &url,
            "--detector-command",
            "--detector-command-command",
            &detector,
        ];
        target.folder.run("dyndnsc", &arguments)
    },
    addresses: BOTH,
    says_set: "status 200, good 9.9.9.21",
    says_there: "status 200, nochg 9.9.9.21,2620:fe::21",
    says_refused: "status 200, badauth",
};

fn run_ddns(
    target: &Target<'_>,
    provider: &[&str],
    address: &str,
    token: &str,
) -> crate::devices::lab::Ended {
    let endpoint = format!("http://{}", target.host);
    let source = format!("shell:echo {address}");
    let family = if address.contains(':') {
        ["--ipv6", "--index6"]
    } else {
        ["--ipv4", "--index4"]
    };
    let mut arguments = vec!["--dns"];
    arguments.extend(provider);
    arguments.extend(["--endpoint", &endpoint, "--token", token, "--no-cache"]);
    arguments.extend([family[0], HOME, family[1], &source]);
    target.folder.run("ddns", &arguments)
}

/// It sends the token only after a challenge.
const DDNS_NO_IP: Client = Client {
    run: |target, address, token| run_ddns(target, &["noip", "--id", "device"], address, token),
    addresses: BOTH,
    says_set: "response: good 9.9.9.21",
    says_there: "response: nochg 9.9.9.21,2620:fe::21",
    says_refused: "response: badauth",
};

/// It posts a form with the token in it.
const DDNS_HURRICANE_ELECTRIC: Client = Client {
    run: |target, address, token| run_ddns(target, &["he"], address, token),
    says_refused: "error: badauth",
    ..DDNS_NO_IP
};

const NOIPY: Client = Client {
    run: |target, address, token| {
        let url = format!("http://{}/nic/update", target.host);
        let arguments = [
            "-u",
            "device",
            "-p",
            token,
            "-n",
            HOME,
            "--provider",
            "generic",
            "--url",
            &url,
            "-c",
            "noipy",
            address,
        ];
        target.folder.run("noipy", &arguments)
    },
    addresses: &["9.9.9.21"],
    says_set: "IP (9.9.9.21) successfully updated",
    says_there: "IP address (9.9.9.21) is up to date",
    says_refused: "badauth",
};

async fn try_out(program: &str, client: &Client) {
    if !is_client_installed(program) {
        return;
    }
    let lab = Lab::start(Token::for_names(&[HOME])).await;
    client.try_out(&Target {
        host: lab.web().to_string(),
        dns: lab.dns(),
        folder: &lab.folder,
        token: &lab.token,
    });
    lab.assert_not_logged(&[&lab.token]);
}

#[tokio::test(flavor = "multi_thread")]
async fn dyndnsc_sets_addresses() {
    try_out("dyndnsc", &DYNDNSC).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ddns_sets_addresses_after_a_challenge() {
    try_out("ddns", &DDNS_NO_IP).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ddns_sets_addresses_with_a_form() {
    try_out("ddns", &DDNS_HURRICANE_ELECTRIC).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn noipy_sets_addresses() {
    try_out("noipy", &NOIPY).await;
}
