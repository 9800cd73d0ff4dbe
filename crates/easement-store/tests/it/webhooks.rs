//! Webhooks: what is written down with a change, and what becomes of it.

use std::time::Duration;

use apertodns::v1::WebhookEvent;
use easement_core::{
    Clock as _, DisabledBecause, HostEvent, Webhook, WebhookEvents, WebhookMessage, WebhookState,
    ZoneId, ZoneRole,
};
use easement_store::{
    CreateWebhookError, DeliveryAttempt, DeliveryState, DueDelivery, Store, StoredWebhook,
    WebhookChange, WebhookTrouble,
};
use easement_zone::ChangeSet;
use serde_json::{Value, json};

use crate::support::{
    Place, commit_host, console, contents, failed_attempt, make_zone, member, name, new_webhook,
    new_zone, on_both, permit, plan, served, set_host,
};

on_both! {
    a_change_is_written_with_what_it_tells
    who_has_no_role_any_more_is_told_nothing
    a_zone_that_is_new_is_told_of
    what_is_not_asked_for_is_not_told
    a_change_that_is_refused_tells_nothing
    what_is_to_be_told_outlives_the_server
    a_delivery_is_tried_four_times
    a_receiver_that_takes_nothing_for_long_is_given_up
    one_that_is_switched_off_is_told_nothing
    what_failed_is_delivered_again_when_somebody_asks
    the_log_is_kept_for_a_while
    one_change_makes_so_many_deliveries
    a_url_that_is_stored_is_read_however_long
    one_that_cannot_be_read_is_switched_off_and_deleted
    an_account_has_room_for_so_many_webhooks
    what_is_no_change_is_told_too
}

const APEX: &str = "example.test";

/// A zone, its owner and the owner's webhook.
struct World {
    store: Store,
    zone: ZoneId,
    webhook: Webhook,
}

impl World {
    async fn make(place: &Place) -> Self {
        let store = place.open().await;
        let zone = make_zone(&store, APEX).await;
        let owner = member(&store, "owner@example.test").await;
        store
            .set_role(zone, owner.id, Some(ZoneRole::Owner), &console())
            .await
            .unwrap();
        let webhook = store.create_webhook(new_webhook(owner.id, 'a')).await;
        Self {
            webhook: webhook.unwrap(),
            store,
            zone,
        }
    }

    async fn set(&self, host: &str, last: u8) {
        commit_host(&self.store, self.zone, APEX, (host, last)).await;
    }

    async fn due(&self) -> Vec<DueDelivery> {
        let due = self.store.due_deliveries(self.webhook.id, 1000).await;
        due.unwrap()
    }

    /// The events that are due, as `event host`.
    async fn told(&self) -> Vec<String> {
        let due = self.due().await;
        let told = due.iter().map(|one| {
            let body: Value = serde_json::from_str(&one.body).unwrap();
            let host = body["data"]["hostname"].as_str().unwrap_or_default();
            format!("{} {host}", one.message)
        });
        told.collect()
    }

    /// Tries the first that is due, in vain; says how it stands then, and whether the webhook is off.
    async fn fail(&self) -> (Option<DeliveryState>, Option<DisabledBecause>) {
        let due = self.due().await;
        let attempt = failed_attempt(&self.store);
        let noted = self.store.note_delivery_attempt(due[0].id, attempt).await;
        let noted = noted.unwrap();
        (noted.state, noted.disabled)
    }

    async fn state(&self) -> WebhookState {
        let webhook = self.store.webhook(self.webhook.id).await.unwrap();
        webhook.unwrap().state
    }
}

async fn a_change_is_written_with_what_it_tells(place: Place) {
    let world = World::make(&place).await;
    world.set("home", 1).await;
    world.set("home", 2).await;
    let mut gone = ChangeSet::new();
    gone.record(served(&world.store, APEX, "home"), None);
    let gone = plan(&world.store, APEX, gone);
    let permit = permit(world.zone, APEX);
    world.store.commit(permit, gone, console()).await.unwrap();

    let expected = [
        "hostname_created home.example.test",
        "ip_changed home.example.test",
        "hostname_deleted home.example.test",
    ];
    assert_eq!(world.told().await, expected);
    let bodies = world.due().await;
    let body: Value = serde_json::from_str(&bodies[1].body).unwrap();
    assert_eq!(body["webhook_id"], "wh_0123456789abcdea");
    assert_eq!(body["data"]["previous_ipv4"], "192.0.2.1");
    assert_eq!(body["data"]["ipv4"], "192.0.2.2");
    let ids = bodies.iter().map(|one| {
        let body: Value = serde_json::from_str(&one.body).unwrap();
        body["event_id"].as_str().unwrap().to_owned()
    });
    let ids: std::collections::BTreeSet<String> = ids.collect();
    assert_eq!(ids.len(), 3, "each event has an id of its own: {ids:?}");
    world.store.shutdown().await;
}

