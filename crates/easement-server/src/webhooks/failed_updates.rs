//! Telling webhooks of updates that could not be made.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use apertodns::Hostname;
use easement_core::{AccountId, HostEvent, RateLimit};
use easement_zone::Name;

use super::new_event_id;
use crate::state::ServerState;

/// A host is told of once in so long, and an account of so many hosts: a device that does it wrong does it again
/// and again.
const WINDOW: Duration = Duration::from_mins(10);
const PER_ACCOUNT: u32 = 20;

/// Knows what was told lately.
#[derive(Debug)]
pub(crate) struct FailedUpdates {
    hosts: Mutex<RateLimit<(AccountId, Name)>>,
    accounts: Mutex<RateLimit<AccountId>>,
}

impl FailedUpdates {
    pub(super) fn new() -> Self {
        Self {
            hosts: Mutex::new(RateLimit::new(1, WINDOW)),
            accounts: Mutex::new(RateLimit::new(PER_ACCOUNT, WINDOW)),
        }
    }

    /// Tells the webhooks of an account that an update of one of its hosts could not be made. That changes
    /// nothing, so there is no transaction to be part of: what is told is durable from here on, and an update
    /// that failed because the store is away is not told.
    pub(crate) async fn tell(
        &self,
        state: &ServerState,
        account: AccountId,
        name: &Name,
        reason: String,
    ) {
        let Ok(hostname) = Hostname::from_form(&name.to_text()) else {
            return;
        };
        if !self.is_news(state, account, name) {
            return;
        }
        let snapshot = state.hosted.zone_over(name).map(|zone| zone.snapshot());
        let zone = snapshot.as_ref().map(|snapshot| snapshot.zone());
        let event = HostEvent::update_failed(hostname, zone, reason);
        let id = new_event_id(state.random.as_ref());
        let told = state.store.tell_webhooks(account, event, id);
        if let Err(error) = told.await {
            tracing::warn!(%error, "webhooks were not told of an update that failed");
        }
    }

    fn is_news(&self, state: &ServerState, account: AccountId, name: &Name) -> bool {
        let now = state.clock.now();
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.take((account, name.to_lowercase()), now).is_err() {
            return false;
        }
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.take(account, now).is_ok()
    }
}
