//! A store with something of everything in it, and whether all of that is there.

use std::collections::BTreeSet;

use domain_connect::AppliedService;
use easement_core::{
    Actor, AuditEntry, AuditEvent, ChangeSource, GrantEnd, OAuthTokenKind, OneTimeLink,
    OneTimePurpose, Operations, RefreshRule, ServiceChange, Session, Standing, TemplateStatus,
    Timestamp, TokenKind, TokenLimits, Webhook, ZoneRole,
};
use easement_store::{
    DeliveryState, DomainConnect, NewApiToken, NewDecision, NewTemplate, Store, StoredSecret,
    TemplateChoice,
};
use easement_zone::{ChangeSet, RecordType};

use crate::hosts::{by_device, set_texts, update};
use crate::name_leases::{change_name, made_until};
use crate::oauth::{new_grant, registration};
use crate::support::{
    Place, commit_host, console, email, failed_attempt, make_zone, name, new_webhook, password,
    permit, plan, secret, served, set_host, snapshot,
};

pub(crate) const APEX: &str = "example.test";
/// A zone whose changes are not folded.
pub(crate) const OTHER: &str = "other.test";
/// A zone with a text that stays for a while.
const LEASES: &str = "leases.test";
/// A host in it.
const HOST: &str = "home.leases.test";
/// A zone with a name that stands for an address.
const NAMES: &str = "names.test";
const STANDS_FOR: &str = "192.0.2.5";

/// Fills an empty store.
pub(crate) async fn furnish(place: &Place, store: &Store) {
    furnish_accounts(store).await;
    furnish_zones(place, store).await;
    furnish_templates(store).await;
    let entered = AuditEvent::SignedIn {
        email: email("owner@example.test"),
    };
    let address = Some("2001:db8::1".parse().unwrap());
    store.append_audit(None, address, &entered).await.unwrap();
    furnish_tokens(store).await;
    furnish_hosts(store).await;
    furnish_webhooks(store).await;
    furnish_oauth(store).await;
    furnish_names(store).await;
}

/// A host that a device updated, and a text that stays for a while.
async fn furnish_hosts(store: &Store) {
    let zone = make_zone(store, LEASES).await;
    let challenge = format!("_acme-challenge.{LEASES}.");
    set_texts(store, (zone, LEASES), &challenge, &["proof"], by_device()).await;
    let now = store.serving().clock.now();
    let updates = vec![update(zone, HOST, now)];
    store.note_host_updates(updates).await.unwrap();
}

async fn check_hosts(store: &Store) {
    let zone = store.zone_by_apex(&name(LEASES)).await.unwrap().unwrap();
    let used = store.host_use(zone.id, &name(HOST)).await.unwrap().unwrap();
    assert_eq!((used.updates, used.recent.len()), (1, 1));
    let challenge = format!("_acme-challenge.{LEASES}.");
    set_texts(store, (zone.id, LEASES), &challenge, &[], by_device()).await;
}

/// One token that was made from another, and was used.
async fn furnish_tokens(store: &Store) {
    let owner = store.account_by_email(&email("owner@example.test")).await;
    let owner = owner.unwrap().unwrap().account.id;
    let token = |last: char, parent| NewApiToken {
        account: owner,
        parent,
        kind: TokenKind::Live,
        name: "Router".parse().unwrap(),
        limits: TokenLimits::new(
            vec!["*.home.example.test".parse().unwrap()],
            vec![RecordType::A, RecordType::TXT],
            Operations::all(),
        ),
        secret: StoredSecret {
            public_id: format!("abcdefghijk{last}").parse().unwrap(),
            hash: password("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"),
        },
        origin: console(),
    };
    let parent = store.create_api_token(token('a', None)).await.unwrap();
    let below = store
        .create_api_token(token('b', Some(parent.id)))
        .await
        .unwrap();
    let (address, network) = (
        "192.0.2.7".parse().unwrap(),
        "192.0.2.0/24".parse().unwrap(),
    );
    store
        .note_token_use(below.id, address, network)
        .await
        .unwrap();
}

