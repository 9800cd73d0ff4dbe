//! Opening a store: files, locks, migrations, and what was damaged.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;

use easement_store::{OpenError, Store, StoreConfig, StoreError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::support::{Place, make_zone, member, on_both, postgres_url, runtime};

const APEX: &str = "example.test";

on_both! {
    a_newer_schema_is_refused
    a_changed_migration_is_refused
    a_row_that_makes_no_sense_is_named
    a_damaged_record_set_is_named
    a_gap_in_the_journal_is_noticed
}

async fn open(place: &Place) -> Result<Store, OpenError> {
    Store::open(&place.config, place.serving()).await
}

async fn a_newer_schema_is_refused(place: Place) {
    place.open().await.shutdown().await;
    place
        .run_sql("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 4")
        .await;
    let refused = open(&place).await;
    let is_right = matches!(
        refused,
        Err(OpenError::NewerSchema {
            found: 9999,
            known: 12
        })
    );
    assert!(is_right, "{refused:?}");
}

async fn a_changed_migration_is_refused(place: Place) {
    place.open().await.shutdown().await;
    place
        .run_sql("UPDATE _sqlx_migrations SET checksum = description_bytes FROM \
            (SELECT checksum AS description_bytes FROM _sqlx_migrations WHERE version = 1) AS other \
            WHERE version = 3")
        .await;
    let refused = open(&place).await;
    assert!(
        matches!(refused, Err(OpenError::OtherSchema { number: 3 })),
        "{refused:?}"
    );
}

async fn a_row_that_makes_no_sense_is_named(place: Place) {
    let store = place.open().await;
    let account = member(&store, "owner@example.test").await;
    place
        .run_sql("UPDATE account SET standing = 'emperor'")
        .await;
    let error = store.account(account.id).await.unwrap_err();
    let StoreError::Corrupt(corrupt) = &error else {
        panic!("{error:?}");
    };
    assert_eq!((corrupt.table, corrupt.column), ("account", "standing"));
    assert_eq!(corrupt.id, account.id.to_string());
    assert!(corrupt.reason.contains("emperor"));
    assert!(!error.is_unavailable());
    store.shutdown().await;
}

async fn a_damaged_record_set_is_named(place: Place) {
    let store = place.open().await;
    make_zone(&store, APEX).await;
    store.fold().await.unwrap();
    place
        .run_sql("UPDATE record_set SET ttl = -1 WHERE rtype = 2")
        .await;
    let error = store.load_all().await.unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("record_set") && message.contains("-1"),
        "{message}"
    );
    store.shutdown().await;
}

async fn a_gap_in_the_journal_is_noticed(place: Place) {
    let store = place.open().await;
    make_zone(&store, APEX).await;
    place.run_sql("UPDATE zone_commit SET version = 3").await;
    let error = store.load_all().await.unwrap_err();
    assert!(
        error.to_string().contains("version 3 follows version 0"),
        "{error}"
    );
    store.shutdown().await;
}

//------------ SQLite alone ----------------------------------------------------------------------

#[test]
fn a_second_server_is_kept_away_from_a_file() {
    runtime().block_on(async {
        let place = Place::sqlite();
        let first = place.open().await;
        let message = open(&place).await.unwrap_err().to_string();
        let StoreConfig::Sqlite { path } = &place.config else {
            panic!("not SQLite");
        };
        let lock = path.with_file_name("lock");
        assert!(message.contains(lock.to_str().unwrap()), "{message}");
        let holder = format!("process {}", std::process::id());
        assert!(message.contains(&holder), "{message}");
        first.shutdown().await;
        open(&place).await.unwrap().shutdown().await;
    });
}

#[test]
fn files_are_for_the_owner_alone() {
    runtime().block_on(async {
        let place = Place::sqlite();
        let store = place.open().await;
        make_zone(&store, APEX).await;
        let StoreConfig::Sqlite { path } = &place.config else {
            panic!("not SQLite");
        };
        let folder = path.parent().unwrap();
        let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(folder), 0o700);
        let files = std::fs::read_dir(folder).unwrap();
        let files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        assert!(files.len() >= 3, "database, log and lock: {files:?}");
        for file in files {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
        store.shutdown().await;
    });
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    runtime().block_on(async {
        let place = Place::sqlite();
        let serving = place.serving();
        let path = "/dev/null/easement/easement.db".into();
        let error = Store::open(&StoreConfig::Sqlite { path }, serving)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("/dev/null/easement"), "{error}");
    });
}

