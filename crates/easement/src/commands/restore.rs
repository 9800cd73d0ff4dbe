//! `easement restore`.

use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use easement_server::backup::{self, Existing, Restored};

use super::backup::in_words;
use crate::arguments::Common;
use crate::console::{print_json, say};
use crate::named_file::cannot_read;
use crate::progress;

/// The backup may come from SQLite or PostgreSQL, and from an earlier version of this program. Stopped at
/// any moment, the store is what it was, or what the backup holds.
#[derive(Args, Debug)]
pub(crate) struct RestoreArguments {
    /// The backup.
    file: PathBuf,
    /// Puts the backup in the place of everything that is stored now.
    #[arg(long)]
    replace: bool,
}

pub(crate) async fn run(arguments: RestoreArguments, common: &Common) -> anyhow::Result<ExitCode> {
    let config = common.load_config()?;
    let file = &arguments.file;
    File::open(file).map_err(cannot_read("the backup", file))?;
    let existing = if arguments.replace {
        Existing::Replace
    } else {
        Existing::Keep
    };
    let bar = progress::counter("Checking and restoring", "rows");
    let restored = backup::restore(&config, &arguments.file, existing, &mut |rows| {
        bar.set_position(rows);
    })
    .await;
    bar.finish_and_clear();
    let restored = restored?;
    show(&restored);
    if common.json {
        print_json(&restored)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn show(restored: &Restored) {
    let backup = &restored.backup;
    say(format_args!(
        "The store holds what it held at {}, as of commit {}: {}.",
        backup.made_at,
        backup.last_commit,
        in_words(backup)
    ));
    say("Everybody has to sign in again. `easement store verify` checks what was restored.");
    if let Some(kept) = &restored.kept_as {
        say(format_args!(
            "What was there before is kept as {}: delete it when nobody misses anything.",
            kept.display()
        ));
    }
}
