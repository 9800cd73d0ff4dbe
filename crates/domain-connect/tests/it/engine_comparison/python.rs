//! The other engine: a Python package, run as a program of its own.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::job::Job;

const ENGINE: &str = concat!(include_str!("stand_ins.py"), include_str!("engine.py"));

/// The answers of the other engine, a line each; nothing when it is not installed.
pub(super) fn answers(jobs: &[Job]) -> Option<Vec<String>> {
    let python = find()?;
    let mut child = Command::new(python)
        .args(["-W", "ignore", "-c", ENGINE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines: Vec<String> = jobs.iter().map(Job::line).collect();
    let output = std::thread::scope(|scope| {
        scope.spawn(move || {
            for line in lines {
                writeln!(stdin, "{line}").unwrap();
            }
        });
        child.wait_with_output().unwrap()
    });
    assert!(output.status.success(), "the other engine failed");
    let text = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<String> = text.lines().map(str::to_owned).collect();
    assert_eq!(answers.len(), jobs.len(), "an answer for every job");
    Some(answers)
}

/// Python with the package, as `scripts/install-test-tools` leaves it. Where it is missing the test
/// says so, or fails when `EASEMENT_REQUIRE_TOOLS` is set, as `./check` sets it.
fn find() -> Option<PathBuf> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/test-tools/bin/python3");
    let found = [tools, PathBuf::from("python3")]
        .into_iter()
        .find(|python| has_engine(python));
    if found.is_none() {
        let message = "domainconnectzone is not installed: run scripts/install-test-tools";
        let is_required = std::env::var_os("EASEMENT_REQUIRE_TOOLS").is_some();
        assert!(!is_required, "{message}");
        println!("SKIPPED: {message}");
    }
    found
}

fn has_engine(python: &Path) -> bool {
    let script =
        "import importlib.util as u; raise SystemExit(not u.find_spec('domainconnectzone'))";
    Command::new(python)
        .args(["-c", script])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
