//! The history of a zone, and taking changes back.

use easement_core::{Actor, ChangeSource, Origin, Permit, Version, ZoneAction, ZoneId, ZoneRole};
use easement_store::Store;
use easement_zone::{ChangeSet, Name, RecordType, Serial, Zone, ZoneBuilder, diff};

use crate::support::{
    Place, address, changes_of, commit_host, console, contents, make_zone, member, name, new_zone,
    on_both, permit, picture, plan, replay, set_host, snapshot,
};

const APEX: &str = "example.test";

on_both! {
    history_is_in_order_and_names_who_and_why
    every_commit_can_be_taken_back
    a_large_zone_is_one_commit_and_its_history_is_small
    random_changes_come_back_however_they_are_folded
}

async fn history_is_in_order_and_names_who_and_why(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    let account = member(&store, "owner@example.test").await;
    let role = Some(ZoneRole::Editor);
    let action = ZoneAction::Change;
    let by_account = Permit::for_account(account.id, role, action, zone, &name(APEX)).unwrap();
    let origin = Origin {
        actor: Actor::Account(account.id),
        address: Some("2001:db8::7".parse().unwrap()),
    };
    let change = plan(&store, APEX, set_host(&store, APEX, "www", 1));
    store
        .commit(by_account, change, origin.clone())
        .await
        .unwrap();
    for last in 2..6 {
        commit_host(&store, zone, APEX, ("www", last)).await;
    }

    let all = store.commits_of(zone, None, 100).await.unwrap();
    let versions: Vec<u64> = all.iter().map(|commit| commit.version.0).collect();
    assert_eq!(versions, [6, 5, 4, 3, 2, 1], "the newest comes first");
    let page = store.commits_of(zone, Some(Version(5)), 2).await.unwrap();
    let versions: Vec<u64> = page.iter().map(|commit| commit.version.0).collect();
    assert_eq!(versions, [4, 3]);

    let second = store.commit_of(zone, Version(2)).await.unwrap().unwrap();
    assert_eq!(
        (second.actor, second.address),
        (origin.actor, origin.address)
    );
    assert_eq!(second.actor_email.as_deref(), Some("owner@example.test"));
    assert_eq!(second.source, ChangeSource::ZoneImported);
    assert_eq!(
        (second.size.sets, second.size.added, second.size.removed),
        (1, 1, 0)
    );
    let first = store.commit_of(zone, Version(1)).await.unwrap().unwrap();
    assert_eq!((first.actor, first.actor_email), (Actor::Console, None));
    assert_eq!(first.source, ChangeSource::ZoneCreated);
    assert_eq!(first.size.sets, 2);
    let changes = store.changes_of(zone, Version(1), 1).await.unwrap();
    assert_eq!(changes.len(), 1, "no more than were asked for");
    let none = store.changes_of(zone, Version(7), 1).await.unwrap();
    assert!(none.is_empty());
    for entry in &all {
        let serial = Serial::new(entry.serial);
        let found = store.version_with_serial(zone, serial).await.unwrap();
        assert_eq!(found, Some(entry.version));
    }
    let strange = Serial::new(4_000_000_000);
    let none = store.version_with_serial(zone, strange).await.unwrap();
    assert_eq!(none, None);
    assert!(store.commit_of(zone, Version(7)).await.unwrap().is_none());
    assert!(
        store
            .commits_of(ZoneId::new(99), None, 9)
            .await
            .unwrap()
            .is_empty()
    );
    store.shutdown().await;
}

