//! Connected services.

use domain_connect::AppliedService;
use easement_core::{AppliedServiceId, ServiceChange, ServiceEntry, ZoneId};
use easement_store::{CommitError, Committed, Store};
use easement_zone::ChangeSet;

use crate::support::{
    Place, console, make_zone, on_both, permit, picture, plan, set_host, snapshot,
};

const APEX: &str = "example.test";

on_both! {
    services_change_with_commits
    a_service_that_is_not_there_changes_nothing
}

pub(crate) fn service(version: u64) -> AppliedService {
    let document = serde_json::json!({
        "key": {
            "provider_id": "host.example",
            "service_id": "website",
            "host": "www",
            "instance": null,
        },
        "provider_name": "Example Host",
        "service_name": "Website",
        "template_version": version,
        "template_checksum": "0".repeat(64),
        "groups": "all",
        "records": [],
        "spf": [],
        "special": [],
    });
    serde_json::from_value(document).unwrap()
}

async fn change(
    store: &Store,
    zone: ZoneId,
    changes: ChangeSet,
    services: Vec<ServiceChange>,
) -> Result<Committed, CommitError> {
    let mut plan = plan(store, APEX, changes);
    plan.services = services;
    store.commit(permit(zone, APEX), plan, console()).await
}

async fn of_zone(store: &Store, zone: ZoneId) -> Vec<ServiceEntry> {
    store.services_of(zone).await.unwrap()
}

async fn services_change_with_commits(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    let first = Box::new(service(1));
    let add = vec![ServiceChange::Add(first.clone()), ServiceChange::Add(first)];
    let records = set_host(&store, APEX, "www", 1);
    let added = change(&store, zone, records, add).await.unwrap();
    let [one, two] = added.services[..] else {
        panic!("{added:?}");
    };
    let serial = snapshot(&store, APEX).zone().serial();
    place.clock.advance(std::time::Duration::from_mins(1));

    let next = vec![
        ServiceChange::Update(two, Box::new(service(2))),
        ServiceChange::Remove(one),
    ];
    let changed = change(&store, zone, ChangeSet::new(), next).await.unwrap();
    assert_eq!(changed.services, [two, one]);
    assert_eq!(
        changed.version,
        added.version.next(),
        "plans from before are stale now"
    );
    assert_eq!(changed.serial, serial, "the records are as they were");
    let entries = of_zone(&store, zone).await;
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].id, &entries[0].service), (two, &service(2)));
    assert!(entries[0].updated_at > entries[0].connected_at);

    let before = picture(&store, &[APEX]).await;
    store.shutdown().await;
    let store = place.open().await;
    assert_eq!(picture(&store, &[APEX]).await, before);
    let other = make_zone(&store, "other.test").await;
    assert!(of_zone(&store, other).await.is_empty());
    store.shutdown().await;
}

async fn a_service_that_is_not_there_changes_nothing(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    let add = vec![ServiceChange::Add(Box::new(service(1)))];
    let added = change(&store, zone, ChangeSet::new(), add).await.unwrap();
    let mine = added.services[0];
    let other_zone = make_zone(&store, "other.test").await;
    let before = picture(&store, &[APEX, "other.test"]).await;
    let nowhere = AppliedServiceId::new(999);
    let update = |id| ServiceChange::Update(id, Box::new(service(2)));
    for services in [
        vec![update(mine), update(nowhere)],
        vec![ServiceChange::Remove(mine), ServiceChange::Remove(nowhere)],
        vec![ServiceChange::Remove(mine), update(mine)],
    ] {
        let records = set_host(&store, APEX, "www", 1);
        let refused = change(&store, zone, records, services).await;
        assert!(
            matches!(refused, Err(CommitError::NoSuchService { .. })),
            "{refused:?}"
        );
    }
    let mut foreign = plan(&store, "other.test", ChangeSet::new());
    foreign.services = vec![ServiceChange::Remove(mine)];
    let permit = permit(other_zone, "other.test");
    let refused = store.commit(permit, foreign, console()).await;
    assert!(
        matches!(refused, Err(CommitError::NoSuchService { .. })),
        "{refused:?}"
    );
    assert_eq!(picture(&store, &[APEX, "other.test"]).await, before);
    store.shutdown().await;
}
