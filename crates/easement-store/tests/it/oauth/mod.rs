//! Clients, what owners granted to them, and that a code or refresh token has one winner.

mod changes;
mod clients;
mod forgotten;
mod grants;
mod tokens;
mod trail;

use domain_connect::Variables;
use easement_core::{
    Account, Actor, AuthenticatedClient, ChangeSource, ClientAuthentication, ClientRegistration,
    ClientSecret, ClientTemplates, CodeBinding, Grant, GrantClient, GrantRight, GrantTarget,
    OAuthClient, OAuthTokenKind, Origin, Permit, RedirectTarget, RefreshRule, SecretHash,
    ServiceChange, TokenLifetimes, TokenWish, ZoneId, ZonePlan, ZoneRole,
};
use easement_store::{FreshTokens, NewGrant, Redeemed, Store};
use tokio::task::JoinHandle;

use crate::furnished::service;
use crate::support::{console, make_zone, member, name, plan, secret, set_host};

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
        .create_oauth_client(registration("app.example", refresh), &console())
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
    store
        .redeem(client.into(), wish, tokens, None)
        .await
        .unwrap()
}

/// What many requests at once with the same wish come to: how many were given tokens, and how many ended the grant.
async fn race(store: &Store, world: &World, wish: &TokenWish) -> (usize, usize) {
    let tries = (0..16).map(|number| {
        let (store, wish) = (store.clone(), wish.clone());
        let client = authenticated(&store, &world.client);
        let tokens = fresh(100 + number, 150 + number);
        tokio::spawn(async move {
            store
                .redeem(client.into(), wish, tokens, None)
                .await
                .unwrap()
        })
    });
    outcomes(tries.collect()).await
}

/// How many tries were given tokens, and how many ended the grant.
pub(crate) async fn outcomes(tries: Vec<JoinHandle<Redeemed>>) -> (usize, usize) {
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
