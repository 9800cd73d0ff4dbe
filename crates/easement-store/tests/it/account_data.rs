//! The end of an account, and how long addresses are kept.

use std::time::Duration;

use easement_core::{Actor, AuditEvent, Origin, Permit, Standing, ZoneAction, ZoneRole};
use easement_store::{DeleteAccountError, Forgotten, ThrottleKey};

use crate::support::{
    Place, console, email, make_zone, member, name, on_both, plan, served, set_host,
};

on_both! {
    an_account_ends_with_all_that_lets_it_in
    the_last_operator_stays
    addresses_are_forgotten_in_time
}

const APEX: &str = "example.test";

async fn an_account_ends_with_all_that_lets_it_in(place: Place) {
    let store = place.open().await;
    let (owner, other) = (
        member(&store, "owner@example.test").await,
        member(&store, "other@example.test").await,
    );
    let (alone, shared) = (
        make_zone(&store, APEX).await,
        make_zone(&store, "shared.test").await,
    );
    for (zone, account) in [(alone, &owner), (shared, &owner), (shared, &other)] {
        store
            .set_role(zone, account.id, Some(ZoneRole::Owner), &console())
            .await
            .unwrap();
    }
    let key = ThrottleKey::Account(owner.email.clone());
    store
        .note_failure(&key, &easement_core::ThrottlePolicy::ACCOUNT)
        .await
        .unwrap();
    let new = crate::api_tokens::new_token(&owner, 'a', "home.example.test");
    let token = store.create_api_token(new).await.unwrap();
    assert_eq!(
        store.zones_only_of(owner.id, 10).await.unwrap(),
        [name(APEX)]
    );
    let epoch = store.read_access_epoch().await.unwrap();
    let by = (Actor::Account(owner.id), Some("192.0.2.1".parse().unwrap()));
    store
        .delete_account(owner.id, owner.email.clone(), by)
        .await
        .unwrap();
    assert!(
        store.read_access_epoch().await.unwrap() > epoch,
        "what tokens may do is asked anew"
    );
    assert!(store.account(owner.id).await.unwrap().is_none());
    assert!(store.api_token(token.id).await.unwrap().is_none());
    assert!(store.role_of(alone, owner.id).await.unwrap().is_none());
    assert_eq!(
        store.attempts(&key).await.unwrap(),
        easement_core::Attempts::default()
    );
    assert!(
        store.zone_by_apex(&name(APEX)).await.unwrap().is_some(),
        "its zones go on"
    );
    let entry = store.audit_entries(None, 1).await.unwrap().remove(0);
    assert_eq!(
        entry.event,
        AuditEvent::AccountDeleted { account: owner.id }
    );
    let again = store.delete_account(owner.id, owner.email, by).await;
    assert!(
        matches!(again, Err(DeleteAccountError::NoSuchAccount)),
        "{again:?}"
    );
}

async fn the_last_operator_stays(place: Place) {
    let store = place.open().await;
    let mut operators = Vec::new();
    for address in ["one@example.test", "two@example.test"] {
        let address = email(address);
        let made = store.create_account(&address, None, Standing::Operator);
        operators.push(made.await.unwrap());
    }
    let console = (Actor::Console, None);
    let [one, two] = &operators[..] else {
        unreachable!();
    };
    store
        .delete_account(one.id, one.email.clone(), console)
        .await
        .unwrap();
    let refused = store
        .delete_account(two.id, two.email.clone(), console)
        .await;
    assert!(
        matches!(refused, Err(DeleteAccountError::LastOperator(_))),
        "{refused:?}"
    );
    assert!(store.account(two.id).await.unwrap().is_some());
    let entries = store.audit_entries(None, 10).await.unwrap();
    assert_eq!(entries.len(), 1, "what was not done is not written down");
}

async fn addresses_are_forgotten_in_time(place: Place) {
    let store = place.open().await;
    let owner = member(&store, "owner@example.test").await;
    let zone = make_zone(&store, APEX).await;
    let address = Some("192.0.2.1".parse().unwrap());
    let day = Duration::from_hours(24);
    for last in 1..=3 {
        let role = Some(ZoneRole::Owner);
        let permit =
            Permit::for_account(owner.id, role, ZoneAction::Change, zone, &name(APEX)).unwrap();
        let origin = Origin {
            actor: permit.actor(),
            address,
        };
        let plan = plan(&store, APEX, set_host(&store, APEX, "www", last));
        store.commit(permit, plan, origin).await.unwrap();
        store
            .append_audit(
                Some(Actor::Account(owner.id)),
                address,
                &AuditEvent::SignedOut,
            )
            .await
            .unwrap();
        place.clock.advance(day);
    }
    let now = store.serving().clock.now();
    let mut after = Forgotten::default();
    // Two days are kept, then one; each time the walk goes on where it stopped.
    for (kept, left) in [(2, 2), (1, 1), (1, 1)] {
        let before = now.minus(day * kept).plus(Duration::from_secs(1));
        store.forget_addresses(before, &mut after).await.unwrap();
        let commits = store.commits_by(owner.id, 10).await.unwrap();
        let audit = store.audit_of(owner.id, 10).await.unwrap();
        assert_eq!(
            (commits.len(), audit.len()),
            (3, 3),
            "what was done is kept"
        );
        let with_address =
            |addresses: Vec<Option<std::net::IpAddr>>| addresses.into_iter().flatten().count();
        assert_eq!(
            with_address(commits.iter().map(|one| one.address).collect()),
            left - 1
        );
        assert_eq!(
            with_address(audit.iter().map(|one| one.address).collect()),
            left - 1
        );
    }
    assert!(served(&store, APEX, "www").is_some());
}
