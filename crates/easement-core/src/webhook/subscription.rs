//! Webhooks of accounts, and which events each is for.

use std::fmt;
use std::str::FromStr;

use apertodns::v1::{UnknownWebhookEvent, WebhookEvent};

use crate::{AccountId, PublicWebhookId, Timestamp, WebhookId, WebhookSecretText, WebhookUrl};

/// A webhook of an account: it is told of events in all zones in which the account has a role.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Its id in the database.
    pub id: WebhookId,
    /// What names it to others.
    pub public_id: PublicWebhookId,
    /// Whose it is.
    pub account: AccountId,
    /// Where deliveries go.
    pub url: WebhookUrl,
    /// What it is told of.
    pub events: WebhookEvents,
    /// What deliveries are signed with.
    pub secret: WebhookSecretText,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether it is told of anything.
    pub state: WebhookState,
    /// How many deliveries in a row failed for good.
    pub failures: u64,
    /// Since when nothing arrived, when the last delivery failed.
    pub failing_since: Option<Timestamp>,
}

/// Whether a webhook is told of anything.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WebhookState {
    /// It is.
    Active,
    /// It is not.
    Disabled {
        /// Since when.
        at: Timestamp,
        /// Why.
        because: DisabledBecause,
    },
}

/// Why a webhook is told of nothing any more.
#[derive(Clone, Copy, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledBecause {
    /// Whoever it belongs to wants that.
    Asked,
    /// Its receiver took nothing for a long time.
    Failing,
    /// More happened than its receiver could be told of.
    Overrun,
}

impl DisabledBecause {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Asked, Self::Failing, Self::Overrun];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Failing => "failing",
            Self::Overrun => "overrun",
        }
    }
}

//------------ WebhookMessage --------------------------------------------------------------------

/// What a delivery is: an event, or a test that somebody asked for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum WebhookMessage {
    /// An event.
    Event(WebhookEvent),
    /// A test. The specification has none, so receivers see a name that is no event's.
    Ping,
}

impl WebhookMessage {
    /// The name of a test on the wire.
    const PING: &str = "ping";

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Event(event) => event.as_str(),
            Self::Ping => Self::PING,
        }
    }
}

impl FromStr for WebhookMessage {
    type Err = UnknownWebhookEvent;

    fn from_str(text: &str) -> Result<Self, UnknownWebhookEvent> {
        if text == Self::PING {
            return Ok(Self::Ping);
        }
        text.parse().map(Self::Event)
    }
}

impl fmt::Display for WebhookMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

//------------ WebhookEvents ---------------------------------------------------------------------

/// Which events a webhook is told of; at least one. As text, their names with spaces between them.
///
/// ```
/// use apertodns::v1::WebhookEvent;
/// use easement_core::WebhookEvents;
///
/// let events: WebhookEvents = "hostname_deleted ip_changed ip_changed".parse()?;
/// assert!(events.has(WebhookEvent::IpChanged));
/// assert_eq!(events.to_string(), "ip_changed hostname_deleted");
/// assert!("".parse::<WebhookEvents>().is_err());
/// # Ok::<(), easement_core::NoWebhookEvents>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct WebhookEvents([bool; WebhookEvent::ALL.len()]);

impl WebhookEvents {
    /// All events.
    pub const ALL: Self = Self([true; WebhookEvent::ALL.len()]);

    /// These events; there must be one.
    pub fn new(events: impl IntoIterator<Item = WebhookEvent>) -> Result<Self, NoWebhookEvents> {
        let events: Vec<WebhookEvent> = events.into_iter().collect();
        if events.is_empty() {
            return Err(NoWebhookEvents::None);
        }
        Ok(Self(WebhookEvent::ALL.map(|event| events.contains(&event))))
    }

    /// Whether one is among them.
    pub fn has(self, event: WebhookEvent) -> bool {
        self.iter().any(|one| one == event)
    }

    /// Each of them, in the order of the specification.
    pub fn iter(self) -> impl Iterator<Item = WebhookEvent> {
        let both = WebhookEvent::ALL.into_iter().zip(self.0);
        both.filter_map(|(event, is_there)| is_there.then_some(event))
    }
}

impl FromStr for WebhookEvents {
    type Err = NoWebhookEvents;

    fn from_str(text: &str) -> Result<Self, NoWebhookEvents> {
        let events = text.split_whitespace().map(str::parse);
        Self::new(events.collect::<Result<Vec<_>, _>>()?)
    }
}

impl fmt::Display for WebhookEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.iter().map(WebhookEvent::as_str).collect();
        f.pad(&words.join(" "))
    }
}

/// A list that is none of events.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NoWebhookEvents {
    /// It is empty.
    #[error("a webhook needs at least one event that it is told of")]
    None,
    /// There is something else in it.
    #[error(transparent)]
    Unknown(#[from] UnknownWebhookEvent),
}
