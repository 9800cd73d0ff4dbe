//! `easement ddns run`

use std::io::IsTerminal as _;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use easement_agent::config::Config;
use easement_agent::decide::Findings;
use easement_agent::send::Access;
use easement_agent::{Agent, FaultKind, Lock, Outside, Round, SystemTimer, TargetRound};
use easement_outbound::dns::Resolvers;
use easement_outbound::{SystemClock, SystemRandom};
use tokio::time::{Instant, sleep, sleep_until};

use super::Refusal;
use super::files::Files;
use crate::arguments::Common;
#[cfg(unix)]
use crate::commands::service_manager;
use crate::commands::signals::{ReloadSignal, StopSignals};
use crate::console::say;

/// How long what a server is being told is waited for when the program is asked to stop. A token that was issued and not
/// written down would end the permission.
pub(super) const FINISHING: Duration = Duration::from_secs(25);

const HELP: &str = "\
One line is written for each change. SIGHUP has it read its configuration and secrets again and
send everything once more. Asked to stop, it waits for the answer to what is being sent.

Examples:
  easement ddns run
  easement ddns run --once
  easement ddns run --config ~/other.toml

Exit codes with --once:
  0  everything that is known was sent, or had been before
  1  something could not be sent, and is to be tried again
  2  the configuration or a secret is not there, or not valid
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
    let stop = StopSignals::take().context("cannot wait for signals")?;
    let reload = ReloadSignal::take().context("cannot wait for signals")?;
    let often = if arguments.once {
        Often::Once
    } else {
        Often::Always
    };
    keep_up_to_date(&files, often, stop, reload).await
}

/// How often it is looked for addresses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Often {
    Once,
    /// Until somebody asks it to stop.
    Always,
}

/// Looks for addresses and sends them.
pub(super) async fn keep_up_to_date(
    files: &Files,
    often: Often,
    mut stop: StopSignals,
    mut reload: ReloadSignal,
) -> anyhow::Result<ExitCode> {
    let mut agent = start(files)?;
    #[cfg(unix)]
    service_manager::ready();
    loop {
        let findings = tokio::select! {
            () = stop.next() => return Ok(ExitCode::SUCCESS),
            () = stay_alive() => continue,
            () = reload.next() => { read_again(&mut agent, files); continue }
            findings = agent.look() => findings,
        };
        let round = match finish(&mut agent, findings, &mut stop).await {
            Finished::GoesOn(round) => round,
            Finished::Stopped => return Ok(ExitCode::SUCCESS),
        };
        if often == Often::Once {
            return Ok(code_of(round.targets.iter().map(|(_, outcome)| outcome)));
        }
        tokio::select! {
            () = stop.next() => return Ok(ExitCode::SUCCESS),
            () = stay_alive() => {}
            () = reload.next() => read_again(&mut agent, files),
            () = sleep(round.next) => {}
        }
    }
}

/// What came of sending.
enum Finished {
    GoesOn(Round),
    Stopped,
}

/// Sends what is due, to the end, also when the program is asked to stop meanwhile.
async fn finish(agent: &mut Agent, findings: Findings, stop: &mut StopSignals) -> Finished {
    let mut sending = pin!(agent.settle(findings));
    tokio::select! {
        round = &mut sending => return Finished::GoesOn(round),
        () = stay_alive() => {}
        () = stop.next() => {}
    }
    #[cfg(unix)]
    service_manager::stopping(FINISHING);
    let limit = Instant::now() + FINISHING;
    tokio::select! {
        _ = &mut sending => {}
        () = stay_alive() => {}
        () = sleep_until(limit) => tracing::warn!("stopped while a server was being told something"),
    }
    Finished::Stopped
}

/// Keeps the service manager content; it never comes back.
#[cfg(unix)]
async fn stay_alive() {
    service_manager::stay_alive().await;
}

#[cfg(not(unix))]
async fn stay_alive() {
    std::future::pending::<()>().await;
}

/// Reads everything again. What cannot be used leaves all as it was, so that a mistake in a file ends nothing.
fn read_again(agent: &mut Agent, files: &Files) {
    let reloaded = agent.save().map_err(anyhow::Error::from).and_then(|()| {
        let (config, access) = read(files)?;
        let state = files.state(&config);
        Ok(agent.reload(config, access, &state)?)
    });
    match reloaded {
        Ok(()) => tracing::info!("the configuration was read again, and everything is sent again"),
        Err(error) => tracing::error!("the configuration stays as it was: {error:#}"),
    }
}

/// An agent with everything that is on disk.
fn start(files: &Files) -> anyhow::Result<Agent> {
    let config = Config::read(&files.config)?;
    let lock = Lock::take(&files.state(&config))?;
    start_locked(files, config, lock)
}

/// The same, with a lock that is held already.
pub(super) fn start_locked(files: &Files, config: Config, lock: Lock) -> anyhow::Result<Agent> {
    let access = access(files, &config)?;
    Ok(Agent::start(config, access, lock, outside())?)
}

fn read(files: &Files) -> anyhow::Result<(Config, Vec<Access>)> {
    let config = Config::read(&files.config)?;
    let access = access(files, &config)?;
    Ok((config, access))
}

/// What opens the targets, in their order. There is nothing to do when nothing opens any.
fn access(files: &Files, config: &Config) -> anyhow::Result<Vec<Access>> {
    let targets = config.targets.iter();
    let access: Vec<_> = targets.map(|target| files.access(config, target)).collect();
    let missing = access.iter().map(|access| match access {
        Access::Missing { reason } => Some(reason.as_str()),
        Access::Secret(_) | Access::Grant(_) | Access::Names(_) => None,
    });
    let missing: Option<Vec<&str>> = missing.collect();
    match missing {
        Some(reasons) if !reasons.is_empty() => {
            Err(Refusal::invalid(anyhow::Error::msg(reasons.join("; "))))
        }
        _ => Ok(access),
    }
}

pub(super) fn outside() -> Outside {
    Outside {
        clock: Arc::new(SystemClock),
        timer: Arc::new(SystemTimer::start()),
        random: Arc::new(SystemRandom),
        resolvers: Resolvers::of_system,
    }
}

/// What is to be said of all targets together.
pub(super) fn code_of<'a>(outcomes: impl Iterator<Item = &'a TargetRound>) -> ExitCode {
    let code = |outcome: &TargetRound| match outcome {
        TargetRound::Nothing | TargetRound::Sent => 0,
        TargetRound::Stopped { .. } => REFUSED,
        TargetRound::Locked { .. } => 2,
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
