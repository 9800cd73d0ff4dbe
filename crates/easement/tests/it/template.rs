//! `easement template`

use crate::run::Folder;

const TEMPLATE: &str = r#"{"providerId": "p.test", "providerName": "P", "serviceId": "s",
    "serviceName": "S", "version": 3, "syncPubKeyDomain": "p.test", "records": [
    {"type": "A", "host": "@", "pointsTo": "192.0.2.9", "ttl": 600}]}"#;

#[test]
fn a_template_waits_until_it_is_approved() {
    let folder = Folder::new();
    folder.write("templates/p.test.s.json", TEMPLATE);
    folder.write("templates/README.md", "not a template");
    let imported = folder.run(&["template", "import", "templates"]);
    assert!(imported.said.contains("hint: "), "{imported:?}");
    assert!(imported.done().contains("pending"));
    folder.run(&["template", "approve", "p.test", "s"]).done();
    let list = folder.run(&["template", "list", "--json"]).json();
    assert_eq!(list[0]["status"], "approved");
    assert_eq!(list[0]["version"], 3);
    assert_eq!(list[0]["signed_by"], "p.test");
    assert_eq!(
        folder
            .run(&["template", "show", "p.test", "s"])
            .done()
            .trim_end(),
        TEMPLATE
    );
    folder.run(&["template", "reject", "p.test", "s"]).done();
    folder
        .run(&["template", "approve", "p.test", "other"])
        .failed(4, &["p.test/other"]);
    folder
        .run(&["template", "approve", "../p", "s"])
        .failed(2, &["../p"]);
}

#[test]
fn one_bad_file_keeps_all_out() {
    let folder = Folder::new();
    folder.write("templates/good.json", TEMPLATE);
    folder.write("templates/bad.json", "{\"providerId\": \"p.test\",\n oops}");
    folder
        .run(&["template", "import", "templates"])
        .failed(3, &["bad.json", "line 2"]);
    let list = folder.run(&["template", "list", "--json"]).json();
    assert_eq!(list.as_array().unwrap().len(), 0);
}
