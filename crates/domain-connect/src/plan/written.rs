//! What the service that is applied will own.

use easement_zone::Record;

use super::Application;
use super::ledger::is_same;
use crate::{
    AppliedGroups, AppliedService, OwnedRecord, OwnedSpecial, RecordOrigin, ServiceKey,
    SpfContribution,
};

/// What the service will own.
#[derive(Default)]
pub(super) struct Written {
    pub(super) records: Vec<OwnedRecord>,
    pub(super) spf: Vec<SpfContribution>,
    pub(super) special: Vec<OwnedSpecial>,
}

impl Written {
    /// Where a record that this application wrote itself comes from.
    pub(super) fn origin(&self, record: &Record) -> Option<RecordOrigin> {
        let mut records = self.records.iter();
        let earlier = records.find(|owned| is_same(&owned.record, record))?;
        Some(earlier.origin)
    }

    pub(super) fn into_service(
        self,
        application: &Application<'_>,
        earlier: Option<&AppliedService>,
    ) -> AppliedService {
        let template = application.template;
        let kept = |service: Option<&AppliedService>| service.cloned();
        let earlier = kept(earlier);
        let groups = applied_groups(application, earlier.as_ref());
        let (mut records, mut spf, mut special) = earlier
            .map_or_else(Default::default, |earlier| {
                (earlier.records, earlier.spf, earlier.special)
            });
        records.extend(self.records);
        spf.extend(self.spf);
        special.extend(self.special);
        AppliedService {
            key: ServiceKey {
                provider_id: template.provider_id().clone(),
                service_id: template.service_id().clone(),
                host: application.host.clone(),
                instance: template
                    .is_multi_instance()
                    .then(|| application.instance.cloned())
                    .flatten(),
            },
            provider_name: template.provider_name().clone(),
            service_name: template.service_name().clone(),
            template_version: template.version(),
            template_checksum: template.checksum(),
            groups,
            records,
            spf,
            special,
        }
    }
}

/// The groups that are applied afterwards: those that were, and those that are asked for.
fn applied_groups(
    application: &Application<'_>,
    earlier: Option<&AppliedService>,
) -> AppliedGroups {
    if application.groups.is_empty() {
        return AppliedGroups::All;
    }
    match earlier.map(|service| &service.groups) {
        Some(AppliedGroups::All) => AppliedGroups::All,
        Some(AppliedGroups::Some(before)) => {
            AppliedGroups::Some(before.union(application.groups).cloned().collect())
        }
        None => AppliedGroups::Some(application.groups.clone()),
    }
}