/// A name that stands for an address for a while.
async fn furnish_names(store: &Store) {
    let zone = make_zone(store, NAMES).await;
    // Whatever the clock of the next test says, it is over.
    let until = Timestamp::from_micros(0);
    change_name(store, (zone, NAMES), STANDS_FOR, made_until(until))
        .await
        .unwrap();
}

async fn check_names(store: &Store) {
    let zones = store.zones_with_lapsed_names(None, 10).await.unwrap();
    assert_eq!(zones.len(), 1);
    let lapsed = store.lapsed_names(zones[0], 10, 0).await.unwrap();
    assert_eq!(lapsed.len(), 1);
    assert_eq!(lapsed[0].apex, name(NAMES));
    let lapse = ChangeSource::TempNamesLapsed;
    change_name(store, (lapsed[0].zone, NAMES), STANDS_FOR, lapse)
        .await
        .unwrap();
}

/// A client with a code that was not used yet.
async fn furnish_oauth(store: &Store) {
    let owner = store.account_by_email(&email("owner@example.test")).await;
    let owner = owner.unwrap().unwrap().account;
    let zone = store.zone_by_apex(&name(APEX)).await.unwrap().unwrap();
    let new = registration("app.example", RefreshRule::Rotate);
    let client = store.create_oauth_client(new, &console()).await.unwrap();
    let grant = new_grant(&owner, &client, zone.id, secret(4));
    store.create_grant(grant).await.unwrap();
}

async fn check_oauth(store: &Store) {
    let zone = store.zone_by_apex(&name(APEX)).await.unwrap().unwrap();
    let owner = store.account_by_email(&email("owner@example.test")).await;
    let owner = owner.unwrap().unwrap().account;
    let grants = store.grants_of_account(owner.id).await.unwrap();
    assert_eq!(grants[0].grant.zone, zone.id);
    assert_eq!(grants[0].holder.id().to_string(), "app.example");
    let code = store.oauth_token(OAuthTokenKind::Code, &secret(4)).await;
    assert_eq!(code.unwrap().unwrap().token.grant, grants[0].grant);
    let ended = store
        .end_grant(grants[0].grant.id, GrantEnd::RevokedByOwner, &console())
        .await;
    assert!(ended.unwrap(), "it can be changed");
}

/// A webhook with a delivery that failed once.
async fn furnish_webhooks(store: &Store) {
    let owner = store.account_by_email(&email("owner@example.test")).await;
    let webhook = store
        .create_webhook(new_webhook(owner.unwrap().unwrap().account.id, 'a'))
        .await
        .unwrap();
    let test = "{\"event\": \"ping\"}".to_owned();
    store.test_webhook(webhook.id, test).await.unwrap();
    let due = store.due_deliveries(webhook.id, 10).await.unwrap();
    store
        .note_delivery_attempt(due[0].id, failed_attempt(store))
        .await
        .unwrap();
}

async fn furnish_accounts(store: &Store) {
    let hash = password("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA");
    let operator = email("op@example.test");
    let operator = store.create_account(&operator, Some(&hash), Standing::Operator);
    let operator = operator.await.unwrap();
    let owner = email("owner@example.test");
    store
        .create_account(&owner, None, Standing::Member)
        .await
        .unwrap();
    let now = store.serving().clock.now();
    let session = Session {
        secret: secret(1),
        account: operator.id,
        created_at: now,
        seen_at: now,
    };
    assert!(store.create_session(&session, &hash).await.unwrap());
    let purpose = OneTimePurpose::FirstOperator;
    let link = OneTimeLink {
        secret: secret(2),
        expires_at: now.plus(purpose.lifetime()),
        purpose,
    };
    store.create_link(&link).await.unwrap();
}

