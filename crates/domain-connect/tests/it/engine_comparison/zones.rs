//! Comparing the zones that both engines make, record by record.

use std::collections::{BTreeMap, BTreeSet};

use domain_connect::{Number, RecordBody, is_spf};
use easement_zone::{Name, RecordData, RecordType};

use super::class::{Class, Comparison};
use super::job::Job;
use super::records::{Item, Items, items};
use super::spf;

/// Compares two zones that were made from the zone of a job.
pub(super) fn compare(job: &Job, theirs: Items, ours: &Items) -> Comparison {
    let mut sides = Sides {
        job,
        before: items(&job.zone, &[]),
        only_theirs: only(&theirs, ours),
        only_ours: only(ours, &theirs),
        theirs,
        ours,
        found: Comparison::default(),
    };
    sides.compare_spf();
    sides.compare_priorities();
    sides.compare_texts();
    sides.compare_leftovers();
    sides.compare_ttls();
    let left = [
        ("only they have", &sides.only_theirs),
        ("only we have", &sides.only_ours),
    ];
    for (side, items) in left {
        let lines = items.iter().map(|item| format!("{side} {item}"));
        sides.found.unexplained.extend(lines);
    }
    sides.found
}

fn only(one: &Items, other: &Items) -> BTreeSet<Item> {
    let missing = one.keys().filter(|item| !other.contains_key(item));
    missing.cloned().collect()
}

/// Both zones, and the records that are still to be explained.
struct Sides<'a> {
    job: &'a Job,
    before: Items,
    theirs: Items,
    ours: &'a Items,
    only_theirs: BTreeSet<Item>,
    only_ours: BTreeSet<Item>,
    found: Comparison,
}

