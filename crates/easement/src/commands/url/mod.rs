//! `easement url`: links of service providers, signed and explained.

mod check;
mod sign;

use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;
use domain_connect::Template;

pub(crate) use self::check::key_from_file;
use super::template::files;
use crate::arguments::Common;
use crate::console::NotValid;

#[derive(Debug, Subcommand)]
pub(crate) enum UrlCommand {
    /// Build a link that applies a template, and sign it.
    Sign(Box<sign::SignArguments>),
    /// Say whether the signature of a link is valid.
    Verify(check::VerifyArguments),
    /// Check the signature of a link step by step, and name what the sender did wrong.
    Explain(check::VerifyArguments),
}

pub(crate) async fn run(command: UrlCommand, common: &Common) -> anyhow::Result<ExitCode> {
    match command {
        UrlCommand::Sign(arguments) => sign::run(&arguments, common),
        UrlCommand::Verify(arguments) => check::verify(&arguments, common).await,
        UrlCommand::Explain(arguments) => check::explain(&arguments, common).await,
    }
}

/// The link, from the arguments or from the standard input.
fn read_link(argument: &str) -> anyhow::Result<String> {
    if argument != "-" {
        return Ok(argument.to_owned());
    }
    let mut text = String::new();
    std::io::stdin().take(64 * 1024).read_to_string(&mut text)?;
    Ok(text.trim().to_owned())
}

fn read_template(file: &Path) -> anyhow::Result<Template> {
    let text = files::read(file)?;
    let template = Template::from_json(&text).map(|(template, _notes)| template);
    template
        .with_context(|| format!("{} is not a template", file.display()))
        .map_err(NotValid::mark)
}
