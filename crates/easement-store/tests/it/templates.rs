//! Templates and the status of each of their texts.

use domain_connect::{ProviderId, ServiceId};
use easement_core::{Actor, AuditEvent, KeyControl, TemplateEntry, TemplateId, TemplateStatus};
use easement_store::{Decided, NewDecision, NewTemplate, Store, TemplateChoice, TemplateImport};

use std::collections::BTreeSet;

use crate::support::{Place, email, make_zone, name, on_both, secret};

on_both! {
    a_changed_text_waits_while_the_approved_one_is_offered
    templates_are_told_apart_by_both_ids
    the_slower_of_two_decisions_changes_nothing
    texts_that_are_approved_at_once_take_turns
    control_of_a_domain_is_remembered
    the_templates_of_a_folder_are_remembered
    whoever_hands_a_template_in_finds_it_by_a_secret
    a_decision_is_in_the_audit_trail_or_was_not_made
    the_uses_of_a_template_are_counted
}

fn template(service: &str, text: &str) -> NewTemplate {
    NewTemplate {
        provider: "host.example".parse().unwrap(),
        service: service.parse().unwrap(),
        version: 7,
        checksum: format!("sum of {text}"),
        json: format!("{{\"text\": \"{text}\"}}"),
    }
}

async fn import(store: &Store, text: &str) -> (TemplateEntry, TemplateImport) {
    let imported = store
        .import_template(&template("website", text))
        .await
        .unwrap();
    (imported.entry, imported.import)
}

async fn find(store: &Store, choice: TemplateChoice) -> Option<TemplateEntry> {
    let provider: ProviderId = "host.example".parse().unwrap();
    let service: ServiceId = "website".parse().unwrap();
    let found = store.find_template(&provider, &service, choice).await;
    found.unwrap()
}

async fn set(store: &Store, entry: &TemplateEntry, status: TemplateStatus) {
    let now = store.template(entry.id).await.unwrap().unwrap().status;
    let decided = decide(store, entry.id, (now, status), "").await;
    assert!(matches!(decided, Decided::Done(entry) if entry.status == status));
}

async fn decide(
    store: &Store,
    id: TemplateId,
    (expected, status): (TemplateStatus, TemplateStatus),
    reason: &str,
) -> Decided {
    let decision = NewDecision {
        expected,
        status,
        actor: Actor::Console,
        address: None,
        reason: reason.to_owned(),
    };
    store.decide_template(id, &decision).await.unwrap()
}

async fn offered(store: &Store) -> Option<TemplateEntry> {
    find(store, TemplateChoice::Approved).await
}

async fn a_changed_text_waits_while_the_approved_one_is_offered(place: Place) {
    let store = place.open().await;
    let (first, import_of_first) = import(&store, "one").await;
    assert_eq!(import_of_first, TemplateImport::New);
    assert_eq!(first.status, TemplateStatus::Pending);
    assert_eq!(
        offered(&store).await,
        None,
        "nothing is offered that nobody looked at"
    );
    set(&store, &first, TemplateStatus::Approved).await;
    let (again, import_again) = import(&store, "one").await;
    assert_eq!(
        (again.id, import_again),
        (first.id, TemplateImport::Unchanged)
    );
    assert_eq!(again.status, TemplateStatus::Approved);

    let (second, import_of_second) = import(&store, "two").await;
    assert_eq!(import_of_second, TemplateImport::NewText);
    assert_eq!(offered(&store).await.unwrap().id, first.id);
    assert_eq!(
        find(&store, TemplateChoice::Newest).await.unwrap().id,
        second.id
    );
    set(&store, &second, TemplateStatus::Approved).await;
    assert_eq!(offered(&store).await.unwrap().id, second.id);
    let before = store.template(first.id).await.unwrap().unwrap();
    assert_eq!(before.status, TemplateStatus::Superseded);
    set(&store, &second, TemplateStatus::Rejected).await;
    assert_eq!(
        offered(&store).await,
        None,
        "the older text does not come back by itself"
    );
    set(&store, &first, TemplateStatus::Approved).await;
    let now = offered(&store).await.unwrap();
    assert_eq!((now.id, now.json, now.version), (first.id, first.json, 7));
    store.shutdown().await;
}

