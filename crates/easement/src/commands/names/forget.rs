//! `easement names forget`

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use easement_client::NameDrop;

use super::{AccessFile, file_of};
use crate::commands::reach::ReachArguments;
use crate::console::{NotValid, say};

#[derive(Args, Debug)]
pub(crate) struct ForgetArguments {
    /// The file with what the owner gave; otherwise names.json in the folder easement of your configuration.
    #[arg(long, value_name = "FILE")]
    access: Option<PathBuf>,
    /// Deletes the file, also when the server could not be told.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    reach: ReachArguments,
}

pub(super) async fn run(arguments: &ForgetArguments) -> anyhow::Result<ExitCode> {
    let path = file_of(arguments.access.as_ref())?;
    let shown = path.display();
    // No other run makes new tokens meanwhile, which would be lost.
    let held = AccessFile::read(&path)?.hold()?;
    let client = arguments.reach.client()?;
    let names = NameDrop::of_access(client, held.access()).map_err(NotValid::mark)?;
    match names.revoke(held.access()).await {
        Ok(()) if held.access().refresh_token.is_some() => {
            say("What the owner gave was given back. Records stay as they are.");
        }
        // Nothing that is held here ends more than that.
        Ok(()) => say(
            "The access token was given back, and there was no other: what the owner gave may still be listed on their \
             page of apps, where they can end it. Records stay as they are.",
        ),
        Err(error) if arguments.force => say(format_args!("warning: {error}")),
        Err(error) => {
            return Err(error).with_context(|| {
                format!("it was not given back, and {shown} stays: --force deletes it nevertheless")
            });
        }
    }
    held.delete()
        .with_context(|| format!("cannot delete {shown}"))?;
    say(format_args!("Deleted {shown}."));
    Ok(ExitCode::SUCCESS)
}
