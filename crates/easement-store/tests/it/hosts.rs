//! Texts that stay for a while, and what devices did with hosts.

use std::time::Duration;

use easement_core::{
    ChangeSource, HostUpdate, PlanBase, TEXT_LEASE, UpdateProtocol, ZoneId, ZonePlan,
};
use easement_store::{CommitError, Committed, NotedUpdate, Store};
use easement_zone::{ChangeSet, Name, RecordData, RecordSet, RecordType, Ttl};

use crate::support::{Place, console, make_zone, name, on_both, permit, snapshot};

on_both! {
    a_lease_ends_a_day_later_or_with_its_text
    a_text_that_was_set_anew_does_not_lapse
    updates_of_hosts_are_counted
    addresses_of_devices_are_forgotten_in_time
}

const APEX: &str = "example.test";
const CHALLENGE: &str = "_Acme-challenge.example.test.";

/// Commits these texts as a device or as somebody else does.
pub(crate) async fn set_texts(
    store: &Store,
    at: (ZoneId, &str),
    owner: &str,
    texts: &[&str],
    source: ChangeSource,
) {
    try_to_set_texts(store, at, owner, texts, source)
        .await
        .unwrap();
}

async fn try_to_set_texts(
    store: &Store,
    (zone, apex): (ZoneId, &str),
    owner: &str,
    texts: &[&str],
    source: ChangeSource,
) -> Result<Committed, CommitError> {
    let owner: Name = owner.parse().unwrap();
    let data: Vec<RecordData> = texts
        .iter()
        .map(|text| RecordData::txt(text.as_bytes()).unwrap())
        .collect();
    let after = RecordSet::new(owner.clone(), Ttl::MINUTE, data).ok();
    let mut changes = ChangeSet::new();
    changes.record(
        snapshot(store, apex).zone().get(&owner, RecordType::TXT),
        after,
    );
    let plan = ZonePlan {
        base: PlanBase::RecordSets,
        changes,
        services: Vec::new(),
        source,
    };
    store.commit(permit(zone, apex), plan, console()).await
}

pub(crate) fn by_device() -> ChangeSource {
    ChangeSource::DynamicUpdate {
        token: "Certificates".parse().unwrap(),
        protocol: UpdateProtocol::Apertodns,
    }
}

pub(crate) fn update(zone: ZoneId, host: &str, at: easement_core::Timestamp) -> NotedUpdate {
    NotedUpdate {
        zone,
        host: name(host),
        update: HostUpdate {
            at,
            addresses: vec!["192.0.2.1".parse().unwrap()],
            from: Some("192.0.2.1".parse().unwrap()),
            token: "Router".parse().unwrap(),
            protocol: UpdateProtocol::Dyndns2,
            changed: true,
        },
    }
}

async fn lapsed(store: &Store) -> Vec<String> {
    let mut lapsed = Vec::new();
    for zone in store.zones_with_lapsed_texts(None, 10).await.unwrap() {
        lapsed.extend(store.lapsed_texts(zone, 10, 0).await.unwrap());
    }
    let texts = lapsed.iter().map(|one| one.data.text().unwrap());
    let mut texts: Vec<String> = texts.map(|text| String::from_utf8(text).unwrap()).collect();
    texts.sort();
    texts
}

async fn a_lease_ends_a_day_later_or_with_its_text(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    let by_hand = ChangeSource::ZoneImported;
    let at = (zone, APEX);
    set_texts(&store, at, CHALLENGE, &["mine"], by_hand.clone()).await;
    set_texts(&store, at, CHALLENGE, &["mine", "a", "b", "c"], by_device()).await;
    // Somebody takes one away, and sets it again to stay.
    set_texts(&store, at, CHALLENGE, &["mine", "a", "b"], by_hand.clone()).await;
    set_texts(&store, at, CHALLENGE, &["mine", "a", "b", "c"], by_hand).await;
    place
        .clock
        .advance(TEXT_LEASE.saturating_sub(Duration::from_secs(1)));
    assert!(lapsed(&store).await.is_empty());
    place.clock.advance(Duration::from_secs(1));
    assert_eq!(lapsed(&store).await, ["a", "b"]);
    let first = store.lapsed_texts(zone, 1, 0).await.unwrap().remove(0);
    assert_eq!(first.owner, CHALLENGE.parse().unwrap());
    store.end_text_lease(&first).await.unwrap();
    assert_eq!(lapsed(&store).await, ["b"]);
    set_texts(&store, at, &CHALLENGE.to_lowercase(), &[], by_device()).await;
    assert!(
        lapsed(&store).await.is_empty(),
        "names are compared without regard to case"
    );
}

