//! The database and the folder of the server's data.

use super::super::Check;

const CHECK: &str = "database";
const DISK: &str = "disk";
const MIB: u64 = 1024 * 1024;
/// A commit, the log of the database and the next one need some.
const FULL: u64 = 64 * MIB;
const ALMOST_FULL: u64 = 1024 * MIB;

/// What came of asking for the database.
#[derive(Clone, Debug)]
pub(in crate::doctor) enum StoreSeen {
    /// The running server was asked; it says why it cannot write when it cannot.
    ByServer { not_writable: Option<String> },
    /// The running server did not answer.
    ServerSilent(String),
    /// No server runs, and it was opened here.
    OpenedHere { not_writable: Option<String> },
    /// No server runs, and it cannot be opened.
    NotOpened(String),
    /// There is no folder yet.
    NoFolder(String),
    /// Another user has the folder: opening its files could take them away from the server.
    OtherUser { folder: String, user: String },
}

pub(in crate::doctor) fn judge(seen: &StoreSeen) -> Check {
    match seen {
        StoreSeen::ByServer { not_writable: None } => {
            Check::ok(CHECK, "the running server reads and writes it")
        }
        StoreSeen::OpenedHere { not_writable: None } => {
            Check::ok(CHECK, "it can be opened and written; no server runs")
        }
        StoreSeen::ByServer {
            not_writable: Some(why),
        }
        | StoreSeen::OpenedHere {
            not_writable: Some(why),
        } => Check::fail(
            CHECK,
            format!("it takes no changes: {why}"),
            "DNS goes on being answered; make space, or bring the database back, and changes go on by \
             themselves",
        ),
        StoreSeen::ServerSilent(why) => Check::fail(
            CHECK,
            why.clone(),
            "run the doctor as root or as the user that the server runs as; when the server hangs, its log \
             says why",
        ),
        StoreSeen::NotOpened(why) => Check::fail(
            CHECK,
            format!("it cannot be opened: {why}"),
            "check store.data_dir or store.postgres_url, and that this user may use it",
        ),
        StoreSeen::NoFolder(folder) => Check::warn(
            CHECK,
            format!("there is no folder {folder} yet: the server makes it when it starts"),
            "start the server; or correct store.data_dir when there should be data already",
        ),
        StoreSeen::OtherUser { folder, user } => Check::warn(
            CHECK,
            format!("{folder} belongs to user {user}, and no server runs: it was not opened"),
            format!("run the doctor as that user: `runuser -u {user} -- easement doctor`"),
        ),
    }
}

/// Judges how much space is left where the data is.
pub(in crate::doctor) fn judge_disk(folder: &str, free: u64) -> Check {
    let found = format!("{} MiB are free where {folder} is", free / MIB);
    if free < FULL {
        Check::fail(
            DISK,
            found,
            "make space: without it no change can be stored",
        )
    } else if free < ALMOST_FULL {
        Check::warn(DISK, found, "make space before it runs out")
    } else {
        Check::ok(DISK, found)
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_check;
    use super::*;
    use crate::doctor::Outcome::{Fail, Ok, Warn};

    #[test]
    fn a_database_is_there_and_takes_changes() {
        let full = || Some("the disk is full".to_owned());
        let text = || "x".to_owned();
        for (seen, outcome, words) in [
            (
                StoreSeen::ByServer { not_writable: None },
                Ok,
                "running server",
            ),
            (
                StoreSeen::OpenedHere { not_writable: None },
                Ok,
                "no server runs",
            ),
            (
                StoreSeen::ByServer {
                    not_writable: full(),
                },
                Fail,
                "the disk is full",
            ),
            (
                StoreSeen::OpenedHere {
                    not_writable: full(),
                },
                Fail,
                "make space",
            ),
            (StoreSeen::ServerSilent(text()), Fail, "as the user"),
            (StoreSeen::NotOpened(text()), Fail, "store.data_dir"),
            (StoreSeen::NoFolder(text()), Warn, "when it starts"),
            (
                StoreSeen::OtherUser {
                    folder: text(),
                    user: "easement".to_owned(),
                },
                Warn,
                "runuser -u easement",
            ),
        ] {
            assert_check(&judge(&seen), outcome, words);
        }
    }

    #[test]
    fn a_disk_that_is_almost_full_is_told_before_it_is() {
        for (mib, outcome) in [(63, Fail), (64, Warn), (1023, Warn), (1024, Ok)] {
            let words = format!("{mib} MiB are free where /data is");
            assert_check(&judge_disk("/data", mib * MIB), outcome, &words);
        }
    }
}
