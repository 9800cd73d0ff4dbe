//! `easement man` and `easement completions`

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::run::{Folder, has};

fn pages(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// The subcommands that a help lists.
fn listed(help: &str) -> Vec<String> {
    let (_, commands) = help.split_once("Commands:\n").unwrap_or_default();
    let lines = commands.lines().take_while(|line| !line.is_empty());
    let first = |line: &str| line.split_whitespace().next().map(str::to_owned);
    lines
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(first)
        .filter(|name| name != "help")
        .collect()
}

fn write(folder: &Folder) -> BTreeSet<String> {
    folder.run(&["man", "man1"]).done();
    pages(&folder.path().join("man1"))
}

#[test]
fn each_subcommand_has_a_page() {
    let folder = Folder::new();
    let pages = write(&folder);
    let mut expected = BTreeSet::from(["easement.1".to_owned()]);
    for command in listed(&folder.run(&["--help"]).done()) {
        expected.insert(format!("easement-{command}.1"));
        for below in listed(&folder.run(&[&command, "--help"]).done()) {
            expected.insert(format!("easement-{command}-{below}.1"));
        }
    }
    assert!(expected.len() > 30, "{expected:?}");
    assert_eq!(pages, expected);
    let page = folder.path().join("man1/easement-template-apply.1");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains(".nf\n\\&Comments, order"), "{page}");
}

/// Runs a program on every page, and gives what it says about each.
fn on_every_page(program: &str, arguments: &[&str]) -> Option<Vec<(String, String)>> {
    if !has(&[program]) {
        return None;
    }
    let folder = Folder::new();
    let said = write(&folder).into_iter().map(|page| {
        let output = Command::new(program)
            .args(arguments)
            .arg(&page)
            .env("LC_ALL", "C.UTF-8")
            .current_dir(folder.path().join("man1"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{page}: {output:?}");
        let text = [output.stdout, output.stderr].concat();
        (page, String::from_utf8_lossy(&text).into_owned())
    });
    Some(said.collect())
}

#[test]
fn groff_reads_every_page_without_a_warning() {
    let arguments = ["-man", "-Tutf8", "-ww", "-z"];
    for (page, said) in on_every_page("groff", &arguments).unwrap_or_default() {
        assert_eq!(said, "", "{page}");
    }
}

/// Where `apropos` finds what a page is about.
#[test]
fn the_index_of_man_pages_takes_every_page() {
    for (page, said) in on_every_page("lexgrog", &[]).unwrap_or_default() {
        let name = page.trim_end_matches(".1");
        assert!(said.contains(&format!("\"{name} - ")), "{page}: {said}");
    }
}

#[test]
fn completions_know_subcommands_and_shells_are_named() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = folder.run(&["completions", shell]).done();
        assert!(script.contains("doctor"), "{shell}");
    }
    let bash = folder.run(&["completions", "bash"]).done();
    folder.write("script", &bash);
    let status = Command::new("bash")
        .args(["-n", "script"])
        .current_dir(folder.path())
        .status();
    assert!(status.unwrap().success());
    folder
        .run(&["completions", "cmd"])
        .failed(2, &["bash", "zsh", "fish"]);
}
