//! What can be wrong, and what to do about it.

use std::fmt;

use easement_core::{AppliedServiceId, ChangeSize, Version};
use easement_zone::{Name, RecordType, Serial};

use crate::Corrupt;

/// What is wrong.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Problem {
    /// The database itself says that it is damaged.
    #[error("the database is damaged: {said}")]
    Damaged {
        /// What it said.
        said: String,
    },
    /// The database cannot read something.
    #[error("the database cannot read what it holds: {said}")]
    Unreadable {
        /// What it said.
        said: String,
    },
    /// The zones cannot be loaded, so a server would not start.
    #[error("a server cannot load the zones: {said}")]
    NotLoadable {
        /// Why not.
        said: String,
    },
    /// Rows that belong to something that is not there.
    #[error("{count} rows of the table {table} belong to rows of {parent} that are not there")]
    Orphans {
        /// The table.
        table: String,
        /// Where the other row is missing.
        parent: String,
        /// How many.
        count: i64,
    },
    /// A row that no value stands for.
    #[error(transparent)]
    Row(#[from] Corrupt),
    /// An id of a commit is missing.
    #[error("the journal has no commit with the id {missing}, and later ones")]
    MissingCommit {
        /// The id.
        missing: i64,
    },
    /// The fold position is after the end of the journal.
    #[error("the fold position is commit {position}, and the journal ends with commit {last}")]
    FoldPosition {
        /// The id of the commit up to which records are folded.
        position: i64,
        /// The id of the last commit.
        last: i64,
    },
    /// There is not one fold position.
    #[error("the table fold_position has {count} rows and not one")]
    FoldPositions {
        /// How many there are.
        count: i64,
    },
    /// A zone without history.
    #[error("the zone has no commit that made it")]
    NoCommit,
    /// The key of a zone is not its name in lower case.
    #[error("the zone is stored under the name {apex}")]
    Apex {
        /// The key.
        apex: String,
    },
    /// A version of a zone is missing.
    #[error("version {found} follows version {after}")]
    MissingVersion {
        /// The version before the gap.
        after: Version,
        /// The version that follows.
        found: Version,
    },
    /// A later version has an earlier commit.
    #[error("commit {id} made this version, and the version before was made by commit {before}")]
    CommitOrder {
        /// The id of the commit.
        id: i64,
        /// The id of the one before.
        before: i64,
    },
    /// The serial number went back, or did not move.
    #[error(
        "the records changed and the serial number went from {before} to {serial}, which secondaries \
         do not take for newer"
    )]
    SerialBack {
        /// The serial number before.
        before: Serial,
        /// The serial number of the version.
        serial: Serial,
    },
    /// The serial number moved, though no record did.
    #[error("no record changed, and the serial number went from {before} to {serial}")]
    SerialMoved {
        /// The serial number before.
        before: Serial,
        /// The serial number of the version.
        serial: Serial,
    },
    /// The counts kept with a commit are wrong.
    #[error(
        "the commit says that it changed {}, and its changes are {}",
        size(stored),
        size(counted)
    )]
    Size {
        /// What is kept.
        stored: ChangeSize,
        /// What the changes amount to.
        counted: ChangeSize,
    },
    /// A change of a commit is missing.
    #[error("the commit has a change at position {found} in place of {expected}")]
    MissingChange {
        /// The position that is next.
        expected: i64,
        /// The position that was found.
        found: i64,
    },
    /// A change does not stand on the version before.
    #[error("the {rtype} records of {} before the change are not those of the version before", owner.to_text())]
    Before {
        /// The name.
        owner: Name,
        /// The type.
        rtype: RecordType,
    },
    /// Where a zone was folded to is noted wrongly.
    #[error(
        "the zone is noted as folded to version {version} with serial {serial}, and the fold position \
         stands at version {expected_version} with serial {expected_serial}"
    )]
    FoldedTo {
        /// The version that is noted.
        version: i64,
        /// The serial number that is noted.
        serial: i64,
        /// The version that the fold position stands at.
        expected_version: i64,
        /// Its serial number.
        expected_serial: i64,
    },
    /// Folded records are not those of the journal.
    #[error("the folded {rtype} records of {} {disagreement}", owner.to_text())]
    Folded {
        /// The name.
        owner: Name,
        /// The type.
        rtype: RecordType,
        /// In which way.
        disagreement: Disagreement,
    },
    /// The served zone is missing.
    #[error("the server does not answer for the zone")]
    NotServed,
    /// A zone is served that is not stored.
    #[error("the server answers for the zone, which is not stored")]
    ServedOnly,
    /// The served version is not the stored one.
    #[error("the server answers with version {served}, and version {stored} is stored")]
    ServedVersion {
        /// What is in memory.
        served: Version,
        /// What is in the database.
        stored: Version,
    },
    /// The served serial number is not the stored one.
    #[error("the server answers with the serial number {served}, and {stored} is stored")]
    ServedSerial {
        /// What is in memory.
        served: Serial,
        /// What is in the database.
        stored: Serial,
    },
    /// The announcement of Domain Connect is not as it is set.
    #[error(
        "the server announces Domain Connect for the zone, or does not, against what is stored"
    )]
    ServedDiscovery,
    /// The served records are not the stored ones.
    #[error("the {rtype} records of {} that the server answers with {disagreement}", owner.to_text())]
    ServedRecords {
        /// The name.
        owner: Name,
        /// The type.
        rtype: RecordType,
        /// In which way.
        disagreement: Disagreement,
    },
    /// A service is found by other words than it consists of.
    #[error(
        "the service {service} is stored under other ids, or another host, than its document has"
    )]
    ServiceKey {
        /// The service.
        service: AppliedServiceId,
    },
    /// A record that a service needs is not in the zone.
    #[error("the service {service} needs {rtype} records of {} that the zone does not have", owner.to_text())]
    ServiceRecord {
        /// The service.
        service: AppliedServiceId,
        /// The name.
        owner: Name,
        /// The type.
        rtype: RecordType,
    },
}

