//! The servers that are compared, each with one thread or process that answers UDP.

use std::fmt;
use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use crate::Failure;
use crate::data::Data;
use crate::process::Cores;
use crate::running::{Running, easement_serve, free_address, has_record};

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
    /// Starts it, and waits until it answers for the data of a folder.
    pub(crate) fn start(self, folder: &Path, data: Data, cores: Cores) -> Result<Running, Failure> {
        let address = free_address()?;
        let mut command = self.command(folder, data, address)?;
        let is_ready = |answer: &[u8]| self == Self::Echo || has_record(answer);
        Running::start(&mut command, address, data, cores, is_ready)
            .map_err(|error| format!("{self}: {error}").into())
    }

    /// What is run to serve the data of a folder at an address.
    fn command(self, folder: &Path, data: Data, address: SocketAddr) -> Result<Command, Failure> {
        let mut command;
        match self {
            Self::Easement => {
                command = easement_serve(&folder.join("easement"), address)?;
                for setting in ["server.listen=127.0.0.1:0", "log.level=warn"] {
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
                command = Command::new(std::env::current_exe()?);
                command.args(["dns", "echo", &address.to_string()]);
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
