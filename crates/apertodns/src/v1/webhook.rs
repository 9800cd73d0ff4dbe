//! Webhooks: what is delivered, and the signature that proves where it came from (ApertoDNS 1.4.0
//! section 11). How they are made and listed is up to each server.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use aws_lc_rs::hmac;
use serde::{Serialize, Serializer};

use crate::{Hostname, Timestamp};

/// What a webhook tells of.
///
/// ```
/// use apertodns::v1::WebhookEvent;
///
/// assert_eq!(WebhookEvent::IpChanged.as_str(), "ip_changed");
/// assert_eq!("update_failed".parse(), Ok(WebhookEvent::UpdateFailed));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum WebhookEvent {
    /// An address of a host is another than before.
    IpChanged,
    /// There is a new host.
    HostnameCreated,
    /// A host is gone.
    HostnameDeleted,
    /// An update could not be made.
    UpdateFailed,
}

impl WebhookEvent {
    /// All events.
    pub const ALL: [Self; 4] = [
        Self::IpChanged,
        Self::HostnameCreated,
        Self::HostnameDeleted,
        Self::UpdateFailed,
    ];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::IpChanged => "ip_changed",
            Self::HostnameCreated => "hostname_created",
            Self::HostnameDeleted => "hostname_deleted",
            Self::UpdateFailed => "update_failed",
        }
    }
}

impl std::str::FromStr for WebhookEvent {
    type Err = UnknownWebhookEvent;

    fn from_str(text: &str) -> Result<Self, UnknownWebhookEvent> {
        let mut events = Self::ALL.into_iter();
        let event = events.find(|event| event.as_str() == text);
        event.ok_or_else(|| UnknownWebhookEvent {
            text: crate::address::excerpt(text),
        })
    }
}

impl fmt::Display for WebhookEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for WebhookEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A text is no event.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "`{text}` is no event: there are ip_changed, hostname_created, hostname_deleted and update_failed"
)]
pub struct UnknownWebhookEvent {
    /// The text, cut after 80 characters.
    pub text: String,
}

//------------ WebhookDelivery -------------------------------------------------------------------

/// The body of a delivery.
///
/// ```
/// use apertodns::Timestamp;
/// use apertodns::v1::{WebhookData, WebhookDelivery, WebhookEvent};
///
/// let delivery = WebhookDelivery {
///     event: WebhookEvent::IpChanged,
///     event_id: "evt_1".to_owned(),
///     timestamp: Timestamp::from_unix_millis(1_768_478_400_000),
///     webhook_id: "wh_1".to_owned(),
///     data: WebhookData {
///         hostname: "home.example.com".parse()?,
///         previous_ipv4: Some("203.0.113.49".parse()?),
///         ipv4: Some("203.0.113.50".parse()?),
///         previous_ipv6: None,
///         ipv6: None,
///         ttl: 300,
///         reason: None,
///     },
/// };
/// let document = serde_json::to_value(&delivery)?;
/// assert_eq!(document["event"], "ip_changed");
/// assert_eq!(document["data"]["previous_ipv6"], serde_json::Value::Null);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct WebhookDelivery {
    /// What happened.
    pub event: WebhookEvent,
    /// Which time: the same when a delivery is tried again.
    pub event_id: String,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Which webhook this is.
    pub webhook_id: String,
    /// To what it happened.
    pub data: WebhookData,
}

/// The host of a delivery.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct WebhookData {
    /// The host.
    pub hostname: Hostname,
    /// Its address before.
    pub previous_ipv4: Option<Ipv4Addr>,
    /// Its address now.
    pub ipv4: Option<Ipv4Addr>,
    /// Its address before.
    pub previous_ipv6: Option<Ipv6Addr>,
    /// Its address now.
    pub ipv6: Option<Ipv6Addr>,
    /// The TTL of its addresses, in seconds.
    pub ttl: u32,
    /// Why an update failed; left out of every other event. The specification does not have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

//------------ WebhookSecret ---------------------------------------------------------------------

