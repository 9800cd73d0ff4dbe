//! Telling webhooks of updates that could not be made.

use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use apertodns::Hostname;
use easement_core::{AccountId, HostEvent, RateLimit, Timestamp};
use easement_store::StoreError;
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

    /// Tells the webhooks of an account that an update of one of its hosts could not be made; what is in nobody's
    /// zone, or in somebody else's, is none. That changes nothing, so there is no transaction to be part of: what
    /// is told is durable from here on, and an update that failed because the store is away is not told.
    pub(crate) async fn tell(
        &self,
        state: &ServerState,
        account: AccountId,
        name: &Name,
        reason: String,
    ) {
        if let Err(error) = self.try_to_tell(state, account, name, reason).await {
            tracing::warn!(%error, "webhooks were not told of an update that failed");
        }
    }

    async fn try_to_tell(
        &self,
        state: &ServerState,
        account: AccountId,
        name: &Name,
        reason: String,
    ) -> Result<(), StoreError> {
        let (Ok(hostname), Some(hosted)) = (
            Hostname::from_form(&name.to_text()),
            state.hosted.zone_over(name),
        ) else {
            return Ok(());
        };
        let now = state.clock.now();
        let host = (account, name.to_lowercase());
        let snapshot = hosted.snapshot();
        if is_over(&self.hosts, &host, now)
            || is_over(&self.accounts, &account, now)
            || !has_role(state, account, snapshot.zone().apex()).await?
            || !is_within(&self.hosts, host, now)
            || !is_within(&self.accounts, account, now)
        {
            return Ok(());
        }
        let event = HostEvent::update_failed(hostname, snapshot.zone(), reason);
        let id = new_event_id(state.random.as_ref());
        state.store.tell_webhooks(account, event, id).await?;
        Ok(())
    }
}

/// Whether the limit is reached, counting nothing.
fn is_over<K: Hash + Eq>(limit: &Mutex<RateLimit<K>>, key: &K, now: Timestamp) -> bool {
    let limit = limit.lock().unwrap_or_else(PoisonError::into_inner);
    limit.wait(key, now).is_some()
}

/// Whether there was less than the limit lately, counting this.
fn is_within<K: Hash + Eq>(limit: &Mutex<RateLimit<K>>, key: K, now: Timestamp) -> bool {
    let mut limit = limit.lock().unwrap_or_else(PoisonError::into_inner);
    limit.take(key, now).is_ok()
}

async fn has_role(
    state: &ServerState,
    account: AccountId,
    apex: &Name,
) -> Result<bool, StoreError> {
    let Some(zone) = state.store.zone_by_apex(apex).await? else {
        return Ok(false);
    };
    let role = state.store.role_of(zone.id, account).await?;
    Ok(role.is_some())
}
