//! Backups of the store of a configuration, for the command line.
//!
//! A backup is read beside the running server, which neither does the work nor waits for it: the database
//! gives everybody who reads one state of everything. So it also works when the server hangs, and before
//! an upgrade. A restore needs a server that was stopped.

use std::io::{Read, Write};
use std::path::Path;

use easement_core::Clock as _;
use easement_store::OpenError;
use easement_store::backup::{self, ArchiveError, BackupError, RestoreError};
pub use easement_store::backup::{BackupSummary, Existing, Progress, Restored};

use crate::admin::{AdminFailure, FailureKind};
use crate::app::store_config;
use crate::config::Config;
use easement_outbound::SystemClock;

/// Writes everything that the store holds, and gives back what it was written to.
pub async fn back_up<W: Write>(
    config: &Config,
    out: W,
    progress: Progress<'_>,
) -> Result<(W, BackupSummary), AdminFailure> {
    let now = SystemClock.now();
    Ok(backup::back_up(&store_config(config), now, out, progress).await?)
}

/// Reads a backup to its end, and says what it holds when it is whole.
pub fn verify(file: impl Read, progress: Progress<'_>) -> Result<BackupSummary, AdminFailure> {
    Ok(backup::verify(file, progress)?)
}

/// Fills the store from a backup, as a whole or not at all.
pub async fn restore(
    config: &Config,
    file: &Path,
    existing: Existing,
    progress: Progress<'_>,
) -> Result<Restored, AdminFailure> {
    Ok(backup::restore(&store_config(config), file, existing, progress).await?)
}

//------------ Failures --------------------------------------------------------------------------

impl From<BackupError> for AdminFailure {
    fn from(error: BackupError) -> Self {
        let kind = match error {
            BackupError::NoStore { .. } | BackupError::Empty => FailureKind::NotFound,
            BackupError::Store(error) => return error.into(),
            BackupError::Open(_) | BackupError::Write(_) => FailureKind::Internal,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<ArchiveError> for AdminFailure {
    fn from(error: ArchiveError) -> Self {
        let kind = match error {
            ArchiveError::Unreadable(_) => FailureKind::Internal,
            ArchiveError::Foreign
            | ArchiveError::OtherFormat { .. }
            | ArchiveError::CutOff
            | ArchiveError::Changed
            | ArchiveError::Nonsense { .. } => FailureKind::Invalid,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<RestoreError> for AdminFailure {
    fn from(error: RestoreError) -> Self {
        match error {
            RestoreError::Archive(error) => error.into(),
            RestoreError::Store(error) => error.into(),
            RestoreError::NotEmpty { .. } => {
                Self::new(FailureKind::Conflict, error.to_string()).with_hint(
                    "--replace puts what the backup holds in the place of ALL of it: every zone, account \
                     and service that is there now, also what was changed after the backup",
                )
            }
            RestoreError::Open(OpenError::Locked { .. } | OpenError::LockedDatabase) => {
                let message = "a server is running on this store";
                Self::new(FailureKind::Conflict, message)
                    .with_hint("stop it first: a restore changes everything that it has in memory")
            }
            RestoreError::Strange { .. } => Self::new(FailureKind::Conflict, error.to_string())
                .with_hint(
                    "make an empty database, and name it in the section `store` of the configuration",
                ),
            RestoreError::InUse { .. } => Self::new(FailureKind::Conflict, error.to_string())
                .with_hint("wait until a backup that is being made has ended, or end the program"),
            RestoreError::NewerSchema { .. } | RestoreError::OtherTables { .. } => {
                Self::new(FailureKind::Invalid, error.to_string())
            }
            RestoreError::NewerDatabase { .. }
            | RestoreError::Open(_)
            | RestoreError::File { .. } => Self::new(FailureKind::Internal, error.to_string()),
        }
    }
}
