//! Restores that die.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use easement_store::backup::{Existing, restore};
use easement_zone::{RecordSet, ZoneBuilder};

use super::{Files, back_up_octets};
use crate::furnished::{APEX, OTHER, furnish};
use crate::support::{
    Place, address, console, contents, name, new_zone, picture, runtime, snapshot,
};

const VICTIM: &str = "EASEMENT_TEST_RESTORE_VICTIM";

pub(super) async fn a_restore_that_dies_leaves_what_was_there(place: Place) {
    let store = place.open().await;
    furnish(&place, &store).await;
    let before = picture(&store, &[APEX, OTHER]).await;
    store.shutdown().await;
    let files = Files::new();
    let path = files.write("backup", &backup_of_a_large_zone().await);
    let mut deaths = 0;
    while is_killed_at(deaths, &path, &place) {
        deaths += 1;
        let store = place.open().await;
        assert_eq!(
            picture(&store, &[APEX, OTHER]).await,
            before,
            "death {deaths}"
        );
        store.shutdown().await;
    }
    assert!(
        deaths > 6,
        "some while it was read, and some while it was put in: {deaths}"
    );
    let store = place.open().await;
    let names = snapshot(&store, "large.test").zone().name_count();
    assert_eq!(names, 3001, "the last try was left alone");
    store.shutdown().await;
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

/// Restores in another process, which kills itself when it tells its progress for the so-manieth time.
/// Says whether that happened.
fn is_killed_at(step: u32, backup: &Path, place: &Place) -> bool {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "backup::dying::victim", "--nocapture"])
        .env(
            VICTIM,
            format!("{step} {} {}", backup.display(), place.target()),
        )
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    !status.success()
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
