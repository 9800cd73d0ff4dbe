//! Running the program in a folder of its own, with an environment that has nothing in it.

use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder with a store that no server has.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::with_prefix("easement-cli-").unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file and gives its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The program, to be run here.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_easement"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            // The machine may have a server, with a configuration of its own.
            .env("EASEMENT_CONFIG", "/dev/null")
            .env(
                "EASEMENT_DNS_NAME_SERVERS",
                "ns1.example.net,ns2.example.net",
            )
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::from(self.command(arguments).output().unwrap())
    }

    /// Runs the program and types something.
    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Ended {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let typed = child.stdin.take().unwrap().write_all(input.as_bytes());
        // It may refuse its arguments and end before it reads.
        if let Err(error) = typed {
            assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        }
        Ended::from(child.wait_with_output().unwrap())
    }
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) data: String,
    pub(crate) said: String,
}

impl Ended {
    /// The run was a success; gives what it printed.
    #[track_caller]
    pub(crate) fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.data
    }

    /// The run only said what would change; gives what it printed.
    #[track_caller]
    pub(crate) fn would_change(self) -> String {
        assert_eq!(self.code, Some(6), "{self:?}");
        self.data
    }

    /// The run was a success; gives the JSON that it printed.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.done()).unwrap()
    }

    /// The run was a success; gives the records of the JSON that it printed.
    #[track_caller]
    pub(crate) fn records(self) -> Vec<Value> {
        let printed = self.json();
        let records = printed.get("records").and_then(Value::as_array);
        records.unwrap().clone()
    }

    /// The run failed like this, printed no data, and said these words.
    #[track_caller]
    pub(crate) fn failed(self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.data, "", "{self:?}");
        for words in words {
            assert!(self.said.contains(words), "{words}: {self:?}");
        }
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            data: String::from_utf8(output.stdout).unwrap(),
            said: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Whether all these programs are there. A test that misses one is skipped, loudly, unless that is
/// forbidden.
#[expect(clippy::print_stdout, reason = "it says why a test was skipped")]
pub(crate) fn has(programs: &[&str]) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&folders).collect();
    let is_there = |program: &&&str| folders.iter().any(|folder| folder.join(program).is_file());
    let Some(missing) = programs.iter().find(|program| !is_there(program)) else {
        return true;
    };
    assert!(
        std::env::var_os("EASEMENT_REQUIRE_TOOLS").is_none(),
        "{missing} is missing"
    );
    println!("SKIPPED: {missing} is not installed");
    false
}
