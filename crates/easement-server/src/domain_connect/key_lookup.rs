//! The public keys of service providers, looked up in DNS and kept for a while
//! (draft-ietf-dconn-domainconnect-05 section 6.4).
//!
//! Whoever opens an apply link chooses the label that is looked up, so there are limits: how often one
//! network address may cause a look-up, how many answers are kept, how long a look-up may take.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain_connect::{KeyError, KeyLabel, PublicKey, WeakKeys, key_name};
use easement_core::{Clock, RateLimit, Timestamp, throttled_address};
use easement_zone::Name;

use tokio::sync::Semaphore;

use easement_outbound::dns::{LookupError, Resolver};

/// Answers are kept for as long as they say, within these limits: a new key must be seen soon.
const SHORTEST: Duration = Duration::from_secs(10);
const LONGEST_FOUND: Duration = Duration::from_mins(30);
const LONGEST_MISSING: Duration = Duration::from_mins(1);
/// The most answers that are kept.
const MAX_KEPT: usize = 4096;
/// How many look-ups one address may cause in a window.
const MAX_LOOKUPS: u32 = 30;
const WINDOW: Duration = Duration::from_mins(1);
/// How many look-ups there are at the same time, whoever causes them.
const MAX_AT_ONCE: usize = 64;
/// How long to wait when there are as many.
const SOON: Duration = Duration::from_secs(5);

/// Looks up keys.
#[derive(Clone)]
pub(crate) struct KeyLookup {
    resolver: Resolver,
    clock: Arc<dyn Clock>,
    memory: Arc<Mutex<Memory>>,
    places: Arc<Semaphore>,
}

impl KeyLookup {
    pub(crate) fn new(resolver: Resolver, clock: Arc<dyn Clock>) -> Self {
        Self {
            resolver,
            clock,
            memory: Arc::default(),
            places: Arc::new(Semaphore::new(MAX_AT_ONCE)),
        }
    }

    /// The key that a service provider publishes under this label. `asker` is whose request it is.
    pub(crate) async fn find(
        &self,
        label: &KeyLabel,
        domain: &Name,
        asker: IpAddr,
    ) -> Result<PublicKey, KeyLookupError> {
        let name = key_name(label, domain).map_err(|error| KeyLookupError::Name { error })?;
        let texts = self.texts(&name, asker).await?;
        let texts = texts.iter().map(String::as_str);
        PublicKey::from_records(texts, WeakKeys::Refuse)
            .map_err(|error| KeyLookupError::Key { name, error })
    }

    /// The texts at a name that may hold a key. `asker` is whose request it is.
    pub(crate) async fn texts(
        &self,
        name: &Name,
        asker: IpAddr,
    ) -> Result<Vec<String>, KeyLookupError> {
        let now = self.clock.now();
        match self.recall(name, asker, now)? {
            Some(texts) => Ok(texts),
            None => self.look_up(name, now).await,
        }
    }

    async fn look_up(&self, name: &Name, now: Timestamp) -> Result<Vec<String>, KeyLookupError> {
        let place = self.places.try_acquire();
        let _place = place.map_err(|_| {
            self.lock().counts.refused += 1;
            KeyLookupError::TooMany { wait: SOON }
        })?;
        let answer = self.resolver.texts(name).await;
        let mut memory = self.lock();
        let answer = answer.map_err(|cause| {
            memory.counts.failed += 1;
            KeyLookupError::Lookup {
                name: name.clone(),
                cause: Arc::new(cause),
            }
        })?;
        // What is not UTF-8 is no key, and reading it as one says so.
        let texts = answer
            .texts
            .iter()
            .map(|text| String::from_utf8_lossy(text));
        let texts: Vec<String> = texts.map(Into::into).collect();
        memory.counts.looked_up += 1;
        memory.keep(name.clone(), &texts, answer.ttl, now);
        Ok(texts)
    }

    /// What is known already; or permission to look it up.
    fn recall(
        &self,
        name: &Name,
        asker: IpAddr,
        now: Timestamp,
    ) -> Result<Option<Vec<String>>, KeyLookupError> {
        let mut memory = self.lock();
        if let Some(kept) = memory.answers.get(name)
            && now < kept.until
        {
            let texts = kept.texts.clone();
            memory.counts.known += 1;
            return Ok(Some(texts));
        }
        memory.count(throttled_address(asker), now)?;
        Ok(None)
    }

