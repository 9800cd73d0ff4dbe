//! One try at a password after the other.

use std::hash::{BuildHasher as _, RandomState};

use easement_core::EmailAddress;
use tokio::sync::{Mutex, MutexGuard};

/// How many tries at different accounts may be under way together.
const PLACES: usize = 256;

/// Makes tries at one account take turns, so that each is counted before the next one is let in:
/// guesses that are sent all at once are throttled like those that come one by one.
pub(crate) struct Turns {
    /// An account always has the same place, which it may share with others.
    places: Box<[Mutex<()>]>,
    hasher: RandomState,
}

impl Turns {
    /// Everybody may go.
    pub(crate) fn new() -> Self {
        Self {
            places: (0..PLACES).map(|_| Mutex::new(())).collect(),
            hasher: RandomState::new(),
        }
    }

    /// Waits for the turn of this account, which lasts until it is dropped.
    pub(crate) async fn wait_for(&self, account: EmailAddress) -> Turn<'_> {
        let hash = usize::try_from(self.hasher.hash_one(&account)).unwrap_or(usize::MAX);
        let place = match self.places.get(hash % self.places.len()) {
            Some(place) => Some(place.lock().await),
            None => None,
        };
        Turn {
            account,
            _place: place,
        }
    }
}

/// The turn of an account, on this node. It is kept until the session has begun or the password is
/// changed. The store sees to it that a password that another node changes meanwhile begins no session.
pub(crate) struct Turn<'a> {
    account: EmailAddress,
    _place: Option<MutexGuard<'a, ()>>,
}

impl Turn<'_> {
    /// Whose it is.
    pub(crate) fn account(&self) -> &EmailAddress {
        &self.account
    }
}
