//! A disk without room: reading goes on, writing fails clearly, and works again when there is room.
//!
//! The limit of the size of a file stands for the full disk: it needs no rights. A process of its own
//! has it, because other tests would meet it too.

use std::process::Command;

use easement_core::{Standing, Version};
use easement_store::CommitError;

use crate::support::{
    Place, console, make_zone, permit, plan, replay, runtime, served, set_host, snapshot,
};

const APEX: &str = "example.test";
/// Names the file to the process with the limit.
const LIMITED: &str = "EASEMENT_TEST_LIMITED";

#[test]
fn a_full_disk_stops_writing_until_there_is_room() {
    let place = Place::sqlite();
    runtime().block_on(async {
        let store = place.open().await;
        make_zone(&store, APEX).await;
        store.shutdown().await;
    });
    // Writing too much is an error, and no signal that ends the process.
    let status = Command::new("sh")
        .arg("-c")
        .arg("trap '' XFSZ; ulimit -S -f 600; exec \"$0\" --exact full_disk::limited --nocapture")
        .arg(std::env::current_exe().unwrap())
        .env(LIMITED, place.target())
        .status()
        .unwrap();
    assert!(status.success(), "{status}");
    runtime().block_on(async {
        let store = place.open().await;
        assert!(served(&store, APEX, "after").is_some());
        let zone = store.zone_by_apex(&crate::support::name(APEX)).await;
        let zone = zone.unwrap().unwrap().id;
        assert_eq!(&replay(&store, zone).await, snapshot(&store, APEX).zone());
        store.shutdown().await;
    });
}

/// Not a test but the process with the limit.
#[test]
fn limited() {
    let Ok(target) = std::env::var(LIMITED) else {
        return;
    };
    runtime().block_on(async {
        let place = Place::of_another(&target);
        let store = place.open().await;
        let zone = store.zone_by_apex(&crate::support::name(APEX)).await;
        let zone = zone.unwrap().unwrap().id;
        let mut version = 1;
        let commit = |host: String| {
            let plan = plan(&store, APEX, set_host(&store, APEX, &host, 1));
            store.commit(permit(zone, APEX), plan, console())
        };
        let error = loop {
            match commit(format!("before{version}")).await {
                Ok(committed) => version = committed.version.0,
                Err(CommitError::Store(error)) => break error,
                Err(error) => panic!("{error:?}"),
            }
            assert!(version < 5_000, "the limit is not in force");
        };
        assert!(error.is_unavailable(), "{error:?}");
        assert_eq!(snapshot(&store, APEX).version(), version);
        assert!(store.fold().await.is_err(), "folding needs room too");
        let email = "late@example.test".parse().unwrap();
        let account = async || store.create_account(&email, None, Standing::Member).await;
        let made = account().await;
        assert!(
            made.is_err(),
            "one statement alone is not there either: {made:?}"
        );
        let newest = store.commits_of(zone, None, 1).await.unwrap();
        assert_eq!(newest[0].version, Version(version), "reading goes on");

        let me = std::process::id().to_string();
        let lifted = Command::new("prlimit")
            .args(["--pid", &me, "--fsize=unlimited"])
            .status();
        assert!(lifted.unwrap().success());
        let committed = commit("after".to_owned()).await.unwrap();
        assert_eq!(committed.version, Version(version + 1));
        account().await.unwrap();
        store.shutdown().await;
    });
}
