//! Tokens that were verified already, so that Argon2 is not asked for each of thousands of updates.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use aws_lc_rs::hmac;
use easement_core::{AccessEpoch, ApiTokenText, Network, Random, Timestamp, TokenChain};

/// The most tokens that are remembered; when there are more, all are verified again.
const MAX_REMEMBERED: usize = 65_536;

/// A keyed hash of a token's whole text. The key is made anew by each start and is nowhere else, so what is
/// in memory does not tell a token.
pub(super) type Fingerprint = [u8; 32];

/// Tokens by their fingerprints.
#[derive(Debug)]
pub(super) struct Remembered {
    key: hmac::Key,
    tokens: RwLock<HashMap<Fingerprint, Arc<VerifiedToken>>>,
}

/// A token whose secret was verified.
#[derive(Debug)]
pub(super) struct VerifiedToken {
    /// What it may do, in this epoch.
    pub(super) chain: Arc<TokenChain>,
    pub(super) epoch: AccessEpoch,
    /// When this secret stops to count, because another one replaced it.
    pub(super) secret_expires_at: Option<Timestamp>,
    /// When its use was noted last, and from which network.
    pub(super) noted: Mutex<Option<(Timestamp, Network)>>,
}

impl Remembered {
    pub(super) fn new(random: &dyn Random) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, &random.octets(32)),
            tokens: RwLock::default(),
        }
    }

    pub(super) fn fingerprint(&self, token: &ApiTokenText) -> Fingerprint {
        let tag = hmac::sign(&self.key, token.reveal().as_bytes());
        let mut fingerprint = Fingerprint::default();
        for (to, from) in fingerprint.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        fingerprint
    }

    pub(super) fn get(&self, fingerprint: &Fingerprint) -> Option<Arc<VerifiedToken>> {
        let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
        tokens.get(fingerprint).cloned()
    }

    pub(super) fn put(&self, fingerprint: Fingerprint, token: Arc<VerifiedToken>) {
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        if tokens.len() >= MAX_REMEMBERED {
            tokens.clear();
        }
        tokens.insert(fingerprint, token);
    }

    pub(super) fn forget(&self, fingerprint: &Fingerprint) {
        let mut tokens = self.tokens.write().unwrap_or_else(PoisonError::into_inner);
        tokens.remove(fingerprint);
    }
}
