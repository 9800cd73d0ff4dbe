//! Which service owns what, while a plan is made.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};

use easement_zone::{Name, Record, Ttl};

use super::workspace::is_identical;
use super::{EndedService, UpdatedService};
use crate::{
    AppliedGroups, AppliedService, Essential, GroupId, OwnedRecord, RecordOrigin, Special,
    SpfContribution,
};

/// The services of a zone and what becomes of them.
pub(super) struct Ledger<'a> {
    entries: Vec<Entry<'a>>,
    services: &'a [AppliedService],
    /// The services that had something at a name when the plan began; none comes to own more. Most plans
    /// have no use for it, so it is made when it is asked for.
    by_owner: OnceCell<HashMap<&'a Name, Vec<usize>>>,
}

/// The places of services by the names that they have something at.
fn index(services: &[AppliedService]) -> HashMap<&Name, Vec<usize>> {
    let mut by_owner: HashMap<&Name, Vec<usize>> = HashMap::with_capacity(2 * services.len());
    for (index, service) in services.iter().enumerate() {
        let records = service.records.iter().map(|owned| &owned.record.owner);
        let spf = service.spf.iter().map(|spf| &spf.owner);
        let special = service.special.iter().map(|owned| &owned.special.owner);
        let mut last = None;
        for owner in records.chain(spf).chain(special) {
            if last.replace(owner) == Some(owner) {
                continue;
            }
            let places = by_owner.entry(owner).or_default();
            if places.last() != Some(&index) {
                places.push(index);
            }
        }
    }
    by_owner
}

struct Entry<'a> {
    before: &'a AppliedService,
    /// What it has become, once something has happened to it.
    changed: Option<Box<AppliedService>>,
    fate: Fate,
}

impl Entry<'_> {
    fn service(&self) -> &AppliedService {
        self.changed.as_deref().unwrap_or(self.before)
    }

    fn service_mut(&mut self) -> &mut AppliedService {
        let before = self.before;
        self.changed.get_or_insert_with(|| Box::new(before.clone()))
    }
}

