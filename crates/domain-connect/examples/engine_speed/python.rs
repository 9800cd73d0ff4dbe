//! The other engine: a Python package, run as a program of its own that measures itself.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use easement_zone::{RecordData, RecordSet, RecordType, Zone};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::corpus::{Job, Stage};

const ENGINE: &str = concat!(
    include_str!("../../tests/it/engine_comparison/stand_ins.py"),
    include_str!("engine.py")
);

pub(crate) struct Python {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Python {
    /// Starts it, when `scripts/install-test-tools` or somebody else has installed the package.
    pub(crate) fn start() -> Result<Option<Self>, Box<dyn Error>> {
        let tools =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/test-tools/bin/python3");
        let Some(python) = [tools.as_path(), Path::new("python3")]
            .into_iter()
            .find(|python| has_package(python))
        else {
            return Ok(None);
        };
        let mut child = Command::new(python)
            .args(["-W", "ignore", "-c", ENGINE])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let commands = child.stdin.take().ok_or("Python has no input")?;
        let answers = BufReader::new(child.stdout.take().ok_or("Python has no output")?);
        Ok(Some(Self {
            child,
            commands,
            answers,
        }))
    }

    /// Hands over a zone and jobs; gives the places of the jobs that it carries out.
    pub(crate) fn load(&mut self, zone: &Zone, jobs: &[Job]) -> Result<Vec<usize>, Box<dyn Error>> {
        let jobs: Vec<Value> = jobs
            .iter()
            .map(|job| {
                let host = job.host.to_string();
                let host = if job.host.is_apex() { "" } else { &host };
                json!({"text": job.text, "host": host, "values": job.variables})
            })
            .collect();
        self.ask("load", &json!({"zone": records(zone), "jobs": jobs}))
    }

    /// Says which jobs count.
    pub(crate) fn choose(&mut self, places: &[usize]) -> Result<(), Box<dyn Error>> {
        self.ask("choose", &json!(places))
    }

    /// The seconds that it takes to carry out a stage of all jobs so many times.
    pub(crate) fn run(&mut self, stage: Stage, times: u32) -> Result<f64, Box<dyn Error>> {
        self.ask("run", &json!({"stage": stage.name(), "times": times}))
    }

    /// The most memory that it has taken so far, in KiB.
    pub(crate) fn memory(&mut self) -> Result<u64, Box<dyn Error>> {
        self.ask("memory", &Value::Null)
    }

    fn ask<T: DeserializeOwned>(
        &mut self,
        command: &str,
        argument: &Value,
    ) -> Result<T, Box<dyn Error>> {
        // In one piece: a big zone would go through the pipe a few octets at a time.
        let line = format!("{}\n", json!([command, argument]));
        self.commands.write_all(line.as_bytes())?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        serde_json::from_str(&line)
            .map_err(|error| format!("Python answers {line:?} to {command}: {error}").into())
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn has_package(python: &Path) -> bool {
    let script =
        "import importlib.util as u; raise SystemExit(not u.find_spec('domainconnectzone'))";
    Command::new(python)
        .args(["-c", script])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

//------------ Zones in its form -------------------------------------------------------------------

/// Everything but `SOA`, which it leaves to others.
fn records(zone: &Zone) -> Vec<Value> {
    let mut records = Vec::new();
    for set in zone.sets().filter(|set| set.rtype() != RecordType::SOA) {
        records.extend(set.data().iter().map(|data| record(zone, &set, data)));
    }
    records
}

fn record(zone: &Zone, set: &RecordSet, data: &RecordData) -> Value {
    let host = set.owner().relative_to(zone.apex());
    let text = data.text().map_or_else(
        || data.to_string(),
        |octets| String::from_utf8_lossy(&octets).into_owned(),
    );
    let (priority, text) = match text.split_once(' ') {
        Some((priority, target)) if set.rtype() == RecordType::MX => {
            (priority.parse().ok(), target)
        }
        _ => (None::<u16>, text.as_str()),
    };
    let text = text.strip_suffix('.').unwrap_or(text);
    json!({
        "type": set.rtype().to_string(),
        "name": host.map_or_else(|| "@".to_owned(), |host| host.to_string()),
        "data": text,
        "ttl": set.ttl().as_secs(),
        "priority": priority,
    })
}
