//! What is there already when something is restored, and is not this program's to lose.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};

use easement_store::StoreConfig;
use easement_store::backup::{Existing, RestoreError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};

use super::{Files, back_up_octets, restore_from};
use crate::furnished::{APEX, OTHER, furnish};
use crate::support::{Place, member, picture, run};

/// A furnished store that was closed, and a backup of it.
async fn furnished(place: &Place) -> (Files, PathBuf) {
    let store = place.open().await;
    furnish(place, &store).await;
    store.shutdown().await;
    let files = Files::new();
    let backup = files.write("backup", &back_up_octets(place).await);
    (files, backup)
}

fn database_of(place: &Place) -> &Path {
    match &place.config {
        StoreConfig::Sqlite { path } => path,
        StoreConfig::Postgres { .. } => panic!("an SQLite store"),
    }
}

/// A file beside the database, by what follows its name.
fn beside(place: &Place, ending: &str) -> PathBuf {
    format!("{}{ending}", place.target()).into()
}

/// The names in the folder of the database, but for the lock.
fn names(place: &Place) -> Vec<String> {
    let entries = fs::read_dir(database_of(place).parent().unwrap()).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "lock")
        .collect();
    names.sort();
    names
}

//------------ Other programs --------------------------------------------------------------------

pub(super) async fn tables_of_another_program_are_left_alone(place: Place) {
    let (_files, backup) = furnished(&place).await;
    let target = place.another();
    make_file(&target);
    // No name of ours: an SQLite file is kept as a whole, in PostgreSQL the table stays.
    let other = "CREATE TABLE invoice (id BIGINT NOT NULL); INSERT INTO invoice VALUES (1)";
    target.run_sql(other).await;
    let restored = restore_from(&target, &backup, Existing::Keep)
        .await
        .unwrap();
    let kept = match restored.kept_as {
        Some(kept) => Place::of_another(kept.to_str().unwrap()),
        None => Place::of_another(&target.target()),
    };
    // Fails when the row is gone.
    kept.run_sql("INSERT INTO invoice SELECT 1 / count(*) FROM invoice")
        .await;

    for (make, table, remove) in [
        ("CREATE TABLE zone (id BIGINT)", "zone", "DROP TABLE zone"),
        (
            "CREATE VIEW account AS SELECT 1 AS id",
            "account",
            "DROP VIEW account",
        ),
    ] {
        let target = place.another();
        make_file(&target);
        target.run_sql(make).await;
        refuse_stranger(&target, &backup, table).await;
        target.run_sql(remove).await;
    }
    let target = place.another();
    target.open().await.shutdown().await;
    target
        .run_sql("UPDATE _sqlx_migrations SET version = version + 20260000")
        .await;
    refuse_stranger(&target, &backup, "_sqlx_migrations").await;
    target.run_sql("DROP TABLE _sqlx_migrations").await;
}