async fn furnish_zones(place: &Place, store: &Store) {
    let zone = make_zone(store, APEX).await;
    let owner = store.account_by_email(&email("owner@example.test")).await;
    let owner = owner.unwrap().unwrap().account.id;
    store
        .set_role(zone, owner, Some(ZoneRole::Owner), &console())
        .await
        .unwrap();
    for last in 1..4 {
        place.clock.advance(std::time::Duration::from_mins(1));
        commit_host(store, zone, APEX, ("www", last)).await;
    }
    let mut connect = plan(store, APEX, set_host(store, APEX, "shop", 9));
    connect.services = vec![ServiceChange::Add(Box::new(service()))];
    store
        .commit(permit(zone, APEX), connect, console())
        .await
        .unwrap();
    store.fold().await.unwrap();
    let other = make_zone(store, OTHER).await;
    commit_host(store, other, OTHER, ("www", 1)).await;
    store
        .set_domain_connect(other, DomainConnect::Off)
        .await
        .unwrap();
    let gone = set_host(store, APEX, "www", 3);
    assert!(gone.is_empty(), "it has that address");
    let before = served(store, APEX, "www");
    let mut gone = ChangeSet::new();
    gone.record(before, None);
    let gone = plan(store, APEX, gone);
    store
        .commit(permit(zone, APEX), gone, console())
        .await
        .unwrap();
}

pub(crate) fn service() -> AppliedService {
    let document = serde_json::json!({
        "key": {
            "provider_id": "host.example",
            "service_id": "website",
            "host": "shop",
            "instance": null,
        },
        "provider_name": "Example Host",
        "service_name": "Website",
        "template_version": 1,
        "template_checksum": "0".repeat(64),
        "groups": "all",
        "records": [],
        "spf": [],
        "special": [],
    });
    serde_json::from_value(document).unwrap()
}

async fn furnish_templates(store: &Store) {
    let template = NewTemplate {
        provider: "host.example".parse().unwrap(),
        service: "website".parse().unwrap(),
        version: 7,
        checksum: "0".repeat(64),
        json: "{\"note\": \"L'été à 'Zürich' \u{1F600}\"}".to_owned(),
    };
    let imported = store.import_template(&template).await.unwrap().entry;
    let decision = NewDecision {
        expected: TemplateStatus::Pending,
        status: TemplateStatus::Approved,
        actor: Actor::Console,
        address: None,
        reason: "known to us".to_owned(),
    };
    store.decide_template(imported.id, &decision).await.unwrap();
    let ids = BTreeSet::from([(template.provider, template.service)]);
    store
        .set_synced_templates("/templates", &ids)
        .await
        .unwrap();
    let contact = email("dev@host.example");
    store
        .add_submission(imported.id, &contact, &secret(3))
        .await
        .unwrap();
    let domain = name("host.example");
    store.key_control(&domain, "challenge").await.unwrap();
    let proven = Timestamp::from_micros(1_000_000);
    store.set_key_control(&domain, Some(proven)).await.unwrap();
}

//------------ What must be there ----------------------------------------------------------------

/// Checks what migrations up to this one know of.
pub(crate) async fn check(store: &Store, schema: i64) {
    check_accounts(store).await;
    if schema >= 2 {
        check_zones(store).await;
    }
    if schema >= 3 {
        check_services_and_templates(store).await;
    }
    if schema >= 4 {
        let entries = store.audit_entries(None, 10).await.unwrap();
        let is_sign_in = |entry: &&AuditEntry| matches!(entry.event, AuditEvent::SignedIn { .. });
        let entry = entries.iter().find(is_sign_in).unwrap();
        assert_eq!(entry.address, Some("2001:db8::1".parse().unwrap()));
    }
    if schema >= 5 {
        check_review(store).await;
    }
    if schema >= 6 {
        assert!(snapshot(store, APEX).discovery().is_some());
        assert!(snapshot(store, OTHER).discovery().is_none());
    }
    if schema >= 7 {
        check_tokens(store).await;
    }
    if schema >= 8 {
        check_hosts(store).await;
    }
    if schema >= 9 {
        check_webhooks(store).await;
    }
    if schema >= 10 {
        check_oauth(store).await;
    }
    if schema >= 12 {
        check_names(store).await;
    }
}

