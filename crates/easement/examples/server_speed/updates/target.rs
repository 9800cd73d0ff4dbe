//! A server that takes changes, on a copy of the data.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use easement_store::StoreConfig;
use tempfile::TempDir;
use url::Url;

use super::caller::{Caller, Channel};
use super::configs;
use super::http::Dialect;
use super::message::Signer;
use super::peers::Peer;
use super::{Options, Protocol};
use crate::data::Data;
use crate::prepare::{fill_store, prepare, unless_done};
use crate::process::{Cores, processes_with};
use crate::running::{
    Running, copy, easement_serve, free_address, has_record, wait, wait_for_http,
};
use crate::{Failure, progress};

/// A server is quiet when it does nothing for so long, and Easement when that is longer than changes gather
/// before they are folded.
const QUIET: Duration = Duration::from_millis(500);
const GATHER: Duration = Duration::from_millis(2_500);
/// Less than that is nothing: the clock has steps of ten milliseconds.
const NOTHING: Duration = Duration::from_millis(20);
/// How long it is waited for at most.
const RESTLESS: Duration = Duration::from_secs(20);

/// A server of one of the peers.
pub(super) struct Target {
    pub(super) peer: Peer,
    data: Data,
    /// It ends before its folder does.
    running: Running,
    protocol: Protocol,
    /// What was made before, for all runs.
    prepared: PathBuf,
    /// What this one changes.
    run: TempDir,
    postgres: Option<Url>,
    tokens: Vec<String>,
    http: SocketAddr,
    /// Processes that work for it without being its children.
    helpers: Vec<u32>,
}

impl Target {
    /// Copies the data for a peer, and starts it.
    pub(super) fn start(peer: Peer, data: Data, options: &Options) -> Result<Self, Failure> {
        let prepared = prepare(&options.folder, data)?;
        let run = TempDir::with_prefix_in("run-", &options.folder)?;
        let mut tokens: Vec<String> = fs::read_to_string(prepared.join("tokens"))?
            .lines()
            .map(str::to_owned)
            .collect();
        let mut postgres = None;
        match peer {
            Peer::Easement => copy(&prepared.join("easement"), run.path(), "-r")?,
            Peer::EasementOnPostgres => {
                let server = options.postgres.as_ref().ok_or("there is no PostgreSQL")?;
                let (url, texts) = fill_postgres(server, data)?;
                tokens = texts;
                postgres = Some(url);
            }
            // It replaces zone files by new ones, and leaves the old ones as they are.
            Peer::Bind => copy(&prepared.join("zones"), run.path(), "-rl")?,
            Peer::Knot => {}
            Peer::PowerDns => {
                let made = prepare_powerdns(&prepared, data)?;
                copy(&made.join("pdns.sqlite"), run.path(), "-r")?;
            }
        }
        let [http, dns] = [free_address()?, free_address()?];
        let mut command = command(
            peer,
            data,
            [&prepared, run.path()],
            postgres.as_ref(),
            [dns, http],
        )?;
        let running = launch(peer, &mut command, data, [dns, http])?;
        let helpers = postgres.as_ref().map(postgres_processes);
        Ok(Self {
            peer,
            data,
            protocol: options.protocol,
            prepared,
            run,
            postgres,
            tokens,
            http,
            running,
            helpers: helpers.unwrap_or_default(),
        })
    }

    /// Kills it, as a loss of power would but for what the system has yet to write.
    pub(super) fn kill(&self) -> Result<(), Failure> {
        self.running.process.kill()
    }

    /// Starts it again on what it left.
    pub(super) fn start_again(&mut self) -> Result<(), Failure> {
        self.running.process.wait()?;
        let [http, dns] = [free_address()?, free_address()?];
        let folders = [self.prepared.as_path(), self.run.path()];
        let mut command = command(
            self.peer,
            self.data,
            folders,
            self.postgres.as_ref(),
            [dns, http],
        )?;
        self.running = launch(self.peer, &mut command, self.data, [dns, http])?;
        self.http = http;
        Ok(())
    }

    /// Where it answers DNS.
    pub(super) fn dns(&self) -> SocketAddr {
        self.running.address
    }

    /// A caller with connections of its own, and with a token of its own where there are tokens.
    pub(super) fn caller(&self, number: u32) -> Result<Caller, Failure> {
        let dns = self.running.address;
        let dialect = match self.peer {
            Peer::Bind | Peer::Knot => {
                let signer = Rc::new(Signer::new()?);
                return Ok(Caller::new(Channel::dns(dns, &signer)?, dns)?);
            }
            Peer::PowerDns => Dialect::PowerDns,
            Peer::Easement | Peer::EasementOnPostgres => {
                let number = usize::try_from(number)? % self.tokens.len().max(1);
                let token = self.tokens.get(number).ok_or("there is no token")?.clone();
                match self.protocol {
                    Protocol::Apertodns => Dialect::Apertodns(token),
                    Protocol::Dyndns2 => Dialect::Dyndns2(token),
                }
            }
        };
        Ok(Caller::new(Channel::http(self.http, dialect)?, dns)?)
    }

    /// The time on a core that it has taken so far.
    pub(super) fn cpu(&self) -> Result<Duration, Failure> {
        self.running.process.cpu_with(&self.helpers)
    }

