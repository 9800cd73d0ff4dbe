//! What a zone's keeper keeps after a plan was committed.

use super::{Plan, PlanKind, SpecialChange};
use crate::{AppliedService, Special};

impl Plan {
    /// The services of the zone afterwards; `services` are those that the plan was made with.
    ///
    /// They keep their order: a service that is applied again stays in its place, a new one is the last.
    ///
    /// ```
    /// use domain_connect::{AppliedService, Plan};
    /// use easement_zone::{ApplyError, Zone};
    ///
    /// /// What a store writes in one transaction.
    /// fn after(plan: &Plan, zone: &Zone, services: &[AppliedService])
    ///     -> Result<(Zone, Vec<AppliedService>), ApplyError> {
    ///     Ok((zone.apply(&plan.changes)?, plan.services_after(services)))
    /// }
    /// ```
    pub fn services_after(&self, services: &[AppliedService]) -> Vec<AppliedService> {
        let has_ended = |index| self.ended.iter().any(|ended| ended.index == index);
        let (replaced, removed, new) = match &self.kind {
            PlanKind::Application { service, replaces } => (*replaces, None, Some(service)),
            PlanKind::Removal { index, .. } => (None, Some(*index), None),
        };
        let new = new.map(|service| service.as_ref().clone());
        let stay = services.iter().enumerate().filter_map(|(index, service)| {
            if Some(index) == replaced {
                return new.clone();
            }
            let goes = Some(index) == removed || has_ended(index);
            let updated = self.updated.iter().find(|updated| updated.index == index);
            (!goes).then(|| updated.map_or(service, |updated| &updated.service).clone())
        });
        let last = new.clone().filter(|_| replaced.is_none());
        stay.chain(last).collect()
    }

    /// What the provider does beyond records afterwards; `special` is what the plan was made with.
    ///
    /// ```
    /// use domain_connect::{Plan, Special, SpecialChange};
    ///
    /// fn redirects_to_set_up(plan: &Plan, special: &[Special]) -> Vec<Special> {
    ///     assert!(plan.special.iter().all(|change| match change {
    ///         SpecialChange::Added(new) => !special.contains(new),
    ///         SpecialChange::Removed(old) => special.contains(old),
    ///     }));
    ///     plan.special_after(special)
    /// }
    /// ```
    pub fn special_after(&self, special: &[Special]) -> Vec<Special> {
        let mut after = special.to_vec();
        for change in &self.special {
            match change {
                SpecialChange::Added(new) => after.push(new.clone()),
                SpecialChange::Removed(old) => after.retain(|known| known != old),
            }
        }
        after
    }
}
