//! What is over is forgotten after a while.

use std::time::Duration;

use easement_core::{Actor, GrantEnd, OAuthTokenKind, RefreshRule, ZoneRole};

use super::{
    connect, fresh, furnish, grant_permit, is_live, new_grant, redeem, show_code, show_refresh,
};
use crate::support::{Place, console, member, on_both, secret};

on_both! {
    old_tokens_are_forgotten
    grants_that_ended_are_forgotten_and_the_history_is_not
    what_a_grant_hangs_on_takes_it_along
}

async fn old_tokens_are_forgotten(place: Place) {
    let store = place.open().await;
    let world = furnish(&store, RefreshRule::Rotate).await;
    let unused = new_grant(&world.owner, &world.client, world.zone, secret(2));
    let unused = store.create_grant(unused).await.unwrap();
    redeem(&store, &world, show_code(1), fresh(10, 11)).await;
    redeem(&store, &world, show_refresh(11), fresh(12, 13)).await;
    place.clock.advance(Duration::from_hours(26));
    store.forget_oauth_tokens().await.unwrap();
    assert!(store.grant(unused.id).await.unwrap().is_none());
    let count = |kind, token| {
        let store = store.clone();
        async move {
            let found = store.oauth_token(kind, &secret(token)).await.unwrap();
            found.is_some()
        }
    };
    assert!(!count(OAuthTokenKind::Code, 1).await);
    assert!(!count(OAuthTokenKind::Access, 10).await);
    // That a refresh token was used is remembered for a while.
    assert!(count(OAuthTokenKind::Refresh, 11).await);
    place.clock.advance(Duration::from_hours(24 * 30));
    store.forget_oauth_tokens().await.unwrap();
    assert!(!count(OAuthTokenKind::Refresh, 11).await);
    assert!(count(OAuthTokenKind::Refresh, 13).await);
    assert!(store.grant(world.grant.id).await.unwrap().is_some());
    store.shutdown().await;
}

async fn grants_that_ended_are_forgotten_and_the_history_is_not(place: Place) {
    let store = place.open().await;
    let world = furnish(&store, RefreshRule::Rotate).await;
    let (permit, origin) = grant_permit(&store, &world, "shop").await;
    store
        .commit(permit, connect(&store, "shop"), origin)
        .await
        .unwrap();
    let mut new = new_grant(&world.owner, &world.client, world.zone, secret(2));
    new.expires_at = Some(place.now().plus(Duration::from_hours(1)));
    let expiring = store.create_grant(new).await.unwrap();
    let new = new_grant(&world.owner, &world.client, world.zone, secret(3));
    let live = store.create_grant(new).await.unwrap();
    let ended = store
        .end_grant(world.grant.id, GrantEnd::RevokedByOwner, &console())
        .await;
    assert!(ended.unwrap());
    assert_eq!(store.forget_grants(place.now()).await.unwrap(), 0);
    place.clock.advance(Duration::from_mins(1));
    assert_eq!(store.forget_grants(place.now()).await.unwrap(), 1);
    assert!(store.grant(world.grant.id).await.unwrap().is_none());
    assert!(store.grant(expiring.id).await.unwrap().is_some());
    let who = async || {
        let history = store.commits_of(world.zone, None, 1).await.unwrap();
        assert_eq!(history[0].actor, Actor::Grant(world.grant.id));
        let client = history[0].actor_client.clone();
        client.map(|name| name.to_string())
    };
    assert_eq!(who().await.as_deref(), Some("The app"));
    place.clock.advance(Duration::from_hours(2));
    assert_eq!(store.forget_grants(place.now()).await.unwrap(), 1);
    assert!(store.grant(expiring.id).await.unwrap().is_none());
    assert!(store.grant(live.id).await.unwrap().is_some());
    assert!(
        store
            .delete_oauth_client(&world.client, &console())
            .await
            .unwrap()
    );
    assert_eq!(who().await.as_deref(), Some("The app"));
    store.shutdown().await;
}

async fn what_a_grant_hangs_on_takes_it_along(place: Place) {
    let store = place.open().await;
    let world = furnish(&store, RefreshRule::Rotate).await;
    redeem(&store, &world, show_code(1), fresh(10, 11)).await;
    let other = member(&store, "other@example.test").await;
    let by = console();
    let role = store.set_role(world.zone, other.id, Some(ZoneRole::Editor), &by);
    role.await.unwrap();
    let new = new_grant(&other, &world.client, world.zone, secret(2));
    let second = store.create_grant(new).await.unwrap();
    let (permit, origin) = grant_permit(&store, &world, "shop").await;
    let done = store.commit(permit, connect(&store, "shop"), origin);
    done.await.unwrap();
    let email = world.owner.email.clone();
    store
        .delete_account(world.owner.id, email, (Actor::Console, None))
        .await
        .unwrap();
    assert!(store.grant(world.grant.id).await.unwrap().is_none());
    assert!(!is_live(&store, 10).await);
    assert!(
        store
            .delete_oauth_client(&world.client, &console())
            .await
            .unwrap()
    );
    assert!(store.grant(second.id).await.unwrap().is_none());
    assert_eq!(store.grants_of_account(other.id).await.unwrap(), []);
    let history = store.commits_of(world.zone, None, 1).await.unwrap();
    let client = history[0].actor_client.as_ref().unwrap();
    assert_eq!(client.as_str(), "The app", "who it was stays");
    store.shutdown().await;
}
