//! Clients as they are registered, and their secrets.

use std::time::Duration;

use easement_core::{ClientAuthentication, ClientTemplates, RefreshRule};
use easement_store::CreateClientError;

use super::{client_secret, registration};
use crate::support::{Place, console, on_both};

on_both! {
    a_client_is_kept_as_it_was_registered
    a_rotated_client_has_two_secrets_for_a_while
}

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
        let made = store
            .create_oauth_client(new.clone(), &console())
            .await
            .unwrap();
        assert_eq!(made.registration, new);
        let found = store.oauth_client(&new.client).await.unwrap();
        assert_eq!(found, Some(made));
    }
    let again = store.create_oauth_client(confidential, &console()).await;
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
    assert!(
        store
            .disable_oauth_client(&clients[0], &console())
            .await
            .unwrap()
    );
    assert!(
        !store
            .disable_oauth_client(&clients[0], &console())
            .await
            .unwrap()
    );
    let disabled = store.oauth_client(&clients[0].registration.client).await;
    assert!(disabled.unwrap().unwrap().disabled_at.is_some());
    assert!(
        store
            .enable_oauth_client(&clients[0], &console())
            .await
            .unwrap()
    );
    assert!(
        store
            .delete_oauth_client(&clients[0], &console())
            .await
            .unwrap()
    );
    assert!(
        !store
            .delete_oauth_client(&clients[0], &console())
            .await
            .unwrap()
    );
    assert_eq!(store.oauth_clients().await.unwrap(), clients[1..]);
    store.shutdown().await;
}

async fn a_rotated_client_has_two_secrets_for_a_while(place: Place) {
    let store = place.open().await;
    let new = registration("app.example", RefreshRule::Rotate);
    let client = store.create_oauth_client(new, &console()).await.unwrap();
    let (second, overlap) = (client_secret("second").hash(), Duration::from_hours(24));
    assert!(
        store
            .rotate_oauth_client(&client, second, overlap, &console())
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
    let public = store.create_oauth_client(public, &console()).await.unwrap();
    let hash = client_secret("second").hash();
    let rotated = store
        .rotate_oauth_client(&public, hash, overlap, &console())
        .await;
    assert!(!rotated.unwrap(), "a public client has no secret");
    store.shutdown().await;
}
