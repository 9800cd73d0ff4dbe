//! The agent: looks, decides, sends, remembers.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use easement_client::{Client, PlainHttp};
use easement_core::{Clock, Network, Random, Timestamp};
use easement_outbound::dns::system_resolver;
use easement_outbound::http::{HttpClient, RootsError};

use crate::config::{Config, Reach, Target};
use crate::decide::{
    Decision, FamilyWish, Finding, Findings, HostWish, Situation, decide, pause, wishes,
};
use crate::fault::{Fault, FaultKind};
use crate::files::{Lock, LockError};
use crate::find::find;
use crate::send::{Access, Said, Sender};
use crate::state::{Sent, State, StateError, StoredTrouble, TargetState};
use crate::time::{Moment, Timer};

/// How much is mixed into fingerprints.
const SALT_OCTETS: usize = 16;
/// A state that says nothing new is written so seldom, for the sake of cards that wear out.
const WRITE_AGAIN: Duration = Duration::from_hours(1);

/// Keeps addresses up to date, as a configuration says.
#[derive(Debug)]
pub struct Agent {
    config: Config,
    senders: Vec<Sender>,
    http: HttpClient,
    clients: Clients,
    outside: Outside,
    state: State,
    state_file: PathBuf,
    /// Until when each target is left alone, by the clock that only runs.
    paused_until: BTreeMap<String, Duration>,
    /// Why an address was not found, IPv4 and IPv6, when that was told.
    told: [Option<String>; 2],
    _lock: Lock,
}

/// What the agent gets from the machine.
#[derive(Clone)]
pub struct Outside {
    /// The clock that people set.
    pub clock: Arc<dyn Clock>,
    /// The clock that only runs.
    pub timer: Arc<dyn Timer>,
    /// The random source.
    pub random: Arc<dyn Random>,
}

/// What one look gave.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Round {
    /// What became of each target, in the order of the configuration.
    pub targets: Vec<(String, TargetRound)>,
    /// When to look again.
    pub next: Duration,
}

/// What became of a target.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum TargetRound {
    /// There was nothing to send.
    Nothing,
    /// No address is known that could be sent.
    NothingFound,
    /// Everything was accepted.
    Sent,
    /// Something was not.
    Failed(Fault),
    /// It waits after a fault.
    Waiting {
        /// In how long it is tried again.
        remaining: Duration,
    },
    /// Nothing is sent until a person changes something.
    Stopped {
        /// Why.
        reason: String,
    },
}

/// Whoever writes a configuration says where to connect to, be it at home or in the world.
fn everywhere() -> [Network; 2] {
    [
        Network::new(std::net::Ipv4Addr::UNSPECIFIED.into(), 0),
        Network::new(std::net::Ipv6Addr::UNSPECIFIED.into(), 0),
    ]
}

/// Who sends: to wherever the configuration says, and to where a DNS provider said.
#[derive(Debug)]
struct Clients {
    everywhere: Client,
    public: Client,
}

/// A client for the requests of a configuration.
pub fn client(config: &Config, reach: Reach, outside: &Outside) -> Result<Client, RootsError> {
    let mut builder = Client::builder()
        .clock(Arc::clone(&outside.clock))
        .random(Arc::clone(&outside.random));
    if let Some(resolver) = config.resolver {
        builder = builder.resolver(resolver);
    }
    if let Some(roots) = &config.ca_file {
        builder = builder.roots(roots);
    }
    match reach {
        Reach::Public => builder,
        Reach::Everywhere => builder.plain_http(PlainHttp::Allow).allow_all_networks(),
    }
    .build()
}

/// Asks checkers.
fn http_client(config: &Config, random: &Arc<dyn Random>) -> Result<HttpClient, RootsError> {
    let resolver = config.resolver.unwrap_or_else(system_resolver);
    let roots = config.ca_file.as_deref();
    HttpClient::new(resolver, Arc::clone(random), &everywhere(), roots)
}

