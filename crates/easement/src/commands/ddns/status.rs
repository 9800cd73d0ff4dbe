//! `easement ddns status`

use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use easement_agent::config::{Config, Target};
use easement_agent::{HostState, Lock, Sent, State, StateError, TargetState};
use easement_core::{Clock as _, Timestamp};
use easement_outbound::dns::{Question, Resolvers};
use easement_outbound::{SystemClock, SystemRandom};
use easement_zone::RecordType;
use serde::Serialize;

use super::files::Files;
use crate::arguments::Common;
use crate::console::{print, print_json};

const HELP: &str = "\
Nothing is sent. Secrets are not shown.

Examples:
  easement ddns status
  easement ddns status --json

Exit codes:
  0  every host has an address that was sent, and DNS shows it
  1  something was not sent yet, an address is not known, or DNS shows another
  2  the configuration is not there, or not valid
  3  a server refuses for good: run `easement ddns setup` again";

/// How long DNS is waited for.
const LOOKING_UP: Duration = Duration::from_secs(3);

#[derive(Args, Debug)]
#[command(after_help = HELP)]
pub(crate) struct StatusArguments {}

/// What there is to say.
#[derive(Serialize)]
struct Status {
    /// Whether an agent is running now; unknown to whoever may not see its lock.
    is_running: Option<bool>,
    looked_at: Option<String>,
    found: Vec<String>,
    /// Whether an address is wanted that nobody could say.
    is_unknown: bool,
    targets: Vec<TargetStatus>,
}

#[derive(Serialize)]
struct TargetStatus {
    name: String,
    server: String,
    hosts: Vec<HostStatus>,
    fault: Option<String>,
    next: String,
}

#[derive(Serialize)]
struct HostStatus {
    host: String,
    ipv4: FamilyStatus,
    ipv6: FamilyStatus,
    stopped: Option<String>,
}

#[derive(Serialize)]
struct FamilyStatus {
    sent: Option<String>,
    sent_at: Option<String>,
    in_dns: Vec<String>,
    dns_fault: Option<String>,
}

pub(super) async fn run(_: StatusArguments, common: &Common) -> anyhow::Result<ExitCode> {
    let files = Files::find(common);
    let config = Config::read(&files.config)?;
    let path = files.state(&config);
    let state = State::read(&path).map_err(|error| of_somebody_else(error, &path))?;
    let state = state.unwrap_or_default();
    let now = SystemClock.now();
    let mut targets = Vec::new();
    for target in &config.targets {
        let known = state.targets.get(target.name.as_str());
        let known = known.cloned().unwrap_or_default();
        targets.push(look(target, &known, &config, now).await);
    }
    let status = Status {
        is_running: Lock::is_held(&path),
        is_unknown: state.is_unknown,
        looked_at: state.looked_at.map(|at| at.to_string()),
        found: state.found,
        targets,
    };
    if common.json {
        print_json(&status)?;
    } else {
        show(&status);
    }
    Ok(code(&status))
}

/// The state of the service is its own.
fn of_somebody_else(error: StateError, path: &Path) -> anyhow::Error {
    let is_hidden = matches!(&error, StateError::Read { source, .. }
        if source.kind() == io::ErrorKind::PermissionDenied);
    let error = anyhow::Error::new(error);
    if !is_hidden {
        return error;
    }
    error.context(format!(
        "{} is not yours to read: run this with sudo",
        path.display()
    ))
}

async fn look(
    target: &Target,
    known: &TargetState,
    config: &Config,
    now: Timestamp,
) -> TargetStatus {
    let mut hosts = Vec::new();
    for host in &target.hosts {
        let sent = known.host(&host.name);
        let name = host.name.as_name();
        hosts.push(HostStatus {
            host: host.name.to_string(),
            ipv4: family(sent.ipv4.as_ref(), name, RecordType::A, config).await,
            ipv6: family(sent.ipv6.as_ref(), name, RecordType::AAAA, config).await,
            stopped: sent.stopped,
        });
    }
    let known_hosts = target.hosts.iter().map(|host| known.host(&host.name));
    TargetStatus {
        name: target.name.to_string(),
        server: target.place(),
        hosts,
        fault: known
            .trouble
            .as_ref()
            .map(|trouble| trouble.message.clone()),
        next: next(known, known_hosts, config, now),
    }
}

/// What comes next, in words.
fn next(
    known: &TargetState,
    hosts: impl Iterator<Item = HostState>,
    config: &Config,
    now: Timestamp,
) -> String {
    if let Some(trouble) = &known.trouble {
        let at = trouble.at.wall().min(now).plus(trouble.wait);
        let times = trouble.times;
        return format!("it is tried again at {at} (faults in a row: {times})");
    }
    let dates = hosts.flat_map(|host| {
        [
            host.ipv4.map(|sent| sent.at.wall()),
            host.ipv6.map(|sent| sent.at.wall()),
        ]
    });
    match dates.flatten().min() {
        Some(at) => format!(
            "the same is sent again at {}, a change at once",
            at.min(now).plus(config.refresh)
        ),
        None => "nothing was sent yet".to_owned(),
    }
}

