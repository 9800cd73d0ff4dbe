//! Names that stand for an address for a while.

use std::net::IpAddr;
use std::time::Duration;

use easement_core::{ChangeSource, PlanBase, Timestamp, ZoneId, ZonePlan, network_of_temp_name};
use easement_store::{CommitError, Committed, NameCounts, Store};
use easement_zone::{ChangeSet, Name, RecordData, RecordSet, Ttl};
use namedrop::TempNames;

use crate::support::{Place, console, make_zone, name, on_both, permit, snapshot};

on_both! {
    a_name_stays_until_its_time_is_over
    what_lapsed_is_found_zone_by_zone
    a_name_that_was_asked_for_again_does_not_lapse
    a_record_that_somebody_changed_stays
    names_are_counted_by_network
    a_lease_outlives_the_process
}

const APEX: &str = "ip.test";
const WHILE: Duration = Duration::from_mins(10);

pub(crate) fn made_until(until: Timestamp) -> ChangeSource {
    ChangeSource::TempNameMade { until }
}

fn owner_of(apex: &str, address: &str) -> Name {
    let names = TempNames::below(&name(apex)).unwrap();
    names.of(address.parse().unwrap()).unwrap().name().clone()
}

/// Makes the name of an address, or takes it away when it is there.
pub(crate) async fn change_name(
    store: &Store,
    (zone, apex): (ZoneId, &str),
    address: &str,
    source: ChangeSource,
) -> Result<Committed, CommitError> {
    let names = TempNames::below(&name(apex)).unwrap();
    let made = names.of(address.parse().unwrap()).unwrap();
    let before = snapshot(store, apex).zone().get(made.name(), made.rtype());
    let after = before.is_none().then(|| made.record_set());
    change(store, (zone, apex), (before, after), source).await
}

async fn change(
    store: &Store,
    (zone, apex): (ZoneId, &str),
    (before, after): (Option<RecordSet>, Option<RecordSet>),
    source: ChangeSource,
) -> Result<Committed, CommitError> {
    let mut changes = ChangeSet::new();
    changes.record(before, after);
    let plan = ZonePlan {
        base: PlanBase::RecordSets,
        changes,
        services: Vec::new(),
        source,
    };
    store.commit(permit(zone, apex), plan, console()).await
}

async fn lapsed(store: &Store) -> Vec<Name> {
    let mut lapsed = Vec::new();
    for zone in store.zones_with_lapsed_names(None, 10).await.unwrap() {
        lapsed.extend(store.lapsed_names(zone, 10, 0).await.unwrap());
    }
    lapsed.into_iter().map(|one| one.owner).collect()
}

fn until(place: &Place) -> Timestamp {
    use easement_core::Clock as _;
    place.clock.now().plus(WHILE)
}

async fn a_name_stays_until_its_time_is_over(place: Place) {
    let store = place.open().await;
    let at = (make_zone(&store, APEX).await, APEX);
    for address in ["192.0.2.5", "2001:db8::5"] {
        let source = made_until(until(&place));
        change_name(&store, at, address, source).await.unwrap();
    }
    let owner = owner_of(APEX, "192.0.2.5");
    let upper: Name = "192-0-2-5.IP.Test.".parse().unwrap();
    assert_eq!(
        store.name_lease(at.0, &upper).await.unwrap(),
        Some(until(&place)),
        "names are compared without regard to case"
    );
    place
        .clock
        .advance(WHILE.saturating_sub(Duration::from_secs(1)));
    assert!(lapsed(&store).await.is_empty());
    place.clock.advance(Duration::from_secs(1));
    assert_eq!(lapsed(&store).await.len(), 2);
    let first = store.lapsed_names(at.0, 1, 0).await.unwrap().remove(0);
    assert_eq!((first.zone, &first.apex), (at.0, &name(APEX)));

    let lapse = ChangeSource::TempNamesLapsed;
    change_name(&store, at, "192.0.2.5", lapse).await.unwrap();
    assert_eq!(lapsed(&store).await, [owner_of(APEX, "2001:db8::5")]);
    assert_eq!(store.name_lease(at.0, &owner).await.unwrap(), None);
    let is_there = store.renew_name_lease(at.0, &owner, until(&place)).await;
    assert!(!is_there.unwrap(), "it went");
    let other = store.lapsed_names(at.0, 1, 0).await.unwrap().remove(0);
    store.end_name_lease(&other).await.unwrap();
    assert!(lapsed(&store).await.is_empty());
}

