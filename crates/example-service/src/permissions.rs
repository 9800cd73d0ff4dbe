//! Permissions that last: what the asynchronous flow gives, in memory alone.
//!
//! **What it is for.** Consents that are under way, and the tokens that came of them: so many, for so long, each for
//! the browser that it began in. All are gone when the program ends; owners take back what is left at their DNS
//! provider.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain_connect::ConflictingRecord;
use easement_client::{PendingConsent, ProviderCredentials, Tokens};
use easement_core::{Timestamp, throttled_address};

use crate::visitor::VisitorId;

/// The most consents under way, and the most permissions.
const MAX_PENDING: usize = 2000;
const MAX_HELD: usize = 500;
/// How many consents one network may have under way; the oldest goes for a new one.
const MAX_PENDING_OF_NETWORK: usize = 40;
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
    /// What each site, and each note, is to say; before that, what was wished for.
    pub(crate) messages: HashMap<(String, String), String>,
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
    asked: Mutex<HashMap<String, Pending>>,
    held: Mutex<HashMap<String, Entry>>,
}

#[derive(Debug)]
struct Pending {
    until: Timestamp,
    network: IpAddr,
    asked: Asked,
}

#[derive(Debug)]
struct Entry {
    until: Timestamp,
    visitor: VisitorId,
    /// Of the consent that it came of.
    state: String,
    held: Permission,
}

impl Held {
    /// What a service says at a host.
    pub(crate) fn message_of(&self, service: &str, host: &str) -> &str {
        let place = (service.to_owned(), host.to_owned());
        self.messages.get(&place).unwrap_or(&self.message)
    }
}

impl Permissions {
    /// Remembers a consent that somebody is asked for; false when there are too many.
    pub(crate) fn ask(&self, asked: Asked, address: IpAddr, now: Timestamp) -> bool {
        let network = throttled_address(address);
        let mut all = lock(&self.asked);
        all.retain(|_, pending| pending.until > now);
        let of_network = all.iter().filter(|(_, pending)| pending.network == network);
        if of_network.clone().count() >= MAX_PENDING_OF_NETWORK {
            let oldest = of_network.min_by_key(|(_, pending)| pending.until);
            if let Some(state) = oldest.map(|(state, _)| state.clone()) {
                all.remove(&state);
            }
        }
        if all.len() >= MAX_PENDING {
            return false;
        }
        let state = asked.consent.state().to_owned();
        let until = now.plus(PENDING_LIFETIME);
        let pending = Pending {
            until,
            network,
            asked,
        };
        all.insert(state, pending);
        true
    }

    /// The consent that a state belongs to, once, in the browser that it began in.
    pub(crate) fn take(&self, state: &str, visitor: &VisitorId, now: Timestamp) -> Option<Asked> {
        let mut all = lock(&self.asked);
        all.retain(|_, pending| pending.until > now);
        // Whoever else knows the state does not use it up.
        all.get(state)
            .filter(|pending| pending.asked.visitor == *visitor)?;
        all.remove(state).map(|pending| pending.asked)
    }

    /// Whether one more permission can be kept for a browser.
    pub(crate) fn has_room(&self, visitor: &VisitorId, now: Timestamp) -> bool {
        has_room(&self.all(now), visitor)
    }

    /// Keeps a permission under an id; gives it back when there are too many.
    pub(crate) fn keep(
        &self,
        (id, state): (&str, &str),
        (visitor, held): (VisitorId, Held),
        now: Timestamp,
    ) -> Result<(), Box<Held>> {
        let mut all = self.all(now);
        if !has_room(&all, &visitor) {
            return Err(Box::new(held));
        }
        let entry = Entry {
            until: now.plus(HELD_LIFETIME),
            visitor,
            state: state.to_owned(),
            held: Arc::new(tokio::sync::Mutex::new(held)),
        };
        all.insert(id.to_owned(), entry);
        Ok(())
    }

    /// The id of the permission that came of a consent, for a browser that loads the way back once more.
    pub(crate) fn came_of(
        &self,
        state: &str,
        visitor: &VisitorId,
        now: Timestamp,
    ) -> Option<String> {
        let all = self.all(now);
        let mut entries = all.iter();
        let found = entries.find(|(_, entry)| entry.state == state && entry.visitor == *visitor);
        found.map(|(id, _)| id.clone())
    }

    /// A permission of this browser.
    pub(crate) fn find(&self, id: &str, visitor: &VisitorId, now: Timestamp) -> Option<Permission> {
        let all = self.all(now);
        let entry = all.get(id)?;
        (entry.visitor == *visitor).then(|| Arc::clone(&entry.held))
    }

    /// Forgets one.
    pub(crate) fn forget(&self, id: &str) {
        lock(&self.held).remove(id);
    }

    /// Those that are not over.
    fn all(&self, now: Timestamp) -> MutexGuard<'_, HashMap<String, Entry>> {
        let mut all = lock(&self.held);
        all.retain(|_, entry| entry.until > now);
        all
    }
}

fn has_room(all: &HashMap<String, Entry>, visitor: &VisitorId) -> bool {
    let of_visitor = all.values().filter(|entry| entry.visitor == *visitor);
    all.len() < MAX_HELD && of_visitor.count() < MAX_OF_ONE
}

/// Nothing panics while it is held; if something did, the entries are still whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
