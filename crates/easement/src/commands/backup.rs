//! `easement backup`.

use std::fs::File;
use std::io::{BufWriter, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use easement_server::admin::{AdminFailure, FailureKind};
use easement_server::backup::{self, BackupSummary};

use crate::arguments::Common;
use crate::console::{print, print_json, say, table};
use crate::named_file::cannot_read;
use crate::new_file::{NewFile, Older};
use crate::progress;

/// Sessions and one-time links are left out: whoever finds an old backup is not signed in with it. Keep it
/// safe all the same: it holds password hashes.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct BackupArguments {
    /// The file to make; - writes to the standard output.
    #[arg(required = true)]
    file: Option<PathBuf>,
    /// Replaces the file when it is there already.
    #[arg(long)]
    force: bool,
    #[command(subcommand)]
    command: Option<BackupCommand>,
}

#[derive(Debug, Subcommand)]
enum BackupCommand {
    /// Read a backup to its end and say what is in it; needs no store.
    Verify {
        /// The backup.
        file: PathBuf,
    },
}

pub(crate) async fn run(arguments: BackupArguments, common: &Common) -> anyhow::Result<ExitCode> {
    let summary = match (arguments.command, arguments.file) {
        (Some(BackupCommand::Verify { file }), _) => {
            let summary = verify(&file)?;
            if !common.json {
                show(&summary);
            }
            summary
        }
        (None, Some(file)) if file == Path::new("-") => {
            back_up_to_output(common).await?;
            return Ok(ExitCode::SUCCESS);
        }
        (None, Some(file)) => {
            let older = if arguments.force {
                Older::Replace
            } else {
                Older::Keep
            };
            back_up_to_file(&file, older, common).await?
        }
        (None, None) => anyhow::bail!("name the file to make"),
    };
    if common.json {
        print_json(&summary)?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn back_up_to_file(
    path: &Path,
    older: Older,
    common: &Common,
) -> anyhow::Result<BackupSummary> {
    let config = common.load_config()?;
    let cannot_write = || format!("cannot write the backup {}", path.display());
    let file = match NewFile::begin(path, older) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(exists(path));
        }
        begun => begun.with_context(cannot_write)?,
    };
    let bar = progress::counter("Backing up", "rows");
    let written = backup::back_up(&config, BufWriter::new(file), &mut |rows| {
        bar.set_position(rows);
    })
    .await;
    bar.finish_and_clear();
    let (file, summary) = written?;
    file.into_inner()
        .map_err(std::io::IntoInnerError::into_error)
        .and_then(NewFile::finish)
        .with_context(cannot_write)?;
    say(format_args!(
        "{} holds everything as of commit {}: {}.",
        path.display(),
        summary.last_commit,
        in_words(&summary)
    ));
    Ok(summary)
}

async fn back_up_to_output(common: &Common) -> anyhow::Result<()> {
    let config = common.load_config()?;
    let output = std::io::stdout();
    if output.is_terminal() {
        anyhow::bail!("a backup is not for a terminal: name a file, or send the output to one");
    }
    let bar = progress::counter("Backing up", "rows");
    let written = backup::back_up(&config, BufWriter::new(output), &mut |rows| {
        bar.set_position(rows);
    })
    .await;
    bar.finish_and_clear();
    let (mut output, summary) = written?;
    output.flush().context("cannot write the backup")?;
    say(format_args!(
        "Written is everything as of commit {}: {}.",
        summary.last_commit,
        in_words(&summary)
    ));
    Ok(())
}

fn exists(path: &Path) -> anyhow::Error {
    let message = format!("the file {} is there already", path.display());
    AdminFailure::new(FailureKind::Conflict, message)
        .with_hint("choose another name, or --force to replace it")
        .into()
}

fn verify(path: &Path) -> anyhow::Result<BackupSummary> {
    let file = File::open(path).map_err(cannot_read("the backup", path))?;
    let bar = progress::counter("Reading", "rows");
    let summary = backup::verify(file, &mut |rows| bar.set_position(rows));
    bar.finish_and_clear();
    Ok(summary?)
}

/// What a backup holds, as a table.
fn show(summary: &BackupSummary) {
    say(format_args!(
        "The backup is whole. Easement {} made it at {}, with schema {}, as of commit {}.",
        summary.made_by, summary.made_at, summary.schema, summary.last_commit
    ));
    let rows: Vec<_> = summary
        .tables
        .iter()
        .map(|count| [count.table.clone(), count.rows.to_string()])
        .collect();
    print(table(["TABLE", "ROWS"], &rows));
}

/// What people look for in a backup.
pub(crate) fn in_words(summary: &BackupSummary) -> String {
    let parts = [
        ("zone", "zones"),
        ("zone_commit", "commits"),
        ("account", "accounts"),
        ("service", "services"),
        ("template", "templates"),
    ];
    let parts = parts.map(|(table, words)| format!("{} {words}", summary.rows_of(table)));
    parts.join(", ")
}
