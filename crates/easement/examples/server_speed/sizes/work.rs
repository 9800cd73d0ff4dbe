//! A server on a copy of the data, and the commands that ask it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Failure;
use crate::data::Data;
use crate::prepare::OWNER;
use crate::process::{Cores, Process};
use crate::running::{
    Running, copy, easement_serve, free_address, has_record, wait, wait_for_http,
};

/// How long a server may take until commands reach it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where a server is, and how it is told.
struct Place {
    folder: TempDir,
    dns: SocketAddr,
    http: SocketAddr,
}

impl Place {
    /// A new folder beside the prepared ones.
    fn beside(prepared: &Path) -> Result<Self, Failure> {
        let base = prepared.parent().ok_or("the data is in no folder")?;
        Ok(Self {
            folder: TempDir::with_prefix_in("run-", base)?,
            dns: free_address()?,
            http: free_address()?,
        })
    }

    fn data_dir(&self) -> PathBuf {
        self.folder.path().join("easement")
    }

    fn serve(&self) -> Result<Command, Failure> {
        let mut command = easement_serve(&self.data_dir(), self.dns)?;
        command.args(["--set", &format!("server.listen={}", self.http)]);
        command.args(["--set", &format!("server.public_url=http://{}", self.http)]);
        command.args(["--set", "log.level=warn"]);
        Ok(command)
    }

    /// A command that asks the server.
    fn command(&self, words: &[&str]) -> Result<Command, Failure> {
        let mut command = Command::new(self.serve()?.get_program());
        command.args(words);
        command.args([
            "--set",
            &format!("store.data_dir={}", self.data_dir().display()),
        ]);
        command.args(["--set", &format!("server.public_url=http://{}", self.http)]);
        Ok(command)
    }

    /// How long a command takes, with all that it prints.
    fn run(&self, words: &[&str]) -> Result<(Duration, String), Failure> {
        let mut command = self.command(words)?;
        let start = Instant::now();
        let output = command.stdin(Stdio::null()).output()?;
        let time = start.elapsed();
        if output.status.success() {
            return Ok((time, String::from_utf8_lossy(&output.stdout).into_owned()));
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("`easement {}`: {said}", words.join(" ")).into())
    }
}

/// A server that serves some data.
pub(super) struct Site {
    place: Place,
    running: Running,
}

impl Site {
    /// Starts one on a copy.
    pub(super) fn start(prepared: &Path, data: Data) -> Result<Self, Failure> {
        let place = Place::beside(prepared)?;
        copy(&prepared.join("easement"), place.folder.path(), "-r")?;
        let running = Running::start(&mut place.serve()?, place.dns, data, Cores::All, has_record)?;
        Ok(Self { place, running })
    }

    pub(super) fn http(&self) -> SocketAddr {
        self.place.http
    }

    pub(super) fn running(&self) -> &Running {
        &self.running
    }

    /// How long a command takes.
    pub(super) fn run(&self, words: &[&str]) -> Result<Duration, Failure> {
        Ok(self.place.run(words)?.0)
    }

    /// The path where an account chooses its password.
    pub(super) fn password_link(&self, email: &str) -> Result<String, Failure> {
        let (_, said) = self.place.run(&["account", "password-link", email])?;
        let link = said.find("/welcome/").and_then(|at| said.get(at..));
        let path = link.and_then(|link| link.split_whitespace().next());
        Ok(path
            .ok_or("there is no link to choose a password")?
            .to_owned())
    }
}

/// How long the import of a zone file takes, and the most memory that the server had then, in MiB.
pub(super) fn measure_import(prepared: &Path, data: Data) -> Result<(Duration, f64), Failure> {
    let place = Place::beside(prepared)?;
    fs::create_dir(place.data_dir())?;
    let server = Process::start(&mut place.serve()?, Cores::All)?;
    wait_for_http(place.http)?;
    // Commands reach it a moment later.
    let start = Instant::now();
    while let Err(error) = place.run(&["account", "create", OWNER]) {
        if start.elapsed() > PATIENCE {
            return Err(error);
        }
        wait(Duration::from_millis(50));
    }
    let apex = data.apex(0);
    let file = prepared.join(format!("zones/{apex}.zone"));
    let file = file.to_str().ok_or("a path is no text")?;
    let words = ["zone", "import", &apex, file, "--owner", OWNER];
    let (time, _) = place.run(&words)?;
    Ok((time, server.peak_mebibytes()?))
}