/// What server and receiver share to sign deliveries: at least 32 characters (section 11.4). It is never
/// printed.
///
/// ```
/// use apertodns::Timestamp;
/// use apertodns::v1::{SignatureFault, WebhookSecret};
///
/// let secret = WebhookSecret::new("0123456789abcdef0123456789abcdef").unwrap();
/// let (sent, payload) = (Timestamp::from_unix_millis(1_703_775_000_000), br#"{"event":"ip_changed"}"#);
/// let headers = secret.headers("del_1", apertodns::v1::WebhookEvent::IpChanged, sent, payload);
/// assert_eq!(headers[2], ("X-ApertoDNS-Timestamp", "1703775000".to_owned()));
///
/// let signature = &headers[3].1;
/// assert!(signature.starts_with("sha256="));
/// let now = Timestamp::from_unix_millis(1_703_775_250_000);
/// assert_eq!(secret.verify(signature, sent, payload, now), Ok(()));
/// assert_eq!(secret.verify(signature, sent, b"{}", now), Err(SignatureFault::Wrong));
/// let later = Timestamp::from_unix_millis(1_703_775_301_000);
/// assert_eq!(secret.verify(signature, sent, payload, later), Err(SignatureFault::Old));
/// ```
#[derive(Clone)]
pub struct WebhookSecret {
    key: hmac::Key,
}

impl WebhookSecret {
    /// The least characters.
    pub const MIN_CHARACTERS: usize = 32;
    /// How far the time of a delivery may be from now, in seconds, so that it cannot be sent again later.
    pub const WINDOW_SECONDS: u64 = 300;

    /// Takes a text as secret; none when it is too short.
    pub fn new(text: &str) -> Option<Self> {
        let is_long = text.chars().count() >= Self::MIN_CHARACTERS;
        is_long.then(|| Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes()),
        })
    }

    /// The headers of a delivery. `event` is a [`WebhookEvent`], or the name of a message that is none.
    pub fn headers(
        &self,
        delivery_id: &str,
        event: impl fmt::Display,
        sent: Timestamp,
        payload: &[u8],
    ) -> [(&'static str, String); 4] {
        [
            ("X-ApertoDNS-Event", event.to_string()),
            ("X-ApertoDNS-Delivery-ID", delivery_id.to_owned()),
            ("X-ApertoDNS-Timestamp", sent.as_unix_seconds().to_string()),
            ("X-ApertoDNS-Signature", self.sign(sent, payload)),
        ]
    }

    /// The signature of a body that is sent at this time: HMAC-SHA256 of the seconds, a dot and the body.
    pub fn sign(&self, sent: Timestamp, payload: &[u8]) -> String {
        let tag = hmac::sign(&self.key, &signed(sent, payload));
        let digits = tag.as_ref().iter().map(|octet| format!("{octet:02x}"));
        format!("sha256={}", digits.collect::<String>())
    }

    /// Checks a signature, as a receiver does. How long it takes says nothing about the right one.
    pub fn verify(
        &self,
        signature: &str,
        sent: Timestamp,
        payload: &[u8],
        now: Timestamp,
    ) -> Result<(), SignatureFault> {
        let age = now.as_unix_seconds().abs_diff(sent.as_unix_seconds());
        if age > Self::WINDOW_SECONDS {
            return Err(SignatureFault::Old);
        }
        let tag = signature.strip_prefix("sha256=").and_then(octets);
        let tag = tag.ok_or(SignatureFault::Form)?;
        hmac::verify(&self.key, &signed(sent, payload), &tag).map_err(|_| SignatureFault::Wrong)
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(...)")
    }
}

fn signed(sent: Timestamp, payload: &[u8]) -> Vec<u8> {
    [format!("{}.", sent.as_unix_seconds()).as_bytes(), payload].concat()
}

/// The octets of lower-case hexadecimal digits.
fn octets(text: &str) -> Option<Vec<u8>> {
    let digit = |octet: &u8| match octet {
        b'0'..=b'9' => Some(octet - b'0'),
        b'a'..=b'f' => Some(octet - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let pairs = pairs
        .iter()
        .map(|[high, low]| Some(digit(high)? << 4 | digit(low)?));
    rest.is_empty().then(|| pairs.collect())?
}

/// Why a signature is not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignatureFault {
    /// It was made too long ago, or in the future.
    #[error(
        "the time of the delivery is more than {} seconds from now",
        WebhookSecret::WINDOW_SECONDS
    )]
    Old,
    /// It does not look like one.
    #[error("a signature is `sha256=` with 64 hexadecimal digits behind it")]
    Form,
    /// It is another: of another secret, time or body.
    #[error("the signature does not fit the secret, the time and the body")]
    Wrong,
}