async fn what_lapsed_is_found_zone_by_zone(place: Place) {
    let store = place.open().await;
    let mut zones = Vec::new();
    for (apex, addresses) in [
        ("a.test", &["192.0.2.5", "192.0.2.6"][..]),
        ("b.test", &["192.0.2.7"]),
    ] {
        let at = (make_zone(&store, apex).await, apex);
        zones.push(at.0);
        for address in addresses {
            let source = made_until(until(&place));
            change_name(&store, at, address, source).await.unwrap();
        }
    }
    make_zone(&store, "none.test").await;
    let none = store.zones_with_lapsed_names(None, 10).await.unwrap();
    assert!(none.is_empty(), "no time is over: {none:?}");
    place.clock.advance(WHILE);
    let mut after = None;
    for (zone, count) in zones.into_iter().zip([2, 1]) {
        let found = store.zones_with_lapsed_names(after, 1).await.unwrap();
        assert_eq!(found, [zone]);
        let lapsed = store.lapsed_names(zone, 10, 0).await.unwrap();
        assert_eq!(lapsed.len(), count);
        assert!(lapsed.iter().all(|one| one.zone == zone));
        let rest = store.lapsed_names(zone, 10, 1).await.unwrap();
        assert_eq!(rest, lapsed[1..]);
        after = Some(zone);
    }
    let found = store.zones_with_lapsed_names(after, 1).await.unwrap();
    assert!(found.is_empty());
}

async fn a_name_that_was_asked_for_again_does_not_lapse(place: Place) {
    let store = place.open().await;
    let at = (make_zone(&store, APEX).await, APEX);
    let source = made_until(until(&place));
    change_name(&store, at, "192.0.2.5", source).await.unwrap();
    let owner = owner_of(APEX, "192.0.2.5");
    place.clock.advance(WHILE);
    let found = store.lapsed_names(at.0, 10, 0).await.unwrap();
    // Meanwhile it is asked for again.
    let renewed = store.renew_name_lease(at.0, &owner, until(&place)).await;
    assert!(renewed.unwrap());
    let late = change_name(&store, at, "192.0.2.5", ChangeSource::TempNamesLapsed).await;
    assert!(matches!(late, Err(CommitError::Stale(_))), "{late:?}");
    store.end_name_lease(&found[0]).await.unwrap();
    let earlier = until(&place).minus(WHILE);
    store.renew_name_lease(at.0, &owner, earlier).await.unwrap();
    let kept = store.name_lease(at.0, &owner).await.unwrap();
    assert_eq!(kept, Some(until(&place)), "it never ends earlier for that");
    assert!(snapshot(&store, APEX).zone().has_name(&owner));
}

async fn a_record_that_somebody_changed_stays(place: Place) {
    let store = place.open().await;
    let at = (make_zone(&store, APEX).await, APEX);
    let by_hand = ChangeSource::ZoneImported;
    let source = made_until(until(&place));
    change_name(&store, at, "192.0.2.5", source).await.unwrap();
    let owner = owner_of(APEX, "192.0.2.5");
    let before = snapshot(&store, APEX).zone().at(&owner).pop();
    let other = RecordData::a([192, 0, 2, 99].into());
    let other = RecordSet::single(owner.clone(), Ttl::HOUR, other);
    change(
        &store,
        at,
        (before.clone(), Some(other.clone())),
        by_hand.clone(),
    )
    .await
    .unwrap();
    change(&store, at, (Some(other), before), by_hand)
        .await
        .unwrap();
    place.clock.advance(WHILE);
    assert!(lapsed(&store).await.is_empty());
    let late = change_name(&store, at, "192.0.2.5", ChangeSource::TempNamesLapsed).await;
    assert!(matches!(late, Err(CommitError::Stale(_))), "{late:?}");
}

async fn names_are_counted_by_network(place: Place) {
    let store = place.open().await;
    let at = (make_zone(&store, APEX).await, APEX);
    for address in ["192.0.2.5", "192.0.2.200", "192.0.3.5", "2001:db8:0:1ff::5"] {
        let source = made_until(until(&place));
        change_name(&store, at, address, source).await.unwrap();
    }
    for (address, of_network) in [
        ("192.0.2.1", 2),
        ("192.0.3.1", 1),
        ("192.0.4.1", 0),
        ("2001:db8:0:100::1", 1),
        ("2001:db8:0:200::1", 0),
    ] {
        let network = network_of_temp_name(address.parse::<IpAddr>().unwrap());
        let counts = store.count_name_leases(network).await.unwrap();
        let expected = NameCounts {
            of_network,
            of_all: 4,
        };
        assert_eq!(counts, expected, "{address}");
    }
}

async fn a_lease_outlives_the_process(place: Place) {
    let store = place.open().await;
    let at = (make_zone(&store, APEX).await, APEX);
    let source = made_until(until(&place));
    change_name(&store, at, "192.0.2.5", source).await.unwrap();
    store.shutdown().await;
    place.clock.advance(WHILE);
    let store = place.open().await;
    assert_eq!(lapsed(&store).await, [owner_of(APEX, "192.0.2.5")]);
    let lapse = ChangeSource::TempNamesLapsed;
    change_name(&store, at, "192.0.2.5", lapse).await.unwrap();
    assert!(lapsed(&store).await.is_empty());
}
