//! When and from where tokens are used: noted beside the request, which does not wait for it.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use easement_core::{
    Actor, ApiTokenId, AuditEvent, Network, Timestamp, TokenName, throttled_address,
};
use easement_store::{Store, StoreError};

use super::remembered::VerifiedToken;

/// How often the use of a token is written down.
const NOTE_EVERY: Duration = Duration::from_mins(1);
/// How many bits of an address name the network that its user is in.
const IPV4_BITS: u32 = 24;
const IPV6_BITS: u32 = 48;
/// After so many refusals, each within a day of the one before, somebody should look.
const OFTEN: u64 = 10;

#[derive(Clone, Debug)]
pub(super) struct Usage {
    store: Store,
}

impl VerifiedToken {
    pub(super) fn noted_at(&self) -> Option<(Timestamp, Network)> {
        *self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Usage {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Notes a use: once in a while, and when it came from another network than the last.
    pub(super) fn note(&self, token: &Arc<VerifiedToken>, address: IpAddr, now: Timestamp) {
        let network = network_of(address);
        {
            let mut noted = token.noted.lock().unwrap_or_else(PoisonError::into_inner);
            let is_fresh =
                |(at, of): (Timestamp, Network)| now.since(at) < NOTE_EVERY && of == network;
            if noted.is_some_and(is_fresh) {
                return;
            }
            *noted = Some((now, network));
        }
        let (store, token) = (self.store.clone(), token.chain.token());
        let (id, name) = (token.id, token.name.clone());
        tokio::spawn(async move {
            if let Err(error) = write_use(&store, id, name, address, network).await {
                tracing::warn!(%error, token.id = %id, "the use of an API token was not written down");
            }
        });
    }

    pub(super) fn note_refusal(&self, token: ApiTokenId, address: IpAddr, reason: String) {
        let store = self.store.clone();
        tokio::spawn(async move {
            if let Err(error) = write_refusal(&store, token, address, reason).await {
                tracing::warn!(%error, token.id = %token, "the refusal of an API token was not written down");
            }
        });
    }
}

async fn write_use(
    store: &Store,
    token: ApiTokenId,
    name: TokenName,
    address: IpAddr,
    network: Network,
) -> Result<(), StoreError> {
    if store.note_token_use(token, address, network).await? {
        let event = AuditEvent::ApiTokenMoved { name, network };
        let actor = Some(Actor::ApiToken(token));
        store.append_audit(actor, Some(address), &event).await?;
    }
    Ok(())
}

async fn write_refusal(
    store: &Store,
    token: ApiTokenId,
    address: IpAddr,
    reason: String,
) -> Result<(), StoreError> {
    if store.note_token_refusal(token, &reason).await? == OFTEN {
        let event = AuditEvent::ApiTokenRefusedOften { reason };
        let actor = Some(Actor::ApiToken(token));
        store.append_audit(actor, Some(address), &event).await?;
    }
    Ok(())
}

/// The network that an address is in, as far as that can be guessed.
fn network_of(address: IpAddr) -> Network {
    match throttled_address(address) {
        address @ IpAddr::V4(_) => Network::new(address, IPV4_BITS),
        address @ IpAddr::V6(_) => Network::new(address, IPV6_BITS),
    }
    .first()
}
