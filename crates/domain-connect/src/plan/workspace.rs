//! The zone as it would become: only the names that are looked at, each loaded once.

use std::collections::HashMap;

use easement_zone::{
    ChangeSet, Name, Record, RecordData, RecordSet, RecordSetKey, RecordType, Ttl, Zone,
};

use crate::{Special, SpecialChange};

pub(super) struct Workspace<'a> {
    zone: &'a Zone,
    names: Vec<WorkingName>,
    places: HashMap<Name, usize>,
    special_before: &'a [Special],
    special: Vec<Special>,
}

/// One name before and after.
pub(super) struct WorkingName {
    pub(super) owner: Name,
    pub(super) before: Vec<RecordSet>,
    pub(super) sets: Vec<WorkingSet>,
}

/// One record set after; it may become empty.
pub(super) struct WorkingSet {
    pub(super) rtype: RecordType,
    pub(super) ttl: Ttl,
    pub(super) data: Vec<RecordData>,
}

impl<'a> Workspace<'a> {
    pub(super) fn new(zone: &'a Zone, special: &'a [Special]) -> Self {
        Self {
            zone,
            names: Vec::new(),
            places: HashMap::new(),
            special_before: special,
            special: special.to_vec(),
        }
    }

    pub(super) fn zone(&self) -> &'a Zone {
        self.zone
    }

    // Query

    /// The records at a name.
    pub(super) fn records(&mut self, owner: &Name) -> Vec<RecordData> {
        self.data_at(owner).cloned().collect()
    }

    /// The same, to look at: most records of a name concern no template.
    pub(super) fn data_at(&mut self, owner: &Name) -> impl Iterator<Item = &RecordData> {
        let sets = self.name(owner).map_or(&[][..], |name| &name.sets);
        sets.iter().flat_map(|set| &set.data)
    }

    /// The record of the zone that is identical to this one (draft-05 section 10.4.1.3).
    pub(super) fn find(&mut self, record: &Record) -> Option<RecordData> {
        let set = self.set(&record.owner, record.data.rtype())?;
        set.data
            .iter()
            .find(|data| is_identical(data, &record.data))
            .cloned()
    }

    /// Whether a record set has records.
    pub(super) fn has(&mut self, owner: &Name, rtype: RecordType) -> bool {
        self.set(owner, rtype)
            .is_some_and(|set| !set.data.is_empty())
    }

    pub(super) fn ttl(&mut self, owner: &Name, rtype: RecordType) -> Option<Ttl> {
        let set = self.set(owner, rtype)?;
        (!set.data.is_empty()).then_some(set.ttl)
    }

    /// The records at names strictly below `owner`: those of the zone that are still there, and those
    /// that were added.
    pub(super) fn records_below(&mut self, owner: &Name) -> Vec<Record> {
        let mut names: Vec<Name> = Vec::new();
        for set in self.zone.below(owner) {
            if names.last() != Some(set.owner()) {
                names.push(set.owner().clone());
            }
        }
        let added = self.names.iter().map(|name| &name.owner);
        names.extend(added.filter(|name| name.is_below(owner)).cloned());
        names.sort();
        names.dedup();
        let mut records = Vec::new();
        for name in names {
            let found = self.records(&name);
            records.extend(found.into_iter().map(|data| Record {
                owner: name.clone(),
                data,
            }));
        }
        records
    }

    pub(super) fn special(&self) -> &[Special] {
        &self.special
    }

    pub(super) fn names(&self) -> &[WorkingName] {
        &self.names
    }

    // Change

    /// Takes a record away; it may be gone already.
    pub(super) fn remove(&mut self, record: &Record) {
        if let Some(set) = self.set(&record.owner, record.data.rtype()) {
            set.data.retain(|data| *data != record.data);
        }
    }

    /// Writes a record. Its set gets the lower of the TTLs (draft-05 section 10.2, RFC 2181 section
    /// 5.2); gives the TTL that other records of the set had before, when it is lowered.
    pub(super) fn insert(&mut self, record: &Record, ttl: Ttl) -> Option<Ttl> {
        let rtype = record.data.rtype();
        let name = self.name(&record.owner)?;
        let Some(set) = name.sets.iter_mut().find(|set| set.rtype == rtype) else {
            name.sets.push(WorkingSet {
                rtype,
                ttl,
                data: vec![record.data.clone()],
            });
            return None;
        };
        let before = (!set.data.is_empty()).then_some(set.ttl);
        set.data.push(record.data.clone());
        set.ttl = before.map_or(ttl, |before| before.min(ttl));
        before.filter(|before| *before > ttl)
    }

    /// Gives a record set other records and another TTL, or no records.
    pub(super) fn replace(&mut self, key: &RecordSetKey, after: Option<&RecordSet>) {
        let Some(name) = self.name(&key.owner) else {
            return;
        };
        let found = name.sets.iter_mut().find(|set| set.rtype == key.rtype);
        match (found, after) {
            (Some(set), Some(after)) => {
                set.ttl = after.ttl();
                set.data = after.data().to_vec();
            }
            (Some(set), None) => set.data.clear(),
            (None, Some(after)) => name.sets.push(WorkingSet {
                rtype: key.rtype,
                ttl: after.ttl(),
                data: after.data().to_vec(),
            }),
            (None, None) => {}
        }
    }

    pub(super) fn set_ttl(&mut self, owner: &Name, rtype: RecordType, ttl: Ttl) {
        if let Some(set) = self.set(owner, rtype) {
            set.ttl = ttl;
        }
    }

    pub(super) fn remove_special(&mut self, special: &Special) {
        self.special.retain(|known| known != special);
    }

    pub(super) fn insert_special(&mut self, special: Special) {
        if !self.special.contains(&special) {
            self.special.push(special);
        }
    }

    // Result

    /// What would change in the zone.
    pub(super) fn changes(&self) -> ChangeSet {
        let mut changes = ChangeSet::new();
        for name in &self.names {
            for set in &name.sets {
                let before = name
                    .before
                    .iter()
                    .find(|before| before.rtype() == set.rtype);
                if before.is_some_and(|before| set.is_still(before)) {
                    continue;
                }
                let after = RecordSet::new(name.owner.clone(), set.ttl, set.data.iter().cloned());
                changes.record(before.cloned(), after.ok());
            }
        }
        changes
    }

    pub(super) fn special_changes(&self) -> Vec<SpecialChange> {
        let removed = self
            .special_before
            .iter()
            .filter(|special| !self.special.contains(special))
            .map(|special| SpecialChange::Removed(special.clone()));
        let added = self
            .special
            .iter()
            .filter(|special| !self.special_before.contains(special))
            .map(|special| SpecialChange::Added(special.clone()));
        removed.chain(added).collect()
    }

    fn set(&mut self, owner: &Name, rtype: RecordType) -> Option<&mut WorkingSet> {
        let name = self.name(owner)?;
        name.sets.iter_mut().find(|set| set.rtype == rtype)
    }

    fn name(&mut self, owner: &Name) -> Option<&mut WorkingName> {
        if let Some(place) = self.places.get(owner) {
            return self.names.get_mut(*place);
        }
        let before = self.zone.at(owner);
        let sets = before.iter().map(|set| WorkingSet {
            rtype: set.rtype(),
            ttl: set.ttl(),
            data: set.data().to_vec(),
        });
        self.places.insert(owner.clone(), self.names.len());
        self.names.push(WorkingName {
            owner: owner.clone(),
            sets: sets.collect(),
            before,
        });
        self.names.last_mut()
    }
}

impl WorkingSet {
    /// Whether nothing has happened to the set.
    fn is_still(&self, before: &RecordSet) -> bool {
        self.ttl == before.ttl() && self.data == before.data()
    }
}

/// Whether two records of one name say the same. Texts are compared joined: how they are cut into
/// character strings means nothing to those who read them.
pub(super) fn is_identical(one: &RecordData, other: &RecordData) -> bool {
    one == other
        || (one.rtype() == RecordType::TXT
            && other.rtype() == RecordType::TXT
            && one.text() == other.text())
}
