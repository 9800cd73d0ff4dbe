//! Which failures of a database pass, and what an operator does about them.

use std::error::Error;

use super::{Cause, InDoubt};

/// Whether the cause is outside: a lost connection, a full disk, a lock that was not let go.
pub(super) fn is_passing(error: &sqlx::Error) -> bool {
    if let sqlx::Error::Database(error) = error {
        return error.code().is_some_and(|code| is_passing_code(&code));
    }
    matches!(
        error,
        sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed
    )
}

/// SQLite's result codes are numbers whose low octet is the kind; PostgreSQL's have five characters,
/// the first two being the class.
fn is_passing_code(code: &str) -> bool {
    /// `SQLITE_BUSY`, `LOCKED`, `READONLY`, `IOERR`, `FULL`, `CANTOPEN`.
    const SQLITE: [u32; 6] = [5, 6, 8, 10, 13, 14];
    /// Connection, resources (a full disk among them), operator intervention, system error, and
    /// transactions that were chosen to give way.
    const POSTGRES: [&str; 5] = ["08", "53", "57", "58", "40"];
    /// Read-only, a transaction that stood still for too long, a lock that was not let go.
    const POSTGRES_CODES: [&str; 3] = ["25006", "25P03", "55P03"];
    if code.len() == 5 {
        return POSTGRES.iter().any(|class| code.starts_with(class))
            || POSTGRES_CODES.contains(&code);
    }
    code.parse::<u32>()
        .is_ok_and(|code| SQLITE.contains(&(code & 0xff)))
}

/// What to do about a failure that passes.
pub(super) fn remedy(cause: &Cause) -> &'static str {
    let cause: &(dyn Error + 'static) = cause.as_ref();
    if cause.is::<InDoubt>() {
        return IN_DOUBT;
    }
    match cause.downcast_ref::<sqlx::Error>() {
        Some(sqlx::Error::Database(error)) => error
            .code()
            .map_or(LOOK_AT_CAUSE, |code| remedy_of_code(&code)),
        Some(sqlx::Error::Io(_) | sqlx::Error::Tls(_)) => UNREACHABLE,
        Some(sqlx::Error::PoolTimedOut) => TOO_SLOW,
        Some(_) | None => LOOK_AT_CAUSE,
    }
}

const IN_DOUBT: &str = "it did not say whether the change was made: look whether it is there before you ask \
     for it again";
const UNREACHABLE: &str = "see that the database server runs and can be reached; the server goes on by \
     itself when it is back";
const TOO_SLOW: &str = "it did not answer in time: see whether the database server runs, and what keeps \
     it busy; the server goes on by itself when it answers again";
const LOOK_AT_CAUSE: &str = "the cause says more; the same may work later";
const NO_ROOM: &str = "make room on the disk of the database; writing goes on by itself then";
const READ_ONLY: &str = "the database can only be read: see whether its disk is mounted for writing and \
     belongs to the server's user; writing goes on by itself then";
const STANDBY: &str = "the database server can only be read: point `store.postgres_url` at the one that \
     is written to";
const HELD: &str = "another program holds the database file, such as a shell or a backup: end it";
const DISK_FAILED: &str = "the disk could not be read or written: make room on it when it is full, and \
     look at the log of the system";
const FILE_GONE: &str = "the database file cannot be opened: see whether it and its folder are there and \
     belong to the server's user";
const TOO_MANY: &str = "the database server has too little memory or too many connections: see what uses \
     them";
const AGAIN: &str = "try again";
const OTHER_NODE: &str = "another server on this database was busy for too long, with a large import or \
     because it stands still: try again, and see how the other servers are doing";

fn remedy_of_code(code: &str) -> &'static str {
    if code.len() == 5 {
        return match code {
            "53100" => NO_ROOM,
            "25006" => STANDBY,
            "25P03" | "55P03" => OTHER_NODE,
            _ => match code.get(..2) {
                Some("08" | "57" | "58") => UNREACHABLE,
                Some("53") => TOO_MANY,
                Some("40") => AGAIN,
                Some(_) | None => LOOK_AT_CAUSE,
            },
        };
    }
    match code.parse::<u32>().map(|code| code & 0xff) {
        Ok(5 | 6) => HELD,
        Ok(8) => READ_ONLY,
        Ok(10) => DISK_FAILED,
        Ok(13) => NO_ROOM,
        Ok(14) => FILE_GONE,
        Ok(_) | Err(_) => LOOK_AT_CAUSE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passing_failures_are_told_from_lasting_ones() {
        // SQLite: BUSY, BUSY_SNAPSHOT, FULL, IOERR_FSYNC, READONLY_DBMOVED. PostgreSQL: lost
        // connection, disk full, shutdown, deadlock, read-only, standing still, locked.
        let passing = ["5", "517", "13", "1034", "1032"];
        let passing = passing.iter().chain(&[
            "08006", "53100", "57P01", "40P01", "25006", "25P03", "55P03",
        ]);
        for code in passing {
            assert!(is_passing_code(code), "{code}");
        }
        // SQLite: ERROR, CONSTRAINT_UNIQUE, CORRUPT. PostgreSQL: unique, undefined table, syntax.
        for code in ["1", "2067", "11", "23505", "42P01", "42601", "", "x"] {
            assert!(!is_passing_code(code), "{code}");
        }
    }

    #[test]
    fn a_passing_failure_says_what_to_do() {
        for (code, words) in [
            ("13", "make room"),
            ("8", "mounted for writing"),
            ("1032", "mounted for writing"),
            ("53100", "make room"),
            ("57P01", "see that the database server runs"),
            ("25006", "store.postgres_url"),
            ("55P03", "another server"),
        ] {
            assert!(remedy_of_code(code).contains(words), "{code}");
        }
        let slow: Cause = std::sync::Arc::new(sqlx::Error::PoolTimedOut);
        assert!(remedy(&slow).contains("did not answer in time"));
    }
}
