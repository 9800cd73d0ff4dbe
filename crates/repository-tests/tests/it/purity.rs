//! Pure crates: what they depend on and what their sources say.

use std::fs;
use std::path::Path;

use repository_tests::{SOURCE_EXCEPTIONS, check_purity, check_source, unused_exceptions};

use crate::repository;

#[test]
fn pure_crates_depend_on_nothing_that_reaches_outside() {
    let mut packages = Vec::new();
    for name in repository::pure_crates() {
        packages.extend(repository::dependencies(&["--package", &name]));
    }
    let impurities = check_purity(&packages);
    let impurities: Vec<_> = impurities.iter().map(ToString::to_string).collect();
    assert!(impurities.is_empty(), "{}", impurities.join("\n"));
    assert_eq!(unused_exceptions(&packages), [], "remove these exceptions");
}

#[test]
fn pure_crates_name_nothing_that_reaches_outside() {
    let pure_crates = repository::pure_crates();
    let mut uses = Vec::new();
    for path in repository::all_paths() {
        if is_source_of(&path, &pure_crates) {
            let text = fs::read_to_string(repository::root().join(&path)).unwrap();
            let found = check_source(&text);
            uses.extend(found.into_iter().map(|outside| (path.clone(), outside)));
        }
    }
    let forbidden: Vec<_> = uses
        .iter()
        .filter(|(path, outside)| !SOURCE_EXCEPTIONS.iter().any(|e| e.allows(path, outside)))
        .map(|(path, outside)| format!("{path}: {outside}"))
        .collect();
    assert!(forbidden.is_empty(), "{}", forbidden.join("\n"));
    for exception in SOURCE_EXCEPTIONS {
        let is_needed = |(path, outside): &(String, _)| exception.allows(path, outside);
        assert!(uses.iter().any(is_needed), "remove {exception:?}");
    }
}

/// Whether a path is a source file of one of these crates, and none of tests.
fn is_source_of(path: &str, crates: &[String]) -> bool {
    let mut sources = crates.iter().map(|name| format!("crates/{name}/src/"));
    let is_source = sources.any(|folder| path.starts_with(&folder));
    let path = Path::new(path);
    let is_rust = path.extension().is_some_and(|extension| extension == "rs");
    let is_test = path
        .iter()
        .any(|part| part == "tests" || part == "tests.rs");
    is_source && is_rust && !is_test
}