    /// Waits until nothing is left to do after changes, so that one does not pay for another.
    pub(super) fn settle(&self) -> Result<(), Failure> {
        let start = Instant::now();
        let least = match self.peer {
            Peer::Easement | Peer::EasementOnPostgres => GATHER,
            Peer::Bind | Peer::Knot | Peer::PowerDns => QUIET,
        };
        wait(least);
        let mut before = self.cpu()?;
        while start.elapsed() < RESTLESS {
            wait(QUIET);
            let now = self.cpu()?;
            if now.saturating_sub(before) < NOTHING {
                break;
            }
            before = now;
        }
        Ok(())
    }
}

/// What is run, with where it answers DNS and HTTP.
fn command(
    peer: Peer,
    data: Data,
    [prepared, run]: [&Path; 2],
    postgres: Option<&Url>,
    [dns, http]: [SocketAddr; 2],
) -> Result<Command, Failure> {
    let mut command;
    match peer {
        Peer::Easement | Peer::EasementOnPostgres => {
            command = easement_serve(&run.join("easement"), dns)?;
            command.args(["--set", &format!("server.listen={http}")]);
            if let Some(url) = postgres {
                command.args(["--set", &format!("store.postgres_url={url}")]);
            }
        }
        Peer::Bind => {
            let config = run.join("named.conf");
            fs::write(&config, configs::bind(run, data, dns)?)?;
            command = Command::new("named");
            command.arg("-g").arg("-c").arg(config);
        }
        Peer::Knot => {
            let config = run.join("knot.conf");
            let zones = prepared.join("zones");
            fs::write(&config, configs::knot(run, &zones, data, dns)?)?;
            command = Command::new("knotd");
            command.arg("-c").arg(config);
        }
        Peer::PowerDns => {
            fs::write(run.join("pdns.conf"), configs::powerdns(run, dns, http))?;
            command = Command::new("pdns_server");
            command.arg(format!("--config-dir={}", run.display()));
        }
    }
    command.current_dir(run);
    Ok(command)
}

fn launch(
    peer: Peer,
    command: &mut Command,
    data: Data,
    [dns, http]: [SocketAddr; 2],
) -> Result<Running, Failure> {
    let running = Running::start(command, dns, data, Cores::All, has_record)
        .map_err(|error| format!("{peer}: {error}"))?;
    let is_over_http = !matches!(peer, Peer::Bind | Peer::Knot);
    if is_over_http {
        wait_for_http(http).map_err(|error| format!("{peer}: {error}"))?;
    }
    Ok(running)
}

//------------ PowerDNS --------------------------------------------------------------------------

/// Debian's place for it.
const SCHEMA: &str = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql";

/// The folder with the database of PowerDNS, made by its own programs when it is not there yet.
fn prepare_powerdns(prepared: &Path, data: Data) -> Result<PathBuf, Failure> {
    let folder = prepared.join("powerdns");
    unless_done(&folder, || {
        progress(&format!("{data}: filling the database of PowerDNS"));
        let nowhere = "127.0.0.1:0".parse()?;
        fs::write(
            folder.join("pdns.conf"),
            configs::powerdns(&folder, nowhere, nowhere),
        )?;
        let schema = fs::read(SCHEMA).map_err(|error| format!("{SCHEMA}: {error}"))?;
        let mut shell = Command::new("sqlite3")
            .arg(folder.join("pdns.sqlite"))
            .stdin(Stdio::piped())
            .spawn()?;
        let mut input = shell.stdin.take().ok_or("sqlite3 has no input")?;
        input.write_all(&schema)?;
        drop(input);
        if !shell.wait()?.success() {
            return Err("sqlite3 did not make the tables of PowerDNS".into());
        }
        for zone in 0..data.zones() {
            let apex = data.apex(zone);
            let loaded = Command::new("pdnsutil")
                .arg(format!("--config-dir={}", folder.display()))
                .args(["load-zone", &apex])
                .arg(prepared.join(format!("zones/{apex}.zone")))
                .output()?;
            if !loaded.status.success() {
                let error = String::from_utf8_lossy(&loaded.stderr).into_owned();
                return Err(format!("pdnsutil: {error}").into());
            }
        }
        Ok(())
    })?;
    Ok(folder)
}

//------------ PostgreSQL ------------------------------------------------------------------------

/// A database of its own on a server, with the data in it; gives its URL and the API tokens.
fn fill_postgres(server: &Url, data: Data) -> Result<(Url, Vec<String>), Failure> {
    progress(&format!("{data}: filling a database on PostgreSQL"));
    let name = format!("bench_{}", data.code().replace('-', "_"));
    let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    let create = format!("CREATE DATABASE {name}");
    let made = Command::new("psql")
        .arg(server.as_str())
        .args(["--quiet", "--command", &drop, "--command", &create])
        .status()?;
    if !made.success() {
        return Err(format!("psql did not make the database {name}").into());
    }
    let mut url = server.clone();
    url.set_path(&name);
    let config = StoreConfig::Postgres {
        url: url.to_string(),
    };
    let tokens = fill_store(&config, data)?;
    Ok((url, tokens))
}

/// The first process of the server behind a URL, as scripts/with-postgres starts it.
fn postgres_processes(url: &Url) -> Vec<u32> {
    let port = url.port().unwrap_or(5432).to_string();
    processes_with("postgres", &["-p", &port])
}
