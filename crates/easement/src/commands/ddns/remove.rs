//! `easement ddns remove`

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use easement_agent::config::{Config, ConfigError, Protocol, Target};
use easement_agent::decide::{FamilyWish, HostWish};
use easement_agent::send::GrantFile;
use easement_agent::{TargetRound, client};

use super::files::Files;
use super::run::{outside, start};
use crate::arguments::Common;
use crate::console::{NotValid, say};

const HELP: &str = "\
Takes back what a person permitted in a browser (Domain Connect), and deletes secrets, state and configuration.
API tokens and passwords are ended where they were made. What is in DNS stays there, unless --records is given,
which ApertoDNS alone can do.

Examples:
  easement ddns remove
  easement ddns remove --records

Exit codes: 0 done; 1 something could not be taken back, and nothing was deleted; 5 an agent is running.";

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
    let told = tell(&arguments, &config, &files).await;
    match told {
        Err(error) if arguments.force => say(format_args!("warning: {error:#}")),
        told => told?,
    }
    delete(&config, &files)?;
    Ok(ExitCode::SUCCESS)
}

async fn tell(arguments: &RemoveArguments, config: &Config, files: &Files) -> anyhow::Result<()> {
    // Also so that no agent is running meanwhile.
    let mut agent = start(files)?;
    for target in &config.targets {
        if arguments.records {
            take_out(&mut agent, target).await?;
        }
        match target.protocol {
            Protocol::DomainConnect => revoke(target, config, files).await?,
            Protocol::ApertoDns { .. } | Protocol::DynDns2 { .. } => say(format_args!(
                "The secret of {} still counts: end it at {}.",
                target.name,
                target
                    .server
                    .as_ref()
                    .map_or("its server", |server| server.as_str())
            )),
        }
    }
    Ok(())
}

/// What was sent, and only that.
async fn take_out(agent: &mut easement_agent::Agent, target: &Target) -> anyhow::Result<()> {
    let name = target.name.as_str();
    if !matches!(target.protocol, Protocol::ApertoDns { .. }) {
        let words =
            format!("--records: {name} is spoken to in a protocol that can take no records out");
        return Err(NotValid::mark(anyhow::anyhow!(words)));
    }
    let known = agent.known(name);
    let wishes: Vec<HostWish> = target
        .hosts
        .iter()
        .map(|host| {
            let sent = known.host(&host.name);
            let is_there = |there: bool| there.then_some(());
            HostWish {
                host: host.name.clone(),
                ipv4: is_there(sent.ipv4.is_some_and(|sent| sent.address.is_some()))
                    .map_or(FamilyWish::Keep, |()| FamilyWish::Remove),
                ipv6: is_there(sent.ipv6.is_some_and(|sent| sent.address.is_some()))
                    .map_or(FamilyWish::Keep, |()| FamilyWish::Remove),
            }
        })
        .filter(|wish| !(wish.ipv4.is_keep() && wish.ipv6.is_keep()))
        .collect();
    if wishes.is_empty() {
        return Ok(());
    }
    match agent.send_now(name, &wishes).await {
        Some(TargetRound::Failed(fault)) => {
            Err(fault).context("the records could not be taken out")
        }
        _ => Ok(()),
    }
}

async fn revoke(target: &Target, config: &Config, files: &Files) -> anyhow::Result<()> {
    let file = GrantFile::read(&files.grant(config, target))?;
    let client = client(config, target.reach, &outside())?;
    let grant = file.grant();
    let revoked = client.revoke(&grant.tokens, &grant.credentials).await;
    revoked.with_context(|| format!("the permission of {} was not given back", target.name))?;
    say(format_args!(
        "The permission of {} was given back.",
        target.name
    ));
    Ok(())
}

fn delete(config: &Config, files: &Files) -> anyhow::Result<()> {
    let state = files.state(config);
    for target in &config.targets {
        remove(&match target.protocol {
            Protocol::DomainConnect => files.grant(config, target),
            Protocol::ApertoDns { .. } | Protocol::DynDns2 { .. } => files.secret(target),
        })?;
    }
    remove(&state)?;
    remove(&files.config)?;
    let mut lock = state.into_os_string();
    lock.push(".lock");
    remove(Path::new(&lock))
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
