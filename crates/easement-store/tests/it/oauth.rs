//! Clients, what owners granted to them, and that a code or refresh token has one winner.

use std::time::Duration;

use domain_connect::Variables;
use easement_core::{
    Account, Actor, AuthenticatedClient, ChangeSource, ClientAuthentication, ClientRegistration,
    ClientSecret, ClientTemplates, CodeBinding, Grant, GrantClient, GrantEnd, GrantRefused,
    GrantRight, GrantTarget, OAuthClient, OAuthTokenKind, Origin, Permit, RedirectTarget,
    RefreshIssue, RefreshRule, SecretHash, ServiceChange, TokenLifetimes, TokenRequestRefused,
    TokenWish, ZoneId, ZonePlan, ZoneRole,
};
use easement_store::{
    CommitError, CreateClientError, CreateGrantError, FreshTokens, NewGrant, Redeemed, Store,
};

use crate::furnished::service;
use crate::support::{
    Place, console, make_zone, member, name, on_both, plan, secret, served, set_host,
};

on_both! {
    a_client_is_kept_as_it_was_registered
    a_rotated_client_has_two_secrets_for_a_while
    grants_are_listed_with_those_that_count_first
    a_zone_and_an_account_have_so_many_grants_and_no_more
    a_code_has_one_winner_and_its_replay_ends_the_grant
    a_refresh_token_has_one_winner_and_its_reuse_ends_the_grant
    a_refresh_token_whose_answer_was_lost_counts_once_more
    a_refresh_token_that_stays_has_many_winners
    nothing_is_given_for_a_grant_that_ended
    a_grant_changes_what_it_may_and_shows_in_the_history
    no_change_is_stored_for_a_grant_that_ended
    a_grant_ends_with_the_role_that_it_rests_on
    no_token_is_given_for_an_account_without_a_role
    old_tokens_are_forgotten
    grants_that_ended_are_forgotten_and_the_history_is_not
    what_a_grant_hangs_on_takes_it_along
}

const APEX: &str = "example.test";
const DONE: &str = "https://app.example/done";

pub(crate) fn registration(client: &str, refresh: RefreshRule) -> ClientRegistration {
    ClientRegistration {
        client: client.parse().unwrap(),
        name: "The app".parse().unwrap(),
        provider: "host.example".parse().unwrap(),
        templates: ClientTemplates::Listed(vec!["website".parse().unwrap()]),
        redirects: vec![DONE.parse().unwrap()],
        authentication: ClientAuthentication::Confidential {
            secret: client_secret("first").hash(),
            before: None,
        },
        lifetimes: TokenLifetimes::default(),
        refresh,
    }
}

fn client_secret(text: &str) -> ClientSecret {
    text.parse().unwrap()
}

pub(crate) fn new_grant(
    account: &Account,
    client: &OAuthClient,
    zone: ZoneId,
    code: SecretHash,
) -> NewGrant {
    NewGrant {
        account: account.id,
        client: GrantClient::Registered(client.id),
        zone,
        right: GrantRight::Templates {
            provider: "host.example".parse().unwrap(),
            services: vec!["website".parse().unwrap()],
            hosts: vec!["shop".parse().unwrap(), "@".parse().unwrap()],
            fixed: Variables::new(),
            records: Vec::new(),
            agreed: Vec::new(),
        },
        expires_at: None,
        code,
        binding: CodeBinding {
            redirect: RedirectTarget::from_stored(DONE).unwrap(),
            challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".parse().ok(),
        },
    }
}

/// A zone, its owner, a client, and what the owner granted to it with the code `secret(1)`.
struct World {
    zone: ZoneId,
    owner: Account,
    client: OAuthClient,
    grant: Grant,
}

async fn furnish(store: &Store, refresh: RefreshRule) -> World {
    let zone = make_zone(store, APEX).await;
    let owner = member(store, "owner@example.test").await;
    store
        .set_role(zone, owner.id, Some(ZoneRole::Editor), &console())
        .await
        .unwrap();
    let client = store
        .create_oauth_client(registration("app.example", refresh))
        .await
        .unwrap();
    let new = new_grant(&owner, &client, zone, secret(1));
    let grant = store.create_grant(new).await.unwrap();
    World {
        zone,
        owner,
        client,
        grant,
    }
}

