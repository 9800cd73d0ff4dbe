//! What applying and removing have in common: taking things away, and putting the plan together.

use std::collections::HashMap;

use easement_zone::{ChangeSet, Name, Record, RecordData, Ttl, Zone};

use super::ledger::{Holdings, Ledger};
use super::workspace::Workspace;
use super::{
    Conflict, EditPlan, EndedGroup, Plan, PlanBase, PlanError, PlanKind, RowReason, Warning,
    effect, row,
};
use crate::spf::SpfRecord;
use crate::{AppliedService, OwnedRecord, RecordOrigin, Special};

/// A plan while it is made.
pub(super) struct Planner<'a> {
    pub(super) workspace: Workspace<'a>,
    pub(super) ledger: Ledger<'a>,
    pub(super) conflicts: Vec<Conflict>,
    /// Groups of the service itself that end, with everything that they held.
    pub(super) ended_groups: Vec<EndedGroup>,
    pub(super) warnings: Vec<Warning>,
    /// Why what the provider does beyond records ends or begins.
    pub(super) special_reasons: HashMap<Special, RowReason>,
    /// The merged terms of names that have several SPF records.
    pub(super) spf_bases: HashMap<Name, SpfRecord>,
}

impl<'a> Planner<'a> {
    pub(super) fn new(
        zone: &'a Zone,
        services: &'a [AppliedService],
        special: &'a [Special],
    ) -> Self {
        Self {
            workspace: Workspace::new(zone, special),
            ledger: Ledger::new(services),
            conflicts: Vec::new(),
            ended_groups: Vec::new(),
            warnings: Vec::new(),
            special_reasons: HashMap::new(),
            spf_bases: HashMap::new(),
        }
    }

    /// Gives up what a service held, once it is no longer in the ledger: records that no other
    /// service needs go, unless they stood there before (draft-05 section 10.5).
    pub(super) fn release(
        &mut self,
        holdings: &Holdings,
        reason: &RowReason,
    ) -> Result<(), PlanError> {
        for owned in &holdings.records {
            self.release_record(owned, reason);
        }
        self.restore_ttls(&holdings.records);
        for contribution in &holdings.spf {
            self.release_spf(contribution, reason)?;
        }
        for special in &holdings.special {
            if !self.ledger.owns_special(special) {
                self.take_away_special(special, reason);
            }
        }
        Ok(())
    }

    fn release_record(&mut self, owned: &OwnedRecord, reason: &RowReason) {
        if owned.origin == RecordOrigin::Found {
            return;
        }
        if self.ledger.owners(&owned.record).next().is_some() {
            self.ledger.hand_over(&owned.record);
        } else if let Some(data) = self.workspace.find(&owned.record) {
            self.take_away(&owned.record.owner, data, reason);
        }
    }

    /// Gives record sets the TTL that they had before these records lowered it, each once: the highest
    /// of them is the one from before the first.
    fn restore_ttls(&mut self, records: &[OwnedRecord]) {
        let mut highest: Vec<(&Record, Ttl)> = Vec::new();
        for owned in records {
            let Some(before) = owned.ttl_before else {
                continue;
            };
            let same_set = |known: &Record| {
                known.owner == owned.record.owner && known.data.rtype() == owned.record.data.rtype()
            };
            match highest.iter_mut().find(|(known, _)| same_set(known)) {
                Some((_, ttl)) => *ttl = before.max(*ttl),
                None => highest.push((&owned.record, before)),
            }
        }
        for (record, before) in highest {
            if !self.ledger.hand_over_ttl(record, before) {
                let rtype = record.data.rtype();
                let now = self.workspace.ttl(&record.owner, rtype);
                // A higher one is the owner's later word.
                let before = now.map_or(before, |now| now.max(before));
                self.workspace.set_ttl(&record.owner, rtype, before);
            }
        }
    }

    /// Takes a record away and notes why.
    pub(super) fn take_away(&mut self, owner: &Name, data: RecordData, reason: &RowReason) {
        let owner = owner.clone();
        let record = Record { owner, data };
        self.workspace.remove(&record);
        self.workspace.explain(&record, || reason.clone());
    }

    pub(super) fn take_away_special(&mut self, special: &Special, reason: &RowReason) {
        self.workspace.remove_special(special);
        self.special_reasons
            .entry(special.clone())
            .or_insert_with(|| reason.clone());
    }

    /// Puts the plan together.
    pub(super) fn finish(mut self, kind: PlanKind) -> Result<Plan, PlanError> {
        let conflicts = std::mem::take(&mut self.conflicts);
        let mut ended_groups = std::mem::take(&mut self.ended_groups);
        // What another service needs, or the template writes again, does not go with its group.
        for ended in &mut ended_groups {
            let records = &mut ended.records;
            records.retain(|record| self.workspace.find(record).is_none());
        }
        let plan = self.finish_edit(Some(kind.service()))?;
        Ok(Plan {
            kind,
            base: plan.base,
            changes: plan.changes,
            special: plan.special,
            rows: plan.rows,
            conflicts,
            ended: plan.ended,
            ended_groups,
            updated: plan.updated,
            warnings: plan.warnings,
            effects: plan.effects,
        })
    }

    /// What changes in the zone, and the zone afterwards, which has the last word on whether it can be.
    pub(super) fn outcome(&self) -> Result<(ChangeSet, Zone), PlanError> {
        let changes = self.workspace.changes();
        let after = self.workspace.zone().apply(&changes);
        Ok((changes, after.map_err(PlanError::Zone)?))
    }

    /// Puts together what changes.
    pub(super) fn finish_edit(
        mut self,
        service: Option<&AppliedService>,
    ) -> Result<EditPlan, PlanError> {
        let zone = self.workspace.zone();
        let (changes, after) = self.outcome()?;
        let special = self.workspace.special_changes();
        let rows = row::rows(&self, &special, service);
        let effects = effect::effects(zone, &after, &changes, &special);
        self.warnings
            .extend(super::warning::about_result(zone, &after, &changes));
        Ok(EditPlan {
            base: PlanBase {
                apex: zone.apex().clone(),
                serial: zone.serial(),
            },
            changes,
            special,
            rows,
            ended: self.ledger.ended(),
            updated: self.ledger.updated(),
            warnings: self.warnings,
            effects,
        })
    }
}
