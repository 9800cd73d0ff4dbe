//! `easement ddns remove`

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use easement_agent::config::{Config, ConfigError, Reach, Target, TargetName};
use easement_agent::decide::{FamilyWish, HostWish};
use easement_agent::send::Access;
use easement_agent::{Agent, Lock, Sent, State, TargetRound};

use super::Refusal;
use super::files::Files;
use super::permission::give_back;
use super::run::start_locked;
use crate::arguments::Common;
use crate::console::say;

const HELP: &str = "\
Gives back what a person permitted in a browser (Domain Connect, NameDrop), and deletes secrets,
state and configuration. API tokens and passwords are ended where they were made. What is in DNS
stays there, unless --records is given, which ApertoDNS and NameDrop can do. The lock beside the
state stays. An agent that is running is to be stopped before.

Examples:
  easement ddns remove
  easement ddns remove --records

Exit codes:
  0  done; also when there is no configuration, and so nothing to remove
  1  something could not be taken back, and nothing was deleted: --force deletes nevertheless
  2  the configuration is not valid, or a protocol cannot do --records; nothing was done
  5  an agent is running; nothing was done";

#[derive(Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct RemoveArguments {
    /// Takes the records out of DNS that were sent.
    #[arg(long)]
    records: bool,
    /// Deletes the files, also when the server could not be told.
    #[arg(long)]
    force: bool,
}

pub(super) async fn run(arguments: RemoveArguments, common: &Common) -> anyhow::Result<ExitCode> {
    let files = Files::find(common);
    let config = match Config::read(&files.config) {
        Ok(config) => config,
        Err(ConfigError::Read { path, source }) if source.kind() == io::ErrorKind::NotFound => {
            say(format_args!(
                "There is no {}: nothing is set up.",
                path.display()
            ));
            return Ok(ExitCode::SUCCESS);
        }
        Err(error) => return Err(error.into()),
    };
    // Also so that no agent is running meanwhile, which --force cannot mend.
    let lock = Lock::take(&files.state(&config))?;
    if arguments.records {
        can_take_out(&config)?;
    }
    let former = former_targets(&config, &files);
    let undone = tell(&arguments, &config, &files, &former, lock).await;
    if arguments.force {
        for error in undone {
            say(format_args!("warning: {error:#}"));
        }
    } else {
        refuse(undone)?;
    }
    delete(&config, &files, &former)?;
    Ok(ExitCode::SUCCESS)
}

/// Before anything is done.
fn can_take_out(config: &Config) -> anyhow::Result<()> {
    let cannot = |target: &&Target| !target.protocol.can_remove();
    match config.targets.iter().find(cannot) {
        Some(target) => Err(Refusal::invalid(anyhow::anyhow!(
            "--records: {} is spoken to in a protocol that can take no records out; nothing was done",
            target.name
        ))),
        None => Ok(()),
    }
}

/// Targets that left the configuration, as far as the state knows them.
fn former_targets(config: &Config, files: &Files) -> Vec<TargetName> {
    let state = State::read(&files.state(config)).ok().flatten();
    let state = state.unwrap_or_default();
    let names = state.targets.keys();
    let former = names.filter(|name| config.target(name).is_none());
    former.filter_map(|name| name.parse().ok()).collect()
}

/// Every reason is told, and the last one ends the command.
fn refuse(mut undone: Vec<anyhow::Error>) -> anyhow::Result<()> {
    let last = undone.pop();
    for error in undone {
        say(format_args!("error: {error:#}"));
    }
    last.map_or(Ok(()), Err)
}

/// Says what is to be said to the servers, to each whatever comes of the others; gives what could not be done. The
/// lock is held meanwhile.
async fn tell(
    arguments: &RemoveArguments,
    config: &Config,
    files: &Files,
    former: &[TargetName],
    lock: Lock,
) -> Vec<anyhow::Error> {
    let mut undone = Vec::new();
    let (mut agent, lock) = if arguments.records {
        match start_locked(files, config.clone(), lock) {
            Ok(agent) => (Some(agent), None),
            Err(error) => return vec![error],
        }
    } else {
        (None, Some(lock))
    };
    if let Some(agent) = &mut agent {
        for target in &config.targets {
            undone.extend(take_out(agent, files, config, target).await.err());
        }
    }
    for name in former {
        let [_, grant] = files.of_former_target(config, name);
        let given_back = give_back(name, &grant, config, Reach::Public).await;
        undone.extend(given_back.err());
    }
    for target in &config.targets {
        for grant in files.grants(config, target) {
            let given_back = give_back(&target.name, &grant, config, target.reach).await;
            undone.extend(given_back.err());
        }
        if !target.protocol.is_permitted_in_browser() {
            say_that_it_counts(target);
        }
    }
    drop(lock);
    undone
}

fn say_that_it_counts(target: &Target) {
    let server = target.server.as_ref();
    say(format_args!(
        "The secret of {} still counts: end it at {}.",
        target.name,
        server.map_or("its server", |server| server.as_str())
    ));
}

/// What was sent, and only that.
async fn take_out(
    agent: &mut Agent,
    files: &Files,
    config: &Config,
    target: &Target,
) -> anyhow::Result<()> {
    let name = target.name.as_str();
    if let Access::Missing { reason } = files.access(config, target) {
        anyhow::bail!("the records of {name} could not be taken out: {reason}");
    }
    let known = agent.known(name);
    let hosts = target.hosts.iter().map(|host| {
        let sent = known.host(&host.name);
        HostWish {
            host: host.name.clone(),
            ipv4: removal(sent.ipv4),
            ipv6: removal(sent.ipv6),
        }
    });
    let wishes: Vec<HostWish> = hosts
        .filter(|wish| !(wish.ipv4.is_keep() && wish.ipv6.is_keep()))
        .collect();
    if wishes.is_empty() {
        return Ok(());
    }
    match agent.send_now(name, &wishes).await {
        Some(TargetRound::Failed(fault)) => {
            Err(fault).context("the records could not be taken out")
        }
        Some(TargetRound::Stopped { reason }) => {
            anyhow::bail!("the records could not be taken out: {reason}")
        }
        _ => Ok(()),
    }
}

/// An address that is in DNS is to go.
fn removal<A>(sent: Option<Sent<A>>) -> FamilyWish<A> {
    match sent.and_then(|sent| sent.address) {
        Some(_) => FamilyWish::Remove,
        None => FamilyWish::Keep,
    }
}

fn delete(config: &Config, files: &Files, former: &[TargetName]) -> anyhow::Result<()> {
    let state = files.state(config);
    for target in &config.targets {
        for grant in files.grants(config, target) {
            remove(&grant)?;
        }
        if !target.protocol.is_permitted_in_browser() {
            remove(&files.secret(target))?;
        }
    }
    for path in former
        .iter()
        .flat_map(|name| files.of_former_target(config, name))
    {
        remove(&path)?;
    }
    // Only when nothing else is in it.
    let _ = fs::remove_dir(files.secrets());
    remove(&state)?;
    let mut broken = state.into_os_string();
    broken.push(".broken");
    remove(Path::new(&broken))?;
    remove(&files.config)
}

fn remove(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Ok(()) => {
            say(format_args!("Deleted {}.", path.display()));
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("cannot delete {}", path.display())),
    }
}
