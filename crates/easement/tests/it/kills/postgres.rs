//! A PostgreSQL server of a test's own, to be killed and started again.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// How it ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    /// As `pg_ctl stop -m immediate`: every connection breaks, and nothing is put in order.
    Immediate,
    /// Every process of it is killed at once.
    Kill,
}

/// A server that listens on a socket in its folder alone, where only its user may look.
pub(super) struct Postgres {
    bin: PathBuf,
    work: TempDir,
    process: Option<Child>,
}

impl Postgres {
    /// Makes and starts one. Without PostgreSQL the test is skipped, loudly, unless that is forbidden.
    pub(super) fn make(test: &str) -> Option<Self> {
        let Some(bin) = find_bin() else {
            let must = std::env::var("EASEMENT_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
            assert!(
                !must,
                "PostgreSQL is missing: run scripts/install-test-tools"
            );
            eprintln!("SKIPPED: {test} (PostgreSQL is not installed)");
            return None;
        };
        let work = TempDir::with_prefix("easement-pg-").unwrap();
        if is_root() {
            let chown = Command::new("chown")
                .arg("postgres:")
                .arg(work.path())
                .status();
            assert!(chown.unwrap().success());
        }
        let mut server = Self {
            bin,
            work,
            process: None,
        };
        let data = server.work.path().join("data");
        let made = server
            .command("initdb")
            .args([
                "--username",
                "postgres",
                "--auth",
                "trust",
                "--encoding",
                "UTF8",
            ])
            .arg("--pgdata")
            .arg(data)
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        server.start();
        Some(server)
    }

    pub(super) fn url(&self) -> String {
        let folder = self.work.path().display().to_string().replace('/', "%2F");
        format!("postgres://postgres@localhost/postgres?host={folder}")
    }

    /// Starts it, and waits until it answers. What was killed may be in the way for a moment.
    pub(super) fn start(&mut self) {
        loop {
            let data = self.work.path().join("data");
            let mut process = self
                .command("postgres")
                .args(["-c", "listen_addresses=", "-k"])
                .arg(self.work.path())
                .arg("-D")
                .arg(data)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            while process.try_wait().unwrap().is_none() {
                if self.answers() {
                    self.process = Some(process);
                    return;
                }
            }
        }
    }

    fn answers(&self) -> bool {
        let status = Command::new(self.bin.join("pg_isready"))
            .args(["-q", "-h"])
            .arg(self.work.path())
            .status();
        status.unwrap().success()
    }

    pub(super) fn end(&mut self, end: End) {
        let mut process = self.process.take().unwrap();
        match end {
            End::Immediate => signal("-QUIT", &[process.id()]),
            End::Kill => signal("-KILL", &with_children(process.id())),
        }
        process.wait().unwrap();
    }

    /// Nothing of it says anything any more, and no connection ends.
    pub(super) fn stand_still(&self) {
        self.signal_all("-STOP");
    }

    pub(super) fn go_on(&self) {
        self.signal_all("-CONT");
    }

    fn signal_all(&self, name: &str) {
        let process = self.process.as_ref().unwrap();
        signal(name, &with_children(process.id()));
    }

    /// A program of PostgreSQL, which refuses to run as root.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]);
        if is_root() {
            command.args([
                "--reuid",
                "postgres",
                "--regid",
                "postgres",
                "--init-groups",
            ]);
        }
        command
            .arg(self.bin.join(program))
            .current_dir(self.work.path());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            signal("-CONT", &with_children(process.id()));
            signal("-QUIT", &[process.id()]);
            let _ = process.wait();
        }
    }
}

/// Debian keeps the programs off the PATH, one folder a version.
fn find_bin() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let bins = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    bins.filter(|bin| bin.join("initdb").exists()).max()
}

fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// A process and those that it started.
fn with_children(parent: u32) -> Vec<u32> {
    let mut processes = vec![parent];
    for entry in std::fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
        let process: Option<u32> = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        if process.is_some() && parent_of(&entry.path()) == Some(parent) {
            processes.extend(process);
        }
    }
    processes
}

fn parent_of(process: &Path) -> Option<u32> {
    let status = std::fs::read_to_string(process.join("status")).ok()?;
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
    parent.trim().parse().ok()
}

fn signal(name: &str, processes: &[u32]) {
    let processes = processes.iter().map(ToString::to_string);
    // One that has ended meanwhile is not there any more.
    let _ = Command::new("kill")
        .arg(name)
        .args(processes)
        .stderr(Stdio::null())
        .status();
}
