//! The zone as it would become: only the names that are looked at, each loaded once.

use std::collections::{BTreeMap, HashMap};

use easement_zone::{
    ChangeSet, Name, Node, Record, RecordData, RecordSet, RecordSetKey, RecordType, Ttl, Zone,
};

use super::RowReason;
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
    pub(super) sets: Vec<WorkingSet>,
    /// Why records go, come or stay.
    reasons: BTreeMap<RecordData, RowReason>,
}

/// One record set before and after; it may become empty.
pub(super) struct WorkingSet {
    pub(super) rtype: RecordType,
    pub(super) ttl: Ttl,
    before: Option<RecordSet>,
    /// The records after, once anything has happened to them.
    after: Option<Vec<RecordData>>,
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
        let sets = self.sets_at(owner).iter();
        sets.flat_map(WorkingSet::data).cloned().collect()
    }

    /// The record sets at a name, those that became empty included.
    pub(super) fn sets_at(&mut self, owner: &Name) -> &[WorkingSet] {
        self.name(owner).map_or(&[], |name| &name.sets)
    }

    /// Whether a name may have records of one of these types: most have none, and need not be loaded.
    pub(super) fn may_have(&self, owner: &Name, rtypes: &[RecordType]) -> bool {
        let has_any = |node: &Node| rtypes.iter().any(|rtype| node.set(*rtype).is_some());
        self.places.contains_key(owner) || self.zone.node(owner).is_some_and(has_any)
    }

    /// The record of the zone that is identical to this one (draft-05 section 10.4.1.3).
    pub(super) fn find(&mut self, record: &Record) -> Option<RecordData> {
        let set = self.set(&record.owner, record.data.rtype())?;
        set.data()
            .iter()
            .find(|data| is_identical(data, &record.data))
            .cloned()
    }

    pub(super) fn ttl(&mut self, owner: &Name, rtype: RecordType) -> Option<Ttl> {
        let set = self.set(owner, rtype)?;
        (!set.data().is_empty()).then_some(set.ttl)
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
            set.data_mut().retain(|data| *data != record.data);
        }
    }

    /// Writes a record. Its set gets the lower of the TTLs (draft-05 section 10.2, RFC 2181 section
    /// 5.2); gives the TTL that other records of the set had before, when it is lowered.
    pub(super) fn insert(&mut self, record: &Record, ttl: Ttl) -> Option<Ttl> {
        let rtype = record.data.rtype();
        let name = self.name(&record.owner)?;
        let Some(set) = name.sets.iter_mut().find(|set| set.rtype == rtype) else {
            name.sets
                .push(WorkingSet::new(rtype, ttl, vec![record.data.clone()]));
            return None;
        };
        let before = (!set.data().is_empty()).then_some(set.ttl);
        set.data_mut().push(record.data.clone());
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
                set.after = Some(after.data().to_vec());
            }
            (Some(set), None) => set.after = Some(Vec::new()),
            (None, Some(after)) => {
                let data = after.data().to_vec();
                name.sets
                    .push(WorkingSet::new(key.rtype, after.ttl(), data));
            }
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

    // Reasons

    /// Notes why a record goes, comes or stays, unless that was said already.
    pub(super) fn explain(&mut self, record: &Record, reason: impl FnOnce() -> RowReason) {
        if let Some(name) = self.name(&record.owner) {
            let data = record.data.clone();
            name.reasons.entry(data).or_insert_with(reason);
        }
    }

    /// Notes another reason than the one that was said.
    pub(super) fn explain_anew(&mut self, record: &Record, reason: RowReason) {
        if let Some(name) = self.name(&record.owner) {
            name.reasons.insert(record.data.clone(), reason);
        }
    }

    /// Takes back what was said.
    pub(super) fn unexplain(&mut self, record: &Record) {
        if let Some(name) = self.name(&record.owner) {
            name.reasons.remove(&record.data);
        }
    }

    // Result

    /// What would change in the zone.
    pub(super) fn changes(&self) -> ChangeSet {
        let mut changes = ChangeSet::new();
        for name in &self.names {
            for set in name.sets.iter().filter(|set| !set.is_still()) {
                let data = set.data().iter().cloned();
                let after = RecordSet::new(name.owner.clone(), set.ttl, data);
                changes.record(set.before.clone(), after.ok());
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
        let sets = self.zone.at(owner).into_iter().map(WorkingSet::from);
        self.places.insert(owner.clone(), self.names.len());
        self.names.push(WorkingName {
            owner: owner.clone(),
            sets: sets.collect(),
            reasons: BTreeMap::new(),
        });
        self.names.last_mut()
    }
}

impl WorkingName {
    /// Why a record goes, comes or stays.
    pub(super) fn reason(&self, data: &RecordData) -> Option<&RowReason> {
        self.reasons.get(data)
    }
}

impl From<RecordSet> for WorkingSet {
    fn from(set: RecordSet) -> Self {
        Self {
            rtype: set.rtype(),
            ttl: set.ttl(),
            before: Some(set),
            after: None,
        }
    }
}

impl WorkingSet {
    /// A set that was not there.
    fn new(rtype: RecordType, ttl: Ttl, data: Vec<RecordData>) -> Self {
        Self {
            rtype,
            ttl,
            before: None,
            after: Some(data),
        }
    }

    /// The set before.
    pub(super) fn before(&self) -> Option<&RecordSet> {
        self.before.as_ref()
    }

    /// The records after.
    pub(super) fn data(&self) -> &[RecordData] {
        let before = || self.before.as_ref().map_or(&[][..], RecordSet::data);
        self.after.as_deref().unwrap_or_else(before)
    }

    fn data_mut(&mut self) -> &mut Vec<RecordData> {
        let before = self.before.as_ref();
        self.after
            .get_or_insert_with(|| before.map_or_else(Vec::new, |set| set.data().to_vec()))
    }

    /// Whether nothing has happened to the set.
    pub(super) fn is_still(&self) -> bool {
        let same_data = |before: &RecordSet| {
            let after = self.after.as_ref();
            after.is_none_or(|after| *after == *before.data())
        };
        self.before
            .as_ref()
            .is_some_and(|before| self.ttl == before.ttl() && same_data(before))
    }
}

/// Whether two records of one name say the same. Texts are compared joined: how they are cut into
/// character strings means nothing to those who read them.
pub(super) fn is_identical(one: &RecordData, other: &RecordData) -> bool {
    one == other
        || (one.rtype() == RecordType::TXT
            && other.rtype() == RecordType::TXT
            && one.text_octets() == other.text_octets())
}
