//! One commit of a zone's history.

use askama::Template;

use super::plan::RecordGroup;
use super::shell::Shell;
use super::show::{ShownName, ShownTime};
use super::words::Words;

/// One commit: who changed what, with every record before and after.
#[derive(Clone, Debug, Template)]
#[template(path = "commit.html")]
pub struct CommitPage {
    /// What stands around it.
    pub shell: Shell,
    /// The zone.
    pub zone: ShownName,
    /// The address of the zone's page.
    pub zone_href: String,
    /// The version it made.
    pub version: u64,
    /// The serial number that the zone had then.
    pub serial: u32,
    /// When.
    pub at: ShownTime,
    /// What it was.
    pub what: Words,
    /// Who did it.
    pub who: String,
    /// Every record that it changed.
    pub groups: Vec<RecordGroup>,
    /// The commit before.
    pub previous: Option<String>,
    /// The commit after.
    pub next: Option<String>,
}

#[cfg(test)]
impl CommitPage {
    pub(crate) fn sample() -> Self {
        use super::samples::{mail_change, time_ago, zone};
        let zone = zone();
        Self {
            shell: Shell::sample().in_section(super::Section::Zones),
            zone: ShownName::new(zone.apex()),
            zone_href: super::paths::zone(zone.apex()),
            version: 41,
            serial: 2_026_112_101,
            at: time_ago(130),
            what: Words::default()
                .strong("Fernmail Business")
                .plain(" was connected"),
            who: "owner@example.test".to_owned(),
            groups: super::group_records(zone.apex(), &mail_change(&zone)),
            previous: Some("/zones/example.test/history/40".to_owned()),
            next: None,
        }
    }
}
