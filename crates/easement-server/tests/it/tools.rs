//! Programs that tests run. A test that misses one says so and is skipped, or fails when
//! `EASEMENT_REQUIRE_TOOLS` is set, as `./check` sets it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Whether a program is there.
pub(crate) fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    is_in(program, std::env::split_paths(&path))
}

/// The same for a program of `scripts/test-clients.txt`: another version of it elsewhere does not count.
pub(crate) fn is_client_installed(program: &str) -> bool {
    is_in(program, std::iter::once(clients()))
}

fn is_in(program: &str, mut folders: impl Iterator<Item = PathBuf>) -> bool {
    let found = folders.any(|folder| folder.join(program).is_file());
    if !found {
        report_missing(program);
    }
    found
}

/// Where clients from PyPI are.
fn clients() -> PathBuf {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    Path::new(&root).join("../../target/test-tools/clients/bin")
}

/// Where the programs that tests run look for others: first among the clients from PyPI.
pub(crate) fn search_path() -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(clients()).chain(std::env::split_paths(&path));
    std::env::join_paths(folders).unwrap()
}

/// The script that looks for pages that some people cannot use.
pub(crate) fn axe() -> Option<String> {
    let root = std::env::var_os("CARGO_MANIFEST_DIR")?;
    let script = Path::new(&root).join("../../target/test-tools/axe.min.js");
    let script = std::fs::read_to_string(script).ok();
    if script.is_none() {
        report_missing("axe");
    }
    script
}

/// Says what is missing, or fails when tests may not be skipped.
pub(crate) fn report_missing(program: &str) {
    let message = format!("{program} is not installed: run scripts/install-test-tools");
    let is_required = std::env::var_os("EASEMENT_REQUIRE_TOOLS").is_some();
    assert!(!is_required, "{message}");
    eprintln!("SKIPPED: {message}");
}
