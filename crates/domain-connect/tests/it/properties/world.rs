//! A zone with its services, and what happens to it.

use std::collections::BTreeSet;

use domain_connect::{
    Application, AppliedService, Authenticity, Edit, Plan, Policy, Removal, Row, Template,
    Variables, plan_application, plan_edit, plan_removal,
};
use easement_zone::{ChangeSet, RecordSet, RecordType, Ttl, Zone};

use super::made_up::{Step, Wish};
use crate::support;

/// A zone, what is applied to it, and the records that its owner once had there.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) zone: Zone,
    pub(super) services: Vec<AppliedService>,
    pub(super) owners: BTreeSet<String>,
}

/// What a step showed before it was taken.
pub(super) struct Outcome {
    pub(super) rows: Vec<Row>,
    /// What the owner asked for, when the step was an edit by hand.
    pub(super) edit: Option<ChangeSet>,
}

impl World {
    pub(super) fn new(zone: Zone) -> Self {
        let owners = data_lines(&zone).collect();
        Self {
            zone,
            services: Vec::new(),
            owners,
        }
    }

    /// Takes a step, unless it is refused.
    pub(super) fn take(&mut self, step: &Step, templates: &[Template; 3]) -> Option<Outcome> {
        match step {
            Step::Apply { template, wish } => {
                let plan = application(&self.zone, &self.services, &templates[*template], wish)?;
                Some(self.commit(plan))
            }
            Step::Remove { service } => {
                self.services.get(*service)?;
                let plan = removal(&self.zone, &self.services, *service);
                Some(self.commit(plan))
            }
            Step::Add { line } => self.edit(None, Some(line), None),
            Step::Delete { set } => self.edit(Some(*set), None, None),
            Step::Change { set, line } => self.edit(Some(*set), Some(line), None),
            Step::Retime { set } => self.edit(Some(*set), None, Some(Ttl::from_secs(77).unwrap())),
        }
    }

    fn commit(&mut self, plan: Plan) -> Outcome {
        self.zone = self.zone.apply(&plan.changes).unwrap();
        self.services = plan.services_after(&self.services);
        Outcome {
            rows: plan.rows,
            edit: None,
        }
    }

    fn edit(
        &mut self,
        set: Option<usize>,
        line: Option<&str>,
        ttl: Option<Ttl>,
    ) -> Option<Outcome> {
        let mut changes = ChangeSet::new();
        if let Some(number) = set {
            let before = self.editable_set(number)?;
            let after = ttl.map(|ttl| with(&before, ttl, &[]));
            changes.record(Some(before), after);
        }
        if let Some(line) = line {
            let (owner, new) = support::record(self.zone.apex(), line);
            let before = self.zone.get(&owner, new.rtype());
            // A set that the same edit takes away is not added to.
            let is_taken = changes
                .iter()
                .any(|(key, _)| (&key.owner, key.rtype) == (&owner, new.rtype()));
            if is_taken {
                return None;
            }
            let after = before
                .as_ref()
                .map_or_else(|| new.clone(), |old| with(old, new.ttl(), new.data()));
            changes.record(before, Some(after));
        }
        let plan = plan_edit(&Edit {
            zone: &self.zone,
            services: &self.services,
            special: &[],
            changes: &changes,
        })
        .ok()?;
        self.owners.extend(line.map(|line| {
            let (owner, new) = support::record(self.zone.apex(), line);
            let host = owner.relative_to(self.zone.apex()).unwrap();
            format!("{host} {} {}", new.rtype(), new.data()[0])
        }));
        self.zone = self.zone.apply(&plan.changes).unwrap();
        self.services = plan.services_after(&self.services);
        Some(Outcome {
            rows: plan.rows,
            edit: Some(changes),
        })
    }

    /// A record set that is neither `SOA` nor the name servers of the apex.
    fn editable_set(&self, number: usize) -> Option<RecordSet> {
        let is_own = |set: &RecordSet| {
            set.rtype() != RecordType::SOA
                && (set.rtype() != RecordType::NS || set.owner() != self.zone.apex())
        };
        self.zone.sets().filter(is_own).nth(number)
    }
}

/// A record set with another TTL and more data.
fn with(set: &RecordSet, ttl: Ttl, more: &[easement_zone::RecordData]) -> RecordSet {
    let mut data = set.data().to_vec();
    data.extend(more.iter().filter(|new| !set.data().contains(new)).cloned());
    RecordSet::new(set.owner().clone(), ttl, data).unwrap()
}

/// The records of a zone without their TTLs.
pub(super) fn data_lines(zone: &Zone) -> impl Iterator<Item = String> {
    support::lines(zone).into_iter().map(|line| {
        let mut words: Vec<&str> = line.splitn(3, ' ').collect();
        words.remove(1);
        words.join(" ")
    })
}

pub(super) fn application(
    zone: &Zone,
    services: &[AppliedService],
    template: &Template,
    wish: &Wish,
) -> Option<Plan> {
    let groups = wish.groups.iter();
    let groups = groups.filter(|group| template.groups().contains(group));
    plan_application(&Application {
        zone,
        services,
        special: &[],
        template,
        host: &wish.host,
        groups: &groups.cloned().collect(),
        instance: wish.instance.as_ref(),
        variables: &Variables::new(),
        authenticity: Authenticity::Signed,
        policy: &Policy::default(),
    })
    .ok()
}

pub(super) fn removal(zone: &Zone, services: &[AppliedService], index: usize) -> Plan {
    plan_removal(&Removal {
        zone,
        services,
        special: &[],
        index,
    })
    .unwrap()
}
