//! `easement ddns`: the addresses of this machine, kept up to date in DNS.

mod files;
mod permission;
mod remove;
mod run;
#[cfg(any(windows, test))]
mod service;
mod setup;
mod status;

use std::process::ExitCode;

use clap::Subcommand;
use easement_agent::config::ConfigError;
use easement_agent::send::GrantError;
use easement_agent::{LockError, SecretFileError, StartError};

use crate::arguments::Common;
use crate::console::WrongUsage;

const HELP: &str = "\
The addresses are looked for every few minutes, and sent when they changed. What is done is written
in ~/.config/easement/ddns.toml or, for the whole machine, in /etc/easement/ddns.toml; --config
names another file. Secrets are in files of their own, which only their owner can read.

Examples:
  easement ddns setup --server https://dns.example.net --host home.example.com
  easement ddns run
  easement ddns status";

#[derive(Debug, Subcommand)]
#[command(after_help = HELP)]
pub(crate) enum DdnsCommand {
    /// Set this machine up: say where its addresses go, and with which secret.
    Setup(Box<setup::SetupArguments>),
    /// Look for addresses and send them when they changed, until it is stopped.
    Run(run::RunArguments),
    /// Show what was found, what was sent, what DNS says and what comes next.
    Status(status::StatusArguments),
    /// Give back what was permitted, and delete the files.
    Remove(remove::RemoveArguments),
    /// Have Windows run the agent as a service.
    #[cfg(windows)]
    #[command(subcommand)]
    Service(service::ServiceCommand),
}

pub(crate) async fn run(command: DdnsCommand, common: &Common) -> anyhow::Result<ExitCode> {
    match command {
        DdnsCommand::Setup(arguments) => Box::pin(setup::run(*arguments, common)).await,
        DdnsCommand::Run(arguments) => Box::pin(run::run(arguments, common)).await,
        DdnsCommand::Status(arguments) => status::run(arguments, common).await,
        DdnsCommand::Remove(arguments) => remove::run(arguments, common).await,
        #[cfg(windows)]
        DdnsCommand::Service(command) => service::run(&command, common),
    }
}

/// Why nothing was done, with an exit code that the help names.
#[derive(Debug)]
pub(crate) struct Refusal {
    error: anyhow::Error,
    code: u8,
}

impl Refusal {
    /// The command line or a file is not valid.
    fn invalid(error: impl Into<anyhow::Error>) -> anyhow::Error {
        Self::with_code(2, error)
    }

    /// The name or the state is in use.
    fn taken(words: String) -> anyhow::Error {
        Self::with_code(5, anyhow::Error::msg(words))
    }

    /// Marks an error, to be used with `map_err`. Wrong usage stays what it is.
    fn with_code(code: u8, error: impl Into<anyhow::Error>) -> anyhow::Error {
        let error = error.into();
        if error.is::<WrongUsage>() || error.is::<Self>() {
            return error;
        }
        Self { error, code }.into()
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#}", self.error)
    }
}

impl std::error::Error for Refusal {}

/// The exit code of what the agent says is wrong.
pub(crate) fn exit_code(error: &anyhow::Error) -> Option<ExitCode> {
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        return Some(ExitCode::from(refusal.code));
    }
    if error.is::<ConfigError>() || error.is::<SecretFileError>() || error.is::<GrantError>() {
        return Some(ExitCode::from(2));
    }
    if let Some(LockError::Held { .. }) = error.downcast_ref() {
        return Some(ExitCode::from(5));
    }
    match error.downcast_ref() {
        Some(StartError::Lock(LockError::Held { .. })) => Some(ExitCode::from(5)),
        Some(StartError::Roots(_)) => Some(ExitCode::from(2)),
        Some(StartError::Lock(LockError::Io { .. }) | StartError::State(_)) | None => None,
    }
}
