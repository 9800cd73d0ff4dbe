//! Zones, their roles, and Domain Connect on or off.

use easement_core::{Account, AccountId, Actor, ApiTokenId, GrantId, Origin, ZoneId, ZoneRole};
use easement_store::{CommitError, DomainConnect, NewZone, RoleError, ZoneEntry};

use crate::support::{
    Place, console, contents, make_zone, member, name, new_zone, on_both, snapshot,
};

on_both! {
    a_zone_is_made_once_and_belongs_to_its_owner
    zones_are_listed_by_name_and_page
    roles_are_given_and_taken_but_not_the_last_owner
    only_owners_and_the_console_give_roles
    owners_cannot_both_step_down_at_once
    domain_connect_is_switched_and_stays
}

async fn a_zone_is_made_once_and_belongs_to_its_owner(place: Place) {
    let store = place.open().await;
    let owner = member(&store, "owner@example.test").await;
    let zone = NewZone {
        owner: Some(owner.id),
        ..new_zone(contents("Example.test"))
    };
    let made = store.create_zone(zone.clone(), console()).await.unwrap();
    let entry = store
        .zone_by_apex(&name("EXAMPLE.test"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(entry.id, made.zone);
    assert_eq!(
        entry.apex.to_string(),
        "Example.test.",
        "the spelling is kept"
    );
    assert_eq!(entry.domain_connect, DomainConnect::On);
    assert_eq!(
        store.role_of(made.zone, owner.id).await.unwrap(),
        Some(ZoneRole::Owner)
    );
    assert_eq!(snapshot(&store, "example.test").zone(), &zone.contents);

    let again = new_zone(contents("EXAMPLE.TEST"));
    let refused = store.create_zone(again, console()).await;
    assert!(
        matches!(refused, Err(CommitError::ZoneExists { .. })),
        "{refused:?}"
    );
    let orphan = NewZone {
        owner: Some(AccountId::new(99)),
        ..new_zone(contents("other.test"))
    };
    let refused = store.create_zone(orphan, console()).await;
    assert!(
        matches!(refused, Err(CommitError::NoSuchAccount { .. })),
        "{refused:?}"
    );
    assert_eq!(store.zone_by_apex(&name("other.test")).await.unwrap(), None);
    assert!(store.serving().hosted.get(&name("other.test")).is_none());
    store.shutdown().await;
}

fn apexes<'a>(zones: impl IntoIterator<Item = &'a ZoneEntry>) -> Vec<String> {
    zones
        .into_iter()
        .map(|zone| zone.apex.to_string())
        .collect()
}

async fn zones_are_listed_by_name_and_page(place: Place) {
    let store = place.open().await;
    let account = member(&store, "owner@example.test").await;
    let names = [
        "b.test.",
        "A.test.",
        "c.test.",
        "xn--bcher-kva.test.",
        "_d.test.",
    ];
    for apex in names {
        let zone = make_zone(&store, apex).await;
        if apex != "c.test." {
            let editor = Some(ZoneRole::Editor);
            store
                .set_role(zone, account.id, editor, &console())
                .await
                .unwrap();
        }
    }
    let all = store.all_zones(None, 100).await.unwrap();
    let sorted = [
        "_d.test.",
        "A.test.",
        "b.test.",
        "c.test.",
        "xn--bcher-kva.test.",
    ];
    assert_eq!(apexes(&all), sorted);
    let page = store.all_zones(Some(&name("a.test")), 2).await.unwrap();
    assert_eq!(apexes(&page), ["b.test.", "c.test."]);
    let own = store.zones_of(account.id, None, 3).await.unwrap();
    let own: Vec<ZoneEntry> = own.into_iter().map(|(zone, _)| zone).collect();
    assert_eq!(apexes(&own), ["_d.test.", "A.test.", "b.test."]);
    let own = store
        .zones_of(account.id, Some(&own[2].apex), 3)
        .await
        .unwrap();
    assert_eq!(own.len(), 1);
    assert_eq!(own[0].1, ZoneRole::Editor);
    assert!(
        store
            .zones_of(AccountId::new(99), None, 9)
            .await
            .unwrap()
            .is_empty()
    );
    store.shutdown().await;
}

async fn roles_are_given_and_taken_but_not_the_last_owner(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, "example.test").await;
    let one = member(&store, "one@example.test").await;
    let two = member(&store, "two@example.test").await;
    store
        .set_role(zone, one.id, Some(ZoneRole::Owner), &console())
        .await
        .unwrap();
    store
        .set_role(zone, two.id, Some(ZoneRole::Viewer), &console())
        .await
        .unwrap();
    for role in [None, Some(ZoneRole::Editor)] {
        let refused = store.set_role(zone, one.id, role, &console()).await;
        assert!(matches!(refused, Err(RoleError::LastOwner)), "{refused:?}");
    }
    store
        .set_role(zone, two.id, Some(ZoneRole::Owner), &console())
        .await
        .unwrap();
    store
        .set_role(zone, one.id, None, &console())
        .await
        .unwrap();
    assert_eq!(store.role_of(zone, one.id).await.unwrap(), None);
    assert_eq!(
        store.roles_of(zone).await.unwrap(),
        [(two.clone(), ZoneRole::Owner)]
    );
    let refused = store
        .set_role(ZoneId::new(99), two.id, None, &console())
        .await;
    assert!(
        matches!(refused, Err(RoleError::NoSuchZone { .. })),
        "{refused:?}"
    );
    let refused = store
        .set_role(zone, AccountId::new(99), None, &console())
        .await;
    assert!(
        matches!(refused, Err(RoleError::NoSuchAccount { .. })),
        "{refused:?}"
    );
    store.shutdown().await;
}