/// What becomes of a service.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fate {
    /// It stays as it is.
    Stands,
    /// It stays, and owns something else than before.
    Changes,
    /// It ends because of a conflict.
    Ends,
    /// It is the one that the plan is about.
    Planned,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(services: &'a [AppliedService]) -> Self {
        let entries = services.iter().map(|service| Entry {
            before: service,
            changed: None,
            fate: Fate::Stands,
        });
        Self {
            entries: entries.collect(),
            services,
            by_owner: OnceCell::new(),
        }
    }

    /// The places of the services that had something at a name.
    fn places(&self, owner: &Name) -> &[usize] {
        let by_owner = self.by_owner.get_or_init(|| index(self.services));
        by_owner.get(owner).map_or(&[], Vec::as_slice)
    }

    // Query

    /// The services that own things at a name: all but those that end. The one that the plan is about still
    /// owns what was not released.
    pub(super) fn standing_at(
        &self,
        owner: &Name,
    ) -> impl Iterator<Item = (usize, &AppliedService)> {
        self.places(owner)
            .iter()
            .filter_map(|index| Some((*index, self.entries.get(*index)?)))
            .filter(|(_, entry)| entry.fate != Fate::Ends)
            .map(|(index, entry)| (index, entry.service()))
    }

    /// Who owns a record, with how they own it.
    pub(super) fn owners<'b>(
        &'b self,
        record: &'b Record,
    ) -> impl Iterator<Item = (usize, &'b OwnedRecord)> {
        self.standing_at(&record.owner)
            .flat_map(move |(index, service)| {
                service
                    .records
                    .iter()
                    .filter(move |owned| is_same(&owned.record, record))
                    .map(move |owned| (index, owned))
            })
    }

    /// Where a record that stands in the zone comes from: from a service when one wrote it, so that
    /// it goes with the last one that needs it (draft-05 section 10.5).
    pub(super) fn origin(&self, record: &Record) -> RecordOrigin {
        let was_written = self
            .owners(record)
            .any(|(_, owned)| owned.origin == RecordOrigin::Created);
        if was_written {
            RecordOrigin::Created
        } else {
            RecordOrigin::Found
        }
    }

    /// What services added to the SPF record of a name, each with its place.
    pub(super) fn spf_at<'b>(
        &'b self,
        owner: &'b Name,
    ) -> impl Iterator<Item = (usize, &'b SpfContribution)> {
        self.standing_at(owner)
            .flat_map(|(index, service)| service.spf.iter().map(move |spf| (index, spf)))
            .filter(move |(_, contribution)| contribution.owner == *owner)
    }

    pub(super) fn owns_special(&self, special: &Special) -> bool {
        self.standing_at(&special.owner).any(|(_, service)| {
            service
                .special
                .iter()
                .any(|owned| owned.special == *special)
        })
    }

    /// Whether this is the service that the plan is about.
    pub(super) fn is_planned(&self, index: usize) -> bool {
        self.entries
            .get(index)
            .is_some_and(|entry| entry.fate == Fate::Planned)
    }

    // Change

    /// Marks the service that the plan is about, takes from it what `released` says, and gives that.
    pub(super) fn take_planned(
        &mut self,
        index: usize,
        released: impl Fn(&Option<GroupId>) -> bool,
    ) -> Holdings {
        let Some(entry) = self.entries.get_mut(index) else {
            return Holdings::default();
        };
        entry.fate = Fate::Planned;
        let service = entry.service_mut();
        Holdings {
            records: take(&mut service.records, |owned| released(&owned.group)),
            spf: take(&mut service.spf, |owned| released(&owned.group)),
            special: take(&mut service.special, |owned| released(&owned.group))
                .into_iter()
                .map(|owned| owned.special)
                .collect(),
        }
    }

    /// Ends a group of the service that the plan is about, and gives what it held. Where all groups were
    /// applied, those are left that still hold something.
    pub(super) fn end_group(&mut self, index: usize, ended: &GroupId) -> Holdings {
        let holdings = self.take_planned(index, |group| group.as_ref() == Some(ended));
        if let Some(entry) = self.entries.get_mut(index) {
            let service = entry.service_mut();
            let mut left = match &service.groups {
                AppliedGroups::All => held_groups(service),
                AppliedGroups::Some(groups) => groups.clone(),
            };
            left.remove(ended);
            service.groups = AppliedGroups::Some(left);
        }
        holdings
    }

    /// What is left of the service that the plan is about.
    pub(super) fn planned(&self, index: usize) -> Option<&AppliedService> {
        self.entries.get(index).map(Entry::service)
    }

    /// Ends a service and gives what it held; nothing when it has ended already.
    pub(super) fn end(&mut self, index: usize) -> Option<(AppliedService, Holdings)> {
        let entry = self.entries.get_mut(index)?;
        if entry.fate == Fate::Ends {
            return None;
        }
        entry.fate = Fate::Ends;
        let service = entry.service().clone();
        let holdings = Holdings {
            records: service.records.clone(),
            spf: service.spf.clone(),
            special: service
                .special
                .iter()
                .map(|owned| owned.special.clone())
                .collect(),
        };
        Some((service, holdings))
    }

    /// Makes a record that a service wrote one that those who share it wrote, so that it goes with
    /// the last of them.
    pub(super) fn hand_over(&mut self, record: &Record) {
        let is_found = |owned: &OwnedRecord| {
            owned.origin == RecordOrigin::Found && is_same(&owned.record, record)
        };
        self.change(
            &record.owner,
            |service| service.records.iter().any(is_found),
            |service| {
                let records = service.records.iter_mut();
                for owned in records.filter(|owned| is_found(owned)) {
                    owned.origin = RecordOrigin::Created;
                }
            },
        );
    }

    /// Lets every service forget a record that goes without ending them.
    pub(super) fn forget(&mut self, record: &Record) {
        self.change(
            &record.owner,
            |service| {
                service
                    .records
                    .iter()
                    .any(|owned| is_same(&owned.record, record))
            },
            |service| {
                let records = &mut service.records;
                records.retain(|owned| !is_same(&owned.record, record));
            },
        );
    }

    pub(super) fn forget_special(&mut self, special: &Special) {
        self.change(
            &special.owner,
            |service| {
                service
                    .special
                    .iter()
                    .any(|owned| owned.special == *special)
            },
            |service| service.special.retain(|owned| owned.special != *special),
        );
    }

    /// Lets every service forget what it added to the SPF record of a name.
    pub(super) fn forget_spf(&mut self, owner: &Name) {
        self.change(
            owner,
            |service| service.spf.iter().any(|spf| spf.owner == *owner),
            |service| service.spf.retain(|spf| spf.owner != *owner),
        );
    }

    /// Gives the TTL that a record set had once to another service that wrote into the set; says
    /// whether there was one.
    pub(super) fn hand_over_ttl(&mut self, record: &Record, before: Ttl) -> bool {
        let in_set = |owned: &OwnedRecord| {
            owned.origin == RecordOrigin::Created
                && owned.record.owner == record.owner
                && owned.record.data.rtype() == record.data.rtype()
        };
        let mut is_taken = false;
        self.change(
            &record.owner,
            |service| service.records.iter().any(in_set),
            |service| {
                if let Some(owned) = service.records.iter_mut().find(|owned| in_set(owned))
                    && !is_taken
                {
                    owned.ttl_before = Some(owned.ttl_before.map_or(before, |t| t.max(before)));
                    is_taken = true;
                }
            },
        );
        is_taken
    }

    /// Changes the services with something at a name that `concerns` picks.
    pub(super) fn change(
        &mut self,
        owner: &Name,
        concerns: impl Fn(&AppliedService) -> bool,
        mut change: impl FnMut(&mut AppliedService),
    ) {
        for index in self.places(owner).to_vec() {
            let Some(entry) = self.entries.get_mut(index) else {
                continue;
            };
            if entry.fate == Fate::Ends || !concerns(entry.service()) {
                continue;
            }
            if entry.fate == Fate::Stands {
                entry.fate = Fate::Changes;
            }
            change(entry.service_mut());
        }
    }

    // Result

    pub(super) fn ended(&self) -> Vec<EndedService> {
        self.with_fate(Fate::Ends)
            .map(|(index, service)| EndedService {
                index,
                key: service.key.clone(),
                title: service.title(),
            })
            .collect()
    }

    pub(super) fn updated(&self) -> Vec<UpdatedService> {
        self.with_fate(Fate::Changes)
            .map(|(index, service)| UpdatedService {
                index,
                service: service.clone(),
            })
            .collect()
    }

    fn with_fate(&self, fate: Fate) -> impl Iterator<Item = (usize, &AppliedService)> {
        self.entries
            .iter()
            .enumerate()
            .filter(move |(_, entry)| entry.fate == fate)
            .map(|(index, entry)| (index, entry.service()))
    }
}

/// What a service held and gives up.
#[derive(Default)]
pub(super) struct Holdings {
    pub(super) records: Vec<OwnedRecord>,
    pub(super) spf: Vec<SpfContribution>,
    pub(super) special: Vec<Special>,
}

/// The groups that a service holds something for.
fn held_groups(service: &AppliedService) -> BTreeSet<GroupId> {
    let records = service.records.iter().map(|owned| &owned.group);
    let spf = service.spf.iter().map(|spf| &spf.group);
    let special = service.special.iter().map(|owned| &owned.group);
    let groups = records.chain(spf).chain(special).flatten();
    groups.cloned().collect()
}

/// Whether losing it ends its service.
pub(super) fn is_essential(owned: &OwnedRecord) -> bool {
    owned.essential == Essential::Always
}

pub(super) fn is_same(one: &Record, other: &Record) -> bool {
    one.owner == other.owner && is_identical(&one.data, &other.data)
}

fn take<T>(from: &mut Vec<T>, is_taken: impl Fn(&T) -> bool) -> Vec<T> {
    let (taken, kept) = std::mem::take(from).into_iter().partition(is_taken);
    *from = kept;
    taken
}
