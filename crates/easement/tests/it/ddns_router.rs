//! `easement ddns run` behind a router, which is another program: miniupnpd, in a network of its own.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use crate::ddns::{HOME, records, set_up, write_configuration};
use crate::ddns_network::Network;
use crate::run::has;

/// The router of a network, which leads out by `wan0`.
struct Router<'a> {
    network: &'a Network,
    holder: Child,
    daemon: Option<Child>,
}

impl<'a> Router<'a> {
    /// Takes over the other end of the interface of the machine.
    fn make(network: &'a Network) -> Self {
        let script = "set -e; ip link set lo up; ip link add wan0 type veth peer name wan1; \
                      ip link set wan0 up; ip link set wan1 up; echo made; exec sleep 600";
        let mut holder = Command::new("unshare")
            .args(["--net", "sh", "-c", script])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let made = BufReader::new(holder.stdout.take().unwrap()).lines().next();
        assert_eq!(made.unwrap().unwrap(), "made");
        network.ip(&format!("link set d1 netns {}", holder.id()));
        let router = Self {
            network,
            holder,
            daemon: None,
        };
        router.ip("address add 192.168.77.1/24 dev d1");
        router.ip("link set d1 up");
        network.ip("address add 192.168.77.2/24 dev d0");
        network.ip("route add default via 192.168.77.1");
        router
    }

    fn inside(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        let process = self.holder.id().to_string();
        command.args(["--target", &process, "--net", program]);
        command
    }

    fn ip(&self, arguments: &str) {
        let mut command = self.inside("ip");
        let status = command.args(arguments.split(' ')).status().unwrap();
        assert!(status.success(), "ip {arguments}");
    }

    /// It is given another address outside.
    fn comes_to(&self, address: &str) {
        self.ip("address flush dev wan0");
        self.ip(&format!("address add {address}/32 dev wan0"));
    }

    /// Starts the daemon, or starts it anew; it speaks NAT-PMP or not, and `UPnP`.
    fn speaks(&mut self, natpmp: &str) {
        self.falls_silent();
        let folder = &self.network.folder;
        let settings =
            format!("ext_ifname=wan0\nlistening_ip=d1\nenable_upnp=yes\nenable_natpmp={natpmp}\n");
        let file = folder.write("miniupnpd.conf", &settings);
        let mut command = self.inside("miniupnpd");
        command.args(["-d", "-4", "-f"]).arg(file);
        command.arg("-P").arg(folder.path().join("miniupnpd.pid"));
        let mut daemon = command
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(daemon.stderr.take().unwrap());
        self.daemon = Some(daemon);
        let mut said = said.lines().map(Result::unwrap);
        let is_last = |line: &String| line.contains("HTTP listening");
        assert!(said.any(|line| is_last(&line)), "miniupnpd has ended");
        // It would wait for whoever reads what it says.
        std::thread::spawn(move || said.for_each(drop));
    }

    fn falls_silent(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            daemon.kill().unwrap();
            daemon.wait().unwrap();
        }
    }
}

impl Drop for Router<'_> {
    fn drop(&mut self) {
        // These fail only when it has ended already.
        let daemon = self.daemon.iter_mut();
        for process in daemon.chain([&mut self.holder]) {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

#[test]
fn dns_follows_the_address_of_the_router() {
    if !has(&["unshare", "nsenter", "ip", "miniupnpd"]) {
        return;
    }
    let (folder, token) = set_up();
    let Some(network) = Network::make(folder) else {
        return;
    };
    let folder = &network.folder;
    let mut router = Router::make(&network);
    let mut server = network.serve();
    server.wait_for("Ready.");
    let sources = "check_seconds = 1\n[ipv4]\nfrom = \"router\"\n[ipv6]\nfrom = \"off\"\n";
    let target = format!(
        "server = \"http://127.0.0.1:8080\"\nprotocol = \"apertodns\"\nhosts = [\"{HOME}\"]\n"
    );
    write_configuration(folder, &token, sources, &target);

    // The router is the one that leads out. Over NAT-PMP first.
    router.comes_to("9.9.9.9");
    router.speaks("yes");
    let mut agent = network.start(&["ddns", "--config", "ddns.toml", "run"]);
    agent.says("A 9.9.9.9");
    assert_eq!(records(folder, HOME), ["A 9.9.9.9"]);
    router.comes_to("9.9.9.10");
    agent.says("A 9.9.9.10");

    // Silent, it changes nothing; and then it speaks UPnP alone.
    router.falls_silent();
    agent.wait_for("the router 192.168.77.1 does not say it");
    assert_eq!(records(folder, HOME), ["A 9.9.9.10"]);
    router.comes_to("9.9.9.11");
    router.speaks("no");
    agent.wait_for("A 9.9.9.11");

    // Its provider has a router too, and gives it an address of that one's network.
    router.comes_to("100.64.0.7");
    router.speaks("yes");
    agent.wait_for("name checkers");
    assert_eq!(records(folder, HOME), ["A 9.9.9.11"]);

    // No router leads out.
    network.ip("route del default");
    agent.wait_for("no router leads out now");
}
