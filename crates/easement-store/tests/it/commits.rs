//! The queue of changes.

use easement_core::Version;
use easement_store::CommitError;

use crate::support::{
    Place, commit_host, console, make_zone, on_both, permit, plan, served, set_host, snapshot,
};

const APEX: &str = "example.test";

on_both! {
    a_commit_is_served_when_it_is_acknowledged
    a_stale_plan_is_refused_and_changes_nothing
    a_restart_gives_the_same_zones
}

async fn a_commit_is_served_when_it_is_acknowledged(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    let before = snapshot(&store, APEX);
    let committed = commit_host(&store, zone, APEX, ("www", 1)).await;
    assert_eq!(committed.version, Version(2));
    assert_eq!(committed.serial, before.zone().serial().next());
    assert_eq!(snapshot(&store, APEX).version(), 2);
    assert_eq!(snapshot(&store, APEX).zone().serial(), committed.serial);
    assert!(served(&store, APEX, "www").is_some());
    assert!(snapshot(&store, APEX).discovery().is_some());
    store.shutdown().await;
}

async fn a_stale_plan_is_refused_and_changes_nothing(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    let late = plan(&store, APEX, set_host(&store, APEX, "late", 1));
    commit_host(&store, zone, APEX, ("www", 1)).await;
    let refused = store.commit(permit(zone, APEX), late, console()).await;
    let Err(CommitError::Stale(stale)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!((stale.planned, stale.current), (Version(1), Version(2)));
    assert!(served(&store, APEX, "late").is_none());
    let history = store.commits_of(zone, None, 10).await.unwrap();
    assert_eq!(history.len(), 2);
    store.shutdown().await;
}

async fn a_restart_gives_the_same_zones(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    commit_host(&store, zone, APEX, ("folded", 1)).await;
    assert_eq!(store.fold().await.unwrap().changes, 3);
    commit_host(&store, zone, APEX, ("folded", 2)).await;
    commit_host(&store, zone, APEX, ("loose", 3)).await;
    let before = snapshot(&store, APEX);
    let history = store.commits_of(zone, None, 10).await.unwrap();
    store.shutdown().await;

    let store = place.open().await;
    let after = snapshot(&store, APEX);
    assert_eq!(after.zone(), before.zone());
    assert_eq!(after.zone().serial(), before.zone().serial());
    assert_eq!(after.version(), before.version());
    assert!(after.discovery().is_some());
    let again = store.commits_of(zone, None, 10).await.unwrap();
    assert_eq!(format!("{again:?}"), format!("{history:?}"));
    commit_host(&store, zone, APEX, ("folded", 4)).await;
    assert_eq!(store.fold().await.unwrap().changes, 3);
    store.shutdown().await;

    let store = place.open().await;
    assert_eq!(snapshot(&store, APEX).version(), before.version() + 1);
    assert!(served(&store, APEX, "loose").is_some());
    store.shutdown().await;
}
