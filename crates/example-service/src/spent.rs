//! What counts once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use easement_core::Timestamp;

/// The most that is remembered. Whoever wants to fill it must first be given as many sealed values.
const MAX: usize = 50_000;

/// The serials of sealed values that were used, until they would have expired anyway.
#[derive(Debug, Default)]
pub(crate) struct Spent(Mutex<HashMap<String, Timestamp>>);

/// What came of using a serial up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Spending {
    /// It counts.
    First,
    /// It was used before.
    Again,
    /// Nobody can tell: nothing more can be remembered.
    Full,
}

impl Spent {
    /// Uses a serial up.
    pub(crate) fn spend(&self, serial: &str, until: Timestamp, now: Timestamp) -> Spending {
        // Nothing panics while it is held; if something did, the entries are still whole.
        let mut spent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if spent.len() >= MAX {
            spent.retain(|_, until| *until > now);
        }
        if spent.contains_key(serial) {
            return Spending::Again;
        }
        if spent.len() >= MAX {
            return Spending::Full;
        }
        spent.insert(serial.to_owned(), until);
        Spending::First
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_counts_once_and_memory_has_an_end() {
        let at = Timestamp::from_micros;
        let spent = Spent::default();
        assert_eq!(spent.spend("a", at(10), at(0)), Spending::First);
        assert_eq!(spent.spend("a", at(10), at(0)), Spending::Again);
        for number in 1..MAX {
            let spending = spent.spend(&number.to_string(), at(10), at(0));
            assert_eq!(spending, Spending::First);
        }
        assert_eq!(spent.spend("full", at(10), at(0)), Spending::Full);
        assert_eq!(spent.spend("a", at(10), at(0)), Spending::Again);
        let later = spent.spend("later", at(20), at(11));
        assert_eq!(later, Spending::First, "what expired makes room");
    }
}
