//! One commit of a zone's history.

use askama::Template;
use easement_core::{CommitEntry, Timestamp, Version};
use easement_zone::{ChangeSet, Name};

use super::filters;
use super::history::{describe_source, who};
use super::paths;
use super::plan::{RecordGroup, group_records};
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
    /// The records that it changed.
    pub groups: Vec<RecordGroup>,
    /// Says that there are more, when there are.
    pub more: Option<String>,
    /// The commit before.
    pub previous: Option<String>,
    /// The commit after.
    pub next: Option<String>,
}

/// The commits before and after one.
#[derive(Clone, Copy, Debug, Default)]
pub struct CommitNeighbours {
    /// The one before.
    pub previous: Option<Version>,
    /// The one after.
    pub next: Option<Version>,
}

impl CommitPage {
    /// Shows a commit of the zone with this apex.
    pub fn new(
        shell: Shell,
        apex: &Name,
        (commit, changes): (&CommitEntry, &ChangeSet),
        neighbours: CommitNeighbours,
        now: Timestamp,
    ) -> Self {
        let href = |version: Version| paths::commit(apex, version);
        Self {
            shell,
            zone: ShownName::new(apex),
            zone_href: paths::zone(apex),
            version: commit.version.0,
            serial: commit.serial,
            at: ShownTime::new(commit.at, now),
            what: describe_source(&commit.source),
            who: who(commit),
            groups: group_records(apex, changes),
            more: more(commit.size.sets, changes.len() as u64),
            previous: neighbours.previous.map(href),
            next: neighbours.next.map(href),
        }
    }
}

fn more(all: u64, shown: u64) -> Option<String> {
    (shown < all).then(|| format!("The first {shown} of {all} record sets are shown."))
}

#[cfg(test)]
impl CommitPage {
    pub(crate) fn sample() -> Self {
        let commits = super::samples::commit_entries();
        let changes = super::samples::mail_change(&super::samples::zone());
        let shell = Shell::sample().in_section(super::Section::Zones);
        let neighbours = CommitNeighbours {
            previous: Some(Version(40)),
            next: None,
        };
        let apex = super::samples::name("example.test");
        Self::new(
            shell,
            &apex,
            (&commits[0], &changes),
            neighbours,
            super::samples::moment_ago(0),
        )
    }
}
