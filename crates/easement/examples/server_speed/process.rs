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

    /// The first process and all below it, and the same of others.
    fn tree(&self, others: &[u32]) -> Vec<u32> {
        let mut tree = [&[self.child.id()], others].concat();
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
        for process in self.tree(&[]) {
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

    /// The time on a core of all threads that ever ran, here and in processes that work for it: in steps of a
    /// hundredth of a second.
    pub(crate) fn cpu_with(&self, others: &[u32]) -> Result<Duration, Failure> {
        let mut ticks = 0;
        for process in self.tree(others) {
            // The process may have ended by now. What stands before the last bracket is its name.
            let text = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            let (_, numbers) = text.rsplit_once(')').unwrap_or_default();
            let user_and_system = numbers.split_whitespace().skip(11).take(2);
            for number in user_and_system {
                ticks += number.parse::<u64>()?;
            }
        }
        Ok(Duration::from_millis(ticks * 10))
    }

    /// The memory of all processes, each page that several share counted once (PSS).
    pub(crate) fn memory_mebibytes(&self) -> Result<f64, Failure> {
        let mut kibibytes = 0;
        for process in self.tree(&[]) {
            let path = format!("/proc/{process}/smaps_rollup");
            let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
            let line = text.lines().find(|line| line.starts_with("Pss:"));
            let number = line.and_then(|line| line.split_whitespace().nth(1));
            kibibytes += number.ok_or("no PSS is known")?.parse::<u32>()?;
        }
        Ok(f64::from(kibibytes) / 1024.0)
    }

    /// The most memory that the process ever had, shared pages in full.
    pub(crate) fn peak_mebibytes(&self) -> Result<f64, Failure> {
        let path = format!("/proc/{}/status", self.child.id());
        let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let line = text.lines().find(|line| line.starts_with("VmHWM:"));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        let kibibytes: u32 = number.ok_or("no peak is known")?.parse()?;
        Ok(f64::from(kibibytes) / 1024.0)
    }

    /// Ends it at once, with SIGKILL, while others may still hold this value.
    pub(crate) fn kill(&self) -> Result<(), Failure> {
        let id = self.child.id().to_string();
        let killed = Command::new("kill").args(["-KILL", &id]).status()?;
        if killed.success() {
            Ok(())
        } else {
            Err(format!("the process {id} was not killed").into())
        }
    }

    /// Waits until it has ended.
    pub(crate) fn wait(&mut self) -> Result<(), Failure> {
        self.child.wait()?;
        Ok(())
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

/// The processes of a program that have these arguments, one after the other.
pub(crate) fn processes_with(program: &str, arguments: &[&str]) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    processes
        .filter(|process: &u32| {
            let line = fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap_or_default();
            let words: Vec<&str> = line.split('\0').collect();
            let is_program = words.first().is_some_and(|word| word.ends_with(program));
            is_program && words.windows(arguments.len()).any(|part| part == arguments)
        })
        .collect()
}

fn tasks(process: u32) -> Vec<u32> {
    let entries = fs::read_dir(format!("/proc/{process}/task"));
    let names = entries.into_iter().flatten().flatten();
    names
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}
