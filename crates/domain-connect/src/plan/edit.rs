//! Planning an edit by hand: the same care for services as when a template is applied.

use std::collections::HashSet;

use easement_zone::{ChangeSet, Name, Record, RecordData, RecordSet, RecordSetChange, Zone};
use serde::{Deserialize, Serialize};

use super::ledger::is_essential;
use super::planner::Planner;
use super::spf::{is_spf_data, spf_text};
use super::workspace::is_identical;
use super::{
    Effect, EndedService, PlanBase, PlanError, Row, RowReason, SpecialChange, UpdatedService,
    Warning,
};
use crate::spf::{SpfRecord, Term, TermKey};
use crate::{AppliedService, Special, SpfContribution};

/// A wish to change records of a zone by hand.
#[derive(Clone, Copy, Debug)]
pub struct Edit<'a> {
    /// The zone as it is.
    pub zone: &'a Zone,
    /// Every service that is applied to the zone.
    pub services: &'a [AppliedService],
    /// Everything that the provider does at names of the zone beyond records.
    pub special: &'a [Special],
    /// What is to change.
    pub changes: &'a ChangeSet,
}

/// Everything that an edit would change, and what it means.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct EditPlan {
    /// The zone that it was made from.
    pub base: PlanBase,
    /// The change of records: the edit, and what goes with the services that end.
    pub changes: ChangeSet,
    /// The change of what the provider does beyond records.
    pub special: Vec<SpecialChange>,
    /// Every record that changes, in the order of names.
    pub rows: Vec<Row>,
    /// The services that end because the edit takes away or changes a record that they cannot do
    /// without.
    pub ended: Vec<EndedService>,
    /// The services that stay and whose state changes, with their new state.
    pub updated: Vec<UpdatedService>,
    /// What a person should know before agreeing.
    pub warnings: Vec<Warning>,
    /// What the change means, in plain words.
    pub effects: Vec<Effect>,
}

impl EditPlan {
    /// The services of the zone afterwards; `services` are those that the plan was made with.
    pub fn services_after(&self, services: &[AppliedService]) -> Vec<AppliedService> {
        let has_ended = |index| self.ended.iter().any(|ended| ended.index == index);
        let services = services.iter().enumerate();
        services
            .filter(|(index, _)| !has_ended(*index))
            .map(|(index, service)| {
                let updated = self.updated.iter().find(|updated| updated.index == index);
                updated.map_or(service, |updated| &updated.service).clone()
            })
            .collect()
    }
}

/// Plans an edit by hand. A service ends when the edit takes an essential record of it, and what it
/// wrote goes too; records that were only needed when it was applied are let go, as are terms of SPF
/// records (draft-05 section 10.5).
///
/// ```
/// use domain_connect::{Edit, EditPlan, plan_edit};
/// use easement_zone::ChangeSet;
/// # use domain_connect::{Application, Authenticity, Policy, Template, Variables, plan_application};
/// # use easement_zone::{RecordType, zonefile::{self, ReadOptions}};
/// # let (template, _notes) = Template::from_json(r#"{
/// #     "providerId": "exampleservice.example", "providerName": "Example Service",
/// #     "serviceId": "web", "serviceName": "Websites",
/// #     "records": [
/// #         {"type": "A", "host": "www", "pointsTo": "192.0.2.1", "ttl": 600},
/// #         {"type": "TXT", "host": "_web", "data": "proof", "ttl": 600}
/// #     ]
/// # }"#)?;
/// # let before = zonefile::read("\
/// # $ORIGIN example.com.
/// # @  SOA  ns1.dns.example. hostmaster 1 2h 15m 2w 5m
/// #    NS   ns1.dns.example.
/// # ", &ReadOptions::default())?.zone;
/// # let plan = plan_application(&Application {
/// #     zone: &before,
/// #     services: &[],
/// #     special: &[],
/// #     template: &template,
/// #     host: &"@".parse()?,
/// #     groups: &Default::default(),
/// #     instance: None,
/// #     variables: &Variables::new(),
/// #     authenticity: Authenticity::Signed,
/// #     policy: &Policy::default(),
/// # })?;
/// # let zone = before.apply(&plan.changes)?;
/// # let services = plan.services_after(&[]);
///
/// // A service wrote the address of `www` and a text at `_web`; now its owner deletes the address.
/// let mut changes = ChangeSet::new();
/// changes.record(zone.get(&"www.example.com".parse()?, RecordType::A), None);
/// let edit = Edit { zone: &zone, services: &services, special: &[], changes: &changes };
/// let plan: EditPlan = plan_edit(&edit)?;
///
/// assert_eq!(plan.ended[0].title, "Example Service: Websites");
/// assert!(plan.services_after(&services).is_empty());
/// assert!(!zone.apply(&plan.changes)?.has_name(&"_web.example.com".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn plan_edit(edit: &Edit<'_>) -> Result<EditPlan, PlanError> {
    // An edit that does not fit the zone is told so as it was made, before services add to it.
    edit.zone.apply(edit.changes).map_err(PlanError::Zone)?;
    let mut planner = Planner::new(edit.zone, edit.services, edit.special);
    let mut gone = Vec::new();
    for (key, change) in edit.changes.iter() {
        planner.workspace.replace(key, change.after.as_ref());
        gone.extend(gone_records(&key.owner, change));
        planner.note_edited(&key.owner, change);
    }
    planner.end_for_want_of(&gone)?;
    let spf_owners: HashSet<&Name> = gone
        .iter()
        .filter(|record| is_spf_data(&record.data))
        .map(|record| &record.owner)
        .collect();
    for owner in spf_owners {
        planner.let_spf_terms_go(owner);
    }
    planner.finish_edit(None)
}

