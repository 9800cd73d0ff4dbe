//! Backups and restores, between both databases.

mod dying;
mod existing;
mod spoilt;

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use easement_core::Clock as _;
use easement_store::backup::{
    BackupError, Existing, RestoreError, Restored, back_up, restore, verify,
};
use easement_store::{OpenError, Served, Store, StoreConfig, VerifyProgress};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use self::dying::a_restore_that_dies_leaves_what_was_there;
use self::existing::tables_of_another_program_are_left_alone;
use self::spoilt::a_file_that_is_no_whole_backup_changes_nothing;
use crate::furnished::{APEX, OTHER, check, furnish};
use crate::support::{
    Place, commit_host, email, make_zone, member, name, on_both, picture, postgres_url, replay,
    secret, snapshot,
};

on_both! {
    a_backup_fills_either_database_with_the_same
    a_backup_beside_commits_is_one_moment
    who_was_signed_in_is_not_in_a_backup
    ids_are_not_given_out_twice
    what_is_there_is_kept_or_replaced_as_a_whole
    a_running_server_keeps_restores_away
    a_file_that_is_no_whole_backup_changes_nothing
    a_restore_that_dies_leaves_what_was_there
    an_empty_database_has_no_backup
    tables_of_another_program_are_left_alone
}

/// A folder with files, gone with the test.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, octets: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, octets).unwrap();
        path
    }
}

async fn back_up_octets(place: &Place) -> Vec<u8> {
    let now = place.clock.now();
    let written = back_up(&place.config, now, Vec::new(), &mut |_| {}).await;
    written.unwrap().0
}

/// The lines of a backup.
pub(crate) fn text_of(backup: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(backup).read_to_string(&mut text).unwrap();
    text
}

