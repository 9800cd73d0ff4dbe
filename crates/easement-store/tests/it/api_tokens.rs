//! API tokens, what they may change, and how soon that ends.

use std::sync::Arc;
use std::time::Duration;

use easement_core::{
    Account, Actor, ApiToken, Operations, Origin, Permit, PlanBase, PublicTokenId, TokenChain,
    TokenKind, TokenLimits, TokenRefused, ZoneAction, ZoneId, ZonePurpose, ZoneRole,
};
use easement_store::{CommitError, CreateTokenError, NewApiToken, Store, StoredSecret};
use easement_zone::{ChangeSet, RecordType};

use crate::support::{
    Place, console, make_zone, member, name, on_both, password, permit, plan, served, set_host,
};

on_both! {
    a_token_is_found_by_the_part_that_is_no_secret
    what_was_made_from_a_token_is_listed_and_nothing_else
    a_token_ends_with_what_it_was_made_from
    a_rotated_token_has_two_secrets_for_a_while
    what_happens_to_a_token_is_in_the_audit_trail
    an_account_has_room_for_so_many_tokens
    a_token_changes_what_it_may_and_nothing_else
    no_change_is_stored_for_a_token_that_was_revoked
    updates_of_one_zone_need_not_wait_for_each_other
    uses_and_refusals_are_noted
    a_zone_is_marked_for_testing
}

const APEX: &str = "example.test";

fn public_id(last: char) -> PublicTokenId {
    format!("abcdefghijk{last}").parse().unwrap()
}

fn secret_of(last: char) -> StoredSecret {
    StoredSecret {
        public_id: public_id(last),
        hash: password(&format!("$argon2id${last}")),
    }
}

fn limits(names: &str) -> TokenLimits {
    let names = vec![names.parse().unwrap()];
    TokenLimits::new(names, vec![RecordType::A], Operations::all())
}

pub(crate) fn new_token(account: &Account, last: char, names: &str) -> NewApiToken {
    NewApiToken {
        account: account.id,
        parent: None,
        kind: TokenKind::Live,
        name: "Router at home".parse().unwrap(),
        limits: limits(names),
        secret: secret_of(last),
        origin: console(),
    }
}

async fn create(store: &Store, account: &Account, last: char, names: &str) -> ApiToken {
    let new = new_token(account, last, names);
    store.create_api_token(new).await.unwrap()
}

async fn create_below(store: &Store, parent: &ApiToken, account: &Account, last: char) -> ApiToken {
    let new = NewApiToken {
        parent: Some(parent.id),
        ..new_token(account, last, "home.example.test")
    };
    store.create_api_token(new).await.unwrap()
}

async fn chain(store: &Store, token: &ApiToken) -> TokenChain {
    store.api_token(token.id).await.unwrap().unwrap()
}

//------------ Keep ------------------------------------------------------------------------------

async fn a_token_is_found_by_the_part_that_is_no_secret(place: Place) {
    let store = place.open().await;
    let owner = member(&store, "owner@example.test").await;
    let token = create(&store, &owner, 'a', "*.example.test").await;
    let below = create_below(&store, &token, &owner, 'b').await;
    let found = store
        .api_token_by_public_id(&public_id('b'))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        found.chain,
        TokenChain::new(below.clone(), vec![token.clone()])
    );
    assert_eq!(found.hash, password("$argon2id$b"));
    assert_eq!(found.secret_expires_at, None);
    assert!(
        store
            .api_token_by_public_id(&public_id('c'))
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(
        store.api_tokens_of(owner.id).await.unwrap(),
        [below.clone(), token.clone()]
    );
    assert_eq!(store.all_api_tokens(1).await.unwrap(), [below]);
    store.shutdown().await;
}

