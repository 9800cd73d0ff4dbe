//! Templates and the status of each of their texts.

use domain_connect::{ProviderId, ServiceId};
use easement_core::{TemplateEntry, TemplateStatus};
use easement_store::{NewTemplate, Store, TemplateChoice, TemplateImport};

use crate::support::{Place, on_both};

on_both! {
    a_changed_text_waits_while_the_approved_one_is_offered
    templates_are_told_apart_by_both_ids
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
    let changed = store.set_template_status(entry.id, status).await.unwrap();
    assert_eq!(changed.unwrap().status, status);
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
    let nothing = easement_core::TemplateId::new(99);
    assert_eq!(store.template(nothing).await.unwrap(), None);
    let nothing = store
        .set_template_status(nothing, TemplateStatus::Approved)
        .await;
    assert_eq!(nothing.unwrap(), None);
    store.shutdown().await;
}