fn authenticated(store: &Store, client: &OAuthClient) -> AuthenticatedClient {
    let now = store.serving().clock.now();
    let shown = client_secret("first");
    client.clone().authenticate(Some(&shown), now).unwrap()
}

fn show_code(code: u8) -> TokenWish {
    TokenWish::Code {
        code: Some(secret(code)),
        redirect: Some(DONE.to_owned()),
        verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".parse().ok(),
    }
}

fn show_refresh(token: u8) -> TokenWish {
    TokenWish::Refresh {
        token: Some(secret(token)),
    }
}

fn fresh(access: u8, refresh: u8) -> FreshTokens {
    FreshTokens {
        access: secret(access),
        refresh: secret(refresh),
    }
}

async fn redeem(store: &Store, world: &World, wish: TokenWish, tokens: FreshTokens) -> Redeemed {
    let client = authenticated(store, &world.client);
    store.redeem(client.into(), wish, tokens).await.unwrap()
}

/// What many requests at once with the same wish come to: how many were given tokens, and how many ended the grant.
async fn race(store: &Store, world: &World, wish: &TokenWish) -> (usize, usize) {
    let tries = (0..16).map(|number| {
        let (store, wish) = (store.clone(), wish.clone());
        let client = authenticated(&store, &world.client);
        let tokens = fresh(100 + number, 150 + number);
        tokio::spawn(async move { store.redeem(client.into(), wish, tokens).await.unwrap() })
    });
    let tries: Vec<_> = tries.collect();
    let (mut given, mut ends) = (0, 0);
    for one in tries {
        match one.await.unwrap() {
            Redeemed::Issued { .. } => given += 1,
            Redeemed::Ended { .. } => ends += 1,
            Redeemed::Refused(_) => {}
        }
    }
    (given, ends)
}

async fn is_live(store: &Store, access: u8) -> bool {
    let found = store
        .oauth_token(OAuthTokenKind::Access, &secret(access))
        .await
        .unwrap();
    let now = store.serving().clock.now();
    found.is_some_and(|found| {
        now < found.token.expires_at && found.token.grant.admit(found.holder, now).is_ok()
    })
}

//------------ Clients ---------------------------------------------------------------------------

async fn a_client_is_kept_as_it_was_registered(place: Place) {
    let store = place.open().await;
    let mut public = registration("public.example", RefreshRule::Rotate);
    public.authentication = ClientAuthentication::Public;
    public.templates = ClientTemplates::All;
    let mut known = registration("known.example", RefreshRule::Keep);
    known.authentication = ClientAuthentication::PublishedSecret {
        secret: client_secret("known").hash(),
    };
    let confidential = registration("app.example", RefreshRule::Rotate);
    for new in [confidential.clone(), public, known] {
        let made = store.create_oauth_client(new.clone()).await.unwrap();
        assert_eq!(made.registration, new);
        let found = store.oauth_client(&new.client).await.unwrap();
        assert_eq!(found, Some(made));
    }
    let again = store.create_oauth_client(confidential).await;
    assert!(
        matches!(again, Err(CreateClientError::Exists { .. })),
        "{again:?}"
    );
    let clients = store.oauth_clients().await.unwrap();
    let ids: Vec<&str> = clients
        .iter()
        .map(|client| client.registration.client.as_str())
        .collect();
    assert_eq!(ids, ["app.example", "known.example", "public.example"]);
    assert!(store.disable_oauth_client(clients[0].id).await.unwrap());
    assert!(!store.disable_oauth_client(clients[0].id).await.unwrap());
    let disabled = store.oauth_client(&clients[0].registration.client).await;
    assert!(disabled.unwrap().unwrap().disabled_at.is_some());
    assert!(store.enable_oauth_client(clients[0].id).await.unwrap());
    assert!(store.delete_oauth_client(clients[0].id).await.unwrap());
    assert!(!store.delete_oauth_client(clients[0].id).await.unwrap());
    assert_eq!(store.oauth_clients().await.unwrap(), clients[1..]);
    store.shutdown().await;
}