async fn what_was_made_from_a_token_is_listed_and_nothing_else(place: Place) {
    let store = place.open().await;
    let owner = member(&store, "owner@example.test").await;
    let token = create(&store, &owner, 'a', "*.example.test").await;
    let below = create_below(&store, &token, &owner, 'b').await;
    let deeper = create_below(&store, &below, &owner, 'c').await;
    let other = create(&store, &owner, 'd', "*.example.test").await;
    let listed = |from: &ApiToken| {
        let (store, id) = (store.clone(), from.id);
        async move {
            let tokens = store.api_tokens_below(id).await.unwrap();
            tokens.iter().map(|one| one.id).collect::<Vec<_>>()
        }
    };
    assert_eq!(listed(&token).await, [deeper.id, below.id]);
    assert_eq!(listed(&below).await, [deeper.id]);
    assert_eq!(listed(&other).await, []);
    // When there are too many, those that were revoked are left out first.
    assert!(store.revoke_api_token(&other, &console()).await.unwrap());
    let few = store.some_api_tokens_of(owner.id, 3).await.unwrap();
    let few: Vec<_> = few.iter().map(|one| one.id).collect();
    assert_eq!(few, [deeper.id, below.id, token.id]);
    store.shutdown().await;
}

async fn a_token_ends_with_what_it_was_made_from(place: Place) {
    let store = place.open().await;
    let owner = member(&store, "owner@example.test").await;
    let token = create(&store, &owner, 'a', "*.example.test").await;
    let below = create_below(&store, &token, &owner, 'b').await;
    assert!(store.revoke_api_token(&token, &console()).await.unwrap());
    assert!(
        !store.revoke_api_token(&token, &console()).await.unwrap(),
        "it was revoked before"
    );
    let revoked = chain(&store, &below).await;
    let ends: Vec<bool> = revoked.iter().map(|one| one.revoked_at.is_some()).collect();
    assert_eq!(ends, [false, true]);
    let late = NewApiToken {
        parent: Some(below.id),
        ..new_token(&owner, 'c', "home.example.test")
    };
    let refused = store.create_api_token(late).await;
    assert!(
        matches!(refused, Err(CreateTokenError::ParentGone)),
        "{refused:?}"
    );
    let other = member(&store, "other@example.test").await;
    let foreign = create(&store, &other, 'd', "other.test").await;
    let stolen = NewApiToken {
        parent: Some(foreign.id),
        ..new_token(&owner, 'e', "other.test")
    };
    let refused = store.create_api_token(stolen).await;
    assert!(
        matches!(refused, Err(CreateTokenError::ParentGone)),
        "{refused:?}"
    );
    store.shutdown().await;
}

async fn a_rotated_token_has_two_secrets_for_a_while(place: Place) {
    let store = place.open().await;
    let owner = member(&store, "owner@example.test").await;
    let token = create(&store, &owner, 'a', "*.example.test").await;
    let below = create_below(&store, &token, &owner, 'd').await;
    let day = Duration::from_hours(24);
    assert!(
        store
            .rotate_api_token(&token, secret_of('b'), day, &console())
            .await
            .unwrap()
    );
    let ends_at = store.serving().clock.now().plus(day);
    let end_of = async |last| {
        let found = store
            .api_token_by_public_id(&public_id(last))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(found.chain.token().id, token.id);
        assert_eq!(found.chain.token().public_id, public_id('b'));
        found.secret_expires_at
    };
    assert_eq!(
        (end_of('a').await, end_of('b').await),
        (Some(ends_at), None)
    );
    let kept = chain(&store, &below).await;
    assert!(
        kept.iter().all(|one| one.revoked_at.is_none()),
        "what was made with the secret before stays"
    );
    store.revoke_api_token(&token, &console()).await.unwrap();
    assert!(
        !store
            .rotate_api_token(&token, secret_of('c'), day, &console())
            .await
            .unwrap()
    );
    assert!(
        store
            .api_token_by_public_id(&public_id('c'))
            .await
            .unwrap()
            .is_none()
    );
    store.shutdown().await;
}