async fn family<A: std::fmt::Display>(
    sent: Option<&Sent<A>>,
    name: &easement_zone::Name,
    rtype: RecordType,
    config: &Config,
) -> FamilyStatus {
    let configured = config.resolver.map(Resolvers::from);
    let resolvers = configured.unwrap_or_else(Resolvers::of_system);
    let question = Question::to_resolver(name.clone(), rtype);
    let asked = resolvers.ask(&question, LOOKING_UP, &SystemRandom).await;
    let (in_dns, dns_fault) = match asked {
        Ok(answer) => {
            let addresses = answer
                .answers
                .iter()
                .filter(|record| record.data.rtype() == rtype);
            let ipv4 =
                |record: &easement_zone::Record| record.data.ipv4().map(|own| own.to_string());
            let ipv6 =
                |record: &easement_zone::Record| record.data.ipv6().map(|own| own.to_string());
            let addresses = addresses.filter_map(|record| ipv4(record).or_else(|| ipv6(record)));
            (addresses.collect(), None)
        }
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    FamilyStatus {
        sent: sent.map(|sent| match &sent.address {
            Some(address) => address.to_string(),
            None => NONE.to_owned(),
        }),
        sent_at: sent.map(|sent| sent.at.wall().to_string()),
        in_dns,
        dns_fault,
    }
}

fn show(status: &Status) {
    match status.is_running {
        Some(true) => print("An agent is running."),
        Some(false) => print(
            "No agent is running: `easement ddns run` is one, and so is the service easement-ddns.",
        ),
        None => print("Whether an agent is running is not yours to see: run this with sudo."),
    }
    match &status.looked_at {
        Some(at) => print(format_args!("Found (noted at {at}):")),
        None => print("Nothing was looked for yet: `easement ddns run` does."),
    }
    for found in &status.found {
        print(format_args!("  {found}"));
    }
    for target in &status.targets {
        print(format_args!("\n{} ({})", target.name, target.server));
        for host in &target.hosts {
            print(format_args!("  {}", host.host));
            show_family("A   ", &host.ipv4);
            show_family("AAAA", &host.ipv6);
            if let Some(reason) = &host.stopped {
                print(format_args!("    stopped: {reason}"));
                print("    do: easement ddns setup, or change the configuration");
            }
        }
        if let Some(fault) = &target.fault {
            print(format_args!("  last fault: {fault}"));
        }
        print(format_args!("  next: {}", target.next));
    }
}

fn show_family(rtype: &str, family: &FamilyStatus) {
    let sent = match (&family.sent, &family.sent_at) {
        (Some(sent), Some(at)) => format!("sent {sent} at {at}"),
        (_, _) => "nothing sent".to_owned(),
    };
    let in_dns = match (&family.dns_fault, family.in_dns.as_slice()) {
        (Some(fault), _) => format!("DNS: {fault}"),
        (None, []) => "DNS has none".to_owned(),
        (None, addresses) => format!("DNS has {}", addresses.join(", ")),
    };
    print(format_args!("    {rtype}  {sent}; {in_dns}"));
}

fn code(status: &Status) -> ExitCode {
    let hosts = || status.targets.iter().flat_map(|target| &target.hosts);
    if hosts().any(|host| host.stopped.is_some()) {
        return ExitCode::from(3);
    }
    let has_fault = status.targets.iter().any(|target| target.fault.is_some());
    let is_open = has_fault || status.is_unknown || !hosts().all(HostStatus::is_done);
    ExitCode::from(u8::from(is_open))
}

impl HostStatus {
    /// Whether anything was sent, and DNS shows that.
    fn is_done(&self) -> bool {
        let families = [&self.ipv4, &self.ipv6];
        let was_sent = families.iter().any(|family| family.sent.is_some());
        was_sent && families.iter().all(|family| family.is_shown())
    }
}

impl FamilyStatus {
    /// Whether DNS has what was sent, as far as it can be asked.
    fn is_shown(&self) -> bool {
        match self.sent.as_deref() {
            None => true,
            Some(_) if self.dns_fault.is_some() => true,
            Some(NONE) => self.in_dns.is_empty(),
            Some(address) => self.in_dns.iter().any(|shown| shown == address),
        }
    }
}

/// What was sent where there is no address any more.
const NONE: &str = "none";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_shown_by_dns() {
        for (sent, in_dns, fault, is_shown) in [
            (None, vec![], None, true),
            (None, vec!["9.9.9.9"], None, true),
            (Some("9.9.9.9"), vec!["9.9.9.9"], None, true),
            (Some("9.9.9.9"), vec!["9.9.9.8", "9.9.9.9"], None, true),
            (Some("9.9.9.9"), vec!["9.9.9.8"], None, false),
            (Some("9.9.9.9"), vec![], None, false),
            (Some("9.9.9.9"), vec![], Some("no answer"), true),
            (Some(NONE), vec![], None, true),
            (Some(NONE), vec!["9.9.9.9"], None, false),
        ] {
            let family = FamilyStatus {
                sent: sent.map(str::to_owned),
                sent_at: None,
                in_dns: in_dns.iter().map(|text| (*text).to_owned()).collect(),
                dns_fault: fault.map(str::to_owned),
            };
            assert_eq!(family.is_shown(), is_shown, "{sent:?} {in_dns:?}");
        }
    }
}