async fn a_rotated_client_has_two_secrets_for_a_while(place: Place) {
    let store = place.open().await;
    let new = registration("app.example", RefreshRule::Rotate);
    let client = store.create_oauth_client(new).await.unwrap();
    let (second, overlap) = (client_secret("second").hash(), Duration::from_hours(24));
    assert!(
        store
            .rotate_oauth_client(client.id, second, overlap)
            .await
            .unwrap()
    );
    for (hours, first, second) in [(0, true, true), (23, true, true), (24, false, true)] {
        let found = store
            .oauth_client(&client.registration.client)
            .await
            .unwrap()
            .unwrap();
        let now = place.now().plus(Duration::from_hours(hours));
        for (text, is_accepted) in [("first", first), ("second", second), ("third", false)] {
            let outcome = found.clone().authenticate(Some(&client_secret(text)), now);
            assert_eq!(outcome.is_ok(), is_accepted, "{text} after {hours} hours");
        }
    }
    let mut public = registration("public.example", RefreshRule::Rotate);
    public.authentication = ClientAuthentication::Public;
    let public = store.create_oauth_client(public).await.unwrap();
    let hash = client_secret("second").hash();
    let rotated = store.rotate_oauth_client(public.id, hash, overlap).await;
    assert!(!rotated.unwrap(), "a public client has no secret");
    store.shutdown().await;
}

//------------ Grants ----------------------------------------------------------------------------

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
    assert!(store.end_grant(third.id, because).await.unwrap());
    let again = store.end_grant(third.id, GrantEnd::CodeReplayed).await;
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
    let ended = store.end_grant(world.grant.id, GrantEnd::RevokedByOwner);
    assert!(ended.await.unwrap());
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

//------------ Tokens ----------------------------------------------------------------------------

async fn a_code_has_one_winner_and_its_replay_ends_the_grant(place: Place) {
    let store = place.open().await;
    let world = furnish(&store, RefreshRule::Rotate).await;
    let stolen = TokenWish::Code {
        code: Some(secret(1)),
        redirect: Some(DONE.to_owned()),
        verifier: None,
    };
    let without = redeem(&store, &world, stolen, fresh(90, 91)).await;
    assert!(
        matches!(without, Redeemed::Refused(TokenRequestRefused::Challenge)),
        "{without:?}"
    );
    assert_eq!(race(&store, &world, &show_code(1)).await, (1, 1));
    let ended = store.grant(world.grant.id).await.unwrap().unwrap();
    let because = GrantEnd::CodeReplayed;
    assert_eq!(ended.grant.ended, Some((place.now(), because)));
    for access in 100..116 {
        assert!(!is_live(&store, access).await);
    }
    for refresh in 150..166 {
        let late = redeem(&store, &world, show_refresh(refresh), fresh(92, 93)).await;
        assert!(matches!(late, Redeemed::Refused(_)), "{late:?}");
    }
    store.shutdown().await;
}

async fn a_refresh_token_has_one_winner_and_its_reuse_ends_the_grant(place: Place) {
    let store = place.open().await;
    let world = furnish(&store, RefreshRule::Rotate).await;
    let given = redeem(&store, &world, show_code(1), fresh(10, 11)).await;
    assert!(matches!(given, Redeemed::Issued { .. }), "{given:?}");
    assert!(is_live(&store, 10).await);
    let given = redeem(&store, &world, show_refresh(11), fresh(12, 13)).await;
    let Redeemed::Issued { issue, .. } = given else {
        panic!("{given:?}");
    };
    let until = place.now().plus(TokenLifetimes::default().refresh());
    assert_eq!(issue.refresh, RefreshIssue::Another { until });
    // The second may be an honest retry, the third is not.
    assert_eq!(race(&store, &world, &show_refresh(13)).await, (2, 1));
    assert!(!is_live(&store, 10).await);
    let ended = store.grant(world.grant.id).await.unwrap().unwrap();
    let because = GrantEnd::RefreshTokenReused;
    assert_eq!(ended.grant.ended, Some((place.now(), because)));
    store.shutdown().await;
}