impl Sides<'_> {
    fn add(&mut self, class: Class) {
        self.found.classes.insert(class);
    }

    /// SPF records, name by name.
    fn compare_spf(&mut self) {
        let owners: BTreeSet<Name> = self
            .only_theirs
            .iter()
            .chain(&self.only_ours)
            .filter(|item| is_spf_item(item))
            .filter_map(|item| owner(item).cloned())
            .collect();
        for name in owners {
            let theirs = spf_texts(&self.theirs, &name);
            let ours = spf_texts(self.ours, &name);
            let Some(classes) = spf::classes(&theirs, &ours) else {
                continue;
            };
            self.found.classes.extend(classes);
            let is_explained = |item: &Item| is_spf_item(item) && owner(item) == Some(&name);
            self.only_theirs.retain(|item| !is_explained(item));
            self.only_ours.retain(|item| !is_explained(item));
        }
    }

    /// The other engine leaves the variable of a priority as it stands in the template.
    fn compare_priorities(&mut self) {
        let has_variable = self.job.template.records().iter().any(|record| {
            matches!(&record.body, RecordBody::Mx { priority, .. }
                if matches!(priority, Number::Variable(_)))
        });
        let is_left = |item: &Item| matches!(item, Item::Impossible { reason, .. } if reason.contains("priority is %"));
        let owners: Vec<Name> = self
            .only_theirs
            .iter()
            .filter(|item| has_variable && is_left(item))
            .filter_map(|item| owner(item).cloned())
            .collect();
        for name in owners {
            self.add(Class::NumberByVariable);
            self.only_theirs
                .retain(|item| !is_left(item) || owner(item) != Some(&name));
            self.only_ours
                .retain(|item| rtype(item) != Some(RecordType::MX) || owner(item) != Some(&name));
        }
    }

    /// Texts that stand at the same name and mean the same, or do not for a known reason.
    fn compare_texts(&mut self) {
        for ours in self.only_ours.clone() {
            let matching = self.only_theirs.iter().find_map(|theirs| {
                let texts = (text(theirs)?, text(&ours)?);
                let is_same_name = owner(theirs) == owner(&ours);
                let class = self.class_of_texts(&texts.0, &texts.1);
                class
                    .filter(|_| is_same_name)
                    .map(|class| (theirs.clone(), class))
            });
            if let Some((theirs, class)) = matching {
                self.add(class);
                self.only_theirs.remove(&theirs);
                self.only_ours.remove(&ours);
            }
        }
    }

    fn class_of_texts(&self, theirs: &str, ours: &str) -> Option<Class> {
        let quoted = if theirs.starts_with('"') {
            theirs.to_owned()
        } else {
            format!("\"{}\"", theirs.replace('"', "\\\""))
        };
        let read = RecordData::from_text(RecordType::TXT, &quoted).ok()?;
        if read.text().as_deref() == Some(ours.as_bytes()) {
            return Some(Class::TxtNotation);
        }
        let mut values = self.job.values.iter();
        let is_read_again = values.any(|(_, value)| value.contains('%') && ours.contains(value));
        is_read_again.then_some(Class::VariablesReadAgain)
    }

    /// Records of the zone that one engine takes away and the other leaves.
    fn compare_leftovers(&mut self) {
        for item in self.only_theirs.clone() {
            if let Some(class) = self.class_of_leftover(&item) {
                self.add(class);
                self.only_theirs.remove(&item);
            }
        }
        for item in self.only_ours.clone() {
            if self.was_beside_new_srv(&item) {
                self.add(Class::SrvOfOtherService);
                self.only_ours.remove(&item);
            }
        }
    }

    /// Whether this is an SRV record of the zone, and one was written for another service of its name.
    fn was_beside_new_srv(&self, item: &Item) -> bool {
        let served = |item: &Item| {
            let owner = owner(item).filter(|_| rtype(item) == Some(RecordType::SRV))?;
            owner.parent()?.parent()
        };
        let mut new = self
            .theirs
            .keys()
            .filter(|new| !self.before.contains_key(new));
        self.before.contains_key(item)
            && served(item).is_some_and(|name| new.any(|new| served(new).as_ref() == Some(&name)))
    }

    fn class_of_leftover(&self, item: &Item) -> Option<Class> {
        let (name, rtype) = (owner(item)?, rtype(item)?);
        if !self.before.contains_key(item) {
            return None;
        }
        let stands = |name: &Name, rtype| {
            let mut items = self.theirs.keys();
            items.any(|item| owner(item) == Some(name) && self::rtype(item) == Some(rtype))
        };
        let others_at_the_name = self
            .theirs
            .keys()
            .filter(|other| owner(other) == Some(name))
            .count();
        if stands(name, RecordType::CNAME) && others_at_the_name > 1 {
            return Some(Class::CnameAlone);
        }
        if rtype == RecordType::DS && !stands(name, RecordType::NS) {
            return Some(Class::LeftOfDelegation);
        }
        let mut new = self
            .theirs
            .keys()
            .filter(|new| !self.before.contains_key(new));
        let is_delegation_below = |new: &Item| {
            self::rtype(new) == Some(RecordType::NS)
                && owner(new).is_some_and(|other| other.is_below(name))
        };
        if rtype == RecordType::NS && new.any(is_delegation_below) {
            return Some(Class::DelegationBelow);
        }
        let mut names = self.theirs.keys().filter_map(owner);
        if rtype == RecordType::DNAME && names.any(|other| other.is_below(name)) {
            return Some(Class::LeftBelowDname);
        }
        None
    }

    /// TTLs of the records that both have, set by set.
    fn compare_ttls(&mut self) {
        let mut differing: BTreeMap<(&Name, RecordType), Vec<&Item>> = BTreeMap::new();
        for (item, ttl) in self.ours {
            let differs = self.theirs.get(item).is_some_and(|theirs| theirs != ttl);
            if let (true, Some(name), Some(rtype)) = (differs, owner(item), rtype(item)) {
                differing.entry((name, rtype)).or_default().push(item);
            }
        }
        for ((name, rtype), items) in differing {
            match self.class_of_ttls(name, rtype, &items) {
                Some(class) => self.add(class),
                None => self
                    .found
                    .unexplained
                    .push(format!("the TTLs of the {rtype} records of {name} differ")),
            }
        }
    }

    /// Here a set has one TTL: the lowest that anything in it has, where a record that was there keeps
    /// its own. That of a merged SPF record may be anything.
    fn class_of_ttls(&self, name: &Name, set: RecordType, items: &[&Item]) -> Option<Class> {
        let ours = self.ours.get(items.first().copied()?).copied()??;
        let of_set = |(item, ttl): (&Item, &Option<u32>)| {
            let is_in_set = owner(item) == Some(name) && rtype(item) == Some(set);
            let ttl = self.before.get(item).copied().flatten().or(*ttl)?;
            is_in_set.then_some((self.is_merged(item), ttl))
        };
        let theirs: Vec<(bool, u32)> = self.theirs.iter().filter_map(of_set).collect();
        let lowest = theirs
            .iter()
            .filter(|(is_merged, _)| !is_merged)
            .map(|(_, ttl)| *ttl)
            .min();
        if theirs.iter().any(|(is_merged, _)| *is_merged) {
            return lowest
                .is_none_or(|lowest| ours <= lowest)
                .then_some(Class::SpfTtl);
        }
        if lowest != Some(ours) {
            return None;
        }
        let is_shared = items.iter().any(|item| self.before.contains_key(*item));
        match (theirs.len(), is_shared) {
            (2.., _) => Some(Class::TtlOfSet),
            (_, true) => Some(Class::TtlOfShared),
            (_, false) => None,
        }
    }

    /// Whether this is an SPF record that was not there before.
    fn is_merged(&self, item: &Item) -> bool {
        is_spf_item(item) && !self.before.contains_key(item)
    }
}

fn owner(item: &Item) -> Option<&Name> {
    match item {
        Item::Record(record) => Some(&record.owner),
        Item::Special(special) => Some(&special.owner),
        Item::Impossible { owner, .. } => owner.as_ref(),
    }
}

fn rtype(item: &Item) -> Option<RecordType> {
    match item {
        Item::Record(record) => Some(record.data.rtype()),
        Item::Special(_) | Item::Impossible { .. } => None,
    }
}

fn text(item: &Item) -> Option<String> {
    match item {
        Item::Record(record) => String::from_utf8(record.data.text()?).ok(),
        Item::Special(_) | Item::Impossible { .. } => None,
    }
}

fn is_spf_item(item: &Item) -> bool {
    text(item).is_some_and(|text| is_spf(text.as_bytes()))
}

fn spf_texts(items: &Items, name: &Name) -> Vec<String> {
    let items = items.keys().filter(|item| owner(item) == Some(name));
    items
        .filter(|item| is_spf_item(item))
        .filter_map(text)
        .collect()
}