async fn who_has_no_role_any_more_is_told_nothing(place: Place) {
    let world = World::make(&place).await;
    let owner = world.webhook.account;
    let other = member(&world.store, "other@example.test").await;
    let others = world.store.create_webhook(new_webhook(other.id, 'b')).await;
    let others = others.unwrap();
    world.set("one", 1).await;
    let set_role = async |account, role| {
        let set = world
            .store
            .set_role(world.zone, account, role, &console())
            .await;
        set.unwrap();
    };
    // Whoever may see the records may be told of them.
    set_role(other.id, Some(ZoneRole::Owner)).await;
    set_role(owner, Some(ZoneRole::Viewer)).await;
    world.set("two", 1).await;
    set_role(owner, None).await;
    world.set("three", 1).await;

    let told = world.told().await;
    let hosts: Vec<&str> = told
        .iter()
        .map(|one| one.split_once(' ').unwrap().1)
        .collect();
    assert_eq!(hosts, ["one.example.test", "two.example.test"]);
    let due = world.store.due_deliveries(others.id, 10).await.unwrap();
    assert_eq!(due.len(), 2, "two and three");
    world.store.shutdown().await;
}

async fn a_zone_that_is_new_is_told_of(place: Place) {
    let world = World::make(&place).await;
    world.set("home", 1).await;
    let mut new = new_zone(contents("new.test"));
    new.owner = Some(world.webhook.account);
    let zone = world.store.create_zone(new, console()).await.unwrap().zone;
    commit_host(&world.store, zone, "new.test", ("home", 1)).await;
    let expected = [
        "hostname_created home.example.test",
        "hostname_created home.new.test",
    ];
    assert_eq!(world.told().await, expected);
    world.store.shutdown().await;
}

async fn what_is_not_asked_for_is_not_told(place: Place) {
    let world = World::make(&place).await;
    let target = |events: &[WebhookEvent]| {
        let events = WebhookEvents::new(events.iter().copied()).unwrap();
        WebhookChange::Target(world.webhook.url.clone(), events)
    };
    let change = async |change| {
        let changed = world.store.change_webhook(world.webhook.id, change).await;
        assert!(changed.unwrap());
    };
    change(target(&[WebhookEvent::HostnameDeleted])).await;
    world.set("home", 1).await;
    assert_eq!(world.told().await, [""; 0]);
    // The next change knows of it.
    change(target(&[WebhookEvent::IpChanged])).await;
    world.set("home", 2).await;
    assert_eq!(world.told().await, ["ip_changed home.example.test"]);
    world.store.shutdown().await;
}

async fn a_change_that_is_refused_tells_nothing(place: Place) {
    let world = World::make(&place).await;
    let stale = plan(&world.store, APEX, set_host(&world.store, APEX, "b", 1));
    let (first, second) = (
        plan(&world.store, APEX, set_host(&world.store, APEX, "a", 1)),
        stale,
    );
    let commit = |plan| {
        let permit = permit(world.zone, APEX);
        world.store.commit(permit, plan, console())
    };
    let (first, second) = tokio::join!(commit(first), commit(second));
    assert!(first.is_ok() && second.is_err());
    assert_eq!(world.told().await, ["hostname_created a.example.test"]);
    world.store.shutdown().await;
}

async fn what_is_to_be_told_outlives_the_server(place: Place) {
    let world = World::make(&place).await;
    world.set("home", 1).await;
    world.store.shutdown().await;
    let store = place.open().await;
    let waiting = store.waiting_deliveries().await.unwrap();
    assert_eq!(
        (waiting[0].webhook, waiting[0].count),
        (world.webhook.id, 1)
    );
    let due = store.due_deliveries(world.webhook.id, 10).await.unwrap();
    assert_eq!(due.len(), 1);
    store.shutdown().await;
}