async fn a_text_that_was_set_anew_does_not_lapse(place: Place) {
    let store = place.open().await;
    let at = (make_zone(&store, APEX).await, APEX);
    set_texts(&store, at, CHALLENGE, &["a"], by_device()).await;
    place.clock.advance(TEXT_LEASE);
    assert_eq!(lapsed(&store).await, ["a"]);
    set_texts(&store, at, CHALLENGE, &[], by_device()).await;
    set_texts(&store, at, CHALLENGE, &["a"], by_device()).await;
    let late = try_to_set_texts(&store, at, CHALLENGE, &[], ChangeSource::TextsLapsed).await;
    assert!(matches!(late, Err(CommitError::Stale(_))), "{late:?}");
    place.clock.advance(TEXT_LEASE);
    set_texts(&store, at, CHALLENGE, &[], ChangeSource::TextsLapsed).await;
    assert!(lapsed(&store).await.is_empty());
}

async fn updates_of_hosts_are_counted(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    let now = store.serving().clock.now();
    let gone = ZoneId::new(9_999);
    for batch in [
        vec![
            update(zone, "home.example.test", now),
            update(zone, "Home.Example.Test", now),
        ],
        vec![
            update(gone, "home.gone.test", now),
            update(zone, "nas.example.test", now),
        ],
        Vec::new(),
    ] {
        store.note_host_updates(batch).await.unwrap();
    }
    let home = store
        .host_use(zone, &name("HOME.example.test"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((home.updates, home.changes, home.recent.len()), (2, 2, 2));
    assert!(
        store
            .host_use(zone, &name("www.example.test"))
            .await
            .unwrap()
            .is_none()
    );
    let later = now.plus(Duration::from_secs(9));
    store
        .note_host_updates(vec![update(zone, "nas.example.test", later)])
        .await
        .unwrap();
    let names = |uses: Vec<(Name, _)>| -> Vec<String> {
        uses.into_iter()
            .map(|(name, _): (Name, easement_core::HostUse)| name.to_text())
            .collect()
    };
    let all = store.host_uses(zone, 10, 0).await.unwrap();
    assert_eq!(names(all), ["nas.example.test", "home.example.test"]);
    let second = store.host_uses(zone, 1, 1).await.unwrap();
    assert_eq!(names(second), ["home.example.test"]);
    assert!(store.host_uses(gone, 10, 0).await.unwrap().is_empty());
}

async fn addresses_of_devices_are_forgotten_in_time(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    let now = store.serving().clock.now();
    let day = Duration::from_hours(24);
    let hosts = (0..150).map(|host| update(zone, &format!("h{host}.example.test"), now));
    store.note_host_updates(hosts.collect()).await.unwrap();
    let newer = vec![update(zone, "h7.example.test", now.plus(day))];
    store.note_host_updates(newer).await.unwrap();
    let forgotten = store.forget_update_sources(now.plus(day)).await.unwrap();
    assert_eq!(forgotten, 150, "more than one transaction takes");
    assert_eq!(store.forget_update_sources(now.plus(day)).await.unwrap(), 0);
    let used = store
        .host_use(zone, &name("h7.example.test"))
        .await
        .unwrap()
        .unwrap();
    let kept: Vec<bool> = used.recent.iter().map(|one| one.from.is_some()).collect();
    assert_eq!(kept, [false, true]);
}