async fn templates_are_told_apart_by_both_ids(place: Place) {
    let store = place.open().await;
    for service in ["website", "mail"] {
        let imported = store
            .import_template(&template(service, "one"))
            .await
            .unwrap();
        set(&store, &imported.entry, TemplateStatus::Approved).await;
    }
    let all = store.templates().await.unwrap();
    let services: Vec<_> = all.iter().map(|entry| entry.service.to_string()).collect();
    assert_eq!(services, ["mail", "website"]);
    assert!(
        all.iter()
            .all(|entry| entry.status == TemplateStatus::Approved)
    );
    let nothing = TemplateId::new(99);
    assert_eq!(store.template(nothing).await.unwrap(), None);
    let wish = (TemplateStatus::Pending, TemplateStatus::Approved);
    assert_eq!(decide(&store, nothing, wish, "").await, Decided::Missing);
    store.shutdown().await;
}

/// On PostgreSQL none of them would find another one that is approved, and all but one would fail.
async fn texts_that_are_approved_at_once_take_turns(place: Place) {
    use TemplateStatus::{Approved, Pending, Superseded};
    let store = place.open().await;
    let mut ids = Vec::new();
    for number in 0..8 {
        ids.push(import(&store, &format!("text {number}")).await.0.id);
    }
    let decisions = ids.iter().map(|id| {
        let (store, id) = (store.clone(), *id);
        tokio::spawn(async move { decide(&store, id, (Pending, Approved), "").await })
    });
    for decision in decisions.collect::<Vec<_>>() {
        assert!(matches!(decision.await.unwrap(), Decided::Done(_)));
    }
    let all = store.templates().await.unwrap();
    let count = |status| all.iter().filter(|entry| entry.status == status).count();
    assert_eq!((count(Approved), count(Superseded)), (1, 7));
    store.shutdown().await;
}

async fn the_slower_of_two_decisions_changes_nothing(place: Place) {
    use TemplateStatus::{Approved, Pending, Rejected, Withdrawn};
    let store = place.open().await;
    let (first, _) = import(&store, "one").await;
    let (second, _) = import(&store, "two").await;
    set(&store, &first, Approved).await;
    let decided = decide(&store, second.id, (Pending, Rejected), "too wide").await;
    assert!(matches!(decided, Decided::Done(_)));
    // Somebody who still sees it pending is late, and what is offered stays on offer.
    let late = decide(&store, second.id, (Pending, Approved), "").await;
    assert!(matches!(late, Decided::Changed(entry) if entry.status == Rejected));
    assert_eq!(offered(&store).await.unwrap().id, first.id);
    let decided = decide(&store, first.id, (Approved, Withdrawn), "keys were stolen").await;
    assert!(matches!(decided, Decided::Done(_)));
    assert_eq!(offered(&store).await, None);
    let (provider, service) = (first.provider, first.service);
    let log = store.template_decisions(&provider, &service).await.unwrap();
    let told: Vec<_> = log
        .iter()
        .map(|one| (one.template, one.status, one.reason.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (first.id, Withdrawn, "keys were stolen"),
            (second.id, Rejected, "too wide"),
            (first.id, Approved, ""),
        ]
    );
    store.shutdown().await;
}

async fn control_of_a_domain_is_remembered(place: Place) {
    let store = place.open().await;
    let domain = name("p.example");
    let made = store.key_control(&domain, "one").await.unwrap();
    assert_eq!((made.challenge.as_str(), made.proven_at), ("one", None));
    let same = store.key_control(&name("P.example"), "two").await.unwrap();
    assert_eq!(same.challenge, "one", "a challenge is made once");
    let now = easement_core::Timestamp::from_micros(1_000_000);
    store.set_key_control(&domain, Some(now)).await.unwrap();
    let proven = store.key_control(&domain, "x").await.unwrap();
    assert!(proven.is_proven(now.plus(std::time::Duration::from_hours(24))));
    assert!(!proven.is_proven(now.plus(KeyControl::LASTS)));
    store.set_key_control(&domain, None).await.unwrap();
    assert_eq!(
        store.key_control(&domain, "x").await.unwrap().proven_at,
        None
    );
    store.shutdown().await;
}

