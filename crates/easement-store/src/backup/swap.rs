//! Putting a new SQLite file in the place of another one, so that at every moment one of the two is there.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};

use super::RestoreError;
use super::keep::{self, keep_as, make_file, with_ending};
use crate::database::folder_of;
use crate::error::failed_to;

/// What the new file is called until it is whole.
const NEW: &str = ".restoring";
/// What the file before it is called afterwards; more than one are numbered.
const BEFORE: &str = ".before-restore";
/// The ends of the names of SQLite's logs. It would take those of an old file for those of the new one.
const LOGS: [&str; 2] = ["-wal", "-journal"];
/// The index of a log, of which it is made again.
const LOG_INDEX: &str = "-shm";

/// Makes the empty new file, in place of what a stopped restore left.
pub(super) fn make_new(database: &Path) -> Result<PathBuf, RestoreError> {
    let path = with_ending(database, NEW);
    remove(&path)?;
    make_file(&path).map_err(fail("make the file", &path))?;
    Ok(path)
}

/// Puts the new file in the place of the database. What was there is kept beside it, and its name is
/// given back. `step` hears of every step that was made.
pub(super) async fn put_in_place(
    new: &Path,
    database: &Path,
    step: &mut (dyn FnMut() + Send),
) -> Result<Option<PathBuf>, RestoreError> {
    File::open(new)
        .and_then(|file| file.sync_all())
        .map_err(fail("make durable", new))?;
    if database.metadata().is_ok_and(|found| found.len() > 0) {
        move_log_into(database).await?;
    }
    step();
    let before = set_aside(database, step)?;
    fs::rename(new, database).map_err(fail("put in place", database))?;
    step();
    sync_folder(database)?;
    step();
    Ok(before)
}

/// Gives what is there a second name, with the logs that it could not take in. It is whole under its own
/// name until the new file comes, unless it is too damaged to be opened.
fn set_aside(
    database: &Path,
    step: &mut (dyn FnMut() + Send),
) -> Result<Option<PathBuf>, RestoreError> {
    let logs = LOGS.map(|ending| (ending, with_ending(database, ending)));
    let logs: Vec<_> = logs.iter().filter(|(_, log)| is_there(log)).collect();
    let has_file = is_there(database);
    if !has_file && logs.is_empty() {
        return Ok(None);
    }
    let before = free_name(database, !logs.is_empty());
    if has_file && !is_same(database, &before) {
        keep_as(database, &before).map_err(fail("keep the database as", &before))?;
    }
    step();
    for (ending, log) in logs {
        let kept = with_ending(&before, ending);
        keep_as(log, &kept).map_err(fail("keep the log of the database as", &kept))?;
        step();
        remove(log)?;
        step();
    }
    remove(&with_ending(database, LOG_INDEX))?;
    sync_folder(database)?;
    Ok(has_file.then_some(before))
}

/// The first name that nothing has. One that is a second name of this very file was given by a restore that
/// was stopped.
fn free_name(database: &Path, has_logs: bool) -> PathBuf {
    let mut number = 1;
    loop {
        let ending = match number {
            1 => BEFORE.to_owned(),
            _ => format!("{BEFORE}-{number}"),
        };
        let name = with_ending(database, &ending);
        let has_its_logs = LOGS.iter().any(|log| is_there(&with_ending(&name, log)));
        let is_given = is_same(database, &name) && !(has_logs && has_its_logs);
        if is_given || !(is_there(&name) || has_its_logs) {
            return name;
        }
        number += 1;
    }
}

fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn is_same(one: &Path, other: &Path) -> bool {
    match (one.symlink_metadata(), other.symlink_metadata()) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        (Ok(_) | Err(_), _) => false,
    }
}

/// Takes the file away that was set aside, when nobody misses it.
pub(super) fn remove_before(before: &Path) -> Result<(), RestoreError> {
    for log in LOGS {
        remove(&with_ending(before, log))?;
    }
    remove(before)
}

pub(super) fn remove(path: &Path) -> Result<(), RestoreError> {
    keep::remove(path).map_err(fail("remove", path))
}

fn sync_folder(database: &Path) -> Result<(), RestoreError> {
    let folder = folder_of(database);
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(fail("make durable", folder))
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

//------------ The log ---------------------------------------------------------------------------

/// Moves what the log holds into the file. One that is damaged keeps its log.
async fn move_log_into(database: &Path) -> Result<(), RestoreError> {
    let in_use = || RestoreError::InUse {
        path: database.to_owned(),
    };
    // SQLite removes the log of a file that is too short for a database.
    if !begins_as_database(database) {
        return Ok(());
    }
    match checkpoint(database).await {
        Ok(0) => Ok(()),
        Ok(_) => Err(in_use()),
        Err(error) => match obstacle(&error) {
            Obstacle::Damage => Ok(()),
            Obstacle::Use => Err(in_use()),
            Obstacle::Other => Err(failed_to("move the log into the database file")(error).into()),
        },
    }
}

/// Whether a file begins as every file of SQLite does (<https://www.sqlite.org/fileformat.html>, section
/// 1.3).
fn begins_as_database(database: &Path) -> bool {
    const MAGIC: &[u8; 16] = b"SQLite format 3\0";
    let mut begin = [0; MAGIC.len()];
    let read = File::open(database).and_then(|mut file| file.read_exact(&mut begin));
    read.is_ok() && begin == *MAGIC
}

/// Zero when nobody was in the way.
async fn checkpoint(database: &Path) -> sqlx::Result<i64> {
    let options = SqliteConnectOptions::new()
        .filename(database)
        .create_if_missing(false);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let busy = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)")
        .fetch_one(&mut connection)
        .await?;
    connection.close().await?;
    Ok(busy)
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Obstacle {
    /// The file makes no sense or cannot be read: it is kept with its log, as it is.
    Damage,
    /// Somebody else has it.
    Use,
    /// The file may be sound.
    Other,
}

fn obstacle(error: &sqlx::Error) -> Obstacle {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    obstacle_of_code(code.as_deref().unwrap_or_default())
}

/// By SQLite's result codes, whose low octet is the kind.
fn obstacle_of_code(code: &str) -> Obstacle {
    match code.parse::<u32>().map(|code| code & 0xff) {
        // BUSY, LOCKED.
        Ok(5 | 6) => Obstacle::Use,
        // IOERR, CORRUPT, NOTADB.
        Ok(10 | 11 | 26) => Obstacle::Damage,
        Ok(_) | Err(_) => Obstacle::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_damaged_file_keeps_its_log() {
        // BUSY, BUSY_RECOVERY, LOCKED.
        for code in ["5", "261", "6"] {
            assert_eq!(obstacle_of_code(code), Obstacle::Use, "{code}");
        }
        // IOERR_READ, CORRUPT, NOTADB.
        for code in ["266", "11", "26"] {
            assert_eq!(obstacle_of_code(code), Obstacle::Damage, "{code}");
        }
        // READONLY, FULL, CANTOPEN.
        for code in ["8", "13", "14", "", "x"] {
            assert_eq!(obstacle_of_code(code), Obstacle::Other, "{code}");
        }
    }
}
