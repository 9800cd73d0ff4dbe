//! `easement openapi`

use std::path::Path;

use crate::run::Folder;

#[test]
fn the_document_is_printed_as_it_is_committed() {
    let folder = Folder::new();
    let printed = folder.run(&["openapi"]).done();
    let root = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    let committed = Path::new(&root).join("../../docs/openapi.json");
    let committed = std::fs::read_to_string(committed).unwrap();
    assert!(printed == committed, "docs/openapi.json is another one");
    assert!(!folder.path().join("data").exists(), "it needs no store");
    folder.run(&["openapi", "more"]).failed(2, &["more"]);
}
