//! Permissions that last: what the asynchronous flow gives, in memory alone.
//!
//! **What it is for.** Consents that are under way, and the tokens that came of them: so many, for so long, each for
//! the browser that it began in. All are gone when the program ends; owners take back what is left at their DNS
//! provider.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain_connect::ConflictingRecord;
use easement_client::{PendingConsent, ProviderCredentials, Tokens};
use easement_core::Timestamp;

use crate::visitor::VisitorId;

/// The most consents under way, and the most permissions.
const MAX_PENDING: usize = 2000;
const MAX_HELD: usize = 500;
/// How many permissions one browser may have.
const MAX_OF_ONE: usize = 10;
/// How long a consent may take.
const PENDING_LIFETIME: Duration = Duration::from_hours(1);
/// How long a permission is kept.
const HELD_LIFETIME: Duration = Duration::from_hours(4);

/// A consent under way.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) visitor: VisitorId,
    pub(crate) consent: PendingConsent,
    pub(crate) credentials: ProviderCredentials,
    pub(crate) provider: String,
    pub(crate) message: String,
}

/// A permission, and what was done with it last.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) tokens: Tokens,
    pub(crate) provider: String,
    pub(crate) message: String,
    pub(crate) last: Option<Done>,
}

/// What came of a call.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    pub(crate) service: String,
    pub(crate) host: String,
    pub(crate) came: Came,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) enum Came {
    Applied,
    Reverted,
    Conflict { records: Vec<ConflictingRecord> },
    Failed { words: String },
}

/// One permission: calls with it come one after the other, since a refresh token counts once.
pub(crate) type Permission = Arc<tokio::sync::Mutex<Held>>;

/// Everything in memory.
#[derive(Debug, Default)]
pub(crate) struct Permissions {
    asked: Mutex<HashMap<String, (Timestamp, Asked)>>,
    held: Mutex<HashMap<String, Entry>>,
}

#[derive(Debug)]
struct Entry {
    until: Timestamp,
    visitor: VisitorId,
    held: Permission,
}

impl Permissions {
    /// Remembers a consent that somebody is asked for; false when there are too many.
    pub(crate) fn ask(&self, asked: Asked, now: Timestamp) -> bool {
        let mut all = lock(&self.asked);
        if all.len() >= MAX_PENDING {
            all.retain(|_, (until, _)| *until > now);
        }
        if all.len() >= MAX_PENDING {
            return false;
        }
        let state = asked.consent.state().to_owned();
        all.insert(state, (now.plus(PENDING_LIFETIME), asked));
        true
    }

    /// The consent that a state belongs to, once, in the browser that it began in.
    pub(crate) fn take(&self, state: &str, visitor: &VisitorId, now: Timestamp) -> Option<Asked> {
        let mut all = lock(&self.asked);
        let is_theirs = all
            .get(state)
            .is_some_and(|(_, asked)| asked.visitor == *visitor);
        let (until, asked) = all.remove(state).filter(|_| is_theirs)?;
        (until > now).then_some(asked)
    }

    /// Keeps a permission under an id; false when there are too many.
    pub(crate) fn keep(
        &self,
        id: &str,
        (visitor, held): (VisitorId, Held),
        now: Timestamp,
    ) -> bool {
        let mut all = lock(&self.held);
        all.retain(|_, entry| entry.until > now);
        let of_visitor = all
            .values()
            .filter(|entry| entry.visitor == visitor)
            .count();
        if all.len() >= MAX_HELD || of_visitor >= MAX_OF_ONE {
            return false;
        }
        let entry = Entry {
            until: now.plus(HELD_LIFETIME),
            visitor,
            held: Arc::new(tokio::sync::Mutex::new(held)),
        };
        all.insert(id.to_owned(), entry);
        true
    }

    /// A permission of this browser.
    pub(crate) fn find(&self, id: &str, visitor: &VisitorId, now: Timestamp) -> Option<Permission> {
        let all = lock(&self.held);
        let entry = all.get(id)?;
        let counts = entry.until > now && entry.visitor == *visitor;
        counts.then(|| Arc::clone(&entry.held))
    }

    /// Forgets one.
    pub(crate) fn forget(&self, id: &str) {
        lock(&self.held).remove(id);
    }
}

/// Nothing panics while it is held; if something did, the entries are still whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