/// Takes the stored changes back, from the newest to the first after the zone was made.
async fn every_commit_can_be_taken_back(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    let mut states: Vec<Zone> = vec![snapshot(&store, APEX).zone().clone()];
    let mut change = ChangeSet::new();
    change.record(None, Some(address(&name("Mail.example.test"), 9)));
    change.record(None, Some(address(&name("a.b.example.test"), 9)));
    for changes in [change, set_host(&store, APEX, "www", 1)] {
        commit(&store, zone, changes).await;
        states.push(snapshot(&store, APEX).zone().clone());
    }
    for last in [2, 3] {
        commit_host(&store, zone, APEX, ("www", last)).await;
        states.push(snapshot(&store, APEX).zone().clone());
    }
    store.fold().await.unwrap();
    for version in (2..=5).rev() {
        let done = store
            .commit_of(zone, Version(version))
            .await
            .unwrap()
            .unwrap();
        let changes = changes_of(&store, &done).await;
        commit(&store, zone, changes.inverse()).await;
        let before = &states[usize::try_from(version).unwrap() - 2];
        let now = snapshot(&store, APEX);
        assert!(
            diff(now.zone(), before).is_empty(),
            "before version {version}"
        );
    }
    assert_eq!(&replay(&store, zone).await, snapshot(&store, APEX).zone());
    store.shutdown().await;
}

async fn commit(store: &Store, zone: ZoneId, changes: ChangeSet) {
    let plan = plan(store, APEX, changes);
    let committed = store.commit(permit(zone, APEX), plan, console()).await;
    committed.unwrap();
}

/// The records of a commit are counted when it is made, and read only when they are asked for.
async fn a_large_zone_is_one_commit_and_its_history_is_small(place: Place) {
    const HOSTS: u32 = 20_000;
    let store = place.open().await;
    let mut builder = ZoneBuilder::new(name(APEX));
    for set in contents(APEX).sets() {
        builder.insert(set).unwrap();
    }
    for host in 0..HOSTS {
        let owner = name(APEX).child(&format!("h{host}")).unwrap();
        builder.insert(address(&owner, 1)).unwrap();
    }
    let large = new_zone(builder.finish().unwrap());
    let made = store.create_zone(large.clone(), console()).await.unwrap();
    let history = store.commits_of(made.zone, None, 10).await.unwrap();
    assert_eq!(history.len(), 1);
    let sets = u64::from(HOSTS) + 2;
    assert_eq!((history[0].size.sets, history[0].size.added), (sets, sets));
    let some = store.changes_of(made.zone, Version(1), 50).await.unwrap();
    assert_eq!(some.len(), 50);
    for _ in 0..2 {
        store.load_all().await.unwrap();
        assert_eq!(snapshot(&store, APEX).zone(), &large.contents);
        store.fold().await.unwrap();
    }
    store.shutdown().await;
}

/// A small generator of numbers, so that a failure can be had again.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % end
    }
}

/// Additions, replacements and removals at names of any spelling, with folds and reloads between.
async fn random_changes_come_back_however_they_are_folded(place: Place) {
    let mut numbers = Numbers(2026);
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    for step in 0..150 {
        let mut changes = ChangeSet::new();
        for _ in 0..=numbers.below(3) {
            let owner = random_owner(&mut numbers);
            let before = snapshot(&store, APEX).zone().get(&owner, RecordType::A);
            let last = u8::try_from(numbers.below(250)).unwrap();
            let after = (numbers.below(3) > 0).then(|| address(&owner, last));
            changes.record(before, after);
        }
        commit(&store, zone, changes).await;
        if numbers.below(5) == 0 {
            store.fold().await.unwrap();
        }
        if numbers.below(5) == 0 {
            let before = picture(&store, &[APEX]).await;
            store.load_all().await.unwrap();
            assert_eq!(picture(&store, &[APEX]).await, before, "step {step}");
        }
    }
    assert_eq!(&replay(&store, zone).await, snapshot(&store, APEX).zone());
    store.shutdown().await;
}

fn random_owner(numbers: &mut Numbers) -> Name {
    let spelling = ["www", "WWW", "Www"][usize::try_from(numbers.below(3)).unwrap()];
    let host = format!("{spelling}{}", numbers.below(6));
    name(APEX).child(&host).unwrap()
}
