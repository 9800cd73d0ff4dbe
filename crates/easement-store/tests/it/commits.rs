//! What a commit promises.

use easement_core::{Actor, Origin, Permit, PlanBase, Version, ZoneAction};
use easement_store::CommitError;
use easement_zone::{ApplyError, ChangeSet, Name, RecordData, RecordSet, RecordType, Ttl};

use crate::support::{
    Place, address, commit_host, console, make_zone, member, name, on_both, permit, picture, plan,
    served, set_host, snapshot,
};

const APEX: &str = "example.test";

on_both! {
    a_commit_is_served_when_it_is_acknowledged
    a_stale_plan_is_refused_and_changes_nothing
    plans_may_follow_each_other_in_the_queue
    a_refused_request_does_not_touch_its_neighbours
    a_permit_is_for_one_zone_one_action_and_one_actor
    a_plan_of_nothing_is_no_commit
    a_restart_gives_the_same_zones
    any_name_and_any_data_survive
    a_zone_that_is_not_loaded_can_be_changed
}

async fn a_commit_is_served_when_it_is_acknowledged(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    let before = snapshot(&store, APEX);
    let committed = commit_host(&store, zone, APEX, ("www", 1)).await;
    assert_eq!(committed.version, Version(2));
    assert_eq!(committed.serial, before.zone().serial().next());
    assert_eq!(snapshot(&store, APEX).version(), 2);
    assert_eq!(snapshot(&store, APEX).zone().serial(), committed.serial);
    assert!(served(&store, APEX, "www").is_some());
    assert!(snapshot(&store, APEX).discovery().is_some());
    store.shutdown().await;
}