/// How two copies of a record set disagree; the one with the history is right.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Disagreement {
    /// It is not there.
    #[error("are missing")]
    Missing,
    /// It should not be there.
    #[error("are not in the history")]
    Extra,
    /// It is another.
    #[error("differ from those of the history")]
    Differs,
}

fn size(size: &ChangeSize) -> String {
    let ChangeSize {
        sets,
        added,
        removed,
    } = size;
    format!("{sets} record sets, {added} records added and {removed} removed")
}

impl Problem {
    /// A short word for programs. It stays the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Damaged { .. } => "database-damaged",
            Self::Unreadable { .. } => "database-unreadable",
            Self::NotLoadable { .. } => "zones-not-loadable",
            Self::Orphans { .. } => "orphan-rows",
            Self::Row(_) => "row-senseless",
            Self::MissingCommit { .. } => "commit-missing",
            Self::FoldPosition { .. } | Self::FoldPositions { .. } => "fold-position-wrong",
            Self::NoCommit => "history-missing",
            Self::Apex { .. } => "apex-wrong",
            Self::MissingVersion { .. } => "version-missing",
            Self::CommitOrder { .. } => "commit-order",
            Self::SerialBack { .. } => "serial-back",
            Self::SerialMoved { .. } => "serial-moved",
            Self::Size { .. } => "size-wrong",
            Self::MissingChange { .. } => "change-missing",
            Self::Before { .. } => "before-wrong",
            Self::FoldedTo { .. } => "folded-version-wrong",
            Self::Folded { .. } => "folded-records-wrong",
            Self::NotServed => "zone-not-served",
            Self::ServedOnly => "zone-not-stored",
            Self::ServedVersion { .. } => "served-version-wrong",
            Self::ServedSerial { .. } => "served-serial-wrong",
            Self::ServedDiscovery => "served-discovery-wrong",
            Self::ServedRecords { .. } => "served-records-wrong",
            Self::ServiceKey { .. } => "service-key-wrong",
            Self::ServiceRecord { .. } => "service-record-missing",
        }
    }

    /// What to do.
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::Damaged { .. } | Self::Unreadable { .. } => Remedy::CheckDisk,
            Self::NotLoadable { .. }
            | Self::Orphans { .. }
            | Self::Row(_)
            | Self::MissingCommit { .. }
            | Self::FoldPosition { .. }
            | Self::FoldPositions { .. }
            | Self::NoCommit
            | Self::Apex { .. }
            | Self::MissingVersion { .. }
            | Self::CommitOrder { .. }
            | Self::SerialBack { .. }
            | Self::SerialMoved { .. }
            | Self::Size { .. }
            | Self::MissingChange { .. }
            | Self::Before { .. }
            | Self::FoldedTo { .. }
            | Self::Folded { .. }
            | Self::ServiceKey { .. }
            | Self::ServiceRecord { .. } => Remedy::Restore,
            Self::NotServed
            | Self::ServedOnly
            | Self::ServedVersion { .. }
            | Self::ServedSerial { .. }
            | Self::ServedDiscovery
            | Self::ServedRecords { .. } => Remedy::Restart,
        }
    }
}

/// What to do about a finding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Remedy {
    /// The disk or the file system may be failing.
    CheckDisk,
    /// What is stored was changed or damaged from outside.
    Restore,
    /// What is stored is right, and memory is not.
    Restart,
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CheckDisk => {
                "stop the server, look at the disk and at the log of the system, and restore the newest \
                 backup that verifies without findings"
            }
            Self::Restore => {
                "something other than the server changed or damaged the database: restore the newest \
                 backup that verifies without findings"
            }
            Self::Restart => {
                "restart the server, which reads its zones from the database anew, and report this"
            }
        })
    }
}
