//! What owners granted to apps that nobody registered: the same tables and decisions as for clients.

use easement_core::{
    Account, Actor, AuditEvent, ChangeSource, CodeBinding, Grant, GrantApp, GrantClient, GrantEnd,
    GrantHolder, GrantRefused, GrantRight, OAuthTokenKind, Origin, Permit, TokenClient,
    TokenRequestRefused, TokenWish, ZoneId, ZonePlan, ZoneRole,
};
use easement_store::{
    CommitError, CreateGrantError, FreshTokens, NarrowGrantError, NewGrant, Redeemed, RoleError,
    Store,
};
use easement_zone::ChangeSet;
use namedrop::{AuthorizeQuery, Permissions};

use crate::oauth::outcomes;
use crate::support::{
    Place, console, make_zone, member, name, on_both, plan, secret, served, set_host,
};

on_both! {
    an_app_has_a_grant_as_a_client_has
    a_code_of_an_app_has_one_winner_and_its_replay_ends_the_grant
    a_refresh_token_of_an_app_has_one_winner_and_its_reuse_ends_the_grant
    no_app_takes_what_is_of_another
    an_app_changes_what_was_opened_and_shows_in_the_history
    no_change_is_stored_for_an_app_whose_owner_may_not
    a_grant_becomes_narrower_at_once_and_never_wider
    a_grant_ends_earlier_and_never_later
    what_becomes_less_is_written_down_or_not_done
    a_request_has_one_grant_however_often_it_is_answered
}

const APEX: &str = "example.test";
const DONE: &str = "https://app.example/done";
const APP: &str = "https://app.example/";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

struct World {
    zone: ZoneId,
    owner: Account,
    grant: Grant,
}

/// What the owner's yes to a link makes, with the code `secret(1)`.
fn new_grant(account: &Account, zone: ZoneId) -> NewGrant {
    let query = "client_id=https%3A%2F%2Fapp.example%2F&redirect_uri=https%3A%2F%2Fapp.example%2Fdone\
        &scope=namedrop-hosts&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
        &code_challenge_method=S256";
    let asked = AuthorizeQuery::parse(query).unwrap();
    let permissions = serde_json::json!([
        {"scope": "namedrop-hosts", "domain": APEX, "host": "shop"},
    ]);
    NewGrant {
        account: account.id,
        client: GrantClient::App(GrantApp::of(&asked.app)),
        zone,
        right: GrantRight::Names {
            permissions: serde_json::from_value(permissions).unwrap(),
        },
        expires_at: None,
        code: secret(1),
        binding: CodeBinding::of_app(&asked).unwrap(),
    }
}

async fn furnish(store: &Store) -> World {
    let zone = make_zone(store, APEX).await;
    let owner = member(store, "owner@example.test").await;
    let role = Some(ZoneRole::Editor);
    store
        .set_role(zone, owner.id, role, &console())
        .await
        .unwrap();
    let grant = store.create_grant(new_grant(&owner, zone)).await.unwrap();
    World { zone, owner, grant }
}

fn app(client_id: Option<&str>) -> TokenClient {
    TokenClient::App {
        client_id: client_id.map(str::to_owned),
    }
}

fn show_code(verifier: &str) -> TokenWish {
    TokenWish::Code {
        code: Some(secret(1)),
        redirect: Some(DONE.to_owned()),
        verifier: verifier.parse().ok(),
    }
}

fn show_refresh(token: u8) -> TokenWish {
    TokenWish::Refresh {
        token: Some(secret(token)),
    }
}

async fn redeem(store: &Store, client_id: Option<&str>, wish: TokenWish, first: u8) -> Redeemed {
    let tokens = FreshTokens {
        access: secret(first),
        refresh: secret(first + 1),
    };
    store
        .redeem(app(client_id), wish, tokens, None)
        .await
        .unwrap()
}

/// What many requests at once with the same wish come to: how many were given tokens, and how many ended the grant.
async fn race(store: &Store, wish: &TokenWish) -> (usize, usize) {
    let tries = (0..16).map(|number| {
        let (store, wish) = (store.clone(), wish.clone());
        tokio::spawn(async move { redeem(&store, Some(APP), wish, 100 + 2 * number).await })
    });
    outcomes(tries.collect()).await
}

