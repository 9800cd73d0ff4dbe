//! What an import says about how far it has come.

use std::cell::RefCell;
use std::fmt::Write as _;

use easement_core::Standing;
use easement_server::admin::{AdminReply, AdminRequest, ExistingZone, ImportOptions, ask};
use easement_server::config::Config;
use tempfile::TempDir;

const OWNER: &str = "owner@example.test";

fn import(hosts: u32) -> AdminRequest {
    let mut text = "@ SOA ns1 ns1 1 1 1 1 1\n@ NS ns1.example.net.\n".to_owned();
    for host in 0..hosts {
        writeln!(text, "host{host} A 192.0.2.1").unwrap();
    }
    AdminRequest::ImportZone {
        apex: "example.test".parse().unwrap(),
        text,
        owner: Some(OWNER.parse().unwrap()),
        existing: ExistingZone::Replace,
        options: ImportOptions::default(),
    }
}

/// Has a request carried out, and gives what was said meanwhile.
async fn heard(request: AdminRequest, config: &Config) -> (AdminReply, Vec<String>) {
    let said = RefCell::new(Vec::new());
    let hear = |progress: &easement_server::admin::Progress| {
        said.borrow_mut().push(progress.to_string());
    };
    let reply = ask(&request, config, hear).await.unwrap();
    (reply, said.into_inner())
}

fn has(said: &[String], end: &str) -> bool {
    said.iter().any(|words| words.ends_with(end))
}

#[tokio::test]
async fn an_import_says_what_it_compares_plans_and_stores() {
    let folder = TempDir::with_prefix("easement-imports-").unwrap();
    let mut config = Config::default();
    config.store.data_dir = folder.path().to_owned();
    let account = AdminRequest::CreateAccount {
        email: OWNER.parse().unwrap(),
        standing: Standing::Member,
        password: None,
    };
    heard(account, &config).await;

    let (_, said) = heard(import(100), &config).await;
    assert!(has(&said, " of 102 record sets stored"), "{said:?}");
    let (reply, said) = heard(import(103), &config).await;
    let AdminReply::ZoneImported(imported) = reply else {
        panic!("{reply:?}");
    };
    assert_eq!((imported.applied, imported.count), (true, 3));
    for words in [
        "comparing 105 record sets of the file with 102 of the zone",
        "planning 3 changes",
        // How many were stored when it was looked is chance.
        " of 3 record sets stored",
    ] {
        assert!(has(&said, words), "{words}: {said:?}");
    }
}
