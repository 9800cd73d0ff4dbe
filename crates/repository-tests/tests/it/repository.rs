//! What the tests read: the files of this repository and what cargo says about its crates.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use repository_tests::{Layer, Package, paths};

/// The root of the repository that the tests run in, which cargo names when it runs them: worktrees
/// may share a folder for what they build.
pub(crate) fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    Path::new(&here).ancestors().nth(2).unwrap().to_owned()
}

/// The names of our crates, but for this one, which is no part of Easement.
pub(crate) fn crates() -> Vec<String> {
    let all = fs::read_dir(root().join("crates")).unwrap();
    let names = all.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter(|name| name != env!("CARGO_PKG_NAME"))
        .collect()
}

/// The names of our pure crates.
pub(crate) fn pure_crates() -> Vec<String> {
    let mut names = crates();
    names.retain(|name| Layer::of(name).is_some_and(Layer::is_pure));
    assert!(!names.is_empty(), "there are no pure crates to look at");
    names
}

/// The dependency trees that `cargo tree` prints with these arguments: those that a build needs, on
/// all systems and with all features.
pub(crate) fn dependencies(arguments: &[&str]) -> Vec<Package> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--locked", "--edges=normal", "--all-features"])
        .args(["--prefix=depth", "--no-dedupe"])
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo tree failed: {errors}");
    paths(&String::from_utf8(output.stdout).unwrap())
}

/// Every file and folder, from the root; folders end in a slash. What git ignores is left out.
pub(crate) fn all_paths() -> BTreeSet<String> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git ls-files failed: {errors}");
    let mut paths = BTreeSet::new();
    for file in String::from_utf8(output.stdout).unwrap().lines() {
        let folders = file
            .match_indices('/')
            .map(|(at, _)| file.split_at(at + 1).0);
        paths.extend(folders.map(str::to_owned));
        paths.insert(file.to_owned());
    }
    paths
}