async fn an_app_has_a_grant_as_a_client_has(place: Place) {
    let store = place.open().await;
    let world = furnish(&store).await;
    let of_owner = store.grants_of_account(world.owner.id).await.unwrap();
    assert_eq!(of_owner[0].grant, world.grant);
    let GrantHolder::App(holder) = &of_owner[0].holder else {
        panic!("{of_owner:?}");
    };
    assert_eq!(holder.client_id(), APP);
    let listed = store.grants_seen_by(world.owner.id, None, 9).await.unwrap();
    let listed: Vec<_> = listed.into_iter().map(|listed| listed.entry).collect();
    assert_eq!(listed, of_owner);
    let found = store.oauth_token(OAuthTokenKind::Code, &secret(1)).await;
    assert_eq!(found.unwrap().unwrap().holder, of_owner[0].holder);
    let mut nowhere = new_grant(&world.owner, ZoneId::new(999));
    nowhere.code = secret(2);
    assert!(store.create_grant(nowhere).await.is_err());
    let email = world.owner.email.clone();
    let console = (Actor::Console, None);
    store
        .delete_account(world.owner.id, email, console)
        .await
        .unwrap();
    assert!(store.grant(world.grant.id).await.unwrap().is_none());
    store.shutdown().await;
}

async fn a_code_of_an_app_has_one_winner_and_its_replay_ends_the_grant(place: Place) {
    let store = place.open().await;
    let world = furnish(&store).await;
    assert_eq!(race(&store, &show_code(VERIFIER)).await, (1, 1));
    let ended = store.grant(world.grant.id).await.unwrap().unwrap();
    assert_eq!(
        ended.grant.ended,
        Some((place.now(), GrantEnd::CodeReplayed))
    );
    for refresh in (101..132).step_by(2) {
        let late = redeem(&store, None, show_refresh(refresh), 90).await;
        assert!(matches!(late, Redeemed::Refused(_)), "{late:?}");
    }
    store.shutdown().await;
}

async fn a_refresh_token_of_an_app_has_one_winner_and_its_reuse_ends_the_grant(place: Place) {
    let store = place.open().await;
    let world = furnish(&store).await;
    let given = redeem(&store, None, show_code(VERIFIER), 10).await;
    assert!(matches!(given, Redeemed::Issued { .. }), "{given:?}");
    let given = redeem(&store, Some(APP), show_refresh(11), 12).await;
    assert!(matches!(given, Redeemed::Issued { .. }), "{given:?}");
    // An access token gets nothing.
    let wrong = redeem(&store, None, show_refresh(12), 14).await;
    assert!(matches!(wrong, Redeemed::Refused(_)), "{wrong:?}");
    assert_eq!(race(&store, &show_refresh(13)).await, (2, 1));
    let ended = store.grant(world.grant.id).await.unwrap().unwrap();
    let because = GrantEnd::RefreshTokenReused;
    assert_eq!(ended.grant.ended, Some((place.now(), because)));
    store.shutdown().await;
}

async fn no_app_takes_what_is_of_another(place: Place) {
    let store = place.open().await;
    let world = furnish(&store).await;
    let evil = Some("https://app.example.evil.example/");
    for (client_id, verifier) in [(evil, VERIFIER), (Some(APP), &*"v".repeat(43)), (None, "")] {
        let refused = redeem(&store, client_id, show_code(verifier), 90).await;
        assert!(
            matches!(
                refused,
                Redeemed::Refused(TokenRequestRefused::Code | TokenRequestRefused::Challenge)
            ),
            "{refused:?}"
        );
    }
    let entry = store.grant(world.grant.id).await.unwrap().unwrap();
    assert_eq!(entry.grant.ended, None);
    store.shutdown().await;
}

//------------ Change ----------------------------------------------------------------------------

async fn app_permit(store: &Store, world: &World) -> (Result<Permit, GrantRefused>, Origin) {
    let epoch = store.read_access_epoch().await.unwrap();
    let entry = store.grant(world.grant.id).await.unwrap().unwrap();
    let now = store.serving().clock.now();
    let admitted = entry.grant.admit(entry.holder, now);
    let role = store.role_of(world.zone, world.owner.id).await.unwrap();
    let permit = admitted
        .and_then(|admitted| Permit::for_app(&admitted, role, (world.zone, &name(APEX)), epoch));
    let origin = Origin {
        actor: Actor::Grant(world.grant.id),
        address: Some("192.0.2.1".parse().unwrap()),
    };
    (permit, origin)
}

fn called(store: &Store, changes: ChangeSet) -> ZonePlan {
    ZonePlan {
        source: ChangeSource::RecordCall {
            app: APP.to_owned().try_into().unwrap(),
        },
        ..plan(store, APEX, changes)
    }
}

