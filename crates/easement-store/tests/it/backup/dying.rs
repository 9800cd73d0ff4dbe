//! Restores that die.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use easement_store::StoreConfig;
use easement_store::backup::{Existing, restore};
use easement_zone::{RecordSet, ZoneBuilder};

use super::{Files, back_up_octets};
use crate::furnished::{APEX, OTHER, furnish};
use crate::support::{
    Place, address, console, contents, name, new_zone, picture, runtime, snapshot,
};

const VICTIM: &str = "EASEMENT_TEST_RESTORE_VICTIM";

/// What an earlier restore has kept.
const KEPT_EARLIER: &str = "kept by an earlier restore";

pub(super) async fn a_restore_that_dies_leaves_what_was_there(place: Place) {
    let store = place.open().await;
    furnish(&place, &store).await;
    let before = picture(&store, &[APEX, OTHER]).await;
    let scene = Scene::of_crash(&place);
    store.shutdown().await;
    let files = Files::new();
    let path = files.write("backup", &backup_of_a_large_zone().await);
    let (mut with_old, mut with_new) = (0, 0);
    loop {
        scene.set(&place);
        let end = restore_until(with_old + with_new, &path, &place);
        let is_new = is_restored(&place).await;
        let kept = if is_new { kept_by_this(&place) } else { None };
        let old = if is_new { kept.as_ref() } else { Some(&place) };
        let death = with_old + with_new + 1;
        if let Some(old) = old {
            let store = old.open().await;
            let found = picture(&store, &[APEX, OTHER]).await;
            assert_eq!(found, before, "death {death}");
            store.shutdown().await;
        }
        check_kept_earlier(&place);
        match end {
            End::Done => {
                assert!(is_new, "the last try was left alone");
                break;
            }
            End::Killed if is_new => with_new += 1,
            End::Killed => {
                assert_eq!(with_new, 0, "death {death}: the new one stays");
                with_old += 1;
            }
        }
    }
    assert!(
        with_old > 6,
        "some while it was read, and some while it was put in: {with_old}"
    );
    let is_file = matches!(place.config, StoreConfig::Sqlite { .. });
    assert_eq!(with_new, if is_file { 2 } else { 0 }, "within the swap");
}

/// Whether the large zone is served, whole and alone.
async fn is_restored(place: &Place) -> bool {
    let store = place.open().await;
    let large = store.zone_by_apex(&name("large.test")).await.unwrap();
    let old = store.zone_by_apex(&name(APEX)).await.unwrap();
    assert_ne!(large.is_some(), old.is_some(), "one of them, and no mix");
    if large.is_some() {
        let names = snapshot(&store, "large.test").zone().name_count();
        assert_eq!(names, 3001);
    }
    store.shutdown().await;
    large.is_some()
}

//------------ Scene -----------------------------------------------------------------------------

/// What each try finds: for SQLite, the files of a server that was killed, so that much is in the log.
struct Scene {
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl Scene {
    fn of_crash(place: &Place) -> Self {
        let StoreConfig::Sqlite { path } = &place.config else {
            return Self { files: Vec::new() };
        };
        let log = with_ending(path, "-wal");
        let mut files: Vec<_> = [path, &log]
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .into();
        assert!(!files[1].1.is_empty(), "the log holds something");
        let kept = with_ending(path, ".before-restore");
        files.push((kept, KEPT_EARLIER.into()));
        Self { files }
    }

    fn set(&self, place: &Place) {
        let StoreConfig::Sqlite { path } = &place.config else {
            return;
        };
        let folder = path.parent().unwrap();
        fs::remove_dir_all(folder).unwrap();
        fs::create_dir(folder).unwrap();
        for (path, octets) in &self.files {
            fs::write(path, octets).unwrap();
        }
    }
}

/// What this restore has kept.
fn kept_by_this(place: &Place) -> Option<Place> {
    match &place.config {
        StoreConfig::Sqlite { path } => {
            let kept = with_ending(path, ".before-restore-2");
            assert!(kept.exists(), "what was there is kept");
            Some(Place::of_another(kept.to_str().unwrap()))
        }
        StoreConfig::Postgres { .. } => None,
    }
}

fn check_kept_earlier(place: &Place) {
    if let StoreConfig::Sqlite { path } = &place.config {
        let kept = fs::read_to_string(with_ending(path, ".before-restore"));
        assert_eq!(kept.unwrap(), KEPT_EARLIER);
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    format!("{}{ending}", path.display()).into()
}

async fn backup_of_a_large_zone() -> Vec<u8> {
    let place = Place::sqlite();
    let store = place.open().await;
    let apex = name("large.test");
    let mut builder = ZoneBuilder::new(apex.clone());
    let few: Vec<RecordSet> = contents("large.test").sets().collect();
    let many = (0..3000).map(|number| address(&apex.child(&format!("h{number}")).unwrap(), 1));
    for set in few.into_iter().chain(many) {
        builder.insert(set).unwrap();
    }
    let zone = new_zone(builder.finish().unwrap());
    store.create_zone(zone, console()).await.unwrap();
    store.shutdown().await;
    back_up_octets(&place).await
}

//------------ The victim ------------------------------------------------------------------------

/// How a restore ended.
enum End {
    Done,
    Killed,
}

/// Restores in another process, which kills itself when it tells its progress for the so-manieth time.
fn restore_until(step: u32, backup: &Path, place: &Place) -> End {
    /// The number of the signal, which is the same everywhere.
    const SIGABRT: i32 = 6;
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "backup::dying::victim", "--nocapture"])
        .env(
            VICTIM,
            format!("{step} {} {}", backup.display(), place.target()),
        )
        .output()
        .unwrap();
    if output.status.success() {
        return End::Done;
    }
    assert_eq!(
        output.status.signal(),
        Some(SIGABRT),
        "{}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    End::Killed
}

#[test]
fn victim() {
    let Ok(order) = std::env::var(VICTIM) else {
        return;
    };
    let mut order = order.splitn(3, ' ');
    let step: u32 = order.next().unwrap().parse().unwrap();
    let backup = PathBuf::from(order.next().unwrap());
    let place = Place::of_another(order.next().unwrap());
    let mut told = 0;
    runtime().block_on(async {
        let restored = restore(&place.config, &backup, Existing::Replace, &mut |_| {
            if told == step {
                std::process::abort();
            }
            told += 1;
        })
        .await;
        restored.unwrap();
    });
}
