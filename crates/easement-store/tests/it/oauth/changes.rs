//! What is changed with a grant, and that one ends with what it rests on.

use std::time::Duration;

use easement_core::{Account, Actor, GrantEnd, GrantRefused, RefreshRule, ZoneRole};
use easement_store::{CommitError, CreateGrantError, Redeemed};

use super::{
    APEX, connect, fresh, furnish, grant_permit, new_grant, redeem, show_code, show_refresh,
};
use crate::support::{Place, console, make_zone, member, on_both, plan, secret, served, set_host};

on_both! {
    a_grant_changes_what_it_may_and_shows_in_the_history
    no_change_is_stored_for_a_grant_that_ended
    a_grant_ends_with_the_role_that_it_rests_on
    no_token_is_given_for_an_account_without_a_role
}

async fn a_grant_changes_what_it_may_and_shows_in_the_history(place: Place) {
    let store = place.open().await;
    let world = furnish(&store, RefreshRule::Rotate).await;
    let (permit, origin) = grant_permit(&store, &world, "shop").await;
    let other = store
        .commit(permit.clone(), connect(&store, "www"), origin.clone())
        .await;
    assert!(
        matches!(other, Err(CommitError::Grant(GrantRefused::Change { .. }))),
        "{other:?}"
    );
    let by_hand = plan(&store, APEX, set_host(&store, APEX, "shop", 9));
    let by_hand = store.commit(permit.clone(), by_hand, origin.clone()).await;
    assert!(matches!(by_hand, Err(CommitError::Grant(_))), "{by_hand:?}");
    assert_eq!(served(&store, APEX, "shop"), None);
    store
        .commit(permit, connect(&store, "shop"), origin)
        .await
        .unwrap();
    assert!(served(&store, APEX, "shop").is_some());
    let history = store.commits_of(world.zone, None, 1).await.unwrap();
    assert_eq!(history[0].actor, Actor::Grant(world.grant.id));
    let client = history[0].actor_client.as_ref().unwrap();
    assert_eq!(client.as_str(), "The app");
    let of_grant = store.commits_of_grant(world.grant.id, 10).await.unwrap();
    assert_eq!(of_grant.len(), 1);
    assert_eq!(of_grant[0].version, history[0].version);
    let of_account = store.commits_by(world.owner.id, 10).await.unwrap();
    assert_eq!(of_account[0].version, history[0].version);
    store.shutdown().await;
}

async fn no_change_is_stored_for_a_grant_that_ended(place: Place) {
    let store = place.open().await;
    let world = furnish(&store, RefreshRule::Rotate).await;
    let late = |permit, origin| store.commit(permit, connect(&store, "shop"), origin);
    let (permit, origin) = grant_permit(&store, &world, "shop").await;
    for role in [ZoneRole::Owner, ZoneRole::Editor] {
        let editor = member(&store, &format!("new-{role}@example.test")).await;
        let by = console();
        let set = store.set_role(world.zone, editor.id, Some(role), &by);
        set.await.unwrap();
    }
    let outcome = late(permit, origin).await;
    assert!(
        matches!(outcome, Err(CommitError::AccessChanged)),
        "{outcome:?}"
    );
    let (permit, origin) = grant_permit(&store, &world, "shop").await;
    assert!(
        store
            .disable_oauth_client(&world.client, &console())
            .await
            .unwrap()
    );
    let outcome = late(permit, origin).await;
    assert!(
        matches!(outcome, Err(CommitError::AccessChanged)),
        "{outcome:?}"
    );
    assert!(
        store
            .enable_oauth_client(&world.client, &console())
            .await
            .unwrap()
    );
    let (permit, origin) = grant_permit(&store, &world, "shop").await;
    let ended = store
        .end_grant(world.grant.id, GrantEnd::RevokedByOwner, &console())
        .await;
    assert!(ended.unwrap());
    let outcome = late(permit, origin).await;
    assert!(
        matches!(outcome, Err(CommitError::AccessChanged)),
        "{outcome:?}"
    );
    assert_eq!(served(&store, APEX, "shop"), None);
    store.shutdown().await;
}