impl Agent {
    /// Takes the lock of a state and reads it. What opens the targets comes in their order.
    pub fn start(
        config: Config,
        access: Vec<Access>,
        state_file: PathBuf,
        outside: Outside,
    ) -> Result<Self, StartError> {
        let lock = Lock::take(&state_file)?;
        let http = http_client(&config, &outside.random)?;
        let clients = Clients {
            everywhere: client(&config, Reach::Everywhere, &outside)?,
            public: client(&config, Reach::Public, &outside)?,
        };
        let (state, note) = State::read_or_set_aside(&state_file)?;
        if let Some(note) = note {
            tracing::warn!("{note}");
        }
        let now = Moment::now(outside.clock.as_ref(), outside.timer.as_ref());
        let salt = || BASE64_URL_SAFE_NO_PAD.encode(outside.random.octets(SALT_OCTETS));
        let mut state = state.unwrap_or_else(|| State::new(salt()));
        state.without_future(now.wall);
        let mut paused_until = BTreeMap::new();
        let mut senders = Vec::new();
        for (target, access) in config.targets.iter().zip(access) {
            let name = target.name.as_str();
            let place = place(target, &access);
            let fingerprint = fingerprint(&state.salt, target, &access);
            let known = state.target_mut(name, &place, &fingerprint);
            if let Some(trouble) = &known.trouble {
                let remaining = trouble.wait.saturating_sub(now.age(trouble.at));
                paused_until.insert(name.to_owned(), now.running + remaining);
            }
            senders.push(Sender::new(target.clone(), access));
        }
        Ok(Self {
            config,
            senders,
            http,
            clients,
            outside,
            state,
            state_file,
            paused_until,
            told: [None, None],
            _lock: lock,
        })
    }

    /// Looks again and again. It comes to no end by itself; dropping it loses nothing that was sent and noted.
    pub async fn run(&mut self) {
        loop {
            let round = self.round().await;
            tokio::time::sleep(round.next).await;
        }
    }

    /// Begins anew with a target that was stopped or waits: a person says that it is in order now.
    pub fn begin_anew(&mut self, name: &str) {
        self.paused_until.remove(name);
        if let Some(known) = self.state.targets.get_mut(name) {
            known.trouble = None;
            for host in known.hosts.values_mut() {
                host.stopped = None;
            }
        }
    }

    /// Sends wishes of one target now, whatever was sent before.
    pub async fn send_now(&mut self, name: &str, wishes: &[HostWish]) -> Option<TargetRound> {
        let mut targets = self.config.targets.iter();
        let index = targets.position(|target| target.name.as_str() == name)?;
        let target = self.config.targets.get(index)?.clone();
        Some(self.send(&target, index, wishes).await)
    }

    /// What was sent of a target.
    pub fn known(&self, name: &str) -> TargetState {
        self.state.targets.get(name).cloned().unwrap_or_default()
    }

    /// Looks once, and sends what is due.
    pub async fn round(&mut self) -> Round {
        let findings = find(&self.config, &self.http).await;
        self.tell_what_is_unknown(&findings);
        let before = self.state.clone();
        let mut next = self.config.check;
        let mut targets = Vec::new();
        for index in 0..self.senders.len() {
            let Some(target) = self.config.targets.get(index).cloned() else {
                continue;
            };
            let (outcome, sooner) = self.target_round(&target, index, &findings).await;
            next = next.min(sooner.unwrap_or(next));
            targets.push((target.name.to_string(), outcome));
        }
        self.note_findings(&findings);
        self.write_if_new(&before);
        let next = next.max(Duration::from_secs(1));
        Round { targets, next }
    }

    async fn target_round(
        &mut self,
        target: &Target,
        index: usize,
        findings: &Findings,
    ) -> (TargetRound, Option<Duration>) {
        let name = target.name.as_str();
        let known = self.state.targets.get(name).cloned().unwrap_or_default();
        let now = self.now();
        let wishes = wishes(findings, &target.hosts, target.absent, |host| {
            known.host(host)
        });
        let situation = Situation {
            wishes: &wishes,
            now,
            refresh: self.config.refresh,
            paused_until: self.paused_until.get(name).copied(),
        };
        match decide(&situation, |host| known.host(host)) {
            Decision::Send(due) => {
                let outcome = self.send(target, index, &due).await;
                let until = self.paused_until.get(name);
                let pause = until.map(|until| until.saturating_sub(self.now().running));
                (outcome, pause.filter(|pause| !pause.is_zero()))
            }
            Decision::Wait { remaining } => (TargetRound::Waiting { remaining }, Some(remaining)),
            Decision::Nothing { refresh_in: None }
                if wishes
                    .iter()
                    .all(|wish| wish.ipv4.is_keep() && wish.ipv6.is_keep()) =>
            {
                (TargetRound::NothingFound, None)
            }
            Decision::Nothing { refresh_in } => (TargetRound::Nothing, refresh_in),
            Decision::Stopped { reason } => (TargetRound::Stopped { reason }, None),
        }
    }

