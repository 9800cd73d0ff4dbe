//! How the database is doing.

use easement_core::Clock as _;

use crate::support::{Place, commit_host, make_zone, on_both};

on_both! {
    a_store_says_that_it_can_be_written_and_when_it_was_last
}

async fn a_store_says_that_it_can_be_written_and_when_it_was_last(place: Place) {
    let store = place.open().await;
    store.try_to_write().await.unwrap();
    assert_eq!(store.newest_commit_at().await.unwrap(), None);
    let zone = make_zone(&store, "example.test").await;
    commit_host(&store, zone, "example.test", ("www", 1)).await;
    let newest = store.newest_commit_at().await.unwrap().unwrap();
    assert!(newest <= place.clock.now());
    let commits = store.commits_of(zone, None, 1).await.unwrap();
    assert_eq!(commits[0].at, newest);
    store.shutdown().await;
    assert!(store.try_to_write().await.is_err());
}
