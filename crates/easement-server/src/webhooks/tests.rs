//! Tries that end before anything is sent, or in time.

use std::sync::Arc;
use std::time::Duration;

use easement_core::{
    AccountId, Webhook, WebhookDeliveryId, WebhookEvents, WebhookId, WebhookMessage,
    WebhookSecretText, WebhookState,
};
use easement_outbound::http::SendError;
use easement_store::DueDelivery;
use tokio::net::TcpListener;

use super::sender::{Sender, TryError};
use super::{delivery_text, parse_delivery};
use crate::config::WebhooksSection;
use easement_outbound::SystemRandom;

fn sender(allowed: &[&str]) -> Sender {
    let section = WebhooksSection {
        allow_networks: allowed.iter().map(|text| text.parse().unwrap()).collect(),
        ..WebhooksSection::default()
    };
    let nobody: std::net::SocketAddr = "127.0.0.1:1".parse().unwrap();
    Sender::new(&section, nobody, Arc::new(SystemRandom)).unwrap()
}

async fn send(sender: &Sender, url: &str) -> TryError {
    let now = easement_core::Timestamp::from_micros(0);
    let webhook = Webhook {
        id: WebhookId::new(1),
        public_id: "wh_0123456789abcdef".parse().unwrap(),
        account: AccountId::new(1),
        url: url.parse().unwrap(),
        events: WebhookEvents::ALL,
        secret: WebhookSecretText::generate(&SystemRandom).unwrap(),
        created_at: now,
        state: WebhookState::Active,
        failures: 0,
        failing_since: None,
    };
    let delivery = DueDelivery {
        id: WebhookDeliveryId::new(1),
        message: WebhookMessage::Ping,
        body: "{}".to_owned(),
    };
    let now = apertodns::Timestamp::from_unix_millis(0);
    sender.send(&webhook, &delivery, now).await.unwrap_err()
}

#[tokio::test]
async fn who_says_nothing_is_left_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let sender = sender(&["127.0.0.1/32"]).with_limit(Duration::from_millis(50));
    let error = send(&sender, &url).await;
    assert!(
        matches!(error, TryError::NotSent(SendError::TimedOut { .. })),
        "{error}"
    );
    assert!(listener.accept().await.is_ok(), "somebody was there");
}

#[tokio::test]
async fn an_address_that_was_stored_is_checked_at_each_try() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in [
        "127.0.0.1",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::ffff:127.0.0.1]",
        "[::1]",
        "localhost.",
    ] {
        let sender = sender(&[]).with_limit(Duration::from_secs(1));
        let error = send(&sender, &format!("https://{host}:{port}/")).await;
        let is_refused = matches!(error, TryError::NotSent(SendError::Refused(_)));
        assert!(is_refused, "{host}: {error}");
    }
    let accepted = tokio::time::timeout(Duration::ZERO, listener.accept()).await;
    assert!(accepted.is_err(), "somebody connected");
}

#[test]
fn a_delivery_survives_its_name() {
    let id = WebhookDeliveryId::new(0x1234);
    assert_eq!(delivery_text(id), "del_0000000000001234");
    assert_eq!(parse_delivery("del_0000000000001234"), Some(id));
    for text in [
        "",
        "del_",
        "del_1234",
        "del_+000000000001234",
        "del_000000000000123G",
        "wh_0000000000001234",
    ] {
        assert_eq!(parse_delivery(text), None, "{text}");
    }
}

#[test]
fn a_file_without_authorities_is_refused_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("roots.pem");
    for text in [
        "",
        "no certificate",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        std::fs::write(&path, text).unwrap();
        let section = WebhooksSection {
            extra_roots: Some(path.clone()),
            ..WebhooksSection::default()
        };
        let nobody: std::net::SocketAddr = "127.0.0.1:1".parse().unwrap();
        let refused = Sender::new(&section, nobody, Arc::new(SystemRandom)).unwrap_err();
        assert!(refused.to_string().contains("roots.pem"), "{refused}");
    }
}
