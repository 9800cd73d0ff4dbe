//! What SQLite does in its own way.

mod direct;
mod waiting;
mod writing;

use std::fs::{DirBuilder, OpenOptions};
use std::future::{Ready, ready};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, SqliteConnection, SqlitePool};

pub(crate) use self::waiting::Waiting;
pub(crate) use self::writing::{
    BEGIN, COMMIT, SqliteTx, WriteLine, WriteTransaction, WriteTurn, carry_out,
};
use super::{FileLock, SqlitePools, folder_of, give_to_owner_of_folder};
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
/// How many rows wait between the thread that reads the file and the task that uses them: few make the
/// two wait for each other.
const WAITING_ROWS: usize = 1_024;
/// Statements of one text but several numbers of rows make many texts.
const STATEMENT_CACHE: usize = 250;

pub(super) async fn open(path: &Path) -> Result<(SqlitePools, FileLock), OpenError> {
    let lock = make_files(path)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .statement_cache_capacity(STATEMENT_CACHE)
        .row_buffer_size(WAITING_ROWS)
        .pragma("wal_autocheckpoint", AUTOMATIC_CHECKPOINT_PAGES);
    let write = WriteLine::open(options.clone())
        .await
        .map_err(failed_to("open the database file"))?;
    // Connections to a file are not lost, so nothing is asked before each use.
    let read = SqlitePoolOptions::new()
        .max_connections(READERS)
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(is_clean(connection)))
        .connect_with(options.pragma("query_only", "1"))
        .await
        .map_err(failed_to("open the database file"))?;
    Ok((SqlitePools { read, write }, lock))
}

/// Makes the folder, the lock file and the database file, for this user's eyes only.
fn make_files(path: &Path) -> Result<FileLock, OpenError> {
    let lock = lock_folder(path)?;
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|file| give_to_owner_of_folder(&file, path));
    match made {
        Ok(()) => Ok(lock),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(lock),
        Err(cause) => Err(OpenError::File {
            doing: "make the database file",
            path: path.to_owned(),
            cause,
        }),
    }
}

/// Makes the folder of a database file, and keeps other servers away from it.
pub(crate) fn lock_folder(path: &Path) -> Result<FileLock, OpenError> {
    let folder = folder_of(path);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|cause| OpenError::File {
            doing: "make the folder",
            path: folder.to_owned(),
            cause,
        })?;
    FileLock::take(&folder.join(LOCK_NAME))
}

/// Whether a connection from the pool is outside any transaction; if not, it is closed.
///
/// When a transaction fails because the disk is broken, SQLite rolls it back by itself. The `ROLLBACK` of
/// sqlx 0.9.0 fails then, and sqlx takes the connection for one inside a transaction for ever after.
fn is_clean(connection: &mut SqliteConnection) -> Ready<sqlx::Result<bool>> {
    ready(Ok(!connection.is_in_transaction()))
}

/// Moves as much of the log into the file as readers allow, without making anyone wait.
pub(super) async fn checkpoint(pool: &SqlitePool) -> Result<(), StoreError> {
    sqlx::query("PRAGMA wal_checkpoint(PASSIVE)")
        .execute(pool)
        .await
        .map_err(failed_to("move the log into the database file"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn number(connection: &mut SqliteConnection, pragma: &'static str) -> i64 {
        let number = sqlx::query_scalar(pragma).fetch_one(connection).await;
        number.unwrap()
    }

    /// Asked of the connections themselves: a pragma that is set too late or misspelt is ignored
    /// without a word.
    #[tokio::test]
    async fn what_durability_depends_on_is_in_force_on_every_connection() {
        let folder = tempfile::tempdir().unwrap();
        let (pools, _lock) = open(&folder.path().join("easement.db")).await.unwrap();
        let mut writer = pools.write.take().await.unwrap();
        let mut readers = Vec::new();
        for _ in 0..READERS {
            readers.push(pools.read.acquire().await.unwrap());
        }
        let readers = readers.iter_mut().map(|reader| (1, &mut **reader));
        for (query_only, connection) in readers.chain([(0, &mut *writer)]) {
            let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
                .fetch_one(&mut *connection)
                .await
                .unwrap();
            assert_eq!(mode, "wal");
            for (pragma, expected) in [
                // 2 is FULL.
                ("PRAGMA synchronous", 2),
                ("PRAGMA foreign_keys", 1),
                ("PRAGMA busy_timeout", 10_000),
                ("PRAGMA wal_autocheckpoint", 20_000),
                ("PRAGMA query_only", query_only),
            ] {
                assert_eq!(number(connection, pragma).await, expected, "{pragma}");
            }
        }
    }
}
