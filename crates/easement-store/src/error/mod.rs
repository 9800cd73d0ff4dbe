//! What goes wrong with a database.

mod outage;

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

/// Why the store did not do something. What was asked for did not happen, unless the message says
/// that this is unknown.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, is full or is busy: the same may work later.
    #[error(
        "the database is not available (while trying to {doing}): {}",
        outage::remedy(cause)
    )]
    Unavailable {
        /// What the store was doing.
        doing: &'static str,
        /// What the database said.
        #[source]
        cause: Cause,
    },
    /// The database refused something that it should not refuse.
    #[error("the database failed to {doing}")]
    Failed {
        /// What the store was doing.
        doing: &'static str,
        /// What the database said.
        #[source]
        cause: Cause,
    },
    /// What is stored makes no sense.
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
    /// The store is shutting down.
    #[error("the store is shutting down: ask again when the server is back")]
    Stopped,
}

/// An error of the database, without its type.
pub(crate) type Cause = Arc<dyn Error + Send + Sync>;

impl StoreError {
    /// Whether the same may work later without anyone mending data or code.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::Stopped => true,
            Self::Failed { .. } | Self::Corrupt(_) => false,
        }
    }
}

/// A stored row that no value stands for.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "the row {id} of the table {table} makes no sense: {reason} (column {column}). The database was \
     changed by something other than this server, or was damaged: restore a backup"
)]
pub struct Corrupt {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row, by its key.
    pub id: String,
    /// What is wrong with it.
    pub reason: String,
}

/// The database was lost before it said whether a change is durable.
#[derive(Debug, thiserror::Error)]
#[error("the change may have been made, or not")]
struct InDoubt(#[source] Box<dyn Error + Send + Sync>);

/// The error of a change that may have been made.
pub(crate) fn in_doubt(cause: impl Error + Send + Sync + 'static) -> StoreError {
    StoreError::Unavailable {
        doing: "make a change durable",
        cause: Arc::new(InDoubt(Box::new(cause))),
    }
}

/// Turns what the database says into an error that says what the store was doing.
pub(crate) fn failed_to(doing: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
    move |error| {
        let is_passing = outage::is_passing(&error);
        let cause: Cause = Arc::new(error);
        if is_passing {
            StoreError::Unavailable { doing, cause }
        } else {
            StoreError::Failed { doing, cause }
        }
    }
}

//------------ OpenError -------------------------------------------------------------------------

/// Why a store was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error(
        "the store is in use by another process ({holder}), which holds {}: stop that server, or run \
         the command while it runs and it will do the work", path.display()
    )]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// What the lock file says about its holder.
        holder: String,
    },
    /// The database on the PostgreSQL server is wanted alone by one process, and used by another.
    #[error(
        "the PostgreSQL database is in use: a restore needs all servers to be stopped, and a server needs \
         restores to have ended and servers of versions that share their database with nobody to be stopped"
    )]
    LockedDatabase,
    /// A file or folder cannot be made or used.
    #[error("cannot {doing} {}: {cause}", path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// Which one.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: std::io::Error,
    },
    /// The URL of the database cannot be read. It is not shown, because it may hold a password.
    #[error(
        "the database URL is not valid: write it as postgres://user:password@host:5432/database"
    )]
    Url(#[source] Cause),
    /// The database was made by a newer version of this program.
    #[error(
        "the database has schema {found}, and this version of Easement knows schemas up to {known}: \
         run the newer version, or restore a backup from before the upgrade"
    )]
    NewerSchema {
        /// The number of the newest migration that the database has had.
        found: i64,
        /// The number of the newest migration that this program knows.
        known: i64,
    },
    /// A migration that the database has had is not the one that this program has.
    #[error(
        "migration {number} of the database differs from the one of this version of Easement: run \
         the version that made the database"
    )]
    OtherSchema {
        /// The number of the migration.
        number: i64,
    },
    /// A migration failed.
    #[error("the tables of the database could not be brought up to date")]
    Migration(#[source] Cause),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
