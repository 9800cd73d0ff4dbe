//! NSD and Knot, each on a loopback port of its own.

use std::fmt::Write as _;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fmt, fs};

use easement_zone::{Name, RecordType};

use crate::client;
use crate::queries::Query;
use crate::world::World;

/// How long a server may take to get ready, on a machine with much else to do.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often another port is tried, when one is taken between looking and starting.
const ATTEMPTS: usize = 5;

/// Another name server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Peer {
    Nsd,
    Knot,
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Nsd => "NSD",
            Self::Knot => "Knot",
        })
    }
}

impl Peer {
    pub(crate) const BOTH: [Self; 2] = [Self::Nsd, Self::Knot];

    fn program(self) -> &'static str {
        match self {
            Self::Nsd => "nsd",
            Self::Knot => "knotd",
        }
    }

    fn command(self) -> Command {
        // Debian keeps servers out of the path of ordinary users.
        let path = env::var("PATH").unwrap_or_default();
        let mut command = Command::new(self.program());
        command.env("PATH", format!("{path}:/usr/sbin:/sbin"));
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Whether it is there. Without it the test says so aloud, or fails when tools are required.
    pub(crate) fn is_installed(self) -> bool {
        let is_there = self.command().arg("-h").status().is_ok();
        let is_required = env::var_os("EASEMENT_REQUIRE_TOOLS").is_some_and(|value| value == "1");
        let program = self.program();
        assert!(
            is_there || !is_required,
            "`{program}` is not installed (scripts/install-test-tools) and EASEMENT_REQUIRE_TOOLS=1"
        );
        if !is_there {
            eprintln!("SKIPPED: `{program}` is not installed (scripts/install-test-tools)");
        }
        is_there
    }

    /// Set up to do no more than authority for the zones: no notices, limits, cookies or identity, and
    /// datagrams of the same size as ours.
    fn config(self, folder: &Path, address: SocketAddr, world: &World) -> String {
        let (ip, port, folder) = (address.ip(), address.port(), folder.display());
        let (mut text, each) = match self {
            Self::Nsd => (
                format!(
                    "server:\n  ip-address: {ip}@{port}\n  server-count: 1\n  username: \"\"\n  \
                     chroot: \"\"\n  zonesdir: \"{folder}\"\n  database: \"\"\n  \
                     pidfile: \"{folder}/nsd.pid\"\n  xfrdfile: \"{folder}/xfrd\"\n  \
                     xfrdir: \"{folder}\"\n  zonelistfile: \"{folder}/list\"\n  rrl-ratelimit: 0\n  \
                     minimal-responses: yes\n  ipv4-edns-size: 1232\n  hide-version: yes\n  \
                     hide-identity: yes\n  answer-cookie: no\n\
                     remote-control:\n  control-enable: no\n\
                     pattern:\n  name: p\n  zonefile: \"%s.zone\"\n"
                ),
                "zone:\n  include-pattern: p\n  name: ",
            ),
            Self::Knot => (
                format!(
                    "server:\n  listen: {ip}@{port}\n  udp-workers: 1\n  tcp-workers: 1\n  \
                     rundir: \"{folder}/knot\"\n  udp-max-payload: 1232\n  version: \"\"\n  \
                     identity: \"\"\n  nsid: \"\"\n\
                     log:\n  - target: stderr\n    any: error\n\
                     database:\n  storage: \"{folder}/knot\"\n\
                     template:\n  - id: default\n    storage: \"{folder}\"\n    file: \"%s.zone\"\n    \
                     zonefile-sync: -1\n    zonefile-load: whole\n    journal-content: none\n\
                     zone:\n"
                ),
                "  - domain: ",
            ),
        };
        for apex in world.apexes() {
            let _ = writeln!(text, "{each}{}", apex.to_text());
        }
        text
    }
}

//------------ Server ----------------------------------------------------------------------------

/// A server that answers for all zones, and ends with this value.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn start(peer: Peer, folder: &Path, world: &World) -> Self {
        (0..ATTEMPTS)
            .find_map(|_| Self::try_start(peer, folder, world))
            .unwrap_or_else(|| panic!("{peer} does not start"))
    }

    fn try_start(peer: Peer, folder: &Path, world: &World) -> Option<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        drop(socket);
        let config = folder.join(format!("{peer}.conf"));
        fs::create_dir_all(folder.join("knot")).unwrap();
        fs::write(&config, peer.config(folder, address, world)).unwrap();
        let mut command = peer.command();
        if peer == Peer::Nsd {
            command.arg("-d");
        }
        let child = command
            .arg("-c")
            .arg(config)
            .current_dir(folder)
            .spawn()
            .unwrap();
        let mut server = Self { child, address };
        world
            .apexes()
            .all(|apex| server.waits_for(apex))
            .then_some(server)
    }

    /// Whether it answers for a zone before it ends or patience does.
    fn waits_for(&mut self, apex: &Name) -> bool {
        let start = Instant::now();
        while start.elapsed() < PATIENCE && self.child.try_wait().unwrap().is_none() {
            let mut query = Query {
                name: apex.clone(),
                qtype: RecordType::SOA,
                class: 1,
                opcode: 0,
                is_recursive: false,
                low_flags: 0,
                edns: None,
                over_tcp: false,
            };
            let over_udp = client::ask_all(self.address, &[query.clone()]);
            query.over_tcp = true;
            let over_tcp = client::ask_all(self.address, &[query]);
            let has_record = |answer: &Option<Vec<u8>>| {
                answer
                    .as_ref()
                    .is_some_and(|octets| octets[3] % 16 == 0 && octets[7] == 1)
            };
            if has_record(&over_udp[0]) && has_record(&over_tcp[0]) {
                return true;
            }
        }
        false
    }
}

impl Drop for Server {
    /// Asks, as an operator would: NSD takes its children along only then.
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").arg(pid).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}
