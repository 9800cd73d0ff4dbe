//! `easement config`

use crate::run::Folder;

#[test]
fn the_printed_configuration_is_a_valid_one() {
    let folder = Folder::new();
    let text = folder.run(&["config", "default"]).done();
    assert!(text.contains("[domain_connect]"), "{text}");
    folder.write("easement.toml", &text);
    let checked = folder.run(&["config", "check", "--config", "easement.toml"]);
    assert!(checked.said.contains("valid"), "{checked:?}");
    checked.done();
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let folder = Folder::new();
    folder.write(
        "typo.toml",
        "[server]\nlisten = [\"127.0.0.1:1\"]\nlistne = 1\n",
    );
    folder
        .run(&["config", "check", "--config", "typo.toml"])
        .failed(2, &["typo.toml", "line 3", "listne", "hint: "]);
    folder
        .run(&["config", "check", "missing.toml"])
        .failed(4, &["missing.toml"]);
    folder
        .run(&["config", "check", "--set", "server.listen=0.0.0.0:80"])
        .failed(2, &["0.0.0.0:80", "server.trusted_proxies"]);
    folder
        .run(&["config", "check", "--set", "log.level=loud"])
        .failed(2, &["log.level=loud"]);
    folder.run(&["confgi"]).failed(2, &["confgi"]);
}

#[test]
fn a_certificate_that_cannot_be_used_is_no_valid_configuration() {
    let folder = Folder::new();
    folder.write(
        "easement.toml",
        "[server]\ntls_certificate = \"chain.pem\"\ntls_key = \"key.pem\"\n",
    );
    let check = ["config", "check", "easement.toml"];
    folder.run(&check).failed(1, &["chain.pem"]);
    folder.write("chain.pem", "no certificate");
    folder.write("key.pem", "no key");
    folder.run(&check).failed(1, &["chain.pem"]);
}

#[test]
fn the_database_url_is_shown_to_nobody() {
    let folder = Folder::new();
    let url = "store.postgres_url=mysql://easement:hunter2@db/easement";
    let ended = folder.run(&["account", "list", "--set", url]);
    assert_ne!(ended.code, Some(0));
    assert!(!format!("{ended:?}").contains("hunter2"), "{ended:?}");

    folder.write(
        "easement.toml",
        "[store]\npostgres_url = \"postgres://easement:hunter2@db/easement\"\n",
    );
    let arguments = ["config", "check", "easement.toml", "--json"];
    let ended = folder.run(&arguments);
    assert!(!format!("{ended:?}").contains("hunter2"), "{ended:?}");
    assert!(ended.said.contains("every user"), "{ended:?}");
}
