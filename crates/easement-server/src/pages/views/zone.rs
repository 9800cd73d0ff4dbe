//! One zone: its records, connected services and history.

use askama::Template;

use super::filters;
use super::history::CommitRow;
use super::records::{RecordList, RecordQuery};
use super::services::ServiceRow;
use super::shell::Shell;
use super::show::ShownName;
use super::words::Words;

/// One zone.
#[derive(Clone, Debug, Template)]
#[template(path = "zone.html")]
pub struct ZonePage {
    /// What stands around it.
    pub shell: Shell,
    /// Its apex.
    pub name: ShownName,
    /// The address of this page.
    pub href: String,
    /// The address of the page of hosts that devices update.
    pub hosts_href: String,
    /// The address of the page of people with a role, for owners.
    pub people_href: Option<String>,
    /// Its facts in short, such as "Version 41", "serial 2026112101".
    pub facts: Vec<String>,
    /// Something that just happened.
    pub notice: Option<Notice>,
    /// Whether the person may change the zone.
    pub access: ZoneAccess,
    /// What is looked for.
    pub query: RecordQuery,
    /// The records found.
    pub records: RecordList,
    /// The connected services.
    pub services: Vec<ServiceRow>,
    /// The newest commits, the newest first.
    pub history: Vec<CommitRow>,
    /// The address of the commits before those.
    pub older: Option<String>,
}

/// Whether the person may change the zone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ZoneAccess {
    /// They may.
    Change,
    /// They may only look.
    View,
}

/// Something that just happened, on the page one lands on.
#[derive(Clone, Debug)]
pub struct Notice {
    /// What happened.
    pub words: Words,
}

/// One record of the zone.
#[derive(Clone, Debug)]
pub struct ZoneRecordRow {
    /// Its name.
    pub name: ShownName,
    /// Its type.
    pub rtype: String,
    /// Its data.
    pub value: String,
    /// Its TTL in words.
    pub ttl: String,
    /// The names of the services that hold it.
    pub from: Vec<String>,
}

impl ZonePage {
    /// The types that can be picked to search for; any other is typed into the address.
    fn types(&self) -> Vec<(&'static str, bool)> {
        const TYPES: [&str; 12] = [
            "A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NS", "PTR", "SRV", "TLSA", "TXT",
        ];
        TYPES
            .into_iter()
            .map(|rtype| {
                let is_picked = self
                    .query
                    .rtype
                    .is_some_and(|picked| picked.to_string() == rtype);
                (rtype, is_picked)
            })
            .collect()
    }

    fn may_change(&self) -> bool {
        self.access == ZoneAccess::Change
    }

    fn first_href(&self) -> Option<String> {
        let is_later = self.records.is_later;
        is_later.then(|| format!("{}{}", self.href, self.query.from_place(None)))
    }

    fn next_href(&self) -> Option<String> {
        let next = self.records.next.as_ref()?;
        Some(format!(
            "{}{}",
            self.href,
            self.query.from_place(Some(next))
        ))
    }
}

#[cfg(test)]
impl ZonePage {
    pub(crate) fn sample() -> Self {
        use super::samples::{commits, services, zone};
        let zone = zone();
        let services_held = super::samples::service_entries();
        let holder = |owner: &easement_zone::Name, data: &easement_zone::RecordData| {
            super::holders_of(&services_held, owner, data)
        };
        let query = RecordQuery::default();
        Self {
            shell: Shell::sample().in_section(super::Section::Zones),
            name: ShownName::new(zone.apex()),
            href: super::paths::zone(zone.apex()),
            hosts_href: super::paths::hosts(zone.apex()),
            people_href: Some(super::paths::people(zone.apex())),
            facts: vec![
                "Version 41".to_owned(),
                "serial 2026112101".to_owned(),
                "you are an owner".to_owned(),
            ],
            notice: None,
            access: ZoneAccess::Change,
            records: super::list_records(&zone, &query, &holder),
            query,
            services: services(),
            history: commits(),
            older: Some("/zones/example.test?before=38".to_owned()),
        }
    }

    pub(crate) fn sample_nothing_found() -> Self {
        let query = RecordQuery {
            text: "nowhere".to_owned(),
            rtype: Some(easement_zone::RecordType::MX),
            from: None,
        };
        Self {
            notice: Some(Notice {
                words: Words::new("You removed ")
                    .strong("Harbour Sites")
                    .plain(". 2 records went with it."),
            }),
            access: ZoneAccess::View,
            people_href: None,
            records: super::list_records(&super::samples::zone(), &query, &|_, _| Vec::new()),
            query,
            services: Vec::new(),
            history: Vec::new(),
            older: None,
            ..Self::sample()
        }
    }
}