async fn a_stale_plan_is_refused_and_changes_nothing(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    let late = plan(&store, APEX, set_host(&store, APEX, "late", 1));
    commit_host(&store, zone, APEX, ("www", 1)).await;
    let refused = store.commit(permit(zone, APEX), late, console()).await;
    let Err(CommitError::Stale(stale)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!((stale.planned, stale.current), (Version(1), Version(2)));
    assert!(served(&store, APEX, "late").is_none());
    let history = store.commits_of(zone, None, 10).await.unwrap();
    assert_eq!(history.len(), 2);
    store.shutdown().await;
}

/// Plans for versions that are still in the queue: each stands on the one before, wherever the queue
/// cuts its groups.
async fn plans_may_follow_each_other_in_the_queue(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    let mut waiting = Vec::new();
    for number in 0..50u8 {
        let mut plan = plan(&store, APEX, ChangeSet::new());
        plan.base = PlanBase::Version(Version(1 + u64::from(number)));
        let owner = name(APEX).child(&format!("h{number}")).unwrap();
        plan.changes.record(None, Some(address(&owner, number)));
        let store = store.clone();
        let mut commit =
            Box::pin(async move { store.commit(permit(zone, APEX), plan, console()).await });
        // The first poll puts the request in the queue, so their order is this one.
        let answer = tokio::select! {
            biased;
            answer = &mut commit => Some(answer),
            () = std::future::ready(()) => None,
        };
        waiting.push((answer, commit));
    }
    for ((answer, commit), number) in waiting.into_iter().zip(0..) {
        let committed = match answer {
            Some(answer) => answer.unwrap(),
            None => commit.await.unwrap(),
        };
        assert_eq!(committed.version, Version(2 + number));
    }
    assert_eq!(snapshot(&store, APEX).version(), 51);
    store.shutdown().await;
}

/// One caller breaks a rule, one is late, one has no such zone, one takes an apex that is taken: the
/// rest of the group is committed.
async fn a_refused_request_does_not_touch_its_neighbours(place: Place) {
    let store = place.open().await;
    let mut good = Vec::new();
    for number in 0..20u8 {
        let apex = format!("z{number}.test");
        let zone = make_zone(&store, &apex).await;
        good.push((zone, apex));
    }
    let (first, first_apex) = good[0].clone();
    let mut breaks_a_rule = ChangeSet::new();
    let target = RecordData::name(RecordType::CNAME, &name("elsewhere.test"));
    let alias = RecordSet::single(name(&first_apex), Ttl::HOUR, target);
    breaks_a_rule.record(None, Some(alias));
    let bad_plan = plan(&store, &first_apex, breaks_a_rule);
    let nowhere = easement_core::ZoneId::new(4096);

    let bad = [(first, bad_plan.clone()), (nowhere, bad_plan)];
    let bad = bad.map(|(zone, plan)| {
        let (store, apex) = (store.clone(), first_apex.clone());
        tokio::spawn(async move { store.commit(permit(zone, &apex), plan, console()).await })
    });
    let commits = good.iter().map(|(zone, apex)| {
        let plan = plan(&store, apex, set_host(&store, apex, "www", 7));
        let (store, permit) = (store.clone(), permit(*zone, apex));
        tokio::spawn(async move { store.commit(permit, plan, console()).await })
    });
    for commit in commits.collect::<Vec<_>>() {
        commit.await.unwrap().unwrap();
    }
    let [rule, unknown] = bad;
    let rule = rule.await.unwrap();
    // The other commit of that zone may have been faster.
    assert!(
        matches!(
            rule,
            Err(CommitError::Refused(ApplyError::Rules { .. }) | CommitError::Stale(_))
        ),
        "{rule:?}"
    );
    let unknown = unknown.await.unwrap();
    assert!(
        matches!(unknown, Err(CommitError::NoSuchZone { .. })),
        "{unknown:?}"
    );
    for (_, apex) in &good {
        assert!(served(&store, apex, "www").is_some(), "{apex}");
    }
    store.shutdown().await;
}

async fn a_permit_is_for_one_zone_one_action_and_one_actor(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    let other = make_zone(&store, "other.test").await;
    let account = member(&store, "owner@example.test").await;
    let as_account = Origin {
        actor: Actor::Account(account.id),
        address: None,
    };
    let view = Permit::for_console(ZoneAction::View, zone, &name(APEX));
    let manage = Permit::for_console(ZoneAction::ManageRoles, zone, &name(APEX));
    for (permit, origin) in [
        (view, console()),
        (manage, console()),
        (permit(other, APEX), console()),
        (permit(zone, "other.test"), console()),
        (permit(zone, APEX), as_account),
    ] {
        let plan = plan(&store, APEX, set_host(&store, APEX, "www", 1));
        let refused = store.commit(permit.clone(), plan, origin).await;
        assert!(
            matches!(refused, Err(CommitError::NotPermitted { .. })),
            "{permit:?}: {refused:?}"
        );
    }
    assert_eq!(snapshot(&store, APEX).version(), 1);
    store.shutdown().await;
}

async fn a_plan_of_nothing_is_no_commit(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    let before = picture(&store, &[APEX]).await;
    let nothing = plan(&store, APEX, ChangeSet::new());
    let answer = store.commit(permit(zone, APEX), nothing, console()).await;
    assert_eq!(answer.unwrap().version, Version(1));
    assert_eq!(picture(&store, &[APEX]).await, before);
    store.shutdown().await;
}

async fn a_restart_gives_the_same_zones(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    commit_host(&store, zone, APEX, ("folded", 1)).await;
    assert_eq!(store.fold().await.unwrap().changes, 3);
    commit_host(&store, zone, APEX, ("folded", 2)).await;
    commit_host(&store, zone, APEX, ("loose", 3)).await;
    let before = picture(&store, &[APEX]).await;
    store.shutdown().await;

    let store = place.open().await;
    assert_eq!(picture(&store, &[APEX]).await, before);
    assert!(snapshot(&store, APEX).discovery().is_some());
    commit_host(&store, zone, APEX, ("folded", 4)).await;
    assert_eq!(store.fold().await.unwrap().changes, 3);
    assert_eq!(store.fold().await.unwrap().changes, 0);
    let before = picture(&store, &[APEX]).await;
    store.shutdown().await;

    let store = place.open().await;
    assert_eq!(picture(&store, &[APEX]).await, before);
    store.shutdown().await;
}

async fn any_name_and_any_data_survive(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    let binary = Name::from_labels([b"\x00.\xffA'\\".as_slice(), b"example", b"test"]).unwrap();
    let unknown = RecordType::from_number(65_280);
    let sets = [
        RecordData::from_wire(unknown, b"").unwrap(),
        RecordData::txt(b"\x00\xff;\"").unwrap(),
        RecordData::from_wire(RecordType::CAA, b"\x00\x05issue\xfe").unwrap(),
    ]
    .map(|data| RecordSet::single(binary.clone(), Ttl::MAX, data));
    let mut changes = ChangeSet::new();
    for set in &sets {
        changes.record(None, Some(set.clone()));
    }
    let plan = plan(&store, APEX, changes);
    store
        .commit(permit(zone, APEX), plan, console())
        .await
        .unwrap();
    let before = picture(&store, &[APEX]).await;
    for fold in [false, true] {
        store.load_zone(zone).await.unwrap();
        assert_eq!(picture(&store, &[APEX]).await, before, "folded: {fold}");
        let at = snapshot(&store, APEX).zone().at(&binary);
        assert_eq!(at.len(), sets.len());
        assert!(at.iter().all(|set| sets.contains(set)));
        assert_eq!(
            at[0].owner().as_wire(),
            binary.as_wire(),
            "the spelling is kept"
        );
        store.fold().await.unwrap();
    }
    store.shutdown().await;
}

/// A command that opens the store by itself need not read every zone.
async fn a_zone_that_is_not_loaded_can_be_changed(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    let late = plan(&store, APEX, set_host(&store, APEX, "www", 1));
    let before = picture(&store, &[APEX]).await;
    store.shutdown().await;

    let store = easement_store::Store::open(&place.config, place.serving())
        .await
        .unwrap();
    assert!(store.serving().hosted.get(&name(APEX)).is_none());
    assert!(store.load_zone(zone).await.unwrap());
    assert!(
        !store
            .load_zone(easement_core::ZoneId::new(4096))
            .await
            .unwrap()
    );
    assert_eq!(picture(&store, &[APEX]).await, before);
    store.serving().hosted.withdraw(&name(APEX));
    store
        .commit(permit(zone, APEX), late, console())
        .await
        .unwrap();
    assert!(served(&store, APEX, "www").is_some());
    store.shutdown().await;
}
