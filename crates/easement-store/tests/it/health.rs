//! How the database is doing.

use std::time::{Duration, Instant};

use easement_core::{Clock as _, Version};

use crate::support::{
    Place, commit_host, console, make_zone, on_both, permit, plan, postgres_url, run, set_host,
    snapshot,
};

on_both! {
    a_store_says_that_it_can_be_written_and_when_it_was_last
}

async fn a_store_says_that_it_can_be_written_and_when_it_was_last(place: Place) {
    let store = place.open().await;
    store.try_to_commit().await.unwrap();
    assert_eq!(store.newest_commit_at().await.unwrap(), None);
    let zone = make_zone(&store, "example.test").await;
    commit_host(&store, zone, "example.test", ("www", 1)).await;
    let newest = store.newest_commit_at().await.unwrap().unwrap();
    assert!(newest <= place.clock.now());
    let commits = store.commits_of(zone, None, 1).await.unwrap();
    assert_eq!(commits[0].at, newest);
    store.shutdown().await;
    assert!(store.try_to_commit().await.is_err());
}

/// As a standby, or a server whose administrator made it so.
#[test]
fn a_database_that_may_only_be_read_is_named_and_changes_go_on_when_it_may_be_written() {
    const READ_ONLY: &str = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I \
         SET default_transaction_read_only = on', current_database()); END $$; \
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()";
    const WRITABLE: &str = "SET transaction_read_only = off; \
         DO $$ BEGIN EXECUTE format('ALTER DATABASE %I \
         RESET default_transaction_read_only', current_database()); END $$; \
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let Some(url) = postgres_url("a_database_that_may_only_be_read") else {
        return;
    };
    run(Place::postgres(&url), async |place: Place| {
        let store = place.open().await;
        let zone = make_zone(&store, "example.test").await;
        place.run_sql(READ_ONLY).await;
        let end = Instant::now() + Duration::from_mins(1);
        let said = loop {
            // The first answers may be about the connections that were lost.
            if let Err(error) = store.try_to_commit().await {
                assert!(error.is_unavailable(), "{error:?}");
                if error.to_string().contains("can only be read") {
                    break error.to_string();
                }
            }
            assert!(Instant::now() < end, "not in a minute");
        };
        assert!(said.contains("store.postgres_url"), "{said}");
        let plan = plan(
            &store,
            "example.test",
            set_host(&store, "example.test", "www", 1),
        );
        let refused = store.commit(permit(zone, "example.test"), plan.clone(), console());
        let refused = refused.await.unwrap_err().to_string();
        assert!(refused.contains("can only be read"), "{refused}");
        assert_eq!(snapshot(&store, "example.test").version(), 1);

        place.run_sql(WRITABLE).await;
        while let Err(error) = store.try_to_commit().await {
            assert!(Instant::now() < end + Duration::from_mins(1), "{error}");
        }
        let committed = store.commit(permit(zone, "example.test"), plan, console());
        assert_eq!(committed.await.unwrap().version, Version(2));
        store.shutdown().await;
    });
}