async fn the_templates_of_a_folder_are_remembered(place: Place) {
    let store = place.open().await;
    let ids = |services: &[&str]| -> BTreeSet<(ProviderId, ServiceId)> {
        let one = |service: &&str| ("p.example".parse().unwrap(), service.parse().unwrap());
        services.iter().map(one).collect()
    };
    assert_eq!(store.synced_templates("/a").await.unwrap(), ids(&[]));
    store
        .set_synced_templates("/a", &ids(&["x", "y"]))
        .await
        .unwrap();
    store
        .set_synced_templates("/b", &ids(&["x"]))
        .await
        .unwrap();
    store
        .set_synced_templates("/a", &ids(&["y", "z"]))
        .await
        .unwrap();
    assert_eq!(
        store.synced_templates("/a").await.unwrap(),
        ids(&["y", "z"])
    );
    assert_eq!(store.synced_templates("/b").await.unwrap(), ids(&["x"]));
    store.shutdown().await;
}

async fn whoever_hands_a_template_in_finds_it_by_a_secret(place: Place) {
    let store = place.open().await;
    let (entry, _) = import(&store, "one").await;
    let contact = email("dev@p.example");
    store
        .add_submission(entry.id, &contact, &secret(1))
        .await
        .unwrap();
    let found = store.submission(&secret(1)).await.unwrap().unwrap();
    assert_eq!((found.template, found.contact), (entry.id, contact));
    assert_eq!(store.submission(&secret(2)).await.unwrap(), None);
    assert_eq!(store.submissions_of(entry.id).await.unwrap().len(), 1);
    assert_eq!(store.count_pending_templates().await.unwrap(), 1);
    assert!(
        store
            .add_submission(entry.id, &email("x@p.example"), &secret(1))
            .await
            .is_err()
    );
    store.shutdown().await;
}

async fn a_decision_is_in_the_audit_trail_or_was_not_made(place: Place) {
    let store = place.open().await;
    let (entry, _) = import(&store, "one").await;
    let approve = (TemplateStatus::Pending, TemplateStatus::Approved);
    place
        .run_sql("ALTER TABLE audit_entry RENAME TO audit_entry_away")
        .await;
    let decision = NewDecision {
        expected: approve.0,
        status: approve.1,
        actor: Actor::Console,
        address: None,
        reason: String::new(),
    };
    let decided = store.decide_template(entry.id, &decision).await;
    assert!(decided.is_err(), "{decided:?}");
    assert_eq!(offered(&store).await, None);
    place
        .run_sql("ALTER TABLE audit_entry_away RENAME TO audit_entry")
        .await;
    for is_first in [true, false] {
        let decided = decide(&store, entry.id, approve, "").await;
        assert_eq!(matches!(decided, Decided::Done(_)), is_first);
    }
    let entries = store.audit_entries(None, 10).await.unwrap();
    let events: Vec<AuditEvent> = entries.into_iter().map(|entry| entry.event).collect();
    let told = AuditEvent::TemplateSet {
        template: "host.example/website".to_owned(),
        version: entry.version,
        status: TemplateStatus::Approved,
    };
    assert_eq!(events, [told]);
    store.shutdown().await;
}

async fn the_uses_of_a_template_are_counted(place: Place) {
    let store = place.open().await;
    make_zone(&store, "b.example").await;
    make_zone(&store, "a.example").await;
    place
        .run_sql(
            "INSERT INTO service (zone_id, provider, service, host, document, connected_at, updated_at) \
             SELECT id, 'p.example', 's', 'www', '{}', 1, 1 FROM zone",
        )
        .await;
    let (provider, service) = ("p.example".parse().unwrap(), "s".parse().unwrap());
    assert_eq!(
        store
            .count_template_uses(&provider, &service)
            .await
            .unwrap(),
        2
    );
    let uses = store.template_uses(&provider, &service, 1).await.unwrap();
    assert_eq!(
        (uses.len(), &uses[0].apex, uses[0].host.as_str()),
        (1, &name("a.example"), "www")
    );
    let other = "other".parse().unwrap();
    assert_eq!(
        store.count_template_uses(&provider, &other).await.unwrap(),
        0
    );
    store.shutdown().await;
}