    async fn send(&mut self, target: &Target, index: usize, due: &[HostWish]) -> TargetRound {
        let name = target.name.to_string();
        let Some(sender) = self.senders.get_mut(index) else {
            return TargetRound::Nothing;
        };
        let client = match target.reach {
            Reach::Public => &self.clients.public,
            Reach::Everywhere => &self.clients.everywhere,
        };
        let answers = sender.send(due, client).await;
        let now = self.now();
        let known = self.state.targets.entry(name.clone()).or_default();
        let mut worst: Option<Fault> = None;
        for (wish, answer) in due.iter().zip(answers) {
            match answer {
                Ok(said) => note_sent(known, wish, said, now.wall),
                Err(fault) => {
                    note_fault(known, &name, wish, &fault);
                    worst = Some(worse(worst, fault));
                }
            }
        }
        let outcome = self.note_outcome(&name, worst, now);
        // Whatever happens now, what was sent is not sent again.
        self.write();
        outcome
    }

    /// Keeps count of faults, and how long to wait.
    fn note_outcome(&mut self, name: &str, worst: Option<Fault>, now: Moment) -> TargetRound {
        let known = self.state.targets.entry(name.to_owned()).or_default();
        let Some(fault) = worst else {
            known.trouble = None;
            self.paused_until.remove(name);
            return TargetRound::Sent;
        };
        let before = known.trouble.as_ref().map_or(0, |trouble| trouble.times);
        let times = before.saturating_add(1);
        let random = self.outside.random.octets(1).first().copied();
        let Some(wait) = pause(fault.kind, times, random.unwrap_or_default()) else {
            // Final: the host is stopped, and others may go on.
            return TargetRound::Failed(fault);
        };
        let message = fault.message.clone();
        tracing::warn!("{name}: {message}; again in {}", in_words(wait));
        known.trouble = Some(StoredTrouble {
            kind: fault.kind,
            message,
            times,
            at: now.wall,
            wait,
        });
        self.paused_until
            .insert(name.to_owned(), now.running + wait);
        TargetRound::Failed(fault)
    }

    fn now(&self) -> Moment {
        Moment::now(self.outside.clock.as_ref(), self.outside.timer.as_ref())
    }

    /// Says once that an address is not known, and once that it is again.
    fn tell_what_is_unknown(&mut self, findings: &Findings) {
        let reasons = [why(&findings.ipv4), why(&findings.ipv6)];
        for ((family, told), reason) in ["IPv4", "IPv6"].iter().zip(&mut self.told).zip(reasons) {
            if *told == reason {
                continue;
            }
            if let Some(reason) = &reason {
                tracing::warn!(
                    "the {family} address is not known, and DNS stays as it is: {reason}"
                );
            } else {
                tracing::info!("the {family} address is known again");
            }
            *told = reason;
        }
    }

    fn note_findings(&mut self, findings: &Findings) {
        self.state.found = vec![shown("IPv4", &findings.ipv4), shown("IPv6", &findings.ipv6)];
    }

    /// Writes the state when it says something new, or after a while.
    fn write_if_new(&mut self, before: &State) {
        let now = self.now();
        let is_old = before
            .looked_at
            .is_none_or(|at| now.age(at) >= WRITE_AGAIN || at > now.wall);
        if is_old || self.state != *before {
            self.state.looked_at = Some(now.wall);
            self.write();
        }
    }

    fn write(&self) {
        // It is remembered in memory at least.
        if let Err(error) = self.state.write(&self.state_file) {
            tracing::error!("what was sent will be forgotten: {error}");
        }
    }
}

