//! `easement template`: what needs no server here, one file a subcommand, and in `registry` what asks it.

mod apply;
mod explain;
pub(crate) mod files;
mod lint;
mod lint_report;
mod registry;
mod registry_report;
mod sarif;

use std::process::ExitCode;

use clap::Subcommand;
use easement_core::TemplateStatus;
use easement_server::admin::AdminRequest;
use tokio::runtime::Runtime;

pub(crate) use self::registry_report::{
    control_code, exit_code, list, show_control, show_decision, show_review, show_summary,
};
use crate::arguments::Common;

#[derive(Debug, Subcommand)]
pub(crate) enum TemplateCommand {
    /// Check templates as reviewers and DNS providers do; needs no server.
    Lint(lint::LintArguments),
    /// Apply a template to a zone file, changing only the lines that must; needs no server.
    Apply(Box<apply::ApplyArguments>),
    /// Say why a check of `lint` matters and how to mend what it finds.
    Explain(explain::ExplainArguments),
    #[command(flatten)]
    Registry(registry::RegistryCommand),
}

/// What came of a command.
pub(crate) enum Outcome {
    /// It was done here.
    Done(ExitCode),
    /// The server is to be asked; of a list, those with a status may be meant.
    Ask(AdminRequest, Option<TemplateStatus>),
}

/// Does what can be done here.
pub(crate) fn run(
    command: TemplateCommand,
    common: &Common,
    runtime: &Runtime,
) -> anyhow::Result<Outcome> {
    Ok(match command {
        TemplateCommand::Lint(lint) => Outcome::Done(runtime.block_on(lint::run(&lint, common))?),
        TemplateCommand::Apply(apply) => {
            Outcome::Done(runtime.block_on(apply::run(&apply, common))?)
        }
        TemplateCommand::Explain(explain) => Outcome::Done(explain::run(&explain, common)?),
        TemplateCommand::Registry(command) => {
            let listed = command.listed();
            Outcome::Ask(registry::request(command)?, listed)
        }
    })
}