async fn a_grant_ends_with_the_role_that_it_rests_on(place: Place) {
    let store = place.open().await;
    let world = furnish(&store, RefreshRule::Rotate).await;
    redeem(&store, &world, show_code(1), fresh(10, 11)).await;
    let elsewhere = make_zone(&store, "other.test").await;
    let other = member(&store, "other@example.test").await;
    let set = async |zone, account: &Account, role| {
        let ended = store
            .set_role(zone, account.id, role, &console())
            .await
            .unwrap();
        ended.iter().map(|entry| entry.grant.id).collect::<Vec<_>>()
    };
    let editor = Some(ZoneRole::Editor);
    set(elsewhere, &world.owner, editor).await;
    set(world.zone, &other, editor).await;
    let new = new_grant(&world.owner, &world.client, elsewhere, secret(2));
    let in_other_zone = store.create_grant(new).await.unwrap();
    let new = new_grant(&other, &world.client, world.zone, secret(3));
    let of_other = store.create_grant(new).await.unwrap();
    let mut new = new_grant(&world.owner, &world.client, world.zone, secret(4));
    new.expires_at = Some(place.now().plus(Duration::from_hours(1)));
    let expired = store.create_grant(new).await.unwrap();
    place.clock.advance(Duration::from_hours(1));
    let (permit, origin) = grant_permit(&store, &world, "shop").await;

    assert_eq!(
        set(world.zone, &world.owner, Some(ZoneRole::Owner)).await,
        []
    );
    let viewer = Some(ZoneRole::Viewer);
    set(world.zone, &other, Some(ZoneRole::Owner)).await;
    assert_eq!(
        set(world.zone, &world.owner, viewer).await,
        [world.grant.id]
    );
    let ended = async |id| store.grant(id).await.unwrap().unwrap().grant.ended;
    let because = Some((place.now(), GrantEnd::RoleLost));
    for (grant, expected) in [
        (&world.grant, because),
        (&in_other_zone, None),
        (&of_other, None),
        (&expired, None),
    ] {
        assert_eq!(ended(grant.id).await, expected);
    }
    let late = store.commit(permit, connect(&store, "shop"), origin).await;
    assert!(matches!(late, Err(CommitError::AccessChanged)), "{late:?}");
    let refused = store.create_grant(new_grant(
        &world.owner,
        &world.client,
        world.zone,
        secret(5),
    ));
    let refused = refused.await;
    assert!(
        matches!(refused, Err(CreateGrantError::NoRole)),
        "{refused:?}"
    );
    // The role comes back, and the access does not.
    assert_eq!(set(world.zone, &world.owner, editor).await, []);
    assert_eq!(ended(world.grant.id).await, because);
    let again = redeem(&store, &world, show_refresh(11), fresh(12, 13)).await;
    assert!(matches!(again, Redeemed::Refused(_)), "{again:?}");
    store.shutdown().await;
}

/// A role may have gone in another way, or before grants ended with it.
async fn no_token_is_given_for_an_account_without_a_role(place: Place) {
    let store = place.open().await;
    let world = furnish(&store, RefreshRule::Rotate).await;
    place.run_sql("DELETE FROM zone_role").await;
    let refused = redeem(&store, &world, show_code(1), fresh(10, 11)).await;
    assert!(
        matches!(
            refused,
            Redeemed::Ended {
                because: GrantEnd::RoleLost,
                ..
            }
        ),
        "{refused:?}"
    );
    let by = console();
    let role = store.set_role(world.zone, world.owner.id, Some(ZoneRole::Editor), &by);
    role.await.unwrap();
    let refused = redeem(&store, &world, show_code(1), fresh(10, 11)).await;
    assert!(matches!(refused, Redeemed::Refused(_)), "{refused:?}");
    store.shutdown().await;
}
