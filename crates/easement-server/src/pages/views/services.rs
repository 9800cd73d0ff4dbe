//! Connected services, and which records they hold.

use easement_core::{ServiceEntry, Timestamp};
use easement_zone::{Name, RecordData};

use super::paths;
use super::show::{ShownName, ShownTime, count, service_title};
use super::words::visible;

/// One connected service.
#[derive(Clone, Debug)]
pub struct ServiceRow {
    /// Its names.
    pub title: String,
    /// Where it was applied, when that is not the apex.
    pub host: Option<ShownName>,
    /// How many records it holds, and of which version of which template.
    pub detail: String,
    /// When it was connected.
    pub connected: ShownTime,
    /// The address of its removal.
    pub remove_href: String,
}

impl ServiceRow {
    /// Shows a connected service of the zone with this apex.
    pub fn new(apex: &Name, entry: &ServiceEntry, now: Timestamp) -> Self {
        let service = &entry.service;
        let host = &service.key.host;
        let held = service.records.len() + service.spf.len();
        let version = service
            .template_version
            .map_or_else(String::new, |version| {
                format!(", template version {version}")
            });
        Self {
            title: service_title(&service.title()),
            host: (!host.is_apex())
                .then(|| host.below(apex).ok())
                .flatten()
                .map(|name| ShownName::new(&name)),
            detail: format!("{}{version}", count(held as u64, "record")),
            connected: ShownTime::new(entry.connected_at, now),
            remove_href: paths::remove_service(apex, entry.id),
        }
    }

    pub(super) fn initial(&self) -> String {
        super::shell::initial(&self.title)
    }
}

/// The names of the services that hold a record: they wrote it, found it, or added to it.
pub fn holders_of(services: &[ServiceEntry], owner: &Name, data: &RecordData) -> Vec<String> {
    let is_policy = data
        .text()
        .is_some_and(|text| domain_connect::is_spf(&text));
    services
        .iter()
        .map(|entry| &entry.service)
        .filter(|service| {
            let holds = |record: &domain_connect::OwnedRecord| {
                record.record.owner == *owner && record.record.data == *data
            };
            service.records.iter().any(holds)
                || (is_policy && service.spf.iter().any(|added| added.owner == *owner))
        })
        .map(|service| visible(service.service_name.as_str()))
        .collect()
}
