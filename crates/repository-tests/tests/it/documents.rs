//! The documents.

use std::fs;
use std::path::Path;

use repository_tests::{Document, check_document};

use crate::repository;

#[test]
fn documents_name_only_things_that_exist() {
    let paths = repository::all_paths();
    let mut crates = repository::crates();
    crates.push(env!("CARGO_PKG_NAME").to_owned());
    let is_document = |path: &&String| Path::new(path).extension().is_some_and(|end| end == "md");
    let mut unknown = Vec::new();
    for path in paths.iter().filter(is_document) {
        let text = fs::read_to_string(repository::root().join(path)).unwrap();
        let folder = path.rfind('/').map_or("", |at| path.split_at(at + 1).0);
        let document = Document {
            folder,
            text: &text,
            paths: &paths,
            crates: &crates,
        };
        let found = check_document(&document);
        unknown.extend(found.iter().map(|name| format!("{path}: {name}")));
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}