async fn what_happens_to_a_token_is_in_the_audit_trail(place: Place) {
    let store = place.open().await;
    let owner = member(&store, "owner@example.test").await;
    let token = create(&store, &owner, 'a', "example.test").await;
    let by = console();
    let rotated = store.rotate_api_token(&token, secret_of('b'), Duration::ZERO, &by);
    assert!(rotated.await.unwrap());
    for is_first in [true, false] {
        let revoked = store.revoke_api_token(&token, &console()).await.unwrap();
        assert_eq!(revoked, is_first);
    }
    // What is refused did not happen.
    let rotated = store.rotate_api_token(&token, secret_of('c'), Duration::ZERO, &by);
    assert!(!rotated.await.unwrap());
    let orphan = NewApiToken {
        parent: Some(token.id),
        ..new_token(&owner, 'd', "example.test")
    };
    assert!(store.create_api_token(orphan).await.is_err());
    let entries = store.audit_entries(None, 100).await.unwrap();
    let about = entries.iter().filter_map(|entry| {
        let event = serde_json::to_value(&entry.event).unwrap();
        let public_id = event.get("public_id")?.as_str()?.to_owned();
        Some((event["event"].as_str()?.to_owned(), public_id))
    });
    let expected = [
        ("api_token_revoked", 'a'),
        ("api_token_rotated", 'b'),
        ("api_token_created", 'a'),
    ];
    let expected = expected.map(|(what, last)| (what.to_owned(), public_id(last).to_string()));
    assert_eq!(about.collect::<Vec<_>>(), expected);
    store.shutdown().await;
}

async fn an_account_has_room_for_so_many_tokens(place: Place) {
    let store = place.open().await;
    let owner = member(&store, "owner@example.test").await;
    let mut deepest = create(&store, &owner, 'a', "home.example.test").await;
    for last in ('b'..).take(TokenChain::MAX_LENGTH - 1) {
        deepest = create_below(&store, &deepest, &owner, last).await;
    }
    assert_eq!(
        chain(&store, &deepest).await.iter().count(),
        TokenChain::MAX_LENGTH
    );
    let deeper = NewApiToken {
        parent: Some(deepest.id),
        ..new_token(&owner, 'z', "home.example.test")
    };
    let refused = store.create_api_token(deeper).await;
    assert!(
        matches!(refused, Err(CreateTokenError::TooDeep)),
        "{refused:?}"
    );
    place
        .run_sql(
            "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 1000) \
             INSERT INTO api_token (account_id, kind, name, limits, created_at) \
             SELECT (SELECT max(id) FROM account), 'live', 'many', '{}', 0 FROM number",
        )
        .await;
    let refused = store
        .create_api_token(new_token(&owner, 'y', "a.test"))
        .await;
    assert!(
        matches!(refused, Err(CreateTokenError::TooMany)),
        "{refused:?}"
    );
    // Those that have expired take no room.
    place
        .run_sql(
            "DELETE FROM api_token WHERE id = (SELECT max(id) FROM api_token WHERE name = 'many')",
        )
        .await;
    place
        .run_sql("UPDATE api_token SET revoked_at = 0 WHERE name = 'Router at home'")
        .await;
    let day = Duration::from_hours(24);
    let short = NewApiToken {
        name: "Short".parse().unwrap(),
        limits: TokenLimits {
            expires_at: Some(place.now().plus(day)),
            ..limits("home.example.test")
        },
        ..new_token(&owner, 'x', "home.example.test")
    };
    store.create_api_token(short).await.unwrap();
    place
        .run_sql(
            "UPDATE api_token SET limits = (SELECT limits FROM api_token WHERE name = 'Short') \
             WHERE name = 'many'",
        )
        .await;
    let late = || new_token(&owner, 'y', "a.test");
    let refused = store.create_api_token(late()).await;
    assert!(
        matches!(refused, Err(CreateTokenError::TooMany)),
        "{refused:?}"
    );
    place.clock.advance(day);
    store.create_api_token(late()).await.unwrap();
    store.shutdown().await;
}

//------------ Change ----------------------------------------------------------------------------

/// The permit of a token in a zone, and who is noted.
async fn token_permit(store: &Store, token: &ApiToken, zone: ZoneId) -> (Permit, Origin) {
    let role = store.role_of(zone, token.account).await.unwrap();
    let permit = Permit::for_token(
        Arc::new(chain(store, token).await),
        role,
        ZoneAction::Change,
        (zone, &name(APEX), ZonePurpose::Live),
        store.read_access_epoch().await.unwrap(),
    );
    let origin = Origin {
        actor: Actor::ApiToken(token.id),
        address: Some("192.0.2.1".parse().unwrap()),
    };
    (permit.unwrap(), origin)
}

