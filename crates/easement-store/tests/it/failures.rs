//! Databases that fail in the middle of things.

use easement_core::Version;
use easement_store::{CommitError, StoreConfig};
use easement_zone::ChangeSet;

use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::support::{
    Place, commit_host, console, make_zone, name, on_both, permit, picture, plan, postgres_url,
    replay, runtime, served, set_host, snapshot,
};

const APEX: &str = "example.test";

on_both! {
    a_transaction_that_fails_publishes_nothing
    a_store_that_fell_behind_its_database_catches_up
}

/// The table is away for a while, as with any failure in the middle of a group.
async fn a_transaction_that_fails_publishes_nothing(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    let other = make_zone(&store, "other.test").await;
    let before = picture(&store, &[APEX, "other.test"]).await;
    place
        .run_sql("ALTER TABLE zone_change RENAME TO away")
        .await;
    let commits = [(zone, APEX), (other, "other.test")].map(|(zone, apex)| {
        let plan = plan(&store, apex, set_host(&store, apex, "www", 1));
        let store = store.clone();
        tokio::spawn(async move { store.commit(permit(zone, apex), plan, console()).await })
    });
    for commit in commits {
        let failed = commit.await.unwrap();
        assert!(matches!(failed, Err(CommitError::Store(_))), "{failed:?}");
    }
    place
        .run_sql("ALTER TABLE away RENAME TO zone_change")
        .await;
    assert_eq!(picture(&store, &[APEX, "other.test"]).await, before);
    let committed = commit_host(&store, zone, APEX, ("www", 2)).await;
    assert_eq!(committed.version, Version(2));
    store.load_all().await.unwrap();
    assert!(served(&store, APEX, "www").is_some());
    assert_eq!(&replay(&store, zone).await, snapshot(&store, APEX).zone());
    store.shutdown().await;
}

/// As when the connection was lost after `COMMIT` and before its answer: the database has a version
/// that the store does not know of.
async fn a_store_that_fell_behind_its_database_catches_up(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    place
        .run_sql(
            "INSERT INTO zone_commit \
             (id, zone_id, version, serial, committed_at, actor_kind, source, \
             sets_changed, records_added, records_removed) \
             SELECT id + 1, zone_id, 2, 9, committed_at, actor_kind, source, 0, 0, 0 \
             FROM zone_commit",
        )
        .await;
    let behind = plan(&store, APEX, set_host(&store, APEX, "www", 1));
    // A store that shares its database looks first; the other one runs into what it did not know.
    let mut answer = store
        .commit(permit(zone, APEX), behind.clone(), console())
        .await;
    if matches!(place.config, StoreConfig::Sqlite { .. }) {
        assert!(matches!(answer, Err(CommitError::Store(_))), "{answer:?}");
        answer = store.commit(permit(zone, APEX), behind, console()).await;
    }
    assert!(matches!(answer, Err(CommitError::Stale(_))), "{answer:?}");
    let served = snapshot(&store, APEX);
    assert_eq!((served.version(), served.zone().serial().number()), (2, 9));
    let next = commit_host(&store, zone, APEX, ("www", 1)).await;
    assert_eq!((next.version, next.serial.number()), (Version(3), 10));
    store.shutdown().await;
}

/// The server ends all connections: what runs at that moment may fail, what comes later works.
#[test]
fn a_lost_connection_to_postgres_comes_back() {
    let Some(url) = postgres_url("a_lost_connection_to_postgres_comes_back") else {
        return;
    };
    runtime().block_on(async {
        let place = Place::postgres(&url);
        let store = place.open().await;
        let zone = make_zone(&store, APEX).await;
        for last in 1..5 {
            place
                .run_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE datname = current_database() AND pid <> pg_backend_pid()",
                )
                .await;
            // A connection that the pool takes for alive may turn out to be lost only when used.
            let mut tries = 0;
            loop {
                let plan = plan(&store, APEX, set_host(&store, APEX, "www", last));
                match store.commit(permit(zone, APEX), plan, console()).await {
                    Ok(_) => break,
                    Err(CommitError::Stale(_)) => {}
                    Err(CommitError::Store(error)) => {
                        assert!(error.is_unavailable(), "{error:?}");
                    }
                    Err(error) => panic!("{error:?}"),
                }
                tries += 1;
                assert!(tries < 20, "the store does not come back");
            }
        }
        assert_eq!(&replay(&store, zone).await, snapshot(&store, APEX).zone());
        store.shutdown().await;
    });
}