impl Planner<'_> {
    /// Notes that records come, go or stay by hand; one that goes with a service says so instead.
    fn note_edited(&mut self, owner: &Name, change: &RecordSetChange) {
        let data = data_of(change.before.as_ref())
            .iter()
            .chain(data_of(change.after.as_ref()));
        for data in data {
            let (owner, data) = (owner.clone(), data.clone());
            let record = Record { owner, data };
            self.workspace.explain(&record, || RowReason::Edited);
        }
    }

    /// Ends the services that cannot do without these records; the others forget them.
    fn end_for_want_of(&mut self, gone: &[Record]) -> Result<(), PlanError> {
        let mut ending: Vec<usize> = Vec::new();
        for record in gone {
            let owners = self.ledger.owners(record);
            let essential = owners.filter(|(_, owned)| is_essential(owned));
            ending.extend(essential.map(|(index, _)| index));
        }
        for index in ending {
            if let Some((service, holdings)) = self.ledger.end(index) {
                for owned in &holdings.records {
                    // It stays by hand, but not without its service.
                    self.workspace.unexplain(&owned.record);
                }
                let service = service.key;
                self.release(&holdings, &RowReason::ServiceEnds { service })?;
            }
        }
        for record in gone {
            self.workspace.explain_anew(record, RowReason::Edited);
            self.ledger.forget(record);
        }
        Ok(())
    }

    /// Services forget the terms that the SPF record of a name no longer has. One that cannot be read
    /// says nothing about them.
    fn let_spf_terms_go(&mut self, owner: &Name) {
        let texts = self.workspace.records(owner);
        let texts = texts.iter().filter(|data| is_spf_data(data));
        let records: Result<Vec<SpfRecord>, _> = texts
            .map(|data| SpfRecord::parse(&spf_text(data)))
            .collect();
        let Ok(records) = records else {
            return;
        };
        let terms = records.iter().flat_map(|record| &record.terms);
        let known: HashSet<TermKey> = terms.map(Term::key).collect();
        let stays = |text: &str| Term::parse(text).is_ok_and(|term| known.contains(&term.key()));
        let loses = |spf: &SpfContribution| {
            spf.owner == *owner && !spf.terms.iter().all(|one| stays(&one.term))
        };
        self.ledger.change(
            owner,
            |service| service.spf.iter().any(loses),
            |service| {
                for spf in service.spf.iter_mut().filter(|spf| loses(spf)) {
                    spf.terms.retain(|one| stays(&one.term));
                }
                let is_left = |spf: &SpfContribution| spf.owner != *owner || !spf.terms.is_empty();
                service.spf.retain(is_left);
            },
        );
    }
}

/// The records that a change takes away. A text that is only cut in another way stays.
fn gone_records(owner: &Name, change: &RecordSetChange) -> Vec<Record> {
    let after = data_of(change.after.as_ref());
    let stays = |data: &RecordData| after.iter().any(|new| is_identical(new, data));
    let before = data_of(change.before.as_ref()).iter();
    before
        .filter(|data| !stays(data))
        .map(|data| Record {
            owner: owner.clone(),
            data: data.clone(),
        })
        .collect()
}

fn data_of(set: Option<&RecordSet>) -> &[RecordData] {
    set.map_or(&[], RecordSet::data)
}
