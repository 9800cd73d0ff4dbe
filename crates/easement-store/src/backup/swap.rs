//! Putting a new SQLite file in the place of another one, so that at every moment one of the two is there.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};

use super::RestoreError;

/// What the new file is called until it is whole.
const NEW: &str = ".restoring";
/// What the file before it is called afterwards.
const BEFORE: &str = ".before-restore";
/// The end of the name of SQLite's log, and of the index of that.
const LOG: &str = "-wal";
const LOG_INDEX: &str = "-shm";

/// Makes the empty new file, in place of what a stopped restore left.
pub(super) fn make_new(database: &Path) -> Result<PathBuf, RestoreError> {
    let path = with_ending(database, NEW);
    remove(&path)?;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .map_err(fail("make the file", &path))?;
    Ok(path)
}

/// Puts the new file in the place of the database. What was there is kept beside it, and its name is
/// given back.
pub(super) async fn put_in_place(
    new: &Path,
    database: &Path,
) -> Result<Option<PathBuf>, RestoreError> {
    File::open(new)
        .and_then(|file| file.sync_all())
        .map_err(fail("make durable", new))?;
    let before = set_aside(database).await?;
    fs::rename(new, database).map_err(fail("put in place", database))?;
    let folder = match database.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(fail("make durable", folder))?;
    Ok(before)
}

/// Gives the file in use a second name, with everything in it that its log holds: SQLite would take an old
/// log for one of the new file.
async fn set_aside(database: &Path) -> Result<Option<PathBuf>, RestoreError> {
    if !database.exists() {
        return Ok(None);
    }
    let before = with_ending(database, BEFORE);
    for ending in ["", LOG] {
        remove(&with_ending(&before, ending))?;
    }
    // A file that is too damaged to be opened keeps its log.
    let _ = move_log_into(database).await;
    fs::hard_link(database, &before).map_err(fail("keep the database as", &before))?;
    let log = with_ending(database, LOG);
    if log.exists() {
        let kept = with_ending(&before, LOG);
        fs::rename(&log, &kept).map_err(fail("keep the log of the database as", &kept))?;
    }
    remove(&with_ending(database, LOG_INDEX))?;
    Ok(Some(before))
}

async fn move_log_into(database: &Path) -> sqlx::Result<()> {
    let options = SqliteConnectOptions::new()
        .filename(database)
        .create_if_missing(false);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .execute(&mut connection)
        .await?;
    connection.close().await
}

/// Takes a file away that may not be there.
pub(super) fn remove(path: &Path) -> Result<(), RestoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(fail("remove", path)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

fn fail<'p>(
    doing: &'static str,
    path: &'p Path,
) -> impl FnOnce(io::Error) -> RestoreError + use<'p> {
    move |cause| RestoreError::File {
        doing,
        path: path.to_owned(),
        cause,
    }
}