async fn a_delivery_is_tried_four_times(place: Place) {
    let world = World::make(&place).await;
    world.set("home", 1).await;
    let first = world.due().await[0].clone();
    for seconds in [30, 300, 3000] {
        assert_eq!(world.fail().await, (Some(DeliveryState::Waiting), None));
        place.clock.advance(Duration::from_secs(seconds - 1));
        assert!(world.due().await.is_empty(), "not before {seconds} seconds");
        place.clock.advance(Duration::from_secs(1));
        let again = &world.due().await[0];
        assert_eq!((again.id, &again.body), (first.id, &first.body), "the same");
    }
    assert_eq!(world.fail().await, (Some(DeliveryState::Failed), None));
    assert!(world.store.waiting_deliveries().await.unwrap().is_empty());
    let found = world.store.delivery_of(world.webhook.id, first.id).await;
    let (entry, attempts) = found.unwrap().unwrap();
    assert_eq!((entry.state, entry.attempts), (DeliveryState::Failed, 4));
    assert_eq!(attempts.len(), 4);
    assert_eq!(attempts[0], failed_attempt_at(attempts[0].at));
    let webhook = world.store.webhook(world.webhook.id).await.unwrap();
    assert_eq!(webhook.unwrap().failures, 1);
    world.store.shutdown().await;
}

fn failed_attempt_at(at: easement_core::Timestamp) -> DeliveryAttempt {
    DeliveryAttempt {
        at,
        took: Duration::from_secs(10),
        status: None,
        problem: Some("nobody answered".to_owned()),
    }
}

/// Lets the first delivery that is due fail for good.
async fn fail_for_good(place: &Place, world: &World) -> Option<DisabledBecause> {
    let id = world.due().await[0].id;
    for seconds in [30, 300, 3000] {
        let attempt = failed_attempt(&world.store);
        world
            .store
            .note_delivery_attempt(id, attempt)
            .await
            .unwrap();
        place.clock.advance(Duration::from_secs(seconds));
    }
    let attempt = failed_attempt(&world.store);
    let noted = world.store.note_delivery_attempt(id, attempt).await;
    noted.unwrap().disabled
}

async fn a_receiver_that_takes_nothing_for_long_is_given_up(place: Place) {
    let world = World::make(&place).await;
    for last in 1..=21 {
        world.set("home", last).await;
    }
    // What arrives meanwhile begins the count anew.
    assert_eq!(fail_for_good(&place, &world).await, None);
    let arrived = DeliveryAttempt {
        status: Some(204),
        problem: None,
        ..failed_attempt(&world.store)
    };
    let id = world.due().await[0].id;
    let noted = world
        .store
        .note_delivery_attempt(id, arrived)
        .await
        .unwrap();
    assert_eq!(noted.state, Some(DeliveryState::Delivered));
    for last in 22..=30 {
        world.set("home", last).await;
    }
    for _ in 0..19 {
        assert_eq!(fail_for_good(&place, &world).await, None);
    }
    place.clock.advance(Duration::from_hours(24));
    assert_eq!(world.state().await, WebhookState::Active);
    let name = world.webhook.public_id.clone();
    let trouble = async |ago| {
        let since = place.clock.now().minus(ago);
        world.store.webhook_trouble(since).await.unwrap()
    };
    let expected = WebhookTrouble {
        active: 1,
        failing: vec![name.clone()],
        ..WebhookTrouble::default()
    };
    assert_eq!(trouble(Duration::from_hours(24)).await, expected);
    assert!(trouble(Duration::from_hours(240)).await.failing.is_empty());
    let disabled = fail_for_good(&place, &world).await;
    assert_eq!(disabled, Some(DisabledBecause::Failing));
    let expected = WebhookTrouble {
        switched_off: vec![name],
        ..WebhookTrouble::default()
    };
    assert_eq!(trouble(Duration::from_hours(24)).await, expected);
    let WebhookState::Disabled { because, .. } = world.state().await else {
        panic!("it is told of events still");
    };
    assert_eq!(because, DisabledBecause::Failing);
    assert!(world.due().await.is_empty(), "what waited was dropped");
    world.store.shutdown().await;
}

