//! A server on loopback, and a folder in which programs of others run. What those say of themselves is worth
//! little: what counts is what DNS has afterwards.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::net::{SocketAddr, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use domain::base::{Message, MessageBuilder, Name, Rtype};
use domain::rdata::{A, Aaaa, Soa, Txt};
use tempfile::TempDir;

use super::world::{Devices, Token, start};
use crate::log_lines::Lines;
use crate::tools::search_path;

/// The longest that a program may run, in seconds.
const PATIENCE: &str = "60";

pub(super) struct Lab {
    pub(super) world: Devices,
    pub(super) token: String,
    pub(super) folder: Folder,
    log: Lines,
}

impl Lab {
    /// A server, and a token.
    pub(super) async fn start(token: Token) -> Self {
        let log = Lines::record();
        let (world, device) = start(token).await;
        Self {
            world,
            token: device.token,
            folder: Folder::new(),
            log,
        }
    }

    /// Where HTTP is served.
    pub(super) fn web(&self) -> SocketAddr {
        self.world.inner.demo.app().web_addresses()[0]
    }

    /// Where DNS is.
    pub(super) fn dns(&self) -> Dns {
        Dns(self.world.inner.demo.app().dns_addresses()[0])
    }

    /// The server logged requests, and none of these secrets.
    pub(super) fn assert_not_logged(&self, secrets: &[&str]) {
        let log = self.log.text();
        assert!(log.contains("\"http.route\""), "requests are logged: {log}");
        for secret in secrets {
            assert!(!log.contains(secret), "{secret} is in the log");
        }
    }
}

//------------ Folder ----------------------------------------------------------------------------

/// Where programs run: their home, with nothing else of this machine's user.
pub(super) struct Folder(TempDir);

impl Folder {
    pub(super) fn new() -> Self {
        Self(TempDir::with_prefix("easement-lab-").unwrap())
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file that only its owner reads, as clients want their configuration.
    pub(super) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    }

    /// A command that sees this folder as its home, and no variables of this process.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.0.path())
            .env_clear()
            .env("PATH", search_path())
            .env("HOME", self.0.path())
            .env("LC_ALL", "C.UTF-8");
        command
    }

    /// Runs a program to its end.
    pub(super) fn run(&self, program: &str, arguments: &[&str]) -> Ended {
        self.run_with(&[], program, arguments)
    }

    /// The same with variables.
    pub(super) fn run_with(
        &self,
        variables: &[(&str, &str)],
        program: &str,
        arguments: &[&str],
    ) -> Ended {
        let mut command = self.command("timeout");
        command
            .args(["--kill-after=5", PATIENCE, program])
            .args(arguments)
            .envs(variables.iter().copied());
        let output = tokio::task::block_in_place(|| command.output()).unwrap();
        let (out, err) = (&output.stdout, &output.stderr);
        let texts = [out, err].map(|text| String::from_utf8_lossy(text));
        Ended {
            is_success: output.status.success(),
            said: texts.join("\n"),
        }
    }
}

/// How a program ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) is_success: bool,
    /// On both outputs.
    pub(super) said: String,
}

impl Ended {
    /// It succeeded, as far as it knows.
    pub(super) fn well(self) -> Self {
        assert!(self.is_success, "{}", self.said);
        self
    }

    pub(super) fn assert_said(&self, words: &str) {
        assert!(self.said.contains(words), "no '{words}': {}", self.said);
    }
}

/// A file of the repository.
pub(super) fn repository(path: &str) -> PathBuf {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    let path = Path::new(&root).join("../..").join(path);
    path.canonicalize().unwrap()
}

/// Makes `ca.pem` and `ca.key`: a certificate for 127.0.0.1 that is its own authority.
pub(super) fn make_certificate(folder: &Folder) {
    let made = folder.run(
        "openssl",
        &[
            "req",
            "-x509",
            "-nodes",
            "-days",
            "30",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
        ],
    );
    made.well();
}

//------------ Dns -------------------------------------------------------------------------------

/// Asks a DNS server, over UDP.
#[derive(Clone, Copy)]
pub(super) struct Dns(pub(super) SocketAddr);

impl Dns {
    /// All addresses of a name, IPv4 first.
    pub(super) fn addresses(self, name: &str) -> Vec<String> {
        let mut addresses = Vec::new();
        let answer = self.answer(name, Rtype::A);
        let found = answer.answer().unwrap().limit_to::<A>();
        addresses.extend(found.map(|record| record.unwrap().data().addr().to_string()));
        let answer = self.answer(name, Rtype::AAAA);
        let found = answer.answer().unwrap().limit_to::<Aaaa>();
        addresses.extend(found.map(|record| record.unwrap().data().addr().to_string()));
        addresses
    }

    /// The texts of a name and of what it is an alias of, sorted.
    pub(super) fn texts(self, name: &str) -> Vec<String> {
        let answer = self.answer(name, Rtype::TXT);
        let found = answer.answer().unwrap().limit_to::<Txt<_>>();
        let texts = found.map(|record| record.unwrap().data().text::<Vec<u8>>());
        let mut texts: Vec<_> = texts.map(|text| String::from_utf8(text).unwrap()).collect();
        texts.sort();
        texts
    }

    /// Another one after each change of the zone.
    pub(super) fn serial(self, zone: &str) -> u32 {
        let answer = self.answer(zone, Rtype::SOA);
        let mut found = answer.answer().unwrap().limit_to::<Soa<_>>();
        found.next().unwrap().unwrap().data().serial().into_int()
    }

    fn answer(self, name: &str, rtype: Rtype) -> Message<Vec<u8>> {
        self.try_answer(name, rtype)
            .expect("an answer within ten seconds")
    }

    /// Nothing when nobody answers.
    pub(super) fn try_answer(self, name: &str, rtype: Rtype) -> Option<Message<Vec<u8>>> {
        let mut message = MessageBuilder::new_vec();
        message.header_mut().set_rd(true);
        let mut message = message.question();
        let name: Name<Vec<u8>> = name.parse().unwrap();
        message.push((name, rtype)).unwrap();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        socket.connect(self.0).unwrap();
        socket.send(&message.finish()).ok()?;
        let mut octets = [0; 4096];
        let length = socket.recv(&mut octets).ok()?;
        Some(Message::from_octets(octets[..length].to_vec()).unwrap())
    }
}
