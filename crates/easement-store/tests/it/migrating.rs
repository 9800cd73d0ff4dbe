//! Upgrades from every earlier schema, with something of everything in the database.
//!
//! `schemas/NNNN.sql` holds the rows of a database as the version with that schema wrote them, in SQL that
//! both databases understand but for octets (`X'00'`). The tables around them are made by the migrations
//! themselves, whose sums stand in `schemas/checksums`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use easement_core::Clock as _;
use easement_store::backup::{Existing, back_up, restore};
use easement_store::{OpenError, Store, StoreConfig};
use serde_json::Value;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqlSafeStr as _, SqliteConnection};

use crate::backup::text_of;
use crate::furnished::{check, furnish};
use crate::support::{Place, on_both, runtime};

on_both! {
    every_earlier_schema_is_brought_up_to_date
    a_backup_of_every_earlier_schema_is_restored
    a_migration_that_fails_changes_nothing_and_is_tried_again
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The numbers and names of all migrations.
fn migrations() -> Vec<(i64, String)> {
    let files = std::fs::read_dir(here("migrations/sqlite")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut all: Vec<_> = names
        .map(|name| (name[..4].parse().unwrap(), name))
        .collect();
    all.sort();
    all
}

fn newest() -> i64 {
    migrations().last().unwrap().0
}

//------------ Databases of earlier versions ------------------------------------------------------

/// Makes the database that the version with this schema would have left.
async fn make(place: &Place, schema: i64) {
    let rows = std::fs::read_to_string(here(&format!("tests/it/schemas/{schema:04}.sql")));
    let rows = rows.unwrap();
    match &place.config {
        StoreConfig::Sqlite { path } => {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let options = SqliteConnectOptions::new().filename(path);
            let options = options.create_if_missing(true);
            let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
            migrator("sqlite", schema)
                .run(&mut connection)
                .await
                .unwrap();
            let rows = sqlx::raw_sql(AssertSqlSafe(rows));
            rows.execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
        StoreConfig::Postgres { url } => {
            let mut connection = PgConnection::connect(url).await.unwrap();
            migrator("postgres", schema)
                .run(&mut connection)
                .await
                .unwrap();
            let rows = sqlx::raw_sql(AssertSqlSafe(rows.replace("X'", "'\\x")));
            rows.execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
    }
}

fn migrator(database: &str, last: i64) -> Migrator {
    let steps = migrations()
        .into_iter()
        .filter(|(number, _)| *number <= last);
    let steps = steps.map(|(number, name)| {
        let text = std::fs::read_to_string(here(&format!("migrations/{database}/{name}")));
        let text = AssertSqlSafe(text.unwrap()).into_sql_str();
        let title = name.trim_end_matches(".sql").to_owned();
        Migration::new(number, title.into(), MigrationType::Simple, text, false)
    });
    Migrator::with_migrations(steps.collect())
}

async fn every_earlier_schema_is_brought_up_to_date(place: Place) {
    for schema in 1..=newest() {
        let place = place.another();
        make(&place, schema).await;
        let store = place.open().await;
        check(&store, schema).await;
        store.shutdown().await;
        // What was brought up to date is what a new database is: it opens again.
        place.open().await.shutdown().await;
    }
}

async fn a_backup_of_every_earlier_schema_is_restored(place: Place) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup");
    for schema in 1..=newest() {
        let old = place.another();
        make(&old, schema).await;
        let now = old.clock.now();
        let (octets, summary) = back_up(&old.config, now, Vec::new(), &mut |_| {})
            .await
            .unwrap();
        assert_eq!(summary.schema, schema, "the database was only read");
        std::fs::write(&path, octets).unwrap();
        let target = Place::sqlite();
        restore(&target.config, &path, Existing::Keep, &mut |_| {})
            .await
            .unwrap();
        let store = target.open().await;
        check(&store, schema).await;
        store.shutdown().await;
    }
}

async fn a_migration_that_fails_changes_nothing_and_is_tried_again(place: Place) {
    make(&place, 4).await;
    // Something of the name that the fifth migration wants for a table in its middle.
    place.run_sql("CREATE TABLE key_control (id INTEGER)").await;
    let refused = Store::open(&place.config, place.serving()).await;
    assert!(
        matches!(refused, Err(OpenError::Migration(_))),
        "{refused:?}"
    );
    place.run_sql("DROP TABLE key_control").await;
    // Neither the tables before that one nor a note about the migration stayed.
    place
        .run_sql("CREATE TABLE template_decision (id INTEGER)")
        .await;
    place.run_sql("DROP TABLE template_decision").await;
    let store = place.open().await;
    check(&store, 4).await;
    store.shutdown().await;
}

//------------ Rules -----------------------------------------------------------------------------

#[test]
fn every_schema_has_rows_and_no_migration_was_changed() {
    let sums = std::fs::read_to_string(here("tests/it/schemas/checksums")).unwrap();
    for (number, name) in migrations() {
        let rows = here(&format!("tests/it/schemas/{number:04}.sql"));
        if !rows.exists() {
            assert_eq!(number, newest(), "{} is gone", rows.display());
            std::fs::write(&rows, rows_of_the_newest_schema()).unwrap();
            panic!(
                "migration {name} is new: its rows were written to {}. Look whether they hold something of \
                 every new table (tests/it/furnished.rs), and keep the file",
                rows.display()
            );
        }
        for database in ["sqlite", "postgres"] {
            let line = checksum_line(database, &name);
            assert!(
                sums.contains(&line),
                "{database}/{name} is not what its checksum says. One that was released is never edited; \
                 the line of a new one is\n{line}"
            );
        }
    }
}

fn checksum_line(database: &str, name: &str) -> String {
    let text = std::fs::read(here(&format!("migrations/{database}/{name}"))).unwrap();
    let sum = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &text);
    let mut line = String::new();
    for octet in sum.as_ref() {
        write!(line, "{octet:02x}").unwrap();
    }
    line + &format!("  {database}/{name}\n")
}

/// What the store of today writes, for the tests of later upgrades.
fn rows_of_the_newest_schema() -> String {
    runtime().block_on(async {
        let place = Place::sqlite();
        let store = place.open().await;
        furnish(&place, &store).await;
        let now = place.clock.now();
        let backup = back_up(&place.config, now, Vec::new(), &mut |_| {}).await;
        store.shutdown().await;
        statements(&text_of(&backup.unwrap().0))
    })
}

/// The rows of a backup as SQL.
fn statements(backup: &str) -> String {
    let mut sql = String::new();
    let mut head = Value::Null;
    for line in backup.lines().skip(1) {
        let value: Value = serde_json::from_str(line).unwrap();
        let Some(row) = value.as_array() else {
            head = value;
            // Tables that have their one row from the beginning.
            let table = head["table"].as_str().unwrap_or_default();
            if ["fold_position", "access_epoch"].contains(&table) {
                writeln!(sql, "DELETE FROM {table};").unwrap();
            }
            continue;
        };
        let table = head["table"].as_str().unwrap();
        let columns = head["columns"].as_array().unwrap().iter().zip(row);
        // Where the database gives the ids, they are those that it would give again.
        let given = head.get("last_id").is_some();
        let (names, values): (Vec<_>, Vec<_>) = columns
            .filter(|(column, _)| !(given && column["name"] == "id"))
            .map(|(column, value)| (column["name"].as_str().unwrap(), literal(column, value)))
            .unzip();
        let (names, values) = (names.join(", "), values.join(", "));
        writeln!(sql, "INSERT INTO {table} ({names}) VALUES ({values});").unwrap();
    }
    sql
}

/// PostgreSQL has a type of its own for yes and no.
fn is_flag(column: &Value) -> bool {
    ["domain_connect", "for_testing"].contains(&column["name"].as_str().unwrap())
}

fn literal(column: &Value, value: &Value) -> String {
    match (value, column["kind"].as_str().unwrap()) {
        (Value::Null, _) => "NULL".to_owned(),
        (Value::Number(number), _) if is_flag(column) => (number.as_i64() == Some(1)).to_string(),
        (Value::String(text), "octets") => {
            let octets = BASE64_STANDARD.decode(text).unwrap();
            let digits = octets.iter().fold(String::new(), |mut digits, octet| {
                write!(digits, "{octet:02x}").unwrap();
                digits
            });
            format!("X'{digits}'")
        }
        (Value::String(text), _) => format!("'{}'", text.replace('\'', "''")),
        (other, _) => other.to_string(),
    }
}
