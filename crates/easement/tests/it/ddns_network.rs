//! `easement ddns run`, in a network of its own whose addresses change under it.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStderr, Command, Stdio};

use crate::ddns::{HOME, records, set_up, write_configuration};
use crate::run::{Folder, has};

/// A network namespace with an interface `d0`. It goes with the test, however that ends.
pub(crate) struct Network {
    holder: Child,
    pub(crate) folder: Folder,
}

impl Network {
    /// None where the user may not make one.
    #[expect(clippy::print_stdout, reason = "it says why a test was skipped")]
    pub(crate) fn make(folder: Folder) -> Option<Self> {
        let script = "set -e; ip link set lo up; ip link add d0 type veth peer name d1; \
                      ip link set d0 up; ip link set d1 up; echo made; exec sleep 600";
        let mut holder = Command::new("unshare")
            .args(["--net", "sh", "-c", script])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(holder.stdout.take().unwrap()).lines();
        let is_made = matches!(lines.next(), Some(Ok(line)) if line == "made");
        let network = Self { holder, folder };
        if !is_made {
            println!("SKIPPED: no network namespace can be made here");
            return None;
        }
        Some(network)
    }

    fn inside(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        let process = self.holder.id().to_string();
        command
            .args(["--target", &process, "--net", program])
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn ip(&self, arguments: &str) {
        let words: Vec<&str> = arguments.split(' ').collect();
        let status = self.inside("ip", &words).status().unwrap();
        assert!(status.success(), "ip {arguments}");
    }

    /// A server on its loopback.
    pub(crate) fn serve(&self) -> Running {
        let public_url = "server.public_url=http://127.0.0.1:8080";
        let [http, dns] = ["server.listen=127.0.0.1:8080", "dns.listen=127.0.0.1:5300"];
        self.start(&["serve", "--set", public_url, "--set", http, "--set", dns])
    }

    /// The program, running, and what it says.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        let mut command = self.inside(env!("CARGO_BIN_EXE_easement"), arguments);
        let settings = [
            ("EASEMENT_CONFIG", "/dev/null"),
            (
                "EASEMENT_DNS_NAME_SERVERS",
                "ns1.example.net,ns2.example.net",
            ),
        ];
        command.envs(settings).stderr(Stdio::piped());
        let mut process = command.stdout(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(process.stderr.take().unwrap()).lines();
        Running { process, lines }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

pub(crate) struct Running {
    process: Child,
    lines: Lines<BufReader<ChildStderr>>,
}

impl Running {
    /// The next line; the end, when there is none.
    fn line(&mut self) -> String {
        let line = self.lines.next().map(Result::unwrap);
        line.unwrap_or_else(|| "(it has ended)".to_owned())
    }

    pub(crate) fn wait_for(&mut self, words: &str) {
        loop {
            let line = self.line();
            assert_ne!(line, "(it has ended)", "it was to say {words}");
            if line.contains(words) {
                return;
            }
        }
    }

    /// The next line is about what changed, and about nothing else.
    #[track_caller]
    pub(crate) fn says(&mut self, words: &str) {
        let line = self.line();
        assert!(line.ends_with(&format!("{HOME}: {words}")), "{line}");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The agent says what it sent before it notes that. Killed in between, it would send it once more.
fn wait_until_noted(folder: &Folder, address: &str) {
    let state = folder.path().join("state/ddns.state");
    while !std::fs::read_to_string(&state).unwrap().contains(address) {
        std::thread::yield_now();
    }
}

#[test]
fn dns_follows_the_addresses_of_a_network_that_changes() {
    if !has(&["unshare", "nsenter", "ip"]) {
        return;
    }
    let (folder, token) = set_up();
    let Some(network) = Network::make(folder) else {
        return;
    };
    let folder = &network.folder;
    let mut server = network.serve();
    server.wait_for("Ready.");
    // IPv6 comes from the interface that leads out.
    let sources = "check_seconds = 1\n[ipv4]\ninterface = \"d0\"\n";
    let target = format!(
        "server = \"http://127.0.0.1:8080\"\nprotocol = \"apertodns\"\nhosts = [\"{HOME}\"]\n"
    );
    write_configuration(folder, &token, sources, &target);
    network.ip("address add 9.9.9.9/32 dev d0");
    network.ip("address add 2620:fe::9/64 dev d0 nodad");
    network.ip("-6 route add default dev d0");
    // As of a tunnel, with a lower number.
    network.ip("address add 2001:1bc0::1/64 dev d1 nodad");
    let run = ["ddns", "--config", "ddns.toml", "run"];

    let mut agent = network.start(&run);
    agent.says("A 9.9.9.9, AAAA 2620:fe::9");
    assert_eq!(records(folder, HOME), ["A 9.9.9.9", "AAAA 2620:fe::9"]);

    // One family changes, and nothing is said of the other. The older address stays until it goes.
    network.ip("address add 9.9.9.10/32 dev d0");
    network.ip("address del 9.9.9.9/32 dev d0");
    agent.says("A 9.9.9.10");
    assert_eq!(records(folder, HOME), ["A 9.9.9.10", "AAAA 2620:fe::9"]);

    // One family goes, and its record stays; an address that is deprecated is passed over.
    network.ip("address del 9.9.9.10/32 dev d0");
    network.ip("address add 2620:fe::2/64 dev d0 nodad valid_lft 600 preferred_lft 0");
    network.ip("address add 2620:fe::10/64 dev d0 nodad");
    network.ip("address del 2620:fe::9/64 dev d0");
    agent.says("AAAA 2620:fe::10");
    assert_eq!(records(folder, HOME), ["A 9.9.9.10", "AAAA 2620:fe::10"]);

    // Killed and started again, it has nothing to say until something changes.
    wait_until_noted(folder, "2620:fe::10");
    drop(agent);
    let mut agent = network.start(&run);
    network.ip("address add 9.9.9.11/32 dev d0");
    agent.says("A 9.9.9.11");
    assert_eq!(records(folder, HOME), ["A 9.9.9.11", "AAAA 2620:fe::10"]);
}