/// A zone, its owner, and a token of the owner's for `home`.
async fn furnish(store: &Store) -> (ZoneId, Account, ApiToken) {
    let zone = make_zone(store, APEX).await;
    let owner = member(store, "owner@example.test").await;
    store
        .set_role(zone, owner.id, Some(ZoneRole::Editor), &console())
        .await
        .unwrap();
    let token = create(store, &owner, 'a', "*.home.example.test").await;
    (zone, owner, token)
}

fn set(store: &Store, host: &str, last: u8) -> easement_core::ZonePlan {
    plan(store, APEX, set_host(store, APEX, host, last))
}

async fn a_token_changes_what_it_may_and_nothing_else(place: Place) {
    let store = place.open().await;
    let (zone, _, token) = furnish(&store).await;
    let (permit, origin) = token_permit(&store, &token, zone).await;
    let allowed = store
        .commit(permit.clone(), set(&store, "home", 1), origin.clone())
        .await;
    allowed.unwrap();
    let refused = store
        .commit(permit.clone(), set(&store, "evilhome", 1), origin.clone())
        .await;
    let Err(CommitError::Token(TokenRefused::Name { owner })) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(owner, name("evilhome.example.test"));
    let mut both = set_host(&store, APEX, "home", 2);
    for (_, change) in set_host(&store, APEX, "other", 2).iter() {
        both.record(change.before.clone(), change.after.clone());
    }
    let refused = store
        .commit(permit.clone(), plan(&store, APEX, both), origin.clone())
        .await;
    assert!(matches!(refused, Err(CommitError::Token(_))), "{refused:?}");
    assert_eq!(served(&store, APEX, "other"), None, "not half of it either");
    let as_somebody_else = store
        .commit(permit, set(&store, "home", 3), console())
        .await;
    assert!(
        matches!(as_somebody_else, Err(CommitError::NotPermitted { .. })),
        "{as_somebody_else:?}"
    );
    let history = store.commits_of(zone, None, 1).await.unwrap();
    assert_eq!(history[0].actor, Actor::ApiToken(token.id));
    store.shutdown().await;
}

async fn no_change_is_stored_for_a_token_that_was_revoked(place: Place) {
    let store = place.open().await;
    let (zone, owner, token) = furnish(&store).await;
    let (before, origin) = token_permit(&store, &token, zone).await;
    // A role is taken: what the token may do changed with it.
    store
        .set_role(zone, owner.id, None, &console())
        .await
        .unwrap();
    let late = store
        .commit(before, set(&store, "home", 1), origin.clone())
        .await;
    assert!(matches!(late, Err(CommitError::AccessChanged)), "{late:?}");
    store
        .set_role(zone, owner.id, Some(ZoneRole::Editor), &console())
        .await
        .unwrap();
    let (before, _) = token_permit(&store, &token, zone).await;
    let known = store.access_epoch();
    store.revoke_api_token(&token, &console()).await.unwrap();
    assert!(
        store.access_epoch() > known,
        "whoever remembers the token sees it at once"
    );
    let late = store.commit(before, set(&store, "home", 1), origin).await;
    assert!(matches!(late, Err(CommitError::AccessChanged)), "{late:?}");
    assert_eq!(served(&store, APEX, "home"), None);
    store.shutdown().await;
}

