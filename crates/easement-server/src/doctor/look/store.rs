//! The database, through the running server or, when none runs, opened here.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::sys::statvfs::statvfs;
use nix::unistd::{Uid, User, geteuid};

use super::super::rules::store::StoreSeen;
use crate::admin::{AdminReply, AdminRequest, ServerFacts, ask_running, work_here};
use crate::config::Config;

/// What was found, and what the server or the store says about itself.
pub(in crate::doctor) struct Found {
    pub(in crate::doctor) seen: StoreSeen,
    pub(in crate::doctor) facts: Option<ServerFacts>,
    pub(in crate::doctor) is_running: bool,
}

pub(in crate::doctor) async fn look(config: &Config, request: AdminRequest) -> Found {
    let found = |seen, facts, is_running| Found {
        seen,
        facts,
        is_running,
    };
    match ask_running(&request, config, |_| {}).await {
        Some(Ok(reply)) => {
            let facts = facts(reply);
            let not_writable = facts.as_ref().and_then(|facts| facts.not_writable.clone());
            return found(StoreSeen::ByServer { not_writable }, facts, true);
        }
        Some(Err(error)) => return found(StoreSeen::ServerSilent(error.message), None, true),
        None => {}
    }
    if let Some(seen) = untouched(config) {
        return found(seen, None, false);
    }
    match work_here(request, config, |_| {}).await {
        Ok(reply) => {
            let facts = facts(reply);
            let not_writable = facts.as_ref().and_then(|facts| facts.not_writable.clone());
            found(StoreSeen::OpenedHere { not_writable }, facts, false)
        }
        Err(error) => found(StoreSeen::NotOpened(error.message), None, false),
    }
}

fn facts(reply: AdminReply) -> Option<ServerFacts> {
    let AdminReply::Examined(facts) = reply else {
        return None;
    };
    Some(*facts)
}

/// Why the store is better not opened here: a file that is made now would not be the server's.
fn untouched(config: &Config) -> Option<StoreSeen> {
    let folder = &config.store.data_dir;
    let shown = folder.display().to_string();
    let Ok(metadata) = std::fs::metadata(folder) else {
        return Some(StoreSeen::NoFolder(shown));
    };
    let owner = Uid::from_raw(metadata.uid());
    (owner != geteuid()).then(|| StoreSeen::OtherUser {
        folder: shown,
        user: match User::from_uid(owner) {
            Ok(Some(user)) => user.name,
            Ok(None) | Err(_) => owner.to_string(),
        },
    })
}

/// The folder of the data, or the one that it will be made in, and how many octets are free there.
pub(in crate::doctor) fn free_space(config: &Config) -> Option<(PathBuf, u64)> {
    let folder = std::path::absolute(&config.store.data_dir).ok()?;
    let there = folder.ancestors().find(|folder| folder.is_dir())?;
    Some((there.to_owned(), octets_free(there)?))
}

fn octets_free(folder: &Path) -> Option<u64> {
    let space = statvfs(folder).ok()?;
    Some(
        space
            .blocks_available()
            .saturating_mul(space.fragment_size()),
    )
}