fn note_sent(known: &mut TargetState, wish: &HostWish, said: Said, at: Timestamp) {
    let host = known.hosts.entry(wish.host.to_string()).or_default();
    let mut words = Vec::new();
    words.extend(note_family("A", wish.ipv4, &mut host.ipv4, at));
    words.extend(note_family("AAAA", wish.ipv6, &mut host.ipv6, at));
    let words = words.join(", ");
    match said {
        Said::Changed => tracing::info!("{}: {words}", wish.host),
        Said::Same => tracing::info!("{}: {words} (it was so already)", wish.host),
    }
}

fn note_family<A: Copy + std::fmt::Display>(
    rtype: &str,
    wish: FamilyWish<A>,
    sent: &mut Option<Sent<A>>,
    at: Timestamp,
) -> Option<String> {
    let address = match wish {
        FamilyWish::Keep => return None,
        FamilyWish::Set(address) => Some(address),
        FamilyWish::Remove => None,
    };
    *sent = Some(Sent { address, at });
    Some(match address {
        Some(address) => format!("{rtype} {address}"),
        None => format!("no {rtype}"),
    })
}

fn note_fault(known: &mut TargetState, name: &str, wish: &HostWish, fault: &Fault) {
    if fault.kind == FaultKind::Final {
        let host = known.hosts.entry(wish.host.to_string()).or_default();
        host.stopped = Some(fault.message.clone());
        tracing::error!(
            "{}: {}; nothing more is sent until that is mended: run `easement ddns setup` again, or change target {name}",
            wish.host,
            fault.message
        );
    }
}

/// Of two faults, the one that makes the server be left alone for longer.
fn worse(one: Option<Fault>, other: Fault) -> Fault {
    let weight = |fault: &Fault| match fault.kind {
        FaultKind::Final => 0,
        FaultKind::Network => 1,
        FaultKind::Server => 2,
        FaultKind::Busy { .. } => 3,
    };
    match one {
        Some(one) if weight(&one) >= weight(&other) => one,
        Some(_) | None => other,
    }
}

/// Where what was sent counts.
fn place(target: &Target, access: &Access) -> String {
    match access {
        Access::Secret(_) => target.place(),
        Access::Grant(grant) => format!("{} {}", target.place(), grant.place()),
    }
}

/// What a stop stands on: when it is another, a person has changed something. It tells nothing about the secret to
/// whoever does not have it.
fn fingerprint(salt: &str, target: &Target, access: &Access) -> String {
    let mut context = Context::new(&SHA256);
    let secret = match access {
        Access::Secret(secret) => secret.reveal().to_owned(),
        Access::Grant(grant) => grant.identity(),
    };
    let hosts: Vec<String> = target
        .hosts
        .iter()
        .map(|host| host.name.to_string())
        .collect();
    for part in [salt, &target.place(), &hosts.join(","), &secret] {
        context.update(part.as_bytes());
        context.update(&[0]);
    }
    BASE64_URL_SAFE_NO_PAD.encode(context.finish())
}

fn why<A>(finding: &Finding<A>) -> Option<String> {
    match finding {
        Finding::Unknown { why } => Some(why.clone()),
        Finding::Found(_) | Finding::Absent | Finding::Off => None,
    }
}

fn shown<A: std::fmt::Display>(family: &str, finding: &Finding<A>) -> String {
    match finding {
        Finding::Found(addresses) => {
            let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            format!("{family} {}", addresses.join(", "))
        }
        Finding::Absent => format!("no {family} address"),
        Finding::Unknown { why } => format!("{family} not known: {why}"),
        Finding::Off => format!("{family} not wanted"),
    }
}

/// A while, to people.
fn in_words(while_: Duration) -> String {
    let seconds = while_.as_secs();
    match seconds {
        0..=119 => format!("{seconds} seconds"),
        120..=7199 => format!("{} minutes", seconds / 60),
        _ => format!("{} hours", seconds / 3600),
    }
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outside")
    }
}

/// Why the agent does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another one runs, or the lock cannot be taken.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The state cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The file of authorities cannot be used.
    #[error(transparent)]
    Roots(#[from] RootsError),
}
