//! What counts once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use easement_core::Timestamp;

/// The most that is remembered. Whoever wants to fill it must first be given as many sealed values.
const MAX: usize = 50_000;

/// The serials of sealed values that were used, until they would have expired anyway.
#[derive(Debug, Default)]
pub(crate) struct Spent(Mutex<HashMap<String, Timestamp>>);

impl Spent {
    /// Uses a serial up; false when it was used before, or when nothing more can be remembered.
    pub(crate) fn spend(&self, serial: &str, until: Timestamp, now: Timestamp) -> bool {
        // Nothing panics while it is held; if something did, the entries are still whole.
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if spent.len() >= MAX {
            spent.retain(|_, until| *until > now);
        }
        if spent.len() >= MAX || spent.contains_key(serial) {
            return false;
        }
        spent.insert(serial.to_owned(), until);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_counts_once_and_memory_has_an_end() {
        let at = Timestamp::from_micros;
        let spent = Spent::default();
        assert!(spent.spend("a", at(10), at(0)));
        assert!(!spent.spend("a", at(10), at(0)));
        for number in 1..MAX {
            assert!(spent.spend(&number.to_string(), at(10), at(0)));
        }
        assert!(!spent.spend("full", at(10), at(0)));
        assert!(
            spent.spend("later", at(20), at(11)),
            "what expired makes room"
        );
    }
}
