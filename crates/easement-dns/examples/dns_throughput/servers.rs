//! The two servers, each in a process of its own on CPU 0.

use std::error::Error;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, UdpSocket};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use easement_dns::{DnsServer, ListenConfig};
use easement_zone::{HostedZones, ZoneSnapshot};

use crate::names;

/// How long a server may take to get ready.
const PATIENCE: Duration = Duration::from_mins(2);

/// A server that runs.
pub(crate) trait Server {
    fn address(&self) -> SocketAddr;
    fn process(&self) -> &Process;
}

//------------ Process ---------------------------------------------------------------------------

/// A process that ends with this value.
pub(crate) struct Process {
    child: Child,
    /// The process that answers, which may be a child of the first.
    answering: u32,
}

impl Process {
    fn new(child: Child) -> Self {
        let answering = child.id();
        Self { child, answering }
    }

    /// The time on a CPU so far.
    pub(crate) fn cpu_seconds(&self) -> Result<f64, Box<dyn Error>> {
        let text = fs::read_to_string(format!("/proc/{}/schedstat", self.answering))?;
        let mut nanoseconds = 0.0;
        for task in fs::read_dir(format!("/proc/{}/task", self.answering))? {
            let text = fs::read_to_string(task?.path().join("schedstat"))?;
            nanoseconds += first_number(&text)?;
        }
        Ok(nanoseconds.max(first_number(&text)?) / 1e9)
    }

    /// Its share of memory.
    pub(crate) fn memory_mebibytes(&self) -> Result<u64, Box<dyn Error>> {
        let text = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.answering))?;
        let line = text.lines().find(|line| line.starts_with("Pss:"));
        let kibibytes = line.and_then(|line| line.split_whitespace().nth(1));
        Ok(kibibytes.unwrap_or_default().parse::<u64>()? / 1024)
    }
}

fn first_number(text: &str) -> Result<f64, Box<dyn Error>> {
    Ok(text.split_whitespace().next().unwrap_or_default().parse()?)
}

impl Drop for Process {
    fn drop(&mut self) {
        // NSD takes its children with it only when it is asked to end, not when it is killed.
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _ = self.child.wait();
    }
}

//------------ Ours ------------------------------------------------------------------------------

/// This program again, as a server.
pub(crate) struct Ours {
    process: Process,
    address: SocketAddr,
    ready_milliseconds: u64,
}

impl Ours {
    pub(crate) fn start(names: u32) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new("taskset")
            .args(["-c", "0"])
            .arg(std::env::current_exe()?)
            .args(["serve", &names.to_string()])
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("no output")?;
        let process = Process::new(child);
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let (address, milliseconds) = line.trim().split_once(' ').ok_or("it did not start")?;
        Ok(Self {
            process,
            address: address.parse()?,
            ready_milliseconds: milliseconds.parse()?,
        })
    }

    pub(crate) fn ready_milliseconds(&self) -> u64 {
        self.ready_milliseconds
    }
}

impl Server for Ours {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn process(&self) -> &Process {
        &self.process
    }
}

/// Serves the zone until the process is ended, and tells where and how long it took to build.
pub(crate) fn serve(names: u32) -> Result<(), Box<dyn Error>> {
    let start = Instant::now();
    let zones = Arc::new(HostedZones::new());
    zones.publish(ZoneSnapshot::new(names::zone(names)?, 1));
    let ready = start.elapsed().as_millis();
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let mut config = ListenConfig::on(["127.0.0.1:0".parse()?]);
        config.udp_threads = NonZeroUsize::MIN;
        let running = DnsServer::bind(&config)?.serve(&zones)?;
        let address = running.local_addrs().first().ok_or("no address")?;
        println!("{address} {ready}");
        std::future::pending::<()>().await;
        Ok(())
    })
}

//------------ Nsd -------------------------------------------------------------------------------

/// NSD with one answering process.
pub(crate) struct Nsd {
    process: Process,
    address: SocketAddr,
    ready_milliseconds: u128,
    folder: PathBuf,
}

impl Nsd {
    pub(crate) fn start(names: u32) -> Result<Self, Box<dyn Error>> {
        let folder = std::env::temp_dir().join(format!("dns_throughput.{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("zone"), names::zone_file(names))?;
        let address = UdpSocket::bind("127.0.0.1:0")?.local_addr()?;
        let config = folder.join("nsd.conf");
        fs::write(&config, configuration(&folder, address))?;
        let start = Instant::now();
        let child = Command::new("taskset")
            .args(["-c", "0", "nsd", "-d", "-c"])
            .arg(&config)
            .stderr(Stdio::null())
            .spawn()?;
        let process = Process::new(child);
        wait_for_answer(address)?;
        let mut nsd = Self {
            process,
            address,
            ready_milliseconds: start.elapsed().as_millis(),
            folder,
        };
        nsd.process.answering = youngest_descendant(nsd.process.child.id())?;
        Ok(nsd)
    }

    pub(crate) fn ready_milliseconds(&self) -> u128 {
        self.ready_milliseconds
    }
}

impl Server for Nsd {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn process(&self) -> &Process {
        &self.process
    }
}

impl Drop for Nsd {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn configuration(folder: &std::path::Path, address: SocketAddr) -> String {
    let folder = folder.display();
    format!(
        "server:\n  ip-address: {}@{}\n  server-count: 1\n  username: \"\"\n  chroot: \"\"\n  \
         zonesdir: \"{folder}\"\n  database: \"\"\n  pidfile: \"{folder}/pid\"\n  \
         xfrdfile: \"{folder}/xfrd\"\n  xfrdir: \"{folder}\"\n  zonelistfile: \"{folder}/list\"\n  \
         rrl-ratelimit: 0\n  minimal-responses: yes\n\
         remote-control:\n  control-enable: no\n\
         zone:\n  name: {}\n  zonefile: zone\n",
        address.ip(),
        address.port(),
        names::APEX
    )
}

fn wait_for_answer(address: SocketAddr) -> Result<(), Box<dyn Error>> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(address)?;
    socket.set_read_timeout(Some(Duration::from_millis(5)))?;
    let query = b"\0\x01\0\0\0\x01\0\0\0\0\0\0\x07example\x04test\0\0\x06\0\x01";
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        let mut answer = [0; 512];
        let is_asked = socket.send(query).is_ok();
        // Until it is ready it refuses, or is silent, or says SERVFAIL.
        if is_asked && socket.recv(&mut answer).is_ok_and(|octets| octets > 40) {
            return Ok(());
        }
    }
    Err("NSD did not get ready".into())
}

/// NSD answers in the last of its processes.
fn youngest_descendant(process: u32) -> Result<u32, Box<dyn Error>> {
    let mut youngest = process;
    loop {
        let children = fs::read_to_string(format!("/proc/{youngest}/task/{youngest}/children"))?;
        match children.split_whitespace().last() {
            Some(child) => youngest = child.parse()?,
            None => return Ok(youngest),
        }
    }
}
