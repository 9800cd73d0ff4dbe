//! What limits the permit of an app that nobody registered.

use easement_zone::{Name, RecordData, RecordSet};
use namedrop::Permissions;

use crate::{ChangeSource, GrantApp, GrantRefused, ServiceChange, ZonePlan};

/// Which app calls, and what it may write.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct NamesLimit {
    pub(super) app: GrantApp,
    pub(super) permissions: Permissions,
}

impl NamesLimit {
    /// Whether a plan is of a call of the app, and touches no record that it may not write. Records that are as they
    /// were do not matter, but for their TTL.
    pub(super) fn allow(&self, plan: &ZonePlan, apex: &Name) -> Result<(), GrantRefused> {
        let is_its = matches!(&plan.source, ChangeSource::RecordCall { app } if *app == self.app);
        let keeps_services = plan.services.iter().all(|change| match change {
            ServiceChange::Update(..) => true,
            ServiceChange::Add(_) | ServiceChange::Remove(_) => false,
        });
        if !(is_its && keeps_services) {
            return Err(GrantRefused::NotACall);
        }
        for (key, change) in plan.changes.iter() {
            let (before, after) = (change.before.as_ref(), change.after.as_ref());
            let is_kept = |data: &RecordData| {
                let ttl_in = |set: Option<&RecordSet>| {
                    set.filter(|set| set.data().contains(data))
                        .map(RecordSet::ttl)
                };
                ttl_in(before) == ttl_in(after)
            };
            let sets = before.into_iter().chain(after);
            let mut touched = sets.flat_map(RecordSet::data).filter(|data| !is_kept(data));
            if touched.any(|data| !self.permissions.open(&key.owner, apex, data)) {
                return Err(GrantRefused::Record {
                    owner: key.owner.clone(),
                    rtype: key.rtype,
                });
            }
        }
        Ok(())
    }
}
