//! From the plan of the library, which knows services by their place in a list, to the plan that is
//! committed, which knows them by their ids.

use domain_connect::{AppliedService, Plan, PlanError, PlanKind, Removal, plan_removal};
use easement_core::{ChangeSource, PlanBase, ServiceChange, ServiceEntry, Version, ZonePlan};
use easement_store::CommitError;
use easement_zone::{ApplyError, Zone};

/// The plan to commit. `services` are those that the plan was made with, in their order.
pub(crate) fn to_zone_plan(plan: &Plan, services: &[ServiceEntry], base: Version) -> ZonePlan {
    let id_at = |index: usize| services.get(index).map(|entry| entry.id);
    let mut changes: Vec<ServiceChange> = Vec::new();
    changes.extend(main_change(&plan.kind, services));
    changes.extend(
        plan.ended
            .iter()
            .filter_map(|ended| id_at(ended.index).map(ServiceChange::Remove)),
    );
    changes.extend(plan.updated.iter().filter_map(|updated| {
        let service = Box::new(updated.service.clone());
        id_at(updated.index).map(|id| ServiceChange::Update(id, service))
    }));
    ZonePlan {
        base: PlanBase::Version(base),
        changes: plan.changes.clone(),
        services: changes,
        source: source_of(&plan.kind),
    }
}

/// A service that is applied again as it is does not change, so a plan in which nothing else does is no commit.
fn main_change(kind: &PlanKind, services: &[ServiceEntry]) -> Option<ServiceChange> {
    let entry_at = |index: usize| services.get(index);
    match kind {
        PlanKind::Application { service, replaces } => match replaces.and_then(entry_at) {
            Some(entry) if entry.service == **service => None,
            Some(entry) => Some(ServiceChange::Update(entry.id, service.clone())),
            None => Some(ServiceChange::Add(service.clone())),
        },
        PlanKind::Removal { service: _, index } => {
            entry_at(*index).map(|entry| ServiceChange::Remove(entry.id))
        }
    }
}

fn source_of(kind: &PlanKind) -> ChangeSource {
    let AppliedService { key, .. } = kind.service();
    let (provider, service) = (key.provider_id.clone(), key.service_id.clone());
    let (title, host) = (kind.service().title(), key.host.clone());
    match kind {
        PlanKind::Application { .. } => ChangeSource::ServiceConnected {
            provider,
            service,
            title,
            host,
        },
        PlanKind::Removal { .. } => ChangeSource::ServiceRemoved {
            provider,
            service,
            title,
            host,
        },
    }
}

/// The removal of all services that are meant, as one plan: each is planned on what the one before it leaves. Nothing
/// when none is meant.
pub(crate) fn plan_removals(
    (zone, services): (&Zone, &[ServiceEntry]),
    is_meant: &dyn Fn(&AppliedService) -> bool,
    base: Version,
) -> Result<Option<ZonePlan>, PlanError> {
    let mut zone = zone.clone();
    let mut left: Vec<ServiceEntry> = services.to_vec();
    let mut all: Option<ZonePlan> = None;
    while let Some(index) = left.iter().position(|entry| is_meant(&entry.service)) {
        let applied: Vec<AppliedService> = left.iter().map(|entry| entry.service.clone()).collect();
        let plan = plan_removal(&Removal {
            zone: &zone,
            services: &applied,
            special: &[],
            index,
        })?;
        zone = zone.apply(&plan.changes).map_err(PlanError::Zone)?;
        let next = to_zone_plan(&plan, &left, base);
        for change in &next.services {
            take_in(&mut left, change);
        }
        match &mut all {
            Some(all) => add(all, next),
            None => all = Some(next),
        }
    }
    Ok(all)
}

/// The services after one of them changed.
fn take_in(services: &mut Vec<ServiceEntry>, change: &ServiceChange) {
    match change {
        ServiceChange::Add(_) => {}
        ServiceChange::Update(id, service) => {
            let changed = services.iter_mut().find(|entry| entry.id == *id);
            if let Some(entry) = changed {
                entry.service.clone_from(service);
            }
        }
        ServiceChange::Remove(id) => services.retain(|entry| entry.id != *id),
    }
}

/// One plan after the other, as one. What becomes of a service last is what becomes of it.
fn add(all: &mut ZonePlan, next: ZonePlan) {
    for (_, change) in next.changes.iter() {
        all.changes
            .record(change.before.clone(), change.after.clone());
    }
    let id_of = |change: &ServiceChange| match change {
        ServiceChange::Add(_) => None,
        ServiceChange::Update(id, _) | ServiceChange::Remove(id) => Some(*id),
    };
    for change in next.services {
        let id = id_of(&change);
        all.services
            .retain(|earlier| id.is_none() || id_of(earlier) != id);
        all.services.push(change);
    }
}

/// Whether a commit was refused only because something else was committed first, so that the same wish
/// can be planned again.
pub(crate) fn is_overtaken(error: &CommitError) -> bool {
    match error {
        CommitError::Stale(_)
        | CommitError::ServiceConnected { .. }
        | CommitError::AccessChanged
        | CommitError::NoSuchService { .. }
        | CommitError::Refused(ApplyError::Stale { .. }) => true,
        CommitError::Refused(ApplyError::Rules { .. })
        | CommitError::Token(_)
        | CommitError::Grant(_)
        | CommitError::NotPermitted { .. }
        | CommitError::NoSuchZone { .. }
        | CommitError::ZoneExists { .. }
        | CommitError::NoSuchAccount { .. }
        | CommitError::Store(_) => false,
    }
}
