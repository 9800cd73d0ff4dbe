//! A server's processes: what they take of time and memory.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Failure;

/// Where a program runs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cores {
    /// On the first alone.
    First,
    /// On all of them.
    All,
}

/// A process that ends with this value, and those that it started.
pub(crate) struct Process {
    child: Child,
}

impl Process {
    pub(crate) fn start(command: &mut Command, cores: Cores) -> Result<Self, Failure> {
        let mut command = match cores {
            Cores::All => command,
            Cores::First => &mut on_core("0", command),
        };
        command = command.stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.stderr(Stdio::null()).spawn();
        let program = command.get_program().to_owned();
        let child = child.map_err(|error| format!("cannot run {}: {error}", program.display()))?;
        Ok(Self { child })
    }

    /// The first process and all below it.
    fn tree(&self) -> Vec<u32> {
        let mut tree = vec![self.child.id()];
        let mut at = 0;
        while let Some(process) = tree.get(at).copied() {
            for task in tasks(process) {
                let path = format!("/proc/{process}/task/{task}/children");
                let children = fs::read_to_string(path).unwrap_or_default();
                tree.extend(children.split_whitespace().flat_map(str::parse::<u32>));
            }
            at += 1;
        }
        tree
    }

    /// The time on a core of all threads that run now.
    pub(crate) fn cpu(&self) -> Result<Duration, Failure> {
        let mut nanoseconds = 0;
        for process in self.tree() {
            for task in tasks(process) {
                let path = format!("/proc/{process}/task/{task}/schedstat");
                // The thread may have ended by now.
                let text = fs::read_to_string(path).unwrap_or_default();
                let first = text.split_whitespace().next();
                nanoseconds += first.map_or(Ok(0), str::parse::<u64>)?;
            }
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// The memory of all processes, each page that several share counted once (PSS).
    pub(crate) fn memory_mebibytes(&self) -> Result<f64, Failure> {
        let mut kibibytes = 0;
        for process in self.tree() {
            let path = format!("/proc/{process}/smaps_rollup");
            let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
            let line = text.lines().find(|line| line.starts_with("Pss:"));
            let number = line.and_then(|line| line.split_whitespace().nth(1));
            kibibytes += number.ok_or("no PSS is known")?.parse::<u32>()?;
        }
        Ok(f64::from(kibibytes) / 1024.0)
    }

    /// Fails when it has ended.
    pub(crate) fn check(&mut self) -> Result<(), Failure> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => Err(format!("the server ended: {status}").into()),
        }
    }
}

impl Drop for Process {
    /// Asks, as an operator would: NSD takes its children along only then.
    fn drop(&mut self) {
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .stderr(Stdio::null())
            .status();
        let _ = self.child.wait();
    }
}

/// The same command, on one core alone.
pub(crate) fn on_core(core: &str, command: &Command) -> Command {
    let mut pinned = Command::new("taskset");
    pinned.args(["-c", core]).arg(command.get_program());
    pinned.args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        pinned.current_dir(folder);
    }
    pinned
}

fn tasks(process: u32) -> Vec<u32> {
    let entries = fs::read_dir(format!("/proc/{process}/task"));
    let names = entries.into_iter().flatten().flatten();
    names
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}
