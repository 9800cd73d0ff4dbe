//! A server that was started, and answers.

use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::channel;
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

/// A server that answers for all its zones.
pub(crate) struct Running {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    /// How long it took from its start to the answers.
    pub(crate) ready: Duration,
}

impl Running {
    /// Starts a server, and waits until `is_ready` says so of its answer for every zone, or for many of them
    /// from all over the list.
    pub(crate) fn start(
        command: &mut Command,
        address: SocketAddr,
        data: Data,
        cores: Cores,
        is_ready: impl Fn(&[u8]) -> bool,
    ) -> Result<Self, Failure> {
        let start = Instant::now();
        let mut process = Process::start(command, cores)?;
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.connect(address)?;
        socket.set_read_timeout(Some(PAUSE))?;
        let zones = data.zones();
        let step = zones.div_ceil(PROBES);
        let probes = (0..zones).filter(|zone| zone % step == 0 || *zone + 1 == zones);
        for zone in probes {
            let query = soa_query(&data.apex(zone))?;
            while !answers(&socket, &query, &is_ready) {
                process.check()?;
                if start.elapsed() > PATIENCE {
                    return Err("it did not get ready".into());
                }
            }
        }
        Ok(Self {
            process,
            address,
            ready: start.elapsed(),
        })
    }
}

/// Whether a server answers with a record. Until it is ready it refuses, is silent, or fails.
pub(crate) fn has_record(answer: &[u8]) -> bool {
    matches!(answer, [_, _, _, flags, _, _, _, count, ..] if flags % 16 == 0 && *count > 0)
}

/// Where nobody listens, over UDP and TCP.
pub(crate) fn free_address() -> Result<SocketAddr, Failure> {
    loop {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        if UdpSocket::bind(address).is_ok() {
            return Ok(address);
        }
    }
}

/// `easement serve`, built beside this program, with its data in a folder.
pub(crate) fn easement_serve(data: &Path, dns: SocketAddr) -> Result<Command, Failure> {
    let own = std::env::current_exe()?;
    let examples = own.parent().ok_or("this program is in no folder")?;
    let program = examples.with_file_name("easement");
    if !program.exists() {
        let build = "cargo build --release --bin easement";
        return Err(format!("{} is not there: {build}", program.display()).into());
    }
    let mut command = Command::new(program);
    command.arg("serve");
    for setting in [
        format!("dns.listen={dns}"),
        format!("store.data_dir={}", data.display()),
    ] {
        command.args(["--set", &setting]);
    }
    Ok(command)
}

/// Waits until a server that runs already takes connections for HTTP.
pub(crate) fn wait_for_http(address: SocketAddr) -> Result<(), Failure> {
    let start = Instant::now();
    while TcpStream::connect(address).is_err() {
        if start.elapsed() > PATIENCE {
            return Err("it does not answer HTTP".into());
        }
        wait(Duration::from_millis(5));
    }
    Ok(())
}

/// Waits for nothing but time: how a server is can only be asked now and then.
pub(crate) fn wait(time: Duration) {
    let (never, word) = channel::<()>();
    let _ = word.recv_timeout(time);
    drop(never);
}

pub(crate) fn copy(from: &Path, to: &Path, how: &str) -> Result<(), Failure> {
    let status = Command::new("cp").arg(how).arg(from).arg(to).status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{} was not copied", from.display()).into())
    }
}

fn soa_query(apex: &str) -> Result<Vec<u8>, Failure> {
    let apex: easement_zone::Name = apex.parse()?;
    let header = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    Ok([&header, apex.as_wire(), &[0, 6, 0, 1]].concat())
}

fn answers(socket: &UdpSocket, query: &[u8], is_ready: impl Fn(&[u8]) -> bool) -> bool {
    let mut answer = [0; 512];
    // An error says that nobody listened the last time.
    let _ = socket.send(query);
    while let Ok(octets) = socket.recv(&mut answer) {
        let (answer, _) = answer.split_at_checked(octets).unwrap_or_default();
        // The answer to an earlier question may come only now.
        let is_own = answer.get(12..query.len()) == query.get(12..);
        if is_own && is_ready(answer) {
            return true;
        }
    }
    false
}
