//! Webhooks: telling other servers what happened.
//!
//! **What it is for.** [`manage`] makes and changes webhooks for the pages and the HTTP interface; [`run`] takes
//! what is due from the outbox of the store and delivers it, on the node that leads; [`Sender`] makes one try.
//!
//! **What it is not for.** Deciding what is an event, which addresses are public, and when to try again: those
//! are rules of `easement-core`. The outbox is the store's, and the look-up and the request `easement-outbound`'s.

mod courier;
mod failed_updates;
pub(crate) mod manage;
mod seats;
mod sender;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use easement_core::{AccountId, Random, RateLimit, Timestamp, WebhookDeliveryId};

pub(crate) use self::courier::run;
pub(crate) use self::failed_updates::FailedUpdates;
pub(crate) use self::sender::Sender;
use crate::config::WebhooksSection;

/// How many deliveries an account may ask for in a minute: each is a request that this server sends.
const MAX_ASKED_FOR: u32 = 20;
const ASKED_FOR_WINDOW: Duration = Duration::from_mins(1);

/// What a server knows about webhooks besides those in its store.
#[derive(Debug)]
pub(crate) struct Webhooks {
    pub(crate) sender: Sender,
    pub(crate) failed_updates: FailedUpdates,
    per_account: u32,
    log_time: Duration,
    asked_for: Mutex<RateLimit<AccountId>>,
}

impl Webhooks {
    pub(crate) fn new(section: &WebhooksSection, sender: Sender) -> Self {
        Self {
            sender,
            failed_updates: FailedUpdates::new(),
            per_account: section.per_account,
            log_time: Duration::from_hours(section.log_days.saturating_mul(24)),
            asked_for: Mutex::new(RateLimit::new(MAX_ASKED_FOR, ASKED_FOR_WINDOW)),
        }
    }

    /// How long deliveries stay in the log.
    pub(crate) fn log_time(&self) -> Duration {
        self.log_time
    }

    /// Counts a delivery that an account asked for, a test or one once more; or says how long to wait.
    pub(crate) fn take_asked_for(
        &self,
        account: AccountId,
        now: Timestamp,
    ) -> Result<(), Duration> {
        let mut asked = self
            .asked_for
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        asked.take(account, now)
    }

    /// How many webhooks an account may have.
    pub(crate) fn per_account(&self) -> u32 {
        self.per_account
    }
}

/// What names an event that is no commit.
fn new_event_id(random: &dyn Random) -> String {
    let octets = random.octets(8).try_into().unwrap_or_default();
    format!("evt_{:016x}", u64::from_be_bytes(octets))
}

/// What names a delivery to its receiver. It stays over retries.
pub(crate) fn delivery_text(id: WebhookDeliveryId) -> String {
    format!("{DELIVERY_PREFIX}{:016x}", id.number())
}

/// The delivery with this name.
pub(crate) fn parse_delivery(text: &str) -> Option<WebhookDeliveryId> {
    let digits = text.strip_prefix(DELIVERY_PREFIX)?;
    let number = i64::from_str_radix(digits, 16).ok()?;
    let id = WebhookDeliveryId::new(number);
    (delivery_text(id) == text).then_some(id)
}

const DELIVERY_PREFIX: &str = "del_";