async fn a_refresh_token_whose_answer_was_lost_counts_once_more(place: Place) {
    let store = place.open().await;
    let world = furnish(&store, RefreshRule::Rotate).await;
    redeem(&store, &world, show_code(1), fresh(10, 11)).await;
    redeem(&store, &world, show_refresh(11), fresh(12, 13)).await;
    assert!(is_live(&store, 12).await);
    place.clock.advance(Duration::from_secs(59));
    let again = redeem(&store, &world, show_refresh(11), fresh(14, 15)).await;
    let Redeemed::Issued { issue, .. } = again else {
        panic!("{again:?}");
    };
    assert!(matches!(issue.refresh, RefreshIssue::Again { .. }));
    assert!(!is_live(&store, 12).await, "nobody has it");
    assert!(is_live(&store, 14).await && is_live(&store, 10).await);
    let next = redeem(&store, &world, show_refresh(15), fresh(16, 17)).await;
    assert!(matches!(next, Redeemed::Issued { .. }), "{next:?}");
    // Somebody had the first answer after all, and is one too many.
    let stolen = redeem(&store, &world, show_refresh(13), fresh(18, 19)).await;
    assert!(
        matches!(
            stolen,
            Redeemed::Ended {
                because: GrantEnd::RefreshTokenReused,
                ..
            }
        ),
        "{stolen:?}"
    );
    assert!(!is_live(&store, 16).await);

    // A second retry, one of what was used, and one that comes late end the grant.
    for (code, used, wait) in [(40, false, 0), (50, true, 1), (60, false, 60)] {
        let mut new = new_grant(&world.owner, &world.client, world.zone, secret(code));
        new.binding.challenge = None;
        store.create_grant(new).await.unwrap();
        let shown = TokenWish::Code {
            code: Some(secret(code)),
            redirect: Some(DONE.to_owned()),
            verifier: None,
        };
        redeem(&store, &world, shown, fresh(code + 1, code + 2)).await;
        let first = || show_refresh(code + 2);
        redeem(&store, &world, first(), fresh(code + 3, code + 4)).await;
        if used {
            let second = show_refresh(code + 4);
            redeem(&store, &world, second, fresh(code + 5, code + 6)).await;
        } else if wait == 0 {
            let again = redeem(&store, &world, first(), fresh(code + 5, code + 6)).await;
            assert!(matches!(again, Redeemed::Issued { .. }), "{again:?}");
        }
        place.clock.advance(Duration::from_secs(wait));
        let last = redeem(&store, &world, first(), fresh(code + 7, code + 8)).await;
        assert!(matches!(last, Redeemed::Ended { .. }), "{code}: {last:?}");
        for access in [code + 1, code + 3, code + 5, code + 7] {
            assert!(!is_live(&store, access).await, "{access}");
        }
    }
    store.shutdown().await;
}

/// Copies of one program refresh at the same time: each gets its access token, and none locks out another.
async fn a_refresh_token_that_stays_has_many_winners(place: Place) {
    let store = place.open().await;
    let world = furnish(&store, RefreshRule::Keep).await;
    redeem(&store, &world, show_code(1), fresh(10, 11)).await;
    assert_eq!(race(&store, &world, &show_refresh(11)).await, (16, 0));
    for access in 100..116 {
        assert!(is_live(&store, access).await, "{access}");
    }
    // Each use begins its time anew.
    for _ in 0..3 {
        place.clock.advance(Duration::from_hours(24 * 300));
        let given = redeem(&store, &world, show_refresh(11), fresh(20, 21)).await;
        assert!(matches!(given, Redeemed::Issued { .. }), "{given:?}");
        store.forget_oauth_tokens().await.unwrap();
        place.clock.advance(Duration::from_hours(2));
        assert!(!is_live(&store, 20).await, "an access token does not stay");
        place.clock.advance(Duration::from_hours(24));
        store.forget_oauth_tokens().await.unwrap();
    }
    store.shutdown().await;
}

