//! A zone that another node changed: what this node serves, with the commits laid over it.

use easement_core::{Version, ZoneId};
use easement_zone::{ChangeSet, Name, Serial, Zone, ZoneBuilder};

use crate::database::row;
use crate::load::LoadedZone;
use crate::rows::At;
use crate::{DomainConnect, Serving, StoreError};

/// A zone that is not what is served any more.
pub(super) struct FollowedZone {
    id: ZoneId,
    apex: Name,
    domain_connect: DomainConnect,
    commits: Vec<FollowedCommit>,
}

/// What one commit made of it.
struct FollowedCommit {
    version: Version,
    serial: Serial,
    changes: ChangeSet,
}

impl FollowedZone {
    /// The zone of a commit, without that commit.
    pub(super) fn of(row: &CommitRow) -> Result<Self, StoreError> {
        SwitchRow {
            zone_id: row.zone_id,
            spelling: row.spelling.clone(),
            domain_connect: row.domain_connect,
        }
        .try_into()
    }

    /// Adds the commit after those that were added.
    pub(super) fn add(&mut self, row: &CommitRow, changes: ChangeSet) -> Result<(), StoreError> {
        let at = At {
            table: "zone_commit",
            id: row.id,
        };
        self.commits.push(FollowedCommit {
            version: Version(at.number("version", row.version)?),
            serial: Serial::new(at.number("serial", row.serial)?),
            changes,
        });
        Ok(())
    }

    pub(super) fn id(&self) -> ZoneId {
        self.id
    }

    /// What is to be served; nothing when the zone has to be read as a whole, because something does
    /// not fit.
    pub(super) fn next(self, serving: &Serving) -> Option<LoadedZone> {
        let mut commits = self.commits.into_iter().peekable();
        let mut zone = match serving.hosted.get(&self.apex) {
            Some(hosted) => LoadedZone::from_snapshot(self.id, &hosted.snapshot()),
            None => LoadedZone {
                id: self.id,
                contents: first_contents(self.apex, commits.peek()?)?,
                version: Version::default().next(),
                domain_connect: self.domain_connect,
            },
        };
        zone.domain_connect = self.domain_connect;
        for commit in commits {
            // What this node committed or read meanwhile is there already.
            if commit.version > zone.version {
                zone = commit.laid_over(zone)?;
            }
        }
        Some(zone)
    }
}

impl FollowedCommit {
    fn laid_over(self, zone: LoadedZone) -> Option<LoadedZone> {
        if self.version != zone.version.next() {
            return None;
        }
        // A commit of services alone leaves the records, and so the serial number, as they are.
        let contents = if self.changes.is_empty() {
            zone.contents
        } else {
            zone.contents.apply(&self.changes).ok()?
        };
        (contents.serial() == self.serial).then_some(LoadedZone {
            contents,
            version: self.version,
            ..zone
        })
    }
}

/// What a zone that is new held at first.
fn first_contents(apex: Name, commit: &FollowedCommit) -> Option<Zone> {
    if commit.version != Version::default().next() {
        return None;
    }
    let mut builder = ZoneBuilder::new(apex);
    for (_, change) in commit.changes.iter() {
        builder.insert(change.after.clone()?).ok()?;
    }
    let contents = builder.finish().ok()?;
    (contents.serial() == commit.serial).then_some(contents)
}

//------------ Rows ------------------------------------------------------------------------------

row! {
    /// A commit, and the zone that it is about as it is now.
    pub(super) struct CommitRow {
        id: i64,
        zone_id: i64,
        version: i64,
        serial: i64,
        committed_at: i64,
        sets_changed: i64,
        spelling: String,
        domain_connect: bool,
    }
}

row! {
    /// A zone for which Domain Connect was switched, as it is now.
    pub(super) struct SwitchRow {
        zone_id: i64,
        spelling: String,
        domain_connect: bool,
    }
}

impl TryFrom<SwitchRow> for FollowedZone {
    type Error = StoreError;

    fn try_from(row: SwitchRow) -> Result<Self, StoreError> {
        let at = At {
            table: "zone",
            id: row.zone_id,
        };
        Ok(Self {
            id: ZoneId::new(row.zone_id),
            apex: at.text("spelling", &row.spelling)?,
            domain_connect: row.domain_connect.into(),
            commits: Vec::new(),
        })
    }
}
