//! A connection whose statements are calls, for groups of commits.
//!
//! A statement on a connection of sqlx goes to a thread and its answer comes back, which is most of what a small
//! commit costs. This one keeps the thread that calls it waiting for the disk, so only a thread that does nothing
//! else may use it.

use std::borrow::Cow;
use std::error::Error;
use std::path::Path;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql, TransactionBehavior, params_from_iter};
use sqlx::error::{DatabaseError, ErrorKind};

use super::waiting::{Value, Waiting};
use super::{AUTOMATIC_CHECKPOINT_PAGES, BUSY_TIMEOUT};

/// The connection, outside any transaction.
#[derive(Debug)]
pub(super) struct Direct(Connection);

impl Direct {
    /// Opens a file that is there, for what the other connections to it are for too.
    pub(super) fn open(path: &Path) -> sqlx::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = || {
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(BUSY_TIMEOUT)?;
            connection.pragma_update(None, "foreign_keys", true)?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.pragma_update(None, "wal_autocheckpoint", AUTOMATIC_CHECKPOINT_PAGES)?;
            Ok(Self(connection))
        };
        open().map_err(to_sqlx)
    }

    /// Writes rows in a transaction of their own: all of them, durably, or none. After an error the connection
    /// may still be inside it.
    pub(super) fn write(&mut self, waiting: &Waiting) -> sqlx::Result<()> {
        self.try_to_write(waiting).map_err(to_sqlx)
    }

    fn try_to_write(&mut self, waiting: &Waiting) -> rusqlite::Result<()> {
        let begin = TransactionBehavior::Immediate;
        let tx = self.0.transaction_with_behavior(begin)?;
        for rows in waiting.iter() {
            let Some(first) = rows.values.first() else {
                continue;
            };
            let places = vec!["?"; first.len()].join(", ");
            let mut insert = tx.prepare_cached(&format!("{}VALUES ({places})", rows.insert))?;
            for row in &rows.values {
                insert.execute(params_from_iter(row))?;
            }
        }
        tx.commit()
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Octets(octets) => ValueRef::Blob(octets),
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

//------------ Errors ----------------------------------------------------------------------------

/// An error of SQLite that is judged like those that come through sqlx.
#[derive(Debug, thiserror::Error)]
#[error("(code: {code}) {message}")]
struct DirectError {
    code: i32,
    message: String,
}

fn to_sqlx(error: rusqlite::Error) -> sqlx::Error {
    match error.sqlite_error() {
        Some(told) => sqlx::Error::Database(Box::new(DirectError {
            code: told.extended_code,
            message: error.to_string(),
        })),
        None => sqlx::Error::Encode(Box::new(error)),
    }
}

impl DatabaseError for DirectError {
    fn message(&self) -> &str {
        &self.message
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        Some(self.code.to_string().into())
    }

    fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
        self
    }

    /// Rows of a group break no rule that anybody asks about.
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::failed_to;

    const INSERT: &str = "INSERT INTO text (number, text) ";

    /// A connection to a new file with one table.
    fn direct() -> (Direct, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        Connection::open(&path)
            .unwrap()
            .execute_batch("CREATE TABLE text (number INTEGER PRIMARY KEY, text TEXT NOT NULL)")
            .unwrap();
        (Direct::open(&path).unwrap(), folder)
    }

    fn texts(texts: &[(i64, Option<&str>)]) -> Waiting {
        let mut waiting = Waiting::default();
        for (number, text) in texts {
            waiting.push(INSERT, vec![(*number).into(), (*text).into()]);
        }
        waiting
    }

    fn number(direct: &Direct, query: &str) -> i64 {
        let number = direct.0.query_row(query, (), |row| row.get(0));
        number.unwrap()
    }

    /// Asked of the connection itself: a pragma that is misspelt is ignored without a word.
    #[test]
    fn what_durability_depends_on_is_in_force() {
        let (direct, _folder) = direct();
        for (pragma, expected) in [
            // 2 is FULL.
            ("PRAGMA synchronous", 2),
            ("PRAGMA foreign_keys", 1),
            ("PRAGMA busy_timeout", 10_000),
            ("PRAGMA wal_autocheckpoint", 20_000),
        ] {
            assert_eq!(number(&direct, pragma), expected, "{pragma}");
        }
    }

    #[test]
    fn no_file_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("nowhere.db");
        let error = failed_to("open")(Direct::open(&path).unwrap_err());
        assert!(error.is_unavailable(), "{error}");
        assert!(!path.exists());
    }

    #[test]
    fn errors_are_judged_like_others_and_leave_nothing() {
        let (mut direct, _folder) = direct();
        for (rows, code) in [
            // NOT NULL and PRIMARY KEY.
            ([(1, Some("a")), (2, None)], "1299"),
            ([(1, Some("a")), (1, Some("b"))], "1555"),
        ] {
            let error = direct.write(&texts(&rows)).unwrap_err();
            let told = error.as_database_error().and_then(DatabaseError::code);
            assert_eq!(told.as_deref(), Some(code));
            assert!(!failed_to("write")(error).is_unavailable());
            assert_eq!(number(&direct, "SELECT count(*) FROM text"), 0);
        }
        direct.0.pragma_update(None, "max_page_count", 1).unwrap();
        let long = "x".repeat(100_000);
        let error = direct.write(&texts(&[(1, Some(&long))])).unwrap_err();
        let error = failed_to("write")(error);
        assert!(error.to_string().contains("make room"), "{error}");
        direct.write(&texts(&[(1, Some("short"))])).unwrap();
    }
}
