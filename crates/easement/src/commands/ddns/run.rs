//! `easement ddns run`

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use easement_agent::config::Config;
use easement_agent::send::Access;
use easement_agent::{Agent, FaultKind, Outside, SystemTimer, TargetRound};
use easement_outbound::{SystemClock, SystemRandom};

use super::files::Files;
use crate::arguments::Common;
#[cfg(unix)]
use crate::commands::service_manager;
use crate::commands::signals::{ReloadSignal, StopSignals};
use crate::console::say;

const HELP: &str = "\
One line is written for each change. SIGHUP has it read its configuration and secrets again.

Examples:
  easement ddns run
  easement ddns run --once
  easement ddns run --config ~/other.toml

Exit codes with --once:
  0  everything that is known was sent, or had been before
  1  something could not be sent, and is to be tried again
  2  the configuration or a secret is not valid
  3  a server refuses for good: run `easement ddns setup` again
  5  another agent is running";

#[derive(Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct RunArguments {
    /// Looks and sends once, and ends.
    #[arg(long)]
    once: bool,
}

pub(super) async fn run(arguments: RunArguments, common: &Common) -> anyhow::Result<ExitCode> {
    start_log();
    let files = Files::find(common);
    if arguments.once {
        let round = start(&files)?.round().await;
        return Ok(code_of(round.targets.iter().map(|(_, outcome)| outcome)));
    }
    let mut stop = StopSignals::take().context("cannot wait for signals")?;
    let mut reload = ReloadSignal::take().context("cannot wait for signals")?;
    let mut agent = start(&files)?;
    #[cfg(unix)]
    service_manager::ready();
    loop {
        tokio::select! {
            () = stop.next() => return Ok(ExitCode::SUCCESS),
            () = agent.run() => {}
            () = stay_alive() => {}
            () = reload.next() => agent = restart(agent, &files)?,
        }
    }
}

#[cfg(unix)]
async fn stay_alive() {
    service_manager::stay_alive().await;
}

#[cfg(not(unix))]
async fn stay_alive() {
    std::future::pending::<()>().await;
}

/// Reads everything again. What cannot be used leaves all as it was, so that a mistake in a file ends nothing.
fn restart(agent: Agent, files: &Files) -> anyhow::Result<Agent> {
    if let Err(error) = read(files) {
        tracing::error!("the configuration stays as it was: {error:#}");
        return Ok(agent);
    }
    // The lock goes from one to the other.
    drop(agent);
    let agent = start(files)?;
    tracing::info!("the configuration was read again");
    Ok(agent)
}

/// An agent with everything that is on disk.
pub(super) fn start(files: &Files) -> anyhow::Result<Agent> {
    let (config, access) = read(files)?;
    let state = files.state(&config);
    Ok(Agent::start(config, access, state, outside())?)
}

fn read(files: &Files) -> anyhow::Result<(Config, Vec<Access>)> {
    let config = Config::read(&files.config)?;
    let targets = config.targets.iter();
    let access: anyhow::Result<Vec<_>> = targets
        .map(|target| files.access(&config, target))
        .collect();
    let access = access?;
    Ok((config, access))
}

pub(super) fn outside() -> Outside {
    Outside {
        clock: Arc::new(SystemClock),
        timer: Arc::new(SystemTimer::start()),
        random: Arc::new(SystemRandom),
    }
}

/// What is to be said of all targets together.
pub(super) fn code_of<'a>(outcomes: impl Iterator<Item = &'a TargetRound>) -> ExitCode {
    let code = |outcome: &TargetRound| match outcome {
        TargetRound::Nothing | TargetRound::Sent => 0,
        TargetRound::Stopped { .. } => REFUSED,
        TargetRound::Failed(fault) => match fault.kind {
            FaultKind::Final => REFUSED,
            FaultKind::Network | FaultKind::Server | FaultKind::Busy { .. } => 1,
        },
        TargetRound::NothingFound | TargetRound::Waiting { .. } => 1,
    };
    ExitCode::from(outcomes.map(code).max().unwrap_or_default())
}

/// Nothing more is sent until a person changes something.
const REFUSED: u8 = 3;

/// Plain lines. The journal dates them itself.
fn start_log() {
    let lines = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(false)
        .with_max_level(tracing::Level::INFO);
    let is_dated = std::env::var_os("JOURNAL_STREAM").is_some() || std::io::stderr().is_terminal();
    let started = if is_dated {
        tracing::subscriber::set_global_default(lines.without_time().finish())
    } else {
        tracing::subscriber::set_global_default(lines.finish())
    };
    if started.is_err() {
        say("warning: there is a log already");
    }
}