async fn only_owners_and_the_console_give_roles(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, "example.test").await;
    let elsewhere = make_zone(&store, "other.test").await;
    let one = member(&store, "one@example.test").await;
    let two = member(&store, "two@example.test").await;
    let set = |zone, account: &Account, role| {
        let (store, account) = (store.clone(), account.id);
        async move { store.set_role(zone, account, role, &console()).await }
    };
    set(elsewhere, &two, Some(ZoneRole::Owner)).await.unwrap();
    for role in [None, Some(ZoneRole::Viewer), Some(ZoneRole::Editor)] {
        set(zone, &one, Some(ZoneRole::Owner)).await.unwrap();
        set(zone, &two, role).await.unwrap();
        let before = store.audit_entries(None, 100).await.unwrap().len();
        for (account, wish) in [(&two, Some(ZoneRole::Owner)), (&one, None)] {
            for actor in [
                Actor::Account(two.id),
                Actor::ApiToken(ApiTokenId::new(1)),
                Actor::Grant(GrantId::new(1)),
                Actor::Rules,
                Actor::Server,
            ] {
                let by = Origin {
                    actor,
                    address: None,
                };
                let refused = store.set_role(zone, account.id, wish, &by).await;
                assert!(
                    matches!(refused, Err(RoleError::NotAnOwner)),
                    "{actor:?}: {refused:?}"
                );
            }
        }
        // A role that it is already is no change.
        assert_eq!(set(zone, &two, role).await.unwrap().len(), 0);
        assert_eq!(store.role_of(zone, two.id).await.unwrap(), role);
        let after = store.audit_entries(None, 100).await.unwrap().len();
        assert_eq!(before, after, "what was not done is not written down");
    }
    let by = Origin {
        actor: Actor::Account(one.id),
        address: None,
    };
    let given = store.set_role(zone, two.id, Some(ZoneRole::Owner), &by);
    given.await.unwrap();
    let entry = store.audit_entries(None, 1).await.unwrap().remove(0);
    assert_eq!(entry.actor, Some(Actor::Account(one.id)));
    store.shutdown().await;
}

async fn owners_cannot_both_step_down_at_once(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, "example.test").await;
    let one = member(&store, "one@example.test").await;
    let two = member(&store, "two@example.test").await;
    for _ in 0..10 {
        for account in [&one, &two] {
            let owner = Some(ZoneRole::Owner);
            store
                .set_role(zone, account.id, owner, &console())
                .await
                .unwrap();
        }
        let by = console();
        let (first, second) = tokio::join!(
            store.set_role(zone, one.id, None, &by),
            store.set_role(zone, two.id, None, &by)
        );
        assert_ne!(first.is_ok(), second.is_ok());
        assert_eq!(store.roles_of(zone).await.unwrap().len(), 1);
    }
    store.shutdown().await;
}

async fn domain_connect_is_switched_and_stays(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, "example.test").await;
    for switch in [DomainConnect::Off, DomainConnect::Off, DomainConnect::On] {
        let answer = store.set_domain_connect(zone, switch).await.unwrap();
        assert_eq!(answer.version.0, 1, "no record changed");
        let is_served = || snapshot(&store, "example.test").discovery().is_some();
        assert_eq!(is_served(), switch == DomainConnect::On);
        store.load_all().await.unwrap();
        assert_eq!(is_served(), switch == DomainConnect::On);
        let entry = store.zone_by_apex(&name("example.test")).await.unwrap();
        assert_eq!(entry.unwrap().domain_connect, switch);
    }
    let nowhere = store
        .set_domain_connect(ZoneId::new(99), DomainConnect::Off)
        .await;
    assert!(
        matches!(nowhere, Err(CommitError::NoSuchZone { .. })),
        "{nowhere:?}"
    );
    store.shutdown().await;
}
