//! What is asked of connections themselves. Nothing is written, so the database that is there will do.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgListener;

use super::*;

/// The pools, when there is a server.
async fn pools(test: &str) -> Option<PgPools> {
    let Ok(url) = std::env::var("EASEMENT_TEST_POSTGRES_URL") else {
        let must = std::env::var("EASEMENT_REQUIRE_TOOLS").is_ok_and(|value| value == "1");
        assert!(
            !must,
            "EASEMENT_TEST_POSTGRES_URL is not set: start with scripts/with-postgres"
        );
        eprintln!("SKIPPED: {test} (EASEMENT_TEST_POSTGRES_URL is not set)");
        return None;
    };
    Some(open(&url).await.unwrap())
}

async fn show(connection: &mut PgConnection, setting: &str) -> String {
    let shown = sqlx::query_scalar(AssertSqlSafe(format!("SHOW {setting}")));
    shown.fetch_one(connection).await.unwrap()
}

#[tokio::test]
async fn settings_are_in_force_on_every_connection() {
    let test = "settings_are_in_force_on_every_connection";
    let Some(pools) = pools(test).await else {
        return;
    };
    for pool in [pools.zones(), pools.common.clone()] {
        let mut connection = pool.acquire().await.unwrap();
        for (setting, value) in SESSION {
            assert_eq!(show(&mut connection, setting).await, value, "{setting}");
        }
    }
    let mut zones = pools.zones().acquire().await.unwrap();
    assert_eq!(show(&mut zones, "lock_timeout").await, "30s");
    drop(zones);
    let mut tx = pools.begin_commits().await.unwrap();
    assert_eq!(
        show(&mut tx, "transaction_isolation").await,
        "read committed"
    );
    drop(tx);
    let mut tx = begin_reading(&pools.common).await.unwrap();
    assert_eq!(
        show(&mut tx, "transaction_isolation").await,
        "repeatable read"
    );
    assert_eq!(
        show(&mut tx, "idle_in_transaction_session_timeout").await,
        "0"
    );
    drop(tx);
    pools.close().await;
}

/// Not before, and not when the transaction is taken back.
#[tokio::test]
async fn other_nodes_are_told_with_the_commit() {
    let Some(pools) = pools("other_nodes_are_told_with_the_commit").await else {
        return;
    };
    let mut listener = PgListener::connect_with(&pools.common).await.unwrap();
    listener.listen("easement_commits").await.unwrap();
    let mut tx = pools.begin_commits().await.unwrap();
    tell(&mut tx, "taken back").await.unwrap();
    tx.rollback().await.unwrap();
    let mut tx = pools.begin_commits().await.unwrap();
    tell(&mut tx, "12 3").await.unwrap();
    tx.commit().await.unwrap();
    let told = timeout(Duration::from_mins(1), listener.recv()).await;
    assert_eq!(told.unwrap().unwrap().payload(), "12 3");
    drop(listener);
    pools.close().await;
}

/// The work goes on nowhere, and whoever comes next has a connection.
#[tokio::test]
async fn a_connection_that_does_not_answer_is_not_used_again() {
    let test = "a_connection_that_does_not_answer_is_not_used_again";
    let Some(pools) = pools(test).await else {
        return;
    };
    let mut silent = pools.zones().acquire().await.unwrap();
    let asked = sqlx::raw_sql("SELECT pg_sleep(60)").execute(&mut *silent);
    let outcome = pools.unless_silent(asked).await;
    assert!(outcome.is_err());
    let tx = pools.begin_commits().await.unwrap();
    tx.commit().await.unwrap();
    drop(silent);
    timeout(Duration::from_mins(1), pools.close())
        .await
        .unwrap();
}
