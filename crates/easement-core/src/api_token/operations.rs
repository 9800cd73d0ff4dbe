//! What may be done with record sets.

use std::fmt;
use std::str::FromStr;

use easement_zone::{RecordData, RecordSetChange};
use serde::{Deserialize, Serialize};

/// Something that is done with a record set.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// Look at it.
    Read,
    /// Change what is there: values are replaced, or the TTL is.
    Update,
    /// Add records, and take none away.
    Create,
    /// Take records away, and add none.
    Delete,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Read, Self::Update, Self::Create, Self::Delete];

    /// Which of them a change is.
    pub fn of(change: &RecordSetChange) -> Self {
        let (before, after) = match (&change.before, &change.after) {
            (None, _) => return Self::Create,
            (_, None) => return Self::Delete,
            (Some(before), Some(after)) => (before, after),
        };
        if before.ttl() != after.ttl() {
            return Self::Update;
        }
        let keeps_all = are_all_within(before.data(), after.data());
        let adds_none = are_all_within(after.data(), before.data());
        match (keeps_all, adds_none) {
            (true, false) => Self::Create,
            (false, true) => Self::Delete,
            (true, true) | (false, false) => Self::Update,
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Update => "update",
            Self::Create => "create",
            Self::Delete => "delete",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Both are in canonical order.
fn are_all_within(some: &[RecordData], all: &[RecordData]) -> bool {
    some.iter().all(|data| all.binary_search(data).is_ok())
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Operation {
    type Err = UnknownOperation;

    fn from_str(text: &str) -> Result<Self, UnknownOperation> {
        Self::ALL
            .into_iter()
            .find(|operation| operation.as_str() == text)
            .ok_or_else(|| UnknownOperation {
                text: text.to_owned(),
            })
    }
}

/// A text that names no operation.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is not an operation: use read, update, create or delete")]
pub struct UnknownOperation {
    /// The text.
    pub text: String,
}

/// A set of operations.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(from = "Vec<Operation>", into = "Vec<Operation>")]
pub struct Operations(u8);

impl Operations {
    /// Every operation.
    pub fn all() -> Self {
        Operation::ALL.into_iter().collect()
    }

    /// Whether this one is among them.
    pub fn has(self, operation: Operation) -> bool {
        self.0 & operation.bit() != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those that are here and not there.
    #[must_use]
    pub fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Operation> {
        Operation::ALL.into_iter().filter(move |one| self.has(*one))
    }
}

impl FromIterator<Operation> for Operations {
    fn from_iter<I: IntoIterator<Item = Operation>>(operations: I) -> Self {
        Self(operations.into_iter().fold(0, |bits, one| bits | one.bit()))
    }
}

impl From<Vec<Operation>> for Operations {
    fn from(operations: Vec<Operation>) -> Self {
        operations.into_iter().collect()
    }
}

impl From<Operations> for Vec<Operation> {
    fn from(operations: Operations) -> Self {
        operations.iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use easement_zone::{Name, RecordSet, Ttl};

    use super::*;

    fn set(ttl: u32, addresses: &[u8]) -> Option<RecordSet> {
        let owner: Name = "home.example.test.".parse().unwrap();
        let data = addresses
            .iter()
            .map(|last| RecordData::a([192, 0, 2, *last].into()));
        RecordSet::new(owner, Ttl::from_secs(ttl).unwrap(), data).ok()
    }

    #[test]
    fn a_change_is_one_operation() {
        use Operation::{Create, Delete, Update};
        for (before, after, operation) in [
            (None, set(60, &[1]), Create),
            (set(60, &[1]), set(60, &[1, 2]), Create),
            (set(60, &[1]), set(60, &[2]), Update),
            (set(60, &[1]), set(300, &[1]), Update),
            (set(60, &[1]), set(300, &[1, 2]), Update),
            (set(60, &[1, 2]), set(60, &[2, 3]), Update),
            (set(60, &[1, 2]), set(60, &[2]), Delete),
            (set(60, &[1]), None, Delete),
        ] {
            let change = RecordSetChange { before, after };
            assert_eq!(Operation::of(&change), operation, "{change:?}");
        }
    }

    #[test]
    fn a_set_of_operations_survives_its_document() {
        let some: Operations = [Operation::Delete, Operation::Read].into_iter().collect();
        let document = serde_json::to_string(&some).unwrap();
        assert_eq!(document, r#"["read","delete"]"#);
        assert_eq!(serde_json::from_str::<Operations>(&document).unwrap(), some);
        assert_eq!(Operations::all().without(some).iter().count(), 2);
        assert!("write".parse::<Operation>().is_err());
    }
}
