//! How often networks and clients may ask.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use easement_core::{
    ClientAuthentication, GrantId, OAuthClient, OAuthClientId, RateLimit, Timestamp,
};

use crate::http::NetworkLimit;

/// How many requests one network may send in a minute.
const OF_A_NETWORK: u32 = 1200;
/// How many requests one client may send in a minute.
const OF_A_CLIENT: u32 = 3000;
/// How often tokens are asked for with a refresh token of one grant in a minute: two rows are kept for each.
const REFRESHES: u32 = 20;
/// How many access tokens that nobody has one network may show in a minute.
const WRONG_TOKENS: u32 = 120;
const WINDOW: Duration = Duration::from_mins(1);

/// Counts requests.
pub(crate) struct OAuthLimits {
    networks: NetworkLimit,
    clients: Mutex<RateLimit<OAuthClientId>>,
    refreshes: Mutex<RateLimit<GrantId>>,
    wrong_tokens: NetworkLimit,
}

impl OAuthLimits {
    pub(crate) fn new() -> Self {
        Self {
            networks: NetworkLimit::new(OF_A_NETWORK, WINDOW),
            clients: Mutex::new(RateLimit::new(OF_A_CLIENT, WINDOW)),
            refreshes: Mutex::new(RateLimit::new(REFRESHES, WINDOW)),
            wrong_tokens: NetworkLimit::new(WRONG_TOKENS, WINDOW),
        }
    }

    /// Counts a request of a network, or says how long it has to wait.
    pub(crate) fn take_network(&self, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        self.networks.take(address, now)
    }

    /// Counts an access token that nobody has, or says how long its network has to wait. Tokens that count are taken
    /// from there all the same: many people may share one network.
    pub(super) fn take_wrong_token(&self, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        self.wrong_tokens.take(address, now)
    }

    /// Counts a request with a refresh token of this grant, or says how long its holder has to wait. Codes are not
    /// counted so: one counts once, and whoever saw it without its verifier could lock its holder out.
    pub(super) fn take_refresh(&self, grant: GrantId, now: Timestamp) -> Result<(), Duration> {
        let mut refreshes = self
            .refreshes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        refreshes.take(grant, now)
    }

    /// Counts a request of a client that proved to be the one, or says how long it has to wait. Others are counted
    /// by their networks alone: whoever can pass for a client could lock it out.
    pub(super) fn take_client(&self, client: &OAuthClient, now: Timestamp) -> Result<(), Duration> {
        match client.registration.authentication {
            ClientAuthentication::Confidential { .. } => {}
            ClientAuthentication::Public | ClientAuthentication::PublishedSecret { .. } => {
                return Ok(());
            }
        }
        // Nothing panics while it is held; if something did, the numbers are still whole.
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        clients.take(client.id, now)
    }
}