/// An SQLite file that nobody has made anything of.
fn make_file(place: &Place) {
    if let StoreConfig::Sqlite { path } = &place.config {
        fs::create_dir(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
}

async fn refuse_stranger(target: &Place, backup: &Path, expected: &str) {
    for existing in [Existing::Keep, Existing::Replace] {
        let refused = restore_from(target, backup, existing).await;
        let Err(RestoreError::Strange { table }) = &refused else {
            panic!("{expected}: {refused:?}");
        };
        assert_eq!(table, expected);
    }
}

//------------ Files that are kept ---------------------------------------------------------------

#[test]
fn what_an_earlier_restore_kept_is_kept() {
    run(Place::sqlite(), async |place| {
        let (_files, backup) = furnished(&place).await;
        for (number, ending) in [".before-restore", ".before-restore-2", ".before-restore-3"]
            .into_iter()
            .enumerate()
        {
            let store = place.open().await;
            member(&store, &format!("later{number}@example.test")).await;
            store.shutdown().await;
            let restored = restore_from(&place, &backup, Existing::Replace).await;
            assert_eq!(restored.unwrap().kept_as, Some(beside(&place, ending)));
        }
        for (number, ending) in [".before-restore", ".before-restore-2", ".before-restore-3"]
            .into_iter()
            .enumerate()
        {
            let kept = Place::of_another(beside(&place, ending).to_str().unwrap());
            let store = kept.open().await;
            let accounts = store.accounts().await.unwrap();
            let later = format!("later{number}@example.test");
            let mut found = accounts.iter().map(|account| account.email.to_string());
            assert!(found.any(|email| email == later), "{ending}");
            store.shutdown().await;
        }
    });
}

#[test]
fn a_file_that_is_being_read_is_not_set_aside() {
    run(Place::sqlite(), async |place| {
        let (_files, backup) = furnished(&place).await;
        let options = SqliteConnectOptions::new().filename(database_of(&place));
        let mut reader = SqliteConnection::connect_with(&options).await.unwrap();
        let mut reading = reader.begin().await.unwrap();
        sqlx::query("SELECT count(*) FROM zone")
            .execute(&mut *reading)
            .await
            .unwrap();
        let store = place.open().await;
        member(&store, "later@example.test").await;
        let before = picture(&store, &[APEX, OTHER]).await;
        store.shutdown().await;
        let were = names(&place);
        assert!(were.iter().any(|name| name.ends_with("-wal")), "{were:?}");
        let refused = restore_from(&place, &backup, Existing::Replace).await;
        assert!(
            matches!(refused, Err(RestoreError::InUse { .. })),
            "{refused:?}"
        );
        assert_eq!(names(&place), were);
        let store = place.open().await;
        assert_eq!(picture(&store, &[APEX, OTHER]).await, before);
        assert_eq!(store.accounts().await.unwrap().len(), 3);
        store.shutdown().await;
        drop(reading);
        reader.close().await.unwrap();
        restore_from(&place, &backup, Existing::Replace)
            .await
            .unwrap();
    });
}

#[test]
fn a_damaged_file_is_kept_with_its_log() {
    run(Place::sqlite(), async |place| {
        let (_files, backup) = furnished(&place).await;
        let damaged = [("", "no database at all"), ("-wal", "its log")];
        for (ending, contents) in damaged {
            fs::write(beside(&place, ending), contents).unwrap();
        }
        let restored = restore_from(&place, &backup, Existing::Replace).await;
        assert_eq!(
            restored.unwrap().kept_as,
            Some(beside(&place, ".before-restore"))
        );
        for (ending, contents) in damaged {
            let kept = beside(&place, &format!(".before-restore{ending}"));
            assert_eq!(fs::read_to_string(kept).unwrap(), contents);
        }
        let store = place.open().await;
        assert_eq!(store.accounts().await.unwrap().len(), 2);
        store.shutdown().await;
    });
}

/// SQLite would take it for the log of what was restored.
#[test]
fn a_log_whose_file_is_gone_is_set_aside() {
    run(Place::sqlite(), async |place| {
        let (_files, backup) = furnished(&place).await;
        let store = place.open().await;
        member(&store, "later@example.test").await;
        let log = fs::read(beside(&place, "-wal")).unwrap();
        store.shutdown().await;
        fs::remove_file(database_of(&place)).unwrap();
        fs::write(beside(&place, "-wal"), &log).unwrap();
        restore_from(&place, &backup, Existing::Keep).await.unwrap();
        assert_eq!(
            fs::read(beside(&place, ".before-restore-wal")).unwrap(),
            log
        );
        let store = place.open().await;
        assert_eq!(store.accounts().await.unwrap().len(), 2);
        store.shutdown().await;
    });
}

#[test]
fn what_root_restores_belongs_to_the_owner_of_the_folder() {
    const SOMEBODY: u32 = 4711;
    run(Place::sqlite(), async |place| {
        let (_files, backup) = furnished(&place).await;
        let target = Place::sqlite();
        let folder = database_of(&target).parent().unwrap();
        fs::create_dir(folder).unwrap();
        if chown(folder, Some(SOMEBODY), Some(SOMEBODY)).is_err() {
            eprintln!("SKIPPED: what_root_restores_belongs_to_the_owner_of_the_folder (not root)");
            return;
        }
        restore_from(&target, &backup, Existing::Keep)
            .await
            .unwrap();
        restore_from(&target, &backup, Existing::Replace)
            .await
            .unwrap();
        assert_eq!(names(&target).len(), 2, "{:?}", names(&target));
        for entry in fs::read_dir(folder).unwrap() {
            let (name, found) = entry
                .map(|entry| (entry.file_name(), entry.metadata().unwrap()))
                .unwrap();
            assert_eq!((found.uid(), found.gid()), (SOMEBODY, SOMEBODY), "{name:?}");
        }
    });
}

/// The owner of the folder may not let root write elsewhere.
#[test]
fn a_lock_that_is_a_link_is_refused() {
    run(Place::sqlite(), async |place| {
        let (files, backup) = furnished(&place).await;
        let elsewhere = files.write("elsewhere", b"contents");
        let lock = database_of(&place).with_file_name("lock");
        fs::remove_file(&lock).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &lock).unwrap();
        let refused = restore_from(&place, &backup, Existing::Replace).await;
        assert!(matches!(refused, Err(RestoreError::Open(_))), "{refused:?}");
        assert_eq!(fs::read(elsewhere).unwrap(), b"contents");
    });
}
