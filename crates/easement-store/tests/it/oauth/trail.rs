//! What happens to rights is in the audit trail, or did not happen.

use std::time::Duration;

use easement_core::{Actor, AuditEvent, GrantEnd, Origin, RefreshRule, ZonePurpose};
use easement_store::{Redeemed, Store};

use super::{World, client_secret, fresh, furnish, redeem, registration, show_code};
use crate::support::{Place, on_both, password};

on_both! {
    every_change_of_rights_is_told_once
    a_replayed_code_is_told_with_the_end_of_its_grant
    what_cannot_be_told_does_not_happen
}

/// Who makes the changes.
fn somebody() -> Origin {
    Origin {
        actor: Actor::Console,
        address: Some("192.0.2.7".parse().unwrap()),
    }
}

/// What was told since there were so many entries, the oldest first, by whom there is no doubt.
async fn told(store: &Store, by: &Origin, known: usize) -> Vec<AuditEvent> {
    let mut entries = store.audit_entries(None, 1000).await.unwrap();
    entries.truncate(entries.len() - known);
    entries.reverse();
    let events = entries.into_iter().map(|entry| {
        assert_eq!((entry.actor, entry.address), (Some(by.actor), by.address));
        entry.event
    });
    events.collect()
}

async fn count(store: &Store) -> usize {
    store.audit_entries(None, 1000).await.unwrap().len()
}

async fn every_change_of_rights_is_told_once(place: Place) {
    let store = place.open().await;
    let World {
        zone,
        owner,
        client,
        grant,
    } = furnish(&store, RefreshRule::Rotate).await;
    let (known, by) = (count(&store).await, somebody());
    let name = || client.registration.client.clone();
    let because = GrantEnd::RevokedByOwner;
    for is_first in [true, false] {
        let other = registration("other.example", RefreshRule::Rotate);
        let created = store.create_oauth_client(other, &by).await;
        assert_eq!(created.is_ok(), is_first);
        let ended = store.end_grant(grant.id, because, &by).await;
        assert_eq!(ended.unwrap(), is_first);
        let disabled = store.disable_oauth_client(&client, &by).await;
        assert_eq!(disabled.unwrap(), is_first);
    }
    for is_first in [true, false] {
        let enabled = store.enable_oauth_client(&client, &by).await;
        assert_eq!(enabled.unwrap(), is_first);
    }
    let secret = client_secret("second").hash();
    let rotated = store.rotate_oauth_client(&client, secret, Duration::ZERO, &by);
    assert!(rotated.await.unwrap());
    for is_first in [true, false] {
        let deleted = store.delete_oauth_client(&client, &by).await;
        assert_eq!(deleted.unwrap(), is_first);
    }
    let marked = store.set_zone_purpose(zone, ZonePurpose::Testing, &by);
    assert!(marked.await.unwrap());
    let set = store
        .set_password(owner.id, &password("$argon2id$"), None, &by)
        .await;
    assert!(set.unwrap());
    assert_eq!(
        told(&store, &by, known).await,
        [
            AuditEvent::ClientCreated {
                client: "other.example".parse().unwrap()
            },
            AuditEvent::GrantEnded {
                client: easement_core::HolderId::Client(name()),
                apex: "example.test".to_owned(),
                because,
            },
            AuditEvent::ClientDisabled { client: name() },
            AuditEvent::ClientEnabled { client: name() },
            AuditEvent::ClientRotated { client: name() },
            AuditEvent::ClientDeleted { client: name() },
            AuditEvent::ZonePurposeSet {
                apex: "example.test".to_owned(),
                purpose: ZonePurpose::Testing,
            },
            AuditEvent::PasswordChanged,
        ]
    );
    store.shutdown().await;
}

async fn a_replayed_code_is_told_with_the_end_of_its_grant(place: Place) {
    let store = place.open().await;
    let world = furnish(&store, RefreshRule::Rotate).await;
    redeem(&store, &world, show_code(1), fresh(10, 11)).await;
    let known = count(&store).await;
    for is_first in [true, false] {
        let replayed = redeem(&store, &world, show_code(1), fresh(12, 13)).await;
        assert_eq!(matches!(replayed, Redeemed::Ended { .. }), is_first);
    }
    let by = Origin {
        actor: Actor::Grant(world.grant.id),
        address: None,
    };
    let [AuditEvent::GrantEnded { because, .. }] = &told(&store, &by, known).await[..] else {
        panic!("one end is told");
    };
    assert_eq!(*because, GrantEnd::CodeReplayed);
    store.shutdown().await;
}

async fn what_cannot_be_told_does_not_happen(place: Place) {
    let store = place.open().await;
    let World {
        zone,
        owner,
        client,
        grant,
    } = furnish(&store, RefreshRule::Rotate).await;
    let by = somebody();
    place
        .run_sql("ALTER TABLE audit_entry RENAME TO audit_entry_away")
        .await;
    let other = registration("other.example", RefreshRule::Rotate);
    assert!(store.create_oauth_client(other, &by).await.is_err());
    let ended = store.end_grant(grant.id, GrantEnd::RevokedByOwner, &by);
    assert!(ended.await.is_err());
    assert!(store.disable_oauth_client(&client, &by).await.is_err());
    let secret = client_secret("second").hash();
    let rotated = store.rotate_oauth_client(&client, secret, Duration::ZERO, &by);
    assert!(rotated.await.is_err());
    assert!(store.delete_oauth_client(&client, &by).await.is_err());
    let marked = store.set_zone_purpose(zone, ZonePurpose::Testing, &by);
    assert!(marked.await.is_err());
    let set = store
        .set_password(owner.id, &password("$argon2id$"), None, &by)
        .await;
    assert!(set.is_err());

    let clients = store.oauth_clients().await.unwrap();
    assert_eq!(clients, [client]);
    let entry = store.grant(grant.id).await.unwrap().unwrap();
    assert_eq!(entry.grant, grant);
    let apex = "example.test".parse().unwrap();
    let entry = store.zone_by_apex(&apex).await.unwrap().unwrap();
    assert_eq!(entry.purpose, ZonePurpose::Live);
    let stored = store.account(owner.id).await.unwrap().unwrap();
    assert_eq!(stored.password, None);
    place
        .run_sql("ALTER TABLE audit_entry_away RENAME TO audit_entry")
        .await;
    store.shutdown().await;
}
