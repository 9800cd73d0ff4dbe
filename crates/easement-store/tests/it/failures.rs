//! Databases that fail in the middle of things.

use std::time::Duration;

use easement_core::Version;
use easement_store::{CommitError, StoreConfig};
use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::time::sleep;

use crate::support::{
    Place, commit_host, console, make_zone, member, on_both, password, permit, picture, plan,
    postgres_url, replay, runtime, served, set_host, snapshot,
};

const APEX: &str = "example.test";

on_both! {
    a_transaction_that_fails_publishes_nothing
    a_store_that_fell_behind_its_database_catches_up
    calls_that_are_cancelled_anywhere_poison_no_connection
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

/// Callers that go away while they wait for a connection, for `BEGIN` or for anything else leave no
/// connection inside a transaction, where later writes of others would be lost, and no lock.
async fn calls_that_are_cancelled_anywhere_poison_no_connection(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    let owner = member(&store, "owner@example.test").await.id;
    let mut point = 1u64;
    for number in 0..300u64 {
        let calls = async {
            let role = Some(easement_core::ZoneRole::Owner);
            let password = password("$argon2id$");
            let set = store.set_role(zone, owner, role, &console()).await;
            set.unwrap();
            let set = store.set_password(owner, &password, None, &console()).await;
            set.unwrap();
            store.commits_of(zone, None, 9).await.unwrap();
            store.try_to_commit().await.unwrap();
        };
        // Any point will do, as long as they differ.
        point = point
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let point = point >> 33;
        let cancelled = async {
            if number % 2 == 0 {
                yield_times(point % 8).await;
            } else {
                sleep(Duration::from_micros(point % 4_000)).await;
            }
        };
        tokio::select! {
            biased;
            () = calls => {}
            () = cancelled => {}
        }
    }
    if let StoreConfig::Postgres { url } = &place.config {
        let mut connection = PgConnection::connect(url).await.unwrap();
        // Calls that were cancelled may still be under way.
        while sqlx::query_scalar::<_, i64>(OPEN)
            .fetch_one(&mut connection)
            .await
            .unwrap()
            > 0
        {
            yield_times(1).await;
        }
    }
    // More at once than there are connections.
    let callers = (0..40).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            let made = member(&store, &format!("member{number}@example.test")).await;
            store.commits_of(zone, None, 9).await.unwrap();
            let role = Some(easement_core::ZoneRole::Viewer);
            store
                .set_role(zone, made.id, role, &console())
                .await
                .unwrap();
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    commit_host(&store, zone, APEX, ("www", 1)).await;
    store.shutdown().await;
    let store = place.open().await;
    let accounts = store.accounts().await.unwrap();
    assert_eq!(accounts.len(), 41, "nothing was lost");
    assert_eq!(snapshot(&store, APEX).version(), 2);
    store.shutdown().await;
}

/// Connections inside a transaction, and locks that others would wait for.
const OPEN: &str = "SELECT (SELECT count(*) FROM pg_stat_activity \
     WHERE datname = current_database() AND state LIKE 'idle in transaction%') \
     + (SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database \
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND locktype <> 'advisory')";

async fn yield_times(times: u64) {
    for _ in 0..times {
        tokio::task::yield_now().await;
    }
}
