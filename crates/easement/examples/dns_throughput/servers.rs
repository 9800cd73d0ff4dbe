//! The servers that are compared, each with one thread or process that answers UDP.

use std::fmt;
use std::fmt::Write as _;
use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::Failure;
use crate::data::Data;
use crate::process::{Cores, Process};

/// How long a server may take to get ready.
const PATIENCE: Duration = Duration::from_mins(3);
/// How long an answer is waited for before the question is asked again.
const PAUSE: Duration = Duration::from_millis(2);
/// At most so many zones are asked for to find out whether all are served.
const PROBES: u32 = 1_000;

/// A program that answers DNS.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Program {
    /// `easement serve`, built beside this program, on its own SQLite database.
    Easement,
    Nsd,
    Knot,
    /// Sends each packet back unread: what the system alone costs.
    Echo,
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Easement => "Easement",
            Self::Nsd => "NSD",
            Self::Knot => "Knot",
            Self::Echo => "echo",
        })
    }
}

impl Program {
    /// What is run to serve the data of a folder at an address.
    fn command(self, folder: &Path, data: Data, address: SocketAddr) -> Result<Command, Failure> {
        let own = std::env::current_exe()?;
        let mut command;
        match self {
            Self::Easement => {
                let examples = own.parent().ok_or("this program is in no folder")?;
                let program = examples.with_file_name("easement");
                if !program.exists() {
                    let build = "cargo build --release --bin easement";
                    return Err(format!("{} is not there: {build}", program.display()).into());
                }
                command = Command::new(program);
                command.arg("serve");
                for setting in [
                    "server.listen=127.0.0.1:0",
                    "log.level=warn",
                    &format!("dns.listen={address}"),
                    &format!("store.data_dir={}", folder.join("easement").display()),
                ] {
                    command.args(["--set", setting]);
                }
            }
            Self::Nsd => {
                let config = folder.join("nsd.conf");
                fs::write(&config, nsd_config(folder, data, address)?)?;
                command = Command::new("nsd");
                command.arg("-d").arg("-c").arg(config);
            }
            Self::Knot => {
                let config = folder.join("knot.conf");
                fs::write(&config, knot_config(folder, data, address)?)?;
                command = Command::new("knotd");
                command.arg("-c").arg(config);
            }
            Self::Echo => {
                command = Command::new(own);
                command.arg("echo").arg(address.to_string());
            }
        }
        command.current_dir(folder);
        Ok(command)
    }
}

fn nsd_config(folder: &Path, data: Data, address: SocketAddr) -> Result<String, fmt::Error> {
    let (ip, port, folder) = (address.ip(), address.port(), folder.display());
    let mut text = format!(
        "server:\n  ip-address: {ip}@{port}\n  server-count: 1\n  username: \"\"\n  chroot: \"\"\n  \
         zonesdir: \"{folder}/zones\"\n  database: \"\"\n  pidfile: \"{folder}/nsd.pid\"\n  \
         xfrdfile: \"{folder}/xfrd\"\n  xfrdir: \"{folder}\"\n  zonelistfile: \"{folder}/list\"\n  \
         rrl-ratelimit: 0\n  minimal-responses: yes\n\
         remote-control:\n  control-enable: no\n\
         pattern:\n  name: p\n  zonefile: \"%s.zone\"\n"
    );
    for zone in 0..data.zones() {
        let apex = data.apex(zone);
        writeln!(text, "zone:\n  name: {apex}\n  include-pattern: p")?;
    }
    Ok(text)
}

fn knot_config(folder: &Path, data: Data, address: SocketAddr) -> Result<String, fmt::Error> {
    let (ip, port, folder) = (address.ip(), address.port(), folder.display());
    let mut text = format!(
        "server:\n  listen: {ip}@{port}\n  udp-workers: 1\n  tcp-workers: 1\n  \
         rundir: \"{folder}/knot\"\n\
         log:\n  - target: stderr\n    any: error\n\
         database:\n  storage: \"{folder}/knot\"\n\
         template:\n  - id: default\n    storage: \"{folder}/zones\"\n    file: \"%s.zone\"\n    \
         zonefile-sync: -1\n    zonefile-load: whole\n    journal-content: none\n\
         zone:\n"
    );
    for zone in 0..data.zones() {
        writeln!(text, "  - domain: {}", data.apex(zone))?;
    }
    Ok(text)
}

//------------ Running ---------------------------------------------------------------------------

/// A server that answers for all its zones.
pub(crate) struct Running {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    /// How long it took from its start to the answers.
    pub(crate) ready: Duration,
}

impl Running {
    pub(crate) fn start(
        program: Program,
        folder: &Path,
        data: Data,
        cores: Cores,
    ) -> Result<Self, Failure> {
        let address = UdpSocket::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = program.command(folder, data, address)?;
        let start = Instant::now();
        let process = Process::start(&mut command, cores)?;
        let mut running = Self {
            process,
            address,
            ready: Duration::ZERO,
        };
        running
            .wait(program, data, start)
            .map_err(|error| format!("{program}: {error}"))?;
        running.ready = start.elapsed();
        Ok(running)
    }

    /// Waits until every zone, or many of them from all over the list, is answered for.
    fn wait(&mut self, program: Program, data: Data, start: Instant) -> Result<(), Failure> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.connect(self.address)?;
        socket.set_read_timeout(Some(PAUSE))?;
        let zones = data.zones();
        let step = zones.div_ceil(PROBES);
        let probes = (0..zones).filter(|zone| zone % step == 0 || *zone + 1 == zones);
        for zone in probes {
            let query = soa_query(&data.apex(zone))?;
            while !answers(&socket, &query, program) {
                self.process.check()?;
                if start.elapsed() > PATIENCE {
                    return Err("it did not get ready".into());
                }
            }
        }
        Ok(())
    }
}

fn soa_query(apex: &str) -> Result<Vec<u8>, Failure> {
    let apex: easement_zone::Name = apex.parse()?;
    let header = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    Ok([&header, apex.as_wire(), &[0, 6, 0, 1]].concat())
}

/// Whether the server answers with a record. Until it is ready it refuses, is silent, or fails.
fn answers(socket: &UdpSocket, query: &[u8], program: Program) -> bool {
    let mut answer = [0; 512];
    // An error says that nobody listened the last time.
    let _ = socket.send(query);
    while let Ok(octets) = socket.recv(&mut answer) {
        let (answer, _) = answer.split_at_checked(octets).unwrap_or_default();
        // The answer to an earlier question may come only now.
        let is_own = answer.get(12..query.len()) == query.get(12..);
        let has_record =
            matches!(answer, [_, _, _, flags, _, _, _, count, ..] if flags % 16 == 0 && *count > 0);
        if is_own && (has_record || program == Program::Echo) {
            return true;
        }
    }
    false
}