async fn an_app_changes_what_was_opened_and_shows_in_the_history(place: Place) {
    let store = place.open().await;
    let world = furnish(&store).await;
    let (permit, origin) = app_permit(&store, &world).await;
    let permit = permit.unwrap();
    let other = called(&store, set_host(&store, APEX, "evilshop", 7));
    let refused = store.commit(permit.clone(), other, origin.clone()).await;
    assert!(
        matches!(
            refused,
            Err(CommitError::Grant(GrantRefused::Record { .. }))
        ),
        "{refused:?}"
    );
    let by_hand = plan(&store, APEX, set_host(&store, APEX, "shop", 9));
    let refused = store.commit(permit.clone(), by_hand, origin.clone()).await;
    assert!(matches!(refused, Err(CommitError::Grant(_))), "{refused:?}");
    assert_eq!(served(&store, APEX, "evilshop"), None);
    assert_eq!(served(&store, APEX, "shop"), None);
    let fine = called(&store, set_host(&store, APEX, "shop", 7));
    store.commit(permit, fine, origin).await.unwrap();
    assert!(served(&store, APEX, "shop").is_some());
    let history = store.commits_of(world.zone, None, 1).await.unwrap();
    assert_eq!(history[0].actor, Actor::Grant(world.grant.id));
    let ChangeSource::RecordCall { app } = &history[0].source else {
        panic!("{history:?}");
    };
    assert_eq!(app.client_id(), APP);
    let of_grant = store.commits_of_grant(world.grant.id, 10).await.unwrap();
    assert_eq!(of_grant.len(), 1);
    assert_eq!(of_grant[0].version, history[0].version);
    store.shutdown().await;
}

async fn no_change_is_stored_for_an_app_whose_owner_may_not(place: Place) {
    let store = place.open().await;
    let world = furnish(&store).await;
    let (permit, origin) = app_permit(&store, &world).await;
    let permit = permit.unwrap();
    store
        .set_role(world.zone, world.owner.id, None, &console())
        .await
        .unwrap();
    let late = called(&store, set_host(&store, APEX, "shop", 7));
    let outcome = store.commit(permit, late, origin).await;
    assert!(
        matches!(outcome, Err(CommitError::AccessChanged)),
        "{outcome:?}"
    );
    let (permit, _) = app_permit(&store, &world).await;
    assert!(
        matches!(
            permit,
            Err(GrantRefused::Ended {
                because: GrantEnd::RoleLost
            })
        ),
        "{permit:?}"
    );
    assert_eq!(served(&store, APEX, "shop"), None);
    store.shutdown().await;
}

async fn a_grant_becomes_narrower_at_once_and_never_wider(place: Place) {
    let store = place.open().await;
    let world = furnish(&store).await;
    let at = |host: &str| {
        let wire = serde_json::json!([{"scope": "namedrop-hosts", "domain": APEX, "host": host}]);
        GrantRight::Names {
            permissions: serde_json::from_value(wire).unwrap(),
        }
    };
    let nothing = GrantRight::Names {
        permissions: Permissions::default(),
    };
    let id = world.grant.id;
    for kept in [at(""), at("evilshop"), nothing] {
        let refused = store.narrow_grant(id, kept, &console()).await;
        assert!(
            matches!(refused, Err(NarrowGrantError::Not(_))),
            "{refused:?}"
        );
    }
    let (before, _) = app_permit(&store, &world).await;
    let before_it = store
        .narrow_grant(id, at("a.shop"), &console())
        .await
        .unwrap();
    assert_eq!(before_it, Some(world.grant.right.clone()));
    let again = store
        .narrow_grant(id, at("a.shop"), &console())
        .await
        .unwrap();
    assert_eq!(again, None, "it is like this already");
    let entry = store.grant(id).await.unwrap().unwrap();
    assert_eq!(entry.grant.right, at("a.shop"));
    assert_eq!(entry.grant.client, world.grant.client);

    // A permit from before counts no more, and one from now opens what is left.
    let shop = called(&store, set_host(&store, APEX, "shop", 7));
    let (_, origin) = app_permit(&store, &world).await;
    let late = store
        .commit(before.unwrap(), shop.clone(), origin.clone())
        .await;
    assert!(late.is_err(), "{late:?}");
    let (permit, _) = app_permit(&store, &world).await;
    let refused = store.commit(permit.unwrap(), shop, origin).await;
    assert!(matches!(refused, Err(CommitError::Grant(_))), "{refused:?}");
    assert_eq!(served(&store, APEX, "shop"), None);

    assert!(
        store
            .end_grant(id, GrantEnd::RevokedByOwner, &console())
            .await
            .unwrap()
    );
    let late = store
        .narrow_grant(id, at("b.a.shop"), &console())
        .await
        .unwrap();
    assert_eq!(late, None, "it ended");
}