    /// What became of the keys that were wanted.
    pub(crate) fn counts(&self) -> KeyLookupCounts {
        let memory = self.lock();
        KeyLookupCounts {
            kept: memory.answers.len(),
            ..memory.counts
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Memory> {
        // Nothing panics while it is held; if something did, what is kept is still whole.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for KeyLookup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyLookup")
            .field("resolver", &self.resolver)
            .finish_non_exhaustive()
    }
}

//------------ Memory ----------------------------------------------------------------------------

struct Memory {
    answers: HashMap<Name, Kept>,
    askers: RateLimit<IpAddr>,
    counts: KeyLookupCounts,
}

/// What became of the keys that were wanted, since the server started.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KeyLookupCounts {
    /// They were known already.
    pub(crate) known: u64,
    /// DNS said what is there.
    pub(crate) looked_up: u64,
    /// DNS gave no answer.
    pub(crate) failed: u64,
    /// They were not asked for, because there were too many.
    pub(crate) refused: u64,
    /// How many answers are kept now.
    pub(crate) kept: usize,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            answers: HashMap::new(),
            askers: RateLimit::new(MAX_LOOKUPS, WINDOW),
            counts: KeyLookupCounts::default(),
        }
    }
}

struct Kept {
    texts: Vec<String>,
    until: Timestamp,
}

impl Memory {
    fn keep(&mut self, name: Name, texts: &[String], ttl: Duration, now: Timestamp) {
        let longest = if texts.is_empty() {
            LONGEST_MISSING
        } else {
            LONGEST_FOUND
        };
        if self.answers.len() >= MAX_KEPT {
            self.answers.retain(|_, kept| now < kept.until);
        }
        if self.answers.len() >= MAX_KEPT {
            self.answers.clear();
        }
        let kept = Kept {
            texts: texts.to_vec(),
            until: now.plus(ttl.clamp(SHORTEST, longest)),
        };
        self.answers.insert(name, kept);
    }

    fn count(&mut self, asker: IpAddr, now: Timestamp) -> Result<(), KeyLookupError> {
        let taken = self.askers.take(asker, now);
        taken.map_err(|wait| {
            self.counts.refused += 1;
            KeyLookupError::TooMany { wait }
        })
    }
}

//------------ KeyLookupError --------------------------------------------------------------------

/// Why there is no key.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum KeyLookupError {
    /// Label and domain together are no name.
    #[error("{error}")]
    Name {
        /// Why.
        error: KeyError,
    },
    /// What is published is no key.
    #[error("{error}")]
    Key {
        /// Where it should be.
        name: Name,
        /// What is wrong.
        error: KeyError,
    },
    /// DNS gave no answer.
    #[error("the key of the signature, at {}, cannot be looked up: {cause}", name.to_text())]
    Lookup {
        /// Where it should be.
        name: Name,
        /// Why.
        cause: Arc<LookupError>,
    },
    /// The address caused too many look-ups.
    #[error("too many signing keys were looked up for this address")]
    TooMany {
        /// How long to wait.
        wait: Duration,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_causes_so_many_lookups_in_a_minute() {
        let mut memory = Memory::default();
        let start = Timestamp::from_micros(0);
        let (one, other) = ([192, 0, 2, 1].into(), [192, 0, 2, 2].into());
        for _ in 0..MAX_LOOKUPS {
            memory.count(one, start).unwrap();
        }
        let soon = start.plus(Duration::from_secs(20));
        let refused = memory.count(one, soon).unwrap_err();
        assert!(
            matches!(refused, KeyLookupError::TooMany { wait } if wait == Duration::from_secs(40)),
            "{refused:?}"
        );
        memory.count(other, soon).unwrap();
        memory.count(one, start.plus(WINDOW)).unwrap();
    }

    #[test]
    fn what_is_not_there_is_asked_for_again_sooner() {
        let mut memory = Memory::default();
        let now = Timestamp::from_micros(0);
        let day = Duration::from_hours(24);
        let (there, missing): (Name, Name) =
            ("a.example".parse().unwrap(), "b.example".parse().unwrap());
        memory.keep(there.clone(), &["p=1".to_owned()], day, now);
        memory.keep(missing.clone(), &[], day, now);
        assert_eq!(memory.answers[&there].until, now.plus(LONGEST_FOUND));
        assert_eq!(memory.answers[&missing].until, now.plus(LONGEST_MISSING));
    }
}