//------------ PostgreSQL alone ------------------------------------------------------------------

/// A version of before several nodes takes the lock of the database without sharing it.
#[test]
fn a_server_that_does_not_share_keeps_others_away() {
    let Some(url) = postgres_url("a_server_that_does_not_share_keeps_others_away") else {
        return;
    };
    runtime().block_on(async {
        let place = Place::postgres(&url);
        let mut other = PgConnection::connect(&place.target()).await.unwrap();
        // "easement" in octets is the key of the lock.
        let lock = "SELECT pg_advisory_lock(x'656173656d656e74'::bigint)";
        sqlx::raw_sql(lock).execute(&mut other).await.unwrap();
        let refused = open(&place).await;
        assert!(
            matches!(refused, Err(OpenError::LockedDatabase)),
            "{refused:?}"
        );
        other.close().await.unwrap();
        open(&place).await.unwrap().shutdown().await;
    });
}

/// Each finds no tables, and one of them makes them.
#[test]
fn servers_that_start_together_make_the_tables_once() {
    let Some(url) = postgres_url("servers_that_start_together_make_the_tables_once") else {
        return;
    };
    runtime().block_on(async {
        let place = Place::postgres(&url);
        let (one, two, three) = tokio::join!(open(&place), open(&place), open(&place));
        for store in [one, two, three] {
            store.unwrap().shutdown().await;
        }
    });
}

#[test]
fn a_url_is_never_shown() {
    runtime().block_on(async {
        for url in [
            "postgres://u:s3cret@127.0.0.1:1/db",
            "s3cret://",
            "postgres://u:s3cret@:x/",
        ] {
            let config = StoreConfig::Postgres {
                url: url.to_owned(),
            };
            let error = Store::open(&config, Place::sqlite().serving())
                .await
                .unwrap_err();
            let shown = format!("{error} {error:?} {config:?}");
            assert!(!shown.contains("s3cret"), "{shown}");
        }
    });
}

//------------ Both schemas ----------------------------------------------------------------------

/// Table, column, and whether it may be empty.
type Column = (String, String, bool);

#[test]
fn both_databases_have_the_same_tables_and_columns() {
    let Some(url) = postgres_url("both_databases_have_the_same_tables_and_columns") else {
        return;
    };
    runtime().block_on(async {
        let sqlite = sqlite_columns(&Place::sqlite()).await;
        let postgres = postgres_columns(&Place::postgres(&url)).await;
        assert!(sqlite.len() > 50);
        assert_eq!(sqlite, postgres);
    });
}

async fn sqlite_columns(place: &Place) -> BTreeSet<Column> {
    place.open().await.shutdown().await;
    let StoreConfig::Sqlite { path } = &place.config else {
        panic!("not SQLite");
    };
    let options = SqliteConnectOptions::new().filename(path);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let columns: Vec<Column> = sqlx::query_as(
        "SELECT m.name, c.name, c.\"notnull\" = 0 FROM sqlite_schema AS m, \
         pragma_table_info(m.name) AS c WHERE m.type = 'table' \
         AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_sqlx%' ESCAPE '\\'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    columns.into_iter().collect()
}

async fn postgres_columns(place: &Place) -> BTreeSet<Column> {
    place.open().await.shutdown().await;
    let StoreConfig::Postgres { url } = &place.config else {
        panic!("not PostgreSQL");
    };
    let mut connection = PgConnection::connect(url).await.unwrap();
    let columns: Vec<Column> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, is_nullable = 'YES' \
         FROM information_schema.columns WHERE table_schema = 'public' \
         AND table_name NOT LIKE '\\_sqlx%'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    columns.into_iter().collect()
}