async fn one_that_is_switched_off_is_told_nothing(place: Place) {
    let world = World::make(&place).await;
    world.set("one", 1).await;
    let under_way = world.due().await[0].id;
    let change = async |change| {
        let changed = world.store.change_webhook(world.webhook.id, change).await;
        changed.unwrap()
    };
    assert!(change(WebhookChange::Disable(DisabledBecause::Asked)).await);
    assert!(!change(WebhookChange::Disable(DisabledBecause::Asked)).await);
    world.set("two", 1).await;
    assert!(world.due().await.is_empty());
    // What was under way is noted, and not tried again.
    let attempt = failed_attempt(&world.store);
    let noted = world.store.note_delivery_attempt(under_way, attempt).await;
    assert_eq!(noted.unwrap().state, Some(DeliveryState::Dropped));
    assert!(change(WebhookChange::Enable).await);
    world.set("three", 1).await;
    assert_eq!(world.told().await, ["hostname_created three.example.test"]);
    assert!(world.store.delete_webhook(world.webhook.id).await.unwrap());
    world.set("four", 1).await;
    assert!(world.store.waiting_deliveries().await.unwrap().is_empty());
    let attempt = failed_attempt(&world.store);
    let noted = world.store.note_delivery_attempt(under_way, attempt).await;
    assert_eq!(noted.unwrap().state, None, "it is gone");
    world.store.shutdown().await;
}

async fn what_failed_is_delivered_again_when_somebody_asks(place: Place) {
    let world = World::make(&place).await;
    world.set("home", 1).await;
    let id = world.due().await[0].id;
    let again = async || world.store.redeliver(world.webhook.id, id).await.unwrap();
    assert!(!again().await, "it waits already");
    fail_for_good(&place, &world).await;
    assert!(again().await);
    assert_eq!(world.fail().await.0, Some(DeliveryState::Waiting));
    let other = easement_core::WebhookId::new(world.webhook.id.number() + 1);
    assert!(!world.store.redeliver(other, id).await.unwrap());
    world.store.shutdown().await;
}

async fn the_log_is_kept_for_a_while(place: Place) {
    let world = World::make(&place).await;
    world.set("old", 1).await;
    fail_for_good(&place, &world).await;
    place.clock.advance(Duration::from_hours(1));
    let before = place.now();
    world.set("new", 1).await;
    let purged = world.store.purge_deliveries(before).await.unwrap();
    assert_eq!(purged, 1);
    // What waits stays, however old it is.
    let later = place.now().plus(Duration::from_hours(1));
    assert_eq!(world.store.purge_deliveries(later).await.unwrap(), 0);
    let log = world.store.deliveries_of(world.webhook.id, None, 10).await;
    let hosts: Vec<_> = log.unwrap().into_iter().map(|one| one.hostname).collect();
    assert_eq!(hosts, [Some("new.example.test".to_owned())]);
    world.store.shutdown().await;
}

async fn one_change_makes_so_many_deliveries(place: Place) {
    let world = World::make(&place).await;
    let second = new_webhook(world.webhook.account, 'b');
    world.store.create_webhook(second).await.unwrap();
    let mut changes = ChangeSet::new();
    for number in 0..600 {
        let host = format!("h{number}");
        let one = set_host(&world.store, APEX, &host, 1);
        for (_, change) in one.iter() {
            changes.record(change.before.clone(), change.after.clone());
        }
    }
    let plan = plan(&world.store, APEX, changes);
    let committed = world
        .store
        .commit(permit(world.zone, APEX), plan, console())
        .await;
    committed.unwrap();
    let waiting = world.store.waiting_deliveries().await.unwrap();
    let counts: Vec<u64> = waiting.iter().map(|one| one.count).collect();
    assert_eq!(counts, [500, 500]);
    world.store.shutdown().await;
}

