//! The Debian package and the unit in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::run::has;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[track_caller]
fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// What `systemd-analyze security` may add up to, in tenths: 0 is locked in, 100 is open.
const EXPOSURE: &str = "--threshold=20";

#[test]
fn the_units_are_valid_and_give_the_programs_little() {
    if !has(&["systemd-analyze"]) {
        return;
    }
    for unit in ["easement.service", "easement-ddns.service"] {
        check_unit(unit);
    }
}

fn check_unit(name: &str) {
    let unit = repository().join("packaging/systemd").join(name);
    let text = std::fs::read_to_string(&unit).unwrap();
    // The program is not installed here, and its place is looked at.
    let text = text.replace("/usr/bin/easement", env!("CARGO_BIN_EXE_easement"));
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join(name);
    std::fs::write(&copy, text).unwrap();
    let verify = ["verify", "--man=no"];
    let said = run(Command::new("systemd-analyze").args(verify).arg(&copy));
    assert_eq!(String::from_utf8_lossy(&said.stderr), "");
    let security = ["security", "--offline=true", "--no-pager", EXPOSURE];
    run(Command::new("systemd-analyze").args(security).arg(&copy));
}

/// With the program that the tests run: for release it is built elsewhere.
#[test]
fn the_package_is_in_order_and_comes_and_goes_without_loss() {
    if !has(&["dpkg-shlibdeps", "strip", "fakeroot", "lintian"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let scripts = repository().join("scripts");
    let built = run(Command::new(scripts.join("build-deb"))
        .args(["--binary", env!("CARGO_BIN_EXE_easement")])
        .arg(folder.path())
        .env("DEB_COMPRESSION", "none"));
    let built = String::from_utf8(built.stdout).unwrap();
    let package = built.lines().last().unwrap();
    run(Command::new(scripts.join("test-deb")).arg(package));
    // Compressing takes long, and nobody has given an address here.
    let known = "uses-no-compression-for-control-tarball,uses-no-compression-for-data-tarball,\
                 bogus-mail-host,bogus-mail-host-in-debian-changelog";
    run(Command::new("lintian").args(["--fail-on", "error", "--suppress-tags", known, package]));
}
