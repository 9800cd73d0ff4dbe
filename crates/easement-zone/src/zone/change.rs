//! Changes of a zone, their inverse, and the difference of two zones.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Node, Zone};
use crate::trie::Keyed as _;
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
        match (&before, &after) {
            (None, None) => {}
            (Some(old), Some(new)) if old.owner() != new.owner() || old.rtype() != new.rtype() => {
                self.note(key_of(old), before, None);
                self.record(None, after);
            }
            (Some(set), _) | (None, Some(set)) => self.note(key_of(set), before, after),
        }
    }

    /// Notes a change of one record set; both sets are of this key.
    fn note(&mut self, key: RecordSetKey, before: Option<RecordSet>, after: Option<RecordSet>) {
        // Taken out first: a key that stayed would keep the spelling of a set that never came.
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

    /// What happens to one record set.
    pub fn get(&self, key: &RecordSetKey) -> Option<&RecordSetChange> {
        self.changes.get(key)
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
pub(super) fn are_same(one: Option<&RecordSet>, other: Option<&RecordSet>) -> bool {
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

/// What has to change in `from` so that it holds what `to` holds; serial numbers do not count. Both are
/// zones of one apex.
///
/// Both are walked in order, and only what differs is kept.
pub fn diff(from: &Zone, to: &Zone) -> ChangeSet {
    let mut changes = ChangeSet::new();
    for (old, new) in differing_nodes(from, to) {
        let old_sets = old.map_or_else(Vec::new, |node| from.unpack_all(node));
        let mut new_sets = new.map_or_else(Vec::new, |node| to.unpack_all(node));
        for before in old_sets {
            let at = new_sets
                .iter()
                .position(|set| key_of(set) == key_of(&before));
            let after = at.map(|at| new_sets.remove(at).with_serial(from.serial()));
            if after.as_ref() != Some(&before) {
                changes.record(Some(before), after);
            }
        }
        for after in new_sets {
            changes.record(None, Some(after));
        }
    }
    changes
}

/// The names whose octets differ, as they are in one zone and in the other.
fn differing_nodes<'z>(
    from: &'z Zone,
    to: &'z Zone,
) -> impl Iterator<Item = (Option<&'z Node>, Option<&'z Node>)> {
    let mut from = from.nodes().values().peekable();
    let mut to = to.nodes().values().peekable();
    std::iter::from_fn(move || {
        loop {
            let order = match (from.peek(), to.peek()) {
                (None, None) => return None,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) => old.key().cmp(new.key()),
            };
            let pair = match order {
                Ordering::Less => (from.next(), None),
                Ordering::Greater => (None, to.next()),
                Ordering::Equal => (from.next(), to.next()),
            };
            match pair {
                (Some(old), Some(new)) if old == new => {}
                _ => return Some(pair),
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::zonefile::{ReadOptions, read};

    fn zone(hosts: u32, rest: &str) -> Zone {
        let mut text = "$ORIGIN example.test.\n@ SOA ns1 ns1 7 1 1 1 1\n@ NS ns1\n".to_owned();
        for host in 0..hosts {
            writeln!(text, "host{host} A 192.0.2.1").unwrap();
        }
        text.push_str(rest);
        read(&text, &ReadOptions::default()).unwrap().zone
    }

    #[test]
    fn only_names_that_differ_are_unpacked() {
        let from = zone(1_000, "gone A 192.0.2.9\nwww A 192.0.2.1\n");
        let to = zone(1_000, "WWW A 192.0.2.2\nzoo A 192.0.2.3\n");
        let names: Vec<_> = differing_nodes(&from, &to)
            .map(|(old, new)| old.or(new).unwrap().owner(from.apex()).to_text())
            .collect();
        assert_eq!(
            names,
            ["gone.example.test", "www.example.test", "zoo.example.test"]
        );
        let changes = diff(&from, &to);
        assert_eq!(changes.len(), 3);
        assert_eq!(diff(&from.apply(&changes).unwrap(), &to), ChangeSet::new());
    }

    #[test]
    fn spelling_and_serials_are_no_difference() {
        let from = zone(0, "www A 192.0.2.1\n").with_serial(Serial::new(9));
        let to = zone(0, "WWW A 192.0.2.1\n");
        assert_eq!(differing_nodes(&from, &to).count(), 2);
        assert!(diff(&from, &to).is_empty());
    }
}