/// A server that does not share takes the database while this one has lost its connections: nothing
/// that this one commits may become durable until it has the database back, and then it serves what the
/// other one did.
#[test]
fn a_database_that_another_server_took_is_taken_back() {
    let Some(url) = postgres_url("a_database_that_another_server_took_is_taken_back") else {
        return;
    };
    runtime().block_on(async {
        let place = Place::postgres(&url);
        let store = place.open().await;
        let zone = make_zone(&store, APEX).await;
        let behind = plan(&store, APEX, set_host(&store, APEX, "www", 1));
        let mut other = PgConnection::connect(&place.target()).await.unwrap();
        // "easement" in octets is the key of the lock.
        other
            .execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid(); \
                 SELECT pg_advisory_lock(x'656173656d656e74'::bigint); \
                 INSERT INTO zone_commit (id, zone_id, version, serial, committed_at, actor_kind, \
                 source, sets_changed, records_added, records_removed) \
                 SELECT id + 1, zone_id, 2, 9, committed_at, actor_kind, source, 0, 0, 0 \
                 FROM zone_commit",
            )
            .await
            .unwrap();
        let refused = store
            .commit(permit(zone, APEX), behind.clone(), console())
            .await;
        let Err(CommitError::Store(error)) = refused else {
            panic!("{refused:?}");
        };
        assert!(error.is_unavailable(), "{error:?}");
        assert!(error.to_string().contains("another Easement"), "{error}");
        assert_eq!(snapshot(&store, APEX).version(), 1);
        other.close().await.unwrap();

        let stale = store.commit(permit(zone, APEX), behind, console()).await;
        assert!(matches!(stale, Err(CommitError::Stale(_))), "{stale:?}");
        let served = snapshot(&store, APEX);
        assert_eq!((served.version(), served.zone().serial().number()), (2, 9));
        let next = commit_host(&store, zone, APEX, ("www", 1)).await;
        assert_eq!(next.version, Version(3));
        store.shutdown().await;
    });
}

/// Callers that go away while they wait for a connection or for `BEGIN` leave no connection inside a
/// transaction, where later writes of others would be lost.
#[test]
fn cancelled_calls_poison_no_connection() {
    let Some(url) = postgres_url("cancelled_calls_poison_no_connection") else {
        return;
    };
    runtime().block_on(async {
        let place = Place::postgres(&url);
        let StoreConfig::Postgres { .. } = &place.config else {
            panic!("not PostgreSQL");
        };
        let store = place.open().await;
        let zone = make_zone(&store, APEX).await;
        let account = crate::support::member(&store, "owner@example.test").await;
        for number in 0..200u64 {
            let role = Some(easement_core::ZoneRole::Owner);
            let password = crate::support::password("$argon2id$");
            let polls = number % 4;
            let calls = async {
                let set = store.set_role(zone, account.id, role).await;
                set.unwrap();
                store
                    .set_password(account.id, &password, None)
                    .await
                    .unwrap();
                store.commits_of(zone, None, 9).await.unwrap();
            };
            tokio::select! {
                biased;
                () = calls => {}
                () = yield_times(polls) => {}
            }
        }
        for number in 0..50 {
            let address = format!("member{number}@example.test");
            crate::support::member(&store, &address).await;
        }
        store.shutdown().await;
        let store = place.open().await;
        assert_eq!(
            store.accounts().await.unwrap().len(),
            51,
            "nothing was lost"
        );
        assert!(snapshot(&store, APEX).zone().node(&name(APEX)).is_some());
        let nothing = plan(&store, APEX, ChangeSet::new());
        assert_eq!(nothing.base, Version(1));
        store.shutdown().await;
    });
}

async fn yield_times(times: u64) {
    for _ in 0..times {
        tokio::task::yield_now().await;
    }
}
