//! Changes of a zone, their inverse, and the difference of two zones.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Zone;
use crate::{Name, RecordSet, RecordType, Serial};

/// Which record set of a zone.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct RecordSetKey {
    /// The name.
    pub owner: Name,
    /// The type.
    pub rtype: RecordType,
}

/// One record set before and after a change; at least one of the two is there.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct RecordSetChange {
    /// The set that is taken away or replaced.
    pub before: Option<RecordSet>,
    /// The set that is there afterwards.
    pub after: Option<RecordSet>,
}

/// What changes in a zone: for each record set that differs, what it was and what it becomes.
///
/// The serial number is not part of a change: every change gives the zone its next one. A `SOA` set
/// stands in a change only when something else in it changes.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<RecordSetChange>", into = "Vec<RecordSetChange>")]
pub struct ChangeSet {
    changes: BTreeMap<RecordSetKey, RecordSetChange>,
}

impl ChangeSet {
    // Construct

    /// A change of nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes what a record set was and what it becomes. When the set was noted before, what it was
    /// first stays; a set that ends as it began is not a change.
    ///
    /// Sets of two names or types are two changes: one goes, and the other comes.
    pub fn record(&mut self, before: Option<RecordSet>, after: Option<RecordSet>) {
        match (before.as_ref().map(key_of), after.as_ref().map(key_of)) {
            (None, None) => {}
            (Some(old), Some(new)) if old != new => {
                self.note(old, before, None);
                self.note(new, None, after);
            }
            (Some(key), _) | (None, Some(key)) => self.note(key, before, after),
        }
    }

    /// Notes a change of one record set; both sets are of this key.
    fn note(&mut self, key: RecordSetKey, before: Option<RecordSet>, after: Option<RecordSet>) {
        let before = match self.changes.remove(&key) {
            Some(noted) => noted.before,
            None => before,
        };
        if !are_same(before.as_ref(), after.as_ref()) {
            self.changes.insert(key, RecordSetChange { before, after });
        }
    }

    // Query

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many record sets change.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// The changes, in the order of their names and types.
    pub fn iter(&self) -> impl Iterator<Item = (&RecordSetKey, &RecordSetChange)> {
        self.changes.iter()
    }

    // Convert

    /// The change that takes this one back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let changes = self.changes.iter().map(|(key, change)| {
            let change = RecordSetChange {
                before: change.after.clone(),
                after: change.before.clone(),
            };
            (key.clone(), change)
        });
        Self {
            changes: changes.collect(),
        }
    }
}

fn key_of(set: &RecordSet) -> RecordSetKey {
    RecordSetKey {
        owner: set.owner().clone(),
        rtype: set.rtype(),
    }
}

/// Whether two sets are the same but for the serial number in them.
fn are_same(one: Option<&RecordSet>, other: Option<&RecordSet>) -> bool {
    let has_serial = one.is_some_and(|set| set.rtype() == RecordType::SOA);
    let plain = |set: &RecordSet| set.clone().with_serial(Serial::new(0));
    one == other || (has_serial && one.map(plain) == other.map(plain))
}

impl From<Vec<RecordSetChange>> for ChangeSet {
    fn from(changes: Vec<RecordSetChange>) -> Self {
        let mut set = Self::new();
        for change in changes {
            set.record(change.before, change.after);
        }
        set
    }
}

impl From<ChangeSet> for Vec<RecordSetChange> {
    fn from(set: ChangeSet) -> Self {
        set.changes.into_values().collect()
    }
}

/// What has to change in `from` so that it holds what `to` holds; serial numbers do not count.
pub fn diff(from: &Zone, to: &Zone) -> ChangeSet {
    let mut sets: BTreeMap<RecordSetKey, RecordSetChange> = BTreeMap::new();
    for set in from.sets() {
        sets.insert(
            key_of(&set),
            RecordSetChange {
                before: Some(set),
                after: None,
            },
        );
    }
    for set in to.sets() {
        let slot = sets.entry(key_of(&set)).or_insert(RecordSetChange {
            before: None,
            after: None,
        });
        slot.after = Some(set.with_serial(from.serial()));
    }
    sets.into_values()
        .filter(|change| change.before != change.after)
        .collect::<Vec<_>>()
        .into()
}