async fn a_grant_ends_earlier_and_never_later(place: Place) {
    let store = place.open().await;
    let world = furnish(&store).await;
    redeem(&store, None, show_code(VERIFIER), 10).await;
    let id = world.grant.id;
    let after = |hours| place.now().plus(std::time::Duration::from_hours(hours));
    let (end, later) = (after(2), after(3));
    assert!(store.shorten_grant(id, end, &console()).await.unwrap());
    for refused in [end, later, place.now()] {
        let refused = store.shorten_grant(id, refused, &console()).await;
        assert!(
            matches!(refused, Err(NarrowGrantError::NotShorter(_))),
            "{refused:?}"
        );
    }
    let entry = store.grant(id).await.unwrap().unwrap();
    assert_eq!(entry.grant.expires_at, Some(end));
    assert_eq!(entry.grant.right, world.grant.right);
    // Tokens that were given before end with it.
    place.clock.advance(std::time::Duration::from_hours(2));
    let over = redeem(&store, None, show_refresh(11), 20).await;
    assert!(matches!(over, Redeemed::Refused(_)), "{over:?}");
    let over = store.shorten_grant(id, later, &console()).await;
    assert!(over.is_err(), "{over:?}");
    assert!(
        store
            .end_grant(id, GrantEnd::RevokedByOwner, &console())
            .await
            .unwrap()
    );
    assert!(
        !store.shorten_grant(id, later, &console()).await.unwrap(),
        "it ended"
    );
    store.shutdown().await;
}

/// The table of the audit trail is away for a while.
async fn what_becomes_less_is_written_down_or_not_done(place: Place) {
    let store = place.open().await;
    let world = furnish(&store).await;
    let (id, zone, owner) = (world.grant.id, world.zone, world.owner.id);
    let wire = serde_json::json!([{"scope": "namedrop-hosts", "domain": APEX, "host": "a.shop"}]);
    let less = GrantRight::Names {
        permissions: serde_json::from_value(wire).unwrap(),
    };
    let end = place.now().plus(std::time::Duration::from_hours(2));
    let away = "ALTER TABLE audit_entry RENAME TO away";
    place.run_sql(away).await;
    let narrowed = store.narrow_grant(id, less.clone(), &console()).await;
    let shortened = store.shorten_grant(id, end, &console()).await;
    let lost = store.set_role(zone, owner, None, &console()).await;
    assert!(matches!(narrowed, Err(NarrowGrantError::Store(_))));
    assert!(matches!(shortened, Err(NarrowGrantError::Store(_))));
    assert!(matches!(lost, Err(RoleError::Store(_))));
    let back = "ALTER TABLE away RENAME TO audit_entry";
    place.run_sql(back).await;
    let entry = store.grant(id).await.unwrap().unwrap();
    assert_eq!(entry.grant, world.grant);
    let role = store.role_of(zone, owner).await.unwrap();
    assert_eq!(role, Some(ZoneRole::Editor));

    let narrowed = store.narrow_grant(id, less, &console()).await;
    assert!(narrowed.unwrap().is_some());
    assert!(store.shorten_grant(id, end, &console()).await.unwrap());
    let ended = store.set_role(zone, owner, None, &console()).await;
    assert_eq!(ended.unwrap().len(), 1);
    let (client, apex) = (entry.holder.id(), name(APEX).to_text());
    let entries = store.audit_entries(None, 4).await.unwrap();
    let mut events = entries.into_iter().map(|entry| entry.event);
    for expected in [
        AuditEvent::GrantEnded {
            client: client.clone(),
            apex: apex.clone(),
            because: GrantEnd::RoleLost,
        },
        AuditEvent::RoleSet {
            apex: apex.clone(),
            email: world.owner.email.clone(),
            role: None,
        },
        AuditEvent::GrantShortened {
            client: client.clone(),
            apex: apex.clone(),
            end: end.to_string(),
        },
        AuditEvent::GrantNarrowed {
            client,
            apex,
            ended: vec!["namedrop-hosts at shop.example.test".to_owned()],
        },
    ] {
        assert_eq!(events.next(), Some(expected));
    }
    store.shutdown().await;
}

async fn a_request_has_one_grant_however_often_it_is_answered(place: Place) {
    let store = place.open().await;
    let world = furnish(&store).await;
    let yes = |code: u8| NewGrant {
        code: secret(code),
        ..new_grant(&world.owner, world.zone)
    };
    let tries = (20..28).map(|code| {
        let (store, new) = (store.clone(), yes(code));
        tokio::spawn(async move { store.create_grant(new).await.unwrap() })
    });
    for one in tries.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    let given = store.grants_of_account(world.owner.id).await.unwrap();
    assert_eq!(given.len(), 1, "{given:?}");
    let first = redeem(&store, Some(APP), show_code(VERIFIER), 100).await;
    assert!(
        matches!(first, Redeemed::Refused(_)),
        "it gave way: {first:?}"
    );

    // Only the last one is worth something, and once it was used the request is over.
    store.create_grant(yes(1)).await.unwrap();
    let issued = redeem(&store, Some(APP), show_code(VERIFIER), 110).await;
    assert!(matches!(issued, Redeemed::Issued { .. }), "{issued:?}");
    let over = store.create_grant(yes(30)).await;
    assert!(matches!(over, Err(CreateGrantError::Answered)), "{over:?}");
    assert_eq!(
        store.grants_of_account(world.owner.id).await.unwrap().len(),
        1
    );
}
