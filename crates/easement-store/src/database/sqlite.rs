//! What SQLite does in its own way.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool, Transaction};

use super::{Lock, SqlitePools};
use crate::error::failed_to;
use crate::{OpenError, StoreError};

/// The name of the lock file in the folder of the database.
const LOCK_NAME: &str = "lock";
/// How long a writer waits for another process, such as a backup, to let go of the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// A commit moves the log into the file itself only when it has grown to so many pages, because that
/// makes the commit slow. Usually the task that folds does it before ([`checkpoint`]).
const AUTOMATIC_CHECKPOINT_PAGES: &str = "20000";
const READERS: u32 = 8;
/// Statements of one text but several numbers of rows make many texts.
const STATEMENT_CACHE: usize = 250;

pub(super) async fn open(path: &Path) -> Result<(SqlitePools, Lock), OpenError> {
    let lock = make_files(path)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .statement_cache_capacity(STATEMENT_CACHE)
        .pragma("wal_autocheckpoint", AUTOMATIC_CHECKPOINT_PAGES);
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options.clone())
        .await
        .map_err(failed_to("open the database file"))?;
    let read = SqlitePoolOptions::new()
        .max_connections(READERS)
        .connect_with(options.pragma("query_only", "1"))
        .await
        .map_err(failed_to("open the database file"))?;
    Ok((SqlitePools { read, write }, lock))
}

/// Makes the folder, the lock file and the database file, for this user's eyes only.
fn make_files(path: &Path) -> Result<Lock, OpenError> {
    let fail = |doing, path: &Path, cause| OpenError::File {
        doing,
        path: path.to_owned(),
        cause,
    };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|cause| fail("make the folder", folder, cause))?;
    let lock = Lock::take_file(&folder.join(LOCK_NAME))?;
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    match made {
        Ok(_) => Ok(lock),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(lock),
        Err(cause) => Err(fail("make the database file", path, cause)),
    }
}

/// A transaction that begins as a writer: one that became a writer later could find that another one
/// was faster, and fail at once.
pub(super) async fn begin(pool: &SqlitePool) -> sqlx::Result<Transaction<'static, Sqlite>> {
    pool.begin_with("BEGIN IMMEDIATE").await
}

/// Moves as much of the log into the file as readers allow, without making anyone wait.
pub(super) async fn checkpoint(pool: &SqlitePool) -> Result<(), StoreError> {
    sqlx::query("PRAGMA wal_checkpoint(PASSIVE)")
        .execute(pool)
        .await
        .map_err(failed_to("move the log into the database file"))?;
    Ok(())
}