/// A backup with these lines, whatever they are.
fn packed(text: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

async fn restore_from(
    place: &Place,
    backup: &Path,
    existing: Existing,
) -> Result<Restored, RestoreError> {
    restore(&place.config, backup, existing, &mut |_| {}).await
}

/// Empty places on each database that there is.
fn empty_places(test: &str) -> Vec<Place> {
    let postgres = postgres_url(test).map(|url| Place::postgres(&url));
    std::iter::once(Place::sqlite()).chain(postgres).collect()
}

async fn a_backup_fills_either_database_with_the_same(place: Place) {
    let store = place.open().await;
    furnish(&place, &store).await;
    let before = picture(&store, &[APEX, OTHER]).await;
    let backup = back_up_octets(&place).await;
    store.shutdown().await;
    let files = Files::new();
    let path = files.write("backup", &backup);
    for target in empty_places("a_backup_fills_either_database_with_the_same") {
        let restored = restore_from(&target, &path, Existing::Keep).await.unwrap();
        assert_eq!(
            restored.backup,
            verify(backup.as_slice(), &mut |_| {}).unwrap()
        );
        let again = back_up(&target.config, place.clock.now(), Vec::new(), &mut |_| {}).await;
        assert_eq!(
            text_of(&again.unwrap().0),
            text_of(&backup),
            "every row is the same"
        );
        let store = target.open().await;
        assert_eq!(picture(&store, &[APEX, OTHER]).await, before);
        check(&store, i64::MAX).await;
        let progress = Arc::new(VerifyProgress::default());
        let verified = store.verify(Served::EveryZone, &progress).await.unwrap();
        assert!(verified.findings.is_empty(), "{:?}", verified.findings);
        store.shutdown().await;
    }
}

async fn a_backup_beside_commits_is_one_moment(place: Place) {
    let store = place.open().await;
    let zones = [
        make_zone(&store, APEX).await,
        make_zone(&store, OTHER).await,
    ];
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let committing = zones.into_iter().zip([APEX, OTHER]).map(|(zone, apex)| {
        let (store, stopped) = (store.clone(), stopped.clone());
        tokio::spawn(async move {
            for number in 0.. {
                let host = format!("h{}", number % 50);
                let last = u8::try_from(number / 50 % 200 + 1).unwrap();
                commit_host(&store, zone, apex, (&host, last)).await;
                if number % 40 == 0 {
                    store.fold().await.unwrap();
                }
                if *stopped.borrow() {
                    return;
                }
            }
        })
    });
    let committing: Vec<_> = committing.collect();
    let files = Files::new();
    let mut paths = Vec::new();
    for number in 0..3 {
        let version = snapshot(&store, APEX).version();
        while snapshot(&store, APEX).version() < version + 30 {
            tokio::task::yield_now().await;
        }
        let backup = back_up_octets(&place).await;
        paths.push(files.write(&number.to_string(), &backup));
    }
    stop.send_replace(true);
    for task in committing {
        task.await.unwrap();
    }
    store.shutdown().await;
    let mut commits = 0;
    for path in paths {
        let target = Place::sqlite();
        let restored = restore_from(&target, &path, Existing::Keep).await.unwrap();
        assert!(restored.backup.last_commit > commits, "commits went on");
        commits = restored.backup.last_commit;
        let store = target.open().await;
        for (zone, apex) in zones.into_iter().zip([APEX, OTHER]) {
            assert_eq!(&replay(&store, zone).await, snapshot(&store, apex).zone());
        }
        store.shutdown().await;
    }
}

async fn who_was_signed_in_is_not_in_a_backup(place: Place) {
    let store = place.open().await;
    furnish(&place, &store).await;
    assert!(store.find_session(&secret(1)).await.unwrap().is_some());
    let backup = back_up_octets(&place).await;
    store.shutdown().await;
    let target = Place::sqlite();
    let path = Files::new();
    let path = path.write("backup", &backup);
    restore_from(&target, &path, Existing::Keep).await.unwrap();
    let store = target.open().await;
    assert_eq!(store.find_session(&secret(1)).await.unwrap(), None);
    assert_eq!(store.find_link(&secret(2)).await.unwrap(), None);
    store.shutdown().await;
}

async fn ids_are_not_given_out_twice(place: Place) {
    let store = place.open().await;
    member(&store, "first@example.test").await;
    let gone = member(&store, "gone@example.test").await;
    place
        .run_sql("DELETE FROM account WHERE email LIKE 'gone%'")
        .await;
    let backup = back_up_octets(&place).await;
    store.shutdown().await;
    let files = Files::new();
    let path = files.write("backup", &backup);
    for target in empty_places("ids_are_not_given_out_twice") {
        restore_from(&target, &path, Existing::Keep).await.unwrap();
        let store = target.open().await;
        let next = member(&store, "next@example.test").await;
        assert!(next.id > gone.id, "the audit trail may name {}", gone.id);
        store.shutdown().await;
    }
}

async fn what_is_there_is_kept_or_replaced_as_a_whole(place: Place) {
    let store = place.open().await;
    furnish(&place, &store).await;
    let before = picture(&store, &[APEX, OTHER]).await;
    let backup = back_up_octets(&place).await;
    commit_host(
        &store,
        store.zone_by_apex(&name(APEX)).await.unwrap().unwrap().id,
        APEX,
        ("later", 1),
    )
    .await;
    member(&store, "later@example.test").await;
    store.shutdown().await;
    let files = Files::new();
    let path = files.write("backup", &backup);
    let refused = restore_from(&place, &path, Existing::Keep).await;
    let error = refused.unwrap_err().to_string();
    assert!(
        error.contains("3 accounts, 4 zones, 1 templates"),
        "{error}"
    );
    let store = place.open().await;
    assert_eq!(store.accounts().await.unwrap().len(), 3);
    store.shutdown().await;

    let restored = restore_from(&place, &path, Existing::Replace)
        .await
        .unwrap();
    let store = place.open().await;
    assert_eq!(picture(&store, &[APEX, OTHER]).await, before);
    assert_eq!(store.accounts().await.unwrap().len(), 2);
    store.shutdown().await;
    if let Some(kept) = restored.kept_as {
        let kept = Place::of_another(kept.to_str().unwrap());
        // It has no lock of its own: it is looked at where nobody else looks.
        let octets = back_up_octets(&kept).await;
        assert!(text_of(&octets).contains("later@example.test"));
    } else {
        assert!(matches!(place.config, StoreConfig::Postgres { .. }));
    }
}

async fn a_running_server_keeps_restores_away(place: Place) {
    let store = place.open().await;
    furnish(&place, &store).await;
    let before = picture(&store, &[APEX, OTHER]).await;
    let files = Files::new();
    let path = files.write("backup", &back_up_octets(&place).await);
    let refused = restore_from(&place, &path, Existing::Replace).await;
    let is_locked = matches!(
        refused,
        Err(RestoreError::Open(
            OpenError::Locked { .. } | OpenError::LockedDatabase
        ))
    );
    assert!(is_locked, "{refused:?}");
    assert_eq!(picture(&store, &[APEX, OTHER]).await, before);
    store.shutdown().await;
}

async fn an_empty_database_has_no_backup(place: Place) {
    let none = back_up(&place.config, place.clock.now(), Vec::new(), &mut |_| {}).await;
    assert!(
        matches!(none, Err(BackupError::NoStore { .. } | BackupError::Empty)),
        "{:?}",
        none.err()
    );
    place.open().await.shutdown().await;
    let files = Files::new();
    let path = files.write("backup", &back_up_octets(&place).await);
    let restored = restore_from(&place, &path, Existing::Keep).await.unwrap();
    assert_eq!(restored.kept_as, None, "nobody misses an empty one");
    let store: Store = place.open().await;
    assert_eq!(store.account_by_email(&email("a@b")).await.unwrap(), None);
    store.shutdown().await;
}