async fn updates_of_one_zone_need_not_wait_for_each_other(place: Place) {
    let store = place.open().await;
    let (zone, owner, _) = furnish(&store).await;
    let token = create(&store, &owner, 'b', "*.example.test").await;
    let (granted, origin) = token_permit(&store, &token, zone).await;
    let on_sets = |changes: ChangeSet| easement_core::ZonePlan {
        base: PlanBase::RecordSets,
        ..plan(&store, APEX, changes)
    };
    // Planned before anything is committed.
    let plans = ["home", "nas", "tv", "home"].map(|host| on_sets(set_host(&store, APEX, host, 1)));
    let [one, two, three, again] = plans;
    let commit = |plan| store.commit(granted.clone(), plan, origin.clone());
    let (one, two, three) = tokio::join!(commit(one), commit(two), commit(three));
    let mut versions = [one, two, three].map(|done| done.unwrap().version.0);
    versions.sort_unstable();
    assert_eq!(versions, [2, 3, 4]);
    let overtaken = commit(again).await;
    assert!(
        matches!(overtaken, Err(CommitError::Refused(_))),
        "the set is there by now: {overtaken:?}"
    );
    let mut connect = plan(&store, APEX, set_host(&store, APEX, "shop", 9));
    connect.services = vec![easement_core::ServiceChange::Add(Box::new(
        crate::furnished::service(),
    ))];
    let late = on_sets(set_host(&store, APEX, "cam", 1));
    store
        .commit(permit(zone, APEX), connect, console())
        .await
        .unwrap();
    let late = commit(late).await;
    assert!(
        matches!(late, Err(CommitError::ServiceConnected { .. })),
        "{late:?}"
    );
    store.shutdown().await;
}

//------------ Note ------------------------------------------------------------------------------

async fn uses_and_refusals_are_noted(place: Place) {
    let store = place.open().await;
    let owner = member(&store, "owner@example.test").await;
    let token = create(&store, &owner, 'a', "example.test").await;
    let home = "192.0.2.0/24".parse().unwrap();
    let away = "198.51.100.0/24".parse().unwrap();
    let (at_home, elsewhere) = (
        "192.0.2.7".parse().unwrap(),
        "198.51.100.7".parse().unwrap(),
    );
    assert_eq!(
        store
            .note_token_refusal(token.id, "not yours")
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        store
            .note_token_refusal(token.id, "not yours either")
            .await
            .unwrap(),
        2
    );
    let (count, at, reason) = store.token_refusals(token.id).await.unwrap().unwrap();
    assert_eq!(
        (count, at, reason.as_str()),
        (2, place.now(), "not yours either")
    );
    let first = store.note_token_use(token.id, at_home, home).await.unwrap();
    let moved = store
        .note_token_use(token.id, elsewhere, away)
        .await
        .unwrap();
    let back = store.note_token_use(token.id, at_home, home).await.unwrap();
    assert_eq!(
        (first, moved, back),
        (false, true, false),
        "only a second network is news"
    );
    let refused = store.token_refusals(token.id).await.unwrap().unwrap();
    assert_eq!(refused.0, 2, "no use of it hides what it was refused");
    let used = chain(&store, &token).await.token().last_use;
    assert_eq!(used, Some((place.now(), at_home)));
    let networks = store.token_networks(token.id).await.unwrap();
    let networks: Vec<String> = networks.iter().map(|one| one.network.to_string()).collect();
    assert_eq!(networks, ["192.0.2.0/24", "198.51.100.0/24"]);
    // They are counted anew after a day without.
    place.clock.advance(Duration::from_hours(24));
    let refused = store.note_token_refusal(token.id, "not yours");
    assert_eq!(refused.await.unwrap(), 1);
    store.shutdown().await;
}

async fn a_zone_is_marked_for_testing(place: Place) {
    let store = place.open().await;
    let zone = make_zone(&store, APEX).await;
    let purpose = async || {
        store
            .zone_by_apex(&name(APEX))
            .await
            .unwrap()
            .unwrap()
            .purpose
    };
    assert_eq!(purpose().await, ZonePurpose::Live);
    assert!(
        store
            .set_zone_purpose(zone, ZonePurpose::Testing, &console())
            .await
            .unwrap()
    );
    assert_eq!(purpose().await, ZonePurpose::Testing);
    let nowhere = ZoneId::new(zone.number() + 1);
    assert!(
        !store
            .set_zone_purpose(nowhere, ZonePurpose::Testing, &console())
            .await
            .unwrap()
    );
    store.shutdown().await;
}
