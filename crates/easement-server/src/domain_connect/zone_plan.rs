//! From the plan of the library, which knows services by their place in a list, to the plan that is
//! committed, which knows them by their ids.

use domain_connect::{AppliedService, Plan, PlanKind};
use easement_core::{
    AppliedServiceId, ChangeSource, PlanBase, ServiceChange, ServiceEntry, Version, ZonePlan,
};
use easement_store::CommitError;
use easement_zone::ApplyError;

/// The plan to commit. `services` are those that the plan was made with, in their order.
pub(crate) fn to_zone_plan(plan: &Plan, services: &[ServiceEntry], base: Version) -> ZonePlan {
    let id_at = |index: usize| services.get(index).map(|entry| entry.id);
    let mut changes: Vec<ServiceChange> = Vec::new();
    changes.extend(main_change(&plan.kind, &id_at));
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

fn main_change(
    kind: &PlanKind,
    id_at: &dyn Fn(usize) -> Option<AppliedServiceId>,
) -> Option<ServiceChange> {
    match kind {
        PlanKind::Application { service, replaces } => Some(match replaces.and_then(id_at) {
            Some(id) => ServiceChange::Update(id, service.clone()),
            None => ServiceChange::Add(service.clone()),
        }),
        PlanKind::Removal { service: _, index } => id_at(*index).map(ServiceChange::Remove),
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
