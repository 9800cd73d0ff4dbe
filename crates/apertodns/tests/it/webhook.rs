//! Signatures of webhooks.

use apertodns::Timestamp;
use apertodns::v1::{SignatureFault, UnknownWebhookEvent, WebhookEvent, WebhookSecret};

const SECRET: &str = "a secret of thirty-two letters!!";

fn secret() -> WebhookSecret {
    WebhookSecret::new(SECRET).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_millis(seconds * 1000)
}

#[test]
fn a_signature_is_the_one_that_others_compute() {
    // printf '1703775000.{}' | openssl dgst -sha256 -hmac 'a secret of thirty-two letters!!'
    let expected = "sha256=ff734856aa7cb317fdc6c187773f12685751acdfefb18fe13269e5e1ef973195";
    assert_eq!(secret().sign(at(1_703_775_000), b"{}"), expected);
}

#[test]
fn a_delivery_is_taken_for_five_minutes() {
    let sent = at(1_703_775_000);
    let signature = secret().sign(sent, b"{}");
    for (now, expected) in [
        (0, Ok(())),
        (300, Ok(())),
        (301, Err(SignatureFault::Old)),
        (-300, Ok(())),
        (-301, Err(SignatureFault::Old)),
    ] {
        let found = secret().verify(&signature, sent, b"{}", at(1_703_775_000 + now));
        assert_eq!(found, expected, "{now}");
    }
}

#[test]
fn another_secret_time_body_or_signature_does_not_fit() {
    let sent = at(1_703_775_000);
    let signature = secret().sign(sent, b"{}");
    let wrong = Err(SignatureFault::Wrong);
    let other = WebhookSecret::new(&SECRET.replace('!', "?")).unwrap();
    assert_eq!(other.verify(&signature, sent, b"{}", sent), wrong);
    assert_eq!(
        secret().verify(&signature, at(1_703_775_001), b"{}", sent),
        wrong
    );
    assert_eq!(secret().verify(&signature, sent, b"{ }", sent), wrong);
    let cut = signature.get(..signature.len() - 2).unwrap();
    assert_eq!(secret().verify(cut, sent, b"{}", sent), wrong);
    assert_eq!(secret().verify("sha256=", sent, b"{}", sent), wrong);
    for odd in [
        "",
        "sha1=00",
        "sha256=0",
        "sha256=zz",
        "SHA256=00",
        &signature.to_uppercase(),
    ] {
        let found = secret().verify(odd, sent, b"{}", sent);
        assert_eq!(found, Err(SignatureFault::Form), "{odd}");
    }
}

#[test]
fn a_secret_is_long_and_not_printed() {
    assert!(WebhookSecret::new(&"x".repeat(31)).is_none());
    assert!(WebhookSecret::new(&"\u{fc}".repeat(31)).is_none());
    assert!(WebhookSecret::new(&"x".repeat(32)).is_some());
    assert_eq!(format!("{:?}", secret()), "WebhookSecret(...)");
}

#[test]
fn events_have_the_names_of_the_specification() {
    let names = WebhookEvent::ALL.map(WebhookEvent::as_str);
    assert_eq!(
        names,
        [
            "ip_changed",
            "hostname_created",
            "hostname_deleted",
            "update_failed"
        ]
    );
    for event in WebhookEvent::ALL {
        assert_eq!(event.to_string().parse(), Ok(event));
    }
    let error = UnknownWebhookEvent {
        text: "ip_change".to_owned(),
    };
    assert_eq!("ip_change".parse::<WebhookEvent>(), Err(error));
}