async fn nothing_is_given_for_a_grant_that_ended(place: Place) {
    let store = place.open().await;
    let world = furnish(&store, RefreshRule::Rotate).await;
    let mut other = registration("other.example", RefreshRule::Rotate);
    other.provider = "other.example".parse().unwrap();
    let other = store.create_oauth_client(other).await.unwrap();
    let client = authenticated(&store, &other);
    let stolen = store.redeem(client.into(), show_code(1), fresh(8, 9)).await;
    assert!(
        matches!(stolen, Ok(Redeemed::Refused(TokenRequestRefused::Code))),
        "{stolen:?}"
    );
    redeem(&store, &world, show_code(1), fresh(10, 11)).await;
    let as_refresh = redeem(&store, &world, show_refresh(10), fresh(12, 13)).await;
    assert!(
        matches!(as_refresh, Redeemed::Refused(_)),
        "an access token is no refresh token"
    );
    let ended = store.end_grant(world.grant.id, GrantEnd::RevokedByOwner);
    assert!(ended.await.unwrap());
    assert!(!is_live(&store, 10).await);
    let late = redeem(&store, &world, show_refresh(11), fresh(14, 15)).await;
    assert!(matches!(late, Redeemed::Refused(_)), "{late:?}");
    store.shutdown().await;
}

//------------ Change ----------------------------------------------------------------------------

fn target(host: &str) -> GrantTarget {
    GrantTarget {
        provider: "host.example".parse().unwrap(),
        service: "website".parse().unwrap(),
        host: host.parse().unwrap(),
    }
}

/// The permit of a grant for one host, and who is noted.
async fn grant_permit(store: &Store, world: &World, host: &str) -> (Permit, Origin) {
    let epoch = store.read_access_epoch().await.unwrap();
    let entry = store.grant(world.grant.id).await.unwrap().unwrap();
    let now = store.serving().clock.now();
    let admitted = entry.grant.admit(entry.holder, now).unwrap();
    let role = store
        .role_of(world.zone, admitted.grant().account)
        .await
        .unwrap();
    let permit = Permit::for_grant(
        &admitted,
        target(host),
        role,
        (world.zone, &name(APEX)),
        epoch,
    );
    let origin = Origin {
        actor: Actor::Grant(world.grant.id),
        address: Some("192.0.2.1".parse().unwrap()),
    };
    (permit.unwrap(), origin)
}

fn connect(store: &Store, host: &str) -> ZonePlan {
    let at = target(host);
    let mut connected = service();
    connected.key.host = at.host.clone();
    ZonePlan {
        services: vec![ServiceChange::Add(Box::new(connected))],
        source: ChangeSource::ServiceConnected {
            provider: at.provider,
            service: at.service,
            title: "Example Host: Website".to_owned(),
            host: at.host,
        },
        ..plan(store, APEX, set_host(store, APEX, host, 7))
    }
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
    assert!(store.disable_oauth_client(world.client.id).await.unwrap());
    let outcome = late(permit, origin).await;
    assert!(
        matches!(outcome, Err(CommitError::AccessChanged)),
        "{outcome:?}"
    );
    assert!(store.enable_oauth_client(world.client.id).await.unwrap());
    let (permit, origin) = grant_permit(&store, &world, "shop").await;
    let ended = store.end_grant(world.grant.id, GrantEnd::RevokedByOwner);
    assert!(ended.await.unwrap());
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

//------------ Forget ----------------------------------------------------------------------------

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
    let ended = store.end_grant(world.grant.id, GrantEnd::RevokedByOwner);
    assert!(ended.await.unwrap());
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
    assert!(store.delete_oauth_client(world.client.id).await.unwrap());
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
    assert!(store.delete_oauth_client(world.client.id).await.unwrap());
    assert!(store.grant(second.id).await.unwrap().is_none());
    assert_eq!(store.grants_of_account(other.id).await.unwrap(), []);
    let history = store.commits_of(world.zone, None, 1).await.unwrap();
    let client = history[0].actor_client.as_ref().unwrap();
    assert_eq!(client.as_str(), "The app", "who it was stays");
    store.shutdown().await;
}
