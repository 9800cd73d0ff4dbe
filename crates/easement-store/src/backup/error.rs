//! Why something was not backed up or not restored.

use std::io;
use std::path::PathBuf;

use super::ArchiveError;
use crate::{OpenError, StoreError};

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is no database.
    #[error("there is no store at {}: start the server once, or check store.data_dir", path.display())]
    NoStore {
        /// Where it should be.
        path: PathBuf,
    },
    /// The database has no tables of this program.
    #[error("the database is empty: no Easement server has used it yet")]
    Empty,
    /// The database cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The backup cannot be written.
    #[error("the backup cannot be written: {0}")]
    Write(#[from] io::Error),
}

/// Why nothing was restored. The database is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The backup is not used.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The backup was made by a newer version of the program.
    #[error(
        "the backup has schema {found}, and this version of Easement knows schemas up to {known}: use \
         the version that made it, or a newer one"
    )]
    NewerSchema {
        /// The schema of the backup.
        found: i64,
        /// The newest schema that this program knows.
        known: i64,
    },
    /// The tables of the backup are not those that its schema has.
    #[error("the backup does not fit its schema {schema}: {reason}")]
    OtherTables {
        /// The schema.
        schema: i64,
        /// What differs.
        reason: String,
    },
    /// The database holds something already.
    #[error("the database is not empty: it holds {found}")]
    NotEmpty {
        /// What, in words.
        found: String,
    },
    /// Another program has a table of the name of one of this program's.
    #[error(
        "the database holds a table {table} that is not Easement's, and nothing was changed: restore into a \
         database of its own"
    )]
    Strange {
        /// The table.
        table: String,
    },
    /// Somebody reads the SQLite database, whose log cannot be moved into it meanwhile.
    #[error("another program reads {}, and nothing was changed", path.display())]
    InUse {
        /// The database.
        path: PathBuf,
    },
    /// The database was made by a newer version of the program, which may have more tables.
    #[error(
        "the PostgreSQL database has schema {found}, newer than this version of Easement knows ({known}): \
         make an empty database and restore into that"
    )]
    NewerDatabase {
        /// The schema of the database.
        found: i64,
        /// The newest schema that this program knows.
        known: i64,
    },
    /// The database cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database failed, or refused what the backup holds.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be made or put in its place.
    #[error("cannot {doing} {}: {cause}", path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// Which one.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: io::Error,
    },
}
