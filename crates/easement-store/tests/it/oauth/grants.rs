//! What owners granted, and how much of it there may be.

use std::time::Duration;

use easement_core::{GrantEnd, RefreshRule, ZoneId, ZoneRole};
use easement_store::{CreateGrantError, Store};

use super::{APEX, furnish, new_grant};
use crate::support::{Place, console, make_zone, member, on_both, secret};

on_both! {
    grants_are_listed_with_those_that_count_first
    a_zone_and_an_account_have_so_many_grants_and_no_more
}

async fn grants_are_listed_with_those_that_count_first(place: Place) {
    let store = place.open().await;
    let world = furnish(&store, RefreshRule::Rotate).await;
    let other = member(&store, "other@example.test").await;
    let elsewhere = make_zone(&store, "other.test").await;
    for zone in [elsewhere, world.zone] {
        let by = console();
        let role = store.set_role(zone, other.id, Some(ZoneRole::Editor), &by);
        role.await.unwrap();
    }
    let mut new = new_grant(&other, &world.client, elsewhere, secret(2));
    new.expires_at = Some(place.now().plus(Duration::from_hours(1)));
    let second = store.create_grant(new).await.unwrap();
    let new = new_grant(&other, &world.client, world.zone, secret(3));
    let third = store.create_grant(new).await.unwrap();
    let of_owner = store.grants_of_account(world.owner.id).await.unwrap();
    assert_eq!(of_owner.len(), 1);
    assert_eq!(of_owner[0].grant, world.grant);
    store.note_grant_use(third.id).await.unwrap();
    let because = GrantEnd::RevokedByOwner;
    assert!(
        store
            .end_grant(third.id, because, &console())
            .await
            .unwrap()
    );
    let again = store
        .end_grant(third.id, GrantEnd::CodeReplayed, &console())
        .await;
    assert!(!again.unwrap(), "it ended before");
    let ended = store.grant(third.id).await.unwrap().unwrap().grant;
    assert_eq!(ended.ended, Some((place.now(), because)));
    assert_eq!(ended.used_at, Some(place.now()));
    // One page after the other, of one each.
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = store.grants_seen_by(other.id, after, 1).await.unwrap();
        let [listed] = page.as_slice() else { break };
        assert_eq!(listed.giver, other.email);
        seen.push((listed.entry.grant.id, listed.apex.to_text()));
        after = Some(listed.cursor);
    }
    let expected = [
        (second.id, "other.test".to_owned()),
        (third.id, APEX.to_owned()),
    ];
    assert_eq!(seen, expected, "an editor sees nothing of others");
    let ids = |listed: Vec<easement_store::ListedGrant>| {
        let ids = listed.iter().map(|listed| listed.entry.grant.id);
        ids.collect::<Vec<_>>()
    };
    let own = store.grants_seen_by(world.owner.id, None, 9).await.unwrap();
    assert_eq!(ids(own), [world.grant.id]);
    let by = console();
    let role = store.set_role(world.zone, world.owner.id, Some(ZoneRole::Owner), &by);
    role.await.unwrap();
    let as_owner = store.grants_seen_by(world.owner.id, None, 9).await.unwrap();
    assert_eq!(as_owner[1].giver, other.email);
    assert_eq!(ids(as_owner), [world.grant.id, third.id]);
    let (other_id, client) = (other.id, world.client.id);
    let has = async |zone| {
        let has = store.has_live_grant(other_id, zone, client).await;
        has.unwrap()
    };
    assert!(has(elsewhere).await && !has(world.zone).await);
    assert_eq!(store.count_live_grants(client).await.unwrap(), 2);
    place.clock.advance(Duration::from_hours(1));
    assert!(!has(elsewhere).await, "its time is over");
    assert_eq!(store.count_live_grants(client).await.unwrap(), 1);
    let of_other = store.grants_seen_by(other.id, None, 9).await.unwrap();
    assert_eq!(ids(of_other), [third.id, second.id]);
    let nowhere = new_grant(&other, &world.client, ZoneId::new(999), secret(4));
    let refused = store.create_grant(nowhere).await;
    assert!(
        matches!(refused, Err(CreateGrantError::Gone)),
        "{refused:?}"
    );
    store.shutdown().await;
}

async fn a_zone_and_an_account_have_so_many_grants_and_no_more(place: Place) {
    let store = place.open().await;
    let world = furnish(&store, RefreshRule::Rotate).await;
    let copies = |first: u64, count: u64, zone: ZoneId| {
        // From one to many, without an epoch for each.
        format!(
            "INSERT INTO oauth_grant (account_id, zone_id, client_kind, client_id, rights, created_at) \
             WITH RECURSIVE number (one) AS (SELECT {first} UNION ALL SELECT one + 1 FROM number \
             WHERE one < {last}) SELECT account_id, {zone}, client_kind, client_id, rights, created_at \
             FROM oauth_grant, number WHERE oauth_grant.id = {grant}",
            last = first + count - 1,
            grant = world.grant.id,
        )
        .leak()
    };
    let most = Store::MAX_GRANTS_OF_ZONE;
    place.run_sql(copies(1, most - 1, world.zone)).await;
    let other = member(&store, "other@example.test").await;
    let by = console();
    let role = store.set_role(world.zone, other.id, Some(ZoneRole::Editor), &by);
    role.await.unwrap();
    let new = new_grant(&other, &world.client, world.zone, secret(2));
    let refused = store.create_grant(new.clone()).await;
    let refused = refused.unwrap_err();
    assert!(
        matches!(refused, CreateGrantError::TooManyInZone),
        "{refused:?}"
    );
    assert!(refused.to_string().contains("200"), "{refused}");
    let ended = store
        .end_grant(world.grant.id, GrantEnd::RevokedByOwner, &console())
        .await;
    assert!(ended.unwrap());
    store.create_grant(new).await.unwrap();
    let elsewhere = make_zone(&store, "other.test").await;
    place
        .run_sql(copies(1, Store::MAX_GRANTS - most + 1, elsewhere))
        .await;
    let third = make_zone(&store, "third.test").await;
    let new = new_grant(&world.owner, &world.client, third, secret(3));
    let refused = store.create_grant(new).await;
    assert!(
        matches!(refused, Err(CreateGrantError::TooMany)),
        "{refused:?}"
    );
    store.shutdown().await;
}