async fn a_url_that_is_stored_is_read_however_long(place: Place) {
    let world = World::make(&place).await;
    let account = world.webhook.account;
    let long = format!("https://hooks.example.net/{}", "a".repeat(6000));
    let long = easement_core::WebhookUrl::from_stored(&long).unwrap();
    let target = WebhookChange::Target(long.clone(), WebhookEvents::ALL);
    let id = world.webhook.id;
    assert!(world.store.change_webhook(id, target).await.unwrap());
    let read = world.store.webhook(id).await.unwrap().unwrap();
    assert_eq!(read.url, long);
    let named = world.store.webhook_of(account, &world.webhook.public_id);
    assert!(matches!(named.await, Ok(Some(StoredWebhook::Whole(found))) if found.id == id));
    world.store.shutdown().await;
}

async fn one_that_cannot_be_read_is_switched_off_and_deleted(place: Place) {
    let world = World::make(&place).await;
    let (store, broken) = (&world.store, &world.webhook);
    let good = new_webhook(broken.account, 'b');
    let good = store.create_webhook(good).await.unwrap();
    place
        .run_sql("UPDATE webhook SET url = 'nonsense' WHERE id = (SELECT min(id) FROM webhook)")
        .await;
    world.set("home", 1).await;
    assert!(store.webhook(broken.id).await.is_err());
    let due = store.due_deliveries(good.id, 10).await.unwrap();
    assert_eq!(due.len(), 1, "the other one is told as ever");
    let waiting = store.waiting_deliveries().await.unwrap();
    assert_eq!(waiting.len(), 2, "who waits is known all the same");
    let named = store.webhook_of(broken.account, &broken.public_id);
    let named = named.await.unwrap().unwrap();
    assert!(matches!(named, StoredWebhook::Broken(_)), "{named:?}");
    assert_eq!((named.id(), named.is_active()), (broken.id, true));
    let all = store.webhooks_of(broken.account).await.unwrap();
    let listed: Vec<_> = all.iter().map(StoredWebhook::public_id).collect();
    assert_eq!(listed, [&broken.public_id, &good.public_id]);
    let off = WebhookChange::Disable(DisabledBecause::Asked);
    assert!(store.change_webhook(broken.id, off).await.unwrap());
    let named = store.webhook_of(broken.account, &broken.public_id);
    assert!(!named.await.unwrap().unwrap().is_active());
    assert!(
        world.due().await.is_empty(),
        "nothing waits for it any more"
    );
    assert!(store.delete_webhook(broken.id).await.unwrap());
    let left = store.webhooks_of(broken.account).await.unwrap();
    assert_eq!(left.len(), 1);
    world.store.shutdown().await;
}

async fn an_account_has_room_for_so_many_webhooks(place: Place) {
    let world = World::make(&place).await;
    let account = world.webhook.account;
    for last in ['b', 'c'] {
        let new = new_webhook(account, last);
        world.store.create_webhook(new).await.unwrap();
    }
    let refused = world.store.create_webhook(new_webhook(account, 'd')).await;
    assert!(
        matches!(refused, Err(CreateWebhookError::TooMany { most: 3 })),
        "{refused:?}"
    );
    let nobody = easement_core::AccountId::new(999);
    let refused = world.store.create_webhook(new_webhook(nobody, 'd')).await;
    assert!(
        matches!(refused, Err(CreateWebhookError::NoSuchAccount { .. })),
        "{refused:?}"
    );
    // Others' webhooks are not found.
    let id = &world.webhook.public_id;
    assert!(world.store.webhook_of(account, id).await.unwrap().is_some());
    assert!(world.store.webhook_of(nobody, id).await.unwrap().is_none());
    world.store.shutdown().await;
}

async fn what_is_no_change_is_told_too(place: Place) {
    let world = World::make(&place).await;
    let host = "home.example.test".parse().unwrap();
    let event = HostEvent::update_failed(host, &contents("example.test"), "no".to_owned());
    let account = world.webhook.account;
    let told = world
        .store
        .tell_webhooks(account, event, "evt_1".to_owned());
    assert_eq!(told.await.unwrap(), 1);
    assert_eq!(world.told().await, ["update_failed home.example.test"]);
    let body: Value = serde_json::from_str(&world.due().await[0].body).unwrap();
    assert_eq!(body["event_id"], json!("evt_1"));
    let test = "{}".to_owned();
    world
        .store
        .test_webhook(world.webhook.id, test)
        .await
        .unwrap();
    assert_eq!(world.due().await[1].message, WebhookMessage::Ping);
    assert_eq!(name(APEX).to_text(), APEX);
    world.store.shutdown().await;
}
