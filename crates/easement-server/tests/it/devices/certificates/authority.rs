//! A certificate authority (pebble) and the resolver that it asks (unbound), on loopback, for one test.

use std::cell::Cell;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use domain::base::Rtype;

use crate::devices::lab::{Dns, Folder, Lab, make_certificate};
use crate::tools::is_installed;

/// How long servers may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// A port where nothing answers.
const NOBODY: u16 = 1;

pub(super) struct Authority {
    acme: SocketAddr,
    /// Where the authority shows its own certificate.
    management: SocketAddr,
    resolver: SocketAddr,
    _pebble: Server,
    _unbound: Server,
}

impl Authority {
    /// Nothing when a program is missing.
    pub(super) async fn start(lab: &Lab) -> Option<Self> {
        Self::start_asking_at(lab, NOBODY).await
    }

    /// An authority that asks over HTTP at this port.
    pub(super) async fn start_asking_at(lab: &Lab, http: u16) -> Option<Self> {
        let needed = ["pebble", "unbound", "openssl", "setpriv", "curl"];
        if !needed.into_iter().all(is_installed) {
            return None;
        }
        make_certificate(&lab.folder);
        let (unbound, resolver) = Server::start(|port| unbound(lab, port)).await;
        let management = Cell::new(0);
        let (pebble, acme) = Server::start(|port| {
            management.set(free_port());
            pebble(&lab.folder, [port, management.get(), http], resolver)
        })
        .await;
        Some(Self {
            acme,
            management: (Ipv4Addr::LOCALHOST, management.get()).into(),
            resolver,
            _pebble: pebble,
            _unbound: unbound,
        })
    }

    /// Where clients begin.
    pub(super) fn directory(&self) -> String {
        format!("https://{}/dir", self.acme)
    }

    /// Writes what those believe who believe the authority.
    pub(super) fn write_root(&self, lab: &Lab, name: &str) {
        let url = format!("https://{}/roots/0", self.management);
        let curl = ["--silent", "--show-error", "--fail", "--cacert", "ca.pem"];
        let root = [&curl[..], &["--output", name, &url]].concat();
        lab.folder.run("curl", &root).well();
    }

    /// Where the authority asks.
    pub(super) fn resolver(&self) -> SocketAddr {
        self.resolver
    }
}

/// The resolver keeps nothing, so that what it answers is what the server answers now.
fn unbound(lab: &Lab, port: u16) -> (Command, Ready) {
    let Dns(server) = lab.dns();
    let (address, stub) = (server.ip(), server.port());
    let stubs = ["example.test", "example.org"]
        .map(|zone| format!("stub-zone:\n  name: \"{zone}\"\n  stub-addr: {address}@{stub}\n"));
    let stubs = stubs.concat();
    let configuration = format!(
        "server:\n  interface: 127.0.0.1\n  port: {port}\n  do-daemonize: no\n  username: \"\"\n  chroot: \"\"\n  \
         pidfile: \"\"\n  directory: \".\"\n  use-syslog: no\n  do-ip6: no\n  access-control: 127.0.0.0/8 allow\n  \
         do-not-query-localhost: no\n  module-config: \"iterator\"\n  cache-max-ttl: 0\n  \
         cache-max-negative-ttl: 0\n  num-threads: 1\n  local-zone: \"test.\" nodefault\nremote-control:\n  \
         control-enable: no\n{stubs}"
    );
    lab.folder.write("unbound.conf", &configuration);
    let mut command = server_command(&lab.folder, "unbound");
    command.args(["-d", "-c", "unbound.conf"]);
    let is_ready = |address| {
        Dns(address)
            .try_answer("example.test", Rtype::SOA)
            .is_some()
    };
    (command, is_ready)
}

/// The authority does not sleep, and refuses nothing by chance.
fn pebble(
    folder: &Folder,
    [port, management, http]: [u16; 3],
    resolver: SocketAddr,
) -> (Command, Ready) {
    let configuration = serde_json::json!({"pebble": {
        "listenAddress": format!("127.0.0.1:{port}"),
        "managementListenAddress": format!("127.0.0.1:{management}"),
        "certificate": "ca.pem",
        "privateKey": "ca.key",
        "httpPort": http,
        "tlsPort": 1,
        "ocspResponderURL": "",
        "externalAccountBindingRequired": false,
    }});
    folder.write("pebble.json", &configuration.to_string());
    let mut command = server_command(folder, "pebble");
    command
        .args(["-config", "pebble.json", "-dnsserver"])
        .arg(resolver.to_string())
        .env("PEBBLE_VA_NOSLEEP", "1")
        .env("PEBBLE_WFE_NONCEREJECT", "0")
        .env("PEBBLE_AUTHZREUSE", "0");
    (command, |address| TcpStream::connect(address).is_ok())
}

/// A command that ends with this process, even when the test is killed.
fn server_command(folder: &Folder, program: &str) -> Command {
    let mut command = folder.command("setpriv");
    command
        .args(["--pdeathsig", "TERM", program])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

//------------ Server ----------------------------------------------------------------------------

/// Whether a server answers at this address.
type Ready = fn(SocketAddr) -> bool;

/// A process that ends with the test.
struct Server(Child);

impl Server {
    /// Starts it on a free port. None of these programs can be told to look for one, so somebody else may take it
    /// first: then it ends, and another port is tried.
    async fn start(make: impl Fn(u16) -> (Command, Ready)) -> (Self, SocketAddr) {
        let started = Instant::now();
        loop {
            let port = free_port();
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            let (mut command, is_ready) = make(port);
            let mut server = Self(command.spawn().unwrap());
            loop {
                assert!(started.elapsed() < PATIENCE, "{command:?} does not start");
                let is_answered = tokio::task::block_in_place(|| is_ready(address));
                if server.has_ended() {
                    break;
                }
                if is_answered {
                    return (server, address);
                }
                // Another program starts, and has no other way to say that it is ready than to answer.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}