async fn check_tokens(store: &Store) {
    let id = "abcdefghijkb".parse().unwrap();
    let found = store.api_token_by_public_id(&id).await.unwrap().unwrap();
    let names: Vec<String> = found
        .chain
        .limits()
        .map(|one| one.names[0].to_string())
        .collect();
    assert_eq!(names, ["*.home.example.test"; 2]);
    let token = found.chain.token();
    assert!(token.last_use.is_some());
    assert_eq!(store.token_networks(token.id).await.unwrap().len(), 1);
    assert!(
        store.revoke_api_token(token, &console()).await.unwrap(),
        "it can be changed"
    );
}

async fn check_webhooks(store: &Store) {
    let owner = store.account_by_email(&email("owner@example.test")).await;
    let owner = owner.unwrap().unwrap().account.id;
    let webhooks = store.webhooks_of(owner).await.unwrap();
    let webhooks: Vec<Webhook> = webhooks
        .into_iter()
        .map(|one| one.whole().unwrap())
        .collect();
    assert_eq!(webhooks[0].secret.reveal(), "whsec_a");
    let log = store.deliveries_of(webhooks[0].id, None, 10).await.unwrap();
    let first = log.last().unwrap();
    assert_eq!(first.body, "{\"event\": \"ping\"}");
    assert_eq!((first.state, first.attempts), (DeliveryState::Waiting, 1));
    let found = store.delivery_of(webhooks[0].id, first.id).await.unwrap();
    assert_eq!(found.unwrap().1.len(), 1);
    assert!(
        store.delete_webhook(webhooks[0].id).await.unwrap(),
        "it can be changed"
    );
}

async fn check_accounts(store: &Store) {
    let accounts = store.accounts().await.unwrap();
    let told: Vec<_> = accounts
        .iter()
        .map(|account| (account.email.to_string(), account.standing))
        .collect();
    let expected = [
        ("op@example.test".to_owned(), Standing::Operator),
        ("owner@example.test".to_owned(), Standing::Member),
    ];
    assert_eq!(told, expected);
    let operator = store
        .account_by_email(&accounts[0].email)
        .await
        .unwrap()
        .unwrap();
    assert!(operator.password.is_some());
}

async fn check_zones(store: &Store) {
    let zone = store.zone_by_apex(&name(APEX)).await.unwrap().unwrap();
    let versions = snapshot(store, APEX).version();
    assert_eq!((versions, snapshot(store, OTHER).version()), (6, 2));
    assert_eq!(served(store, APEX, "www"), None, "it was removed");
    assert!(served(store, APEX, "shop").is_some());
    assert!(served(store, OTHER, "www").is_some());
    let replayed = crate::support::replay(store, zone.id).await;
    assert_eq!(&replayed, snapshot(store, APEX).zone());
    let roles = store.roles_of(zone.id).await.unwrap();
    assert_eq!(roles[0].0.email, email("owner@example.test"));
    let known = snapshot(store, APEX).version();
    commit_host(store, zone.id, APEX, ("new", 1)).await;
    assert_eq!(
        snapshot(store, APEX).version(),
        known + 1,
        "it can be changed"
    );
}

async fn check_services_and_templates(store: &Store) {
    let zone = store.zone_by_apex(&name(APEX)).await.unwrap().unwrap();
    let services = store.services_of(zone.id).await.unwrap();
    assert_eq!(services.len(), 1);
    assert_eq!(services[0].service, service());
    let (provider, id) = ("host.example".parse().unwrap(), "website".parse().unwrap());
    let found = store
        .find_template(&provider, &id, TemplateChoice::Approved)
        .await;
    assert!(found.unwrap().unwrap().json.contains("Zürich' \u{1F600}"));
}

async fn check_review(store: &Store) {
    let (provider, id) = ("host.example".parse().unwrap(), "website".parse().unwrap());
    let log = store.template_decisions(&provider, &id).await.unwrap();
    assert_eq!(log[0].reason, "known to us");
    assert_eq!(store.synced_templates("/templates").await.unwrap().len(), 1);
    assert!(store.submission(&secret(3)).await.unwrap().is_some());
    let control = store
        .key_control(&name("host.example"), "another")
        .await
        .unwrap();
    assert_eq!(control.challenge, "challenge");
    assert!(control.proven_at.is_some());
}
