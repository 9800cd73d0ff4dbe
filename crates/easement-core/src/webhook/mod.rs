//! Webhooks: what an account is told of changes at its hosts, where to, and how often it is tried.
//!
//! **What it is for.** The rules that decide without I/O: which URLs and addresses this server sends to at
//! all ([`WebhookUrl`], [`check_outbound`]), which changes are an event ([`host_events`]), when a delivery is
//! tried again and when a webhook is switched off ([`RetrySchedule`]).
//!
//! **What it is not for.** The documents and the signature, which are `apertodns::v1`'s; looking names up;
//! sending.
//!
//! **To add an event**, add it to `apertodns::v1::WebhookEvent` and say in [`host_events`], or where else it
//! happens, when it does.

mod event;
mod identity;
mod outbound;
mod schedule;
mod subscription;
mod url;

pub use self::event::{HostEvent, host_events};
pub use self::identity::{NotAWebhookId, PublicWebhookId, WebhookSecretText};
pub use self::outbound::{OutboundRefused, check_outbound};
pub use self::schedule::RetrySchedule;
pub use self::subscription::{
    DisabledBecause, NoWebhookEvents, Webhook, WebhookEvents, WebhookMessage, WebhookState,
};
pub use self::url::{Destination, WebhookUrl, WebhookUrlError};
