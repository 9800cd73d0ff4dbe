//! The agent: looks, decides, sends, remembers.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use easement_outbound::http::RootsError;

use crate::config::{Config, Target};
use crate::decide::{Absences, Decision, Findings, HostWish, Situation, decide, pause, wishes};
use crate::fault::Fault;
use crate::files::{FileError, Lock, LockError};
use crate::find::{asks_strangers, find};
use crate::fingerprint::fingerprint;
use crate::note::{in_words, note_fault, note_sent, shown, why, worse};
use crate::outside::{Clients, Outside};
use crate::round::{Round, TargetRound};
use crate::send::{Access, Sender};
use crate::state::{State, StateError, StoredTrouble, TargetState};
use crate::time::Moment;

/// How much is mixed into fingerprints.
const SALT_OCTETS: usize = 16;
/// A state that says nothing new is written so seldom, for the sake of cards that wear out.
const WRITE_AGAIN: Duration = Duration::from_hours(1);
/// What checkers said counts so long: strangers are not asked more often, however often something is sent.
const FRESH: Duration = Duration::from_mins(1);

/// Keeps addresses up to date, as a configuration says.
#[derive(Debug)]
pub struct Agent {
    parts: Parts,
    outside: Outside,
    state: State,
    /// Until when each target is left alone, by the clock that only runs.
    paused_until: BTreeMap<String, Duration>,
    /// Why an address was not found, IPv4 and IPv6, when that was told.
    told: [Option<String>; 2],
    absences: Absences,
    /// What the last look found, and when by the clock that only runs.
    last_look: Option<(Duration, Findings)>,
    lock: Lock,
}

/// What is made of a configuration.
#[derive(Debug)]
struct Parts {
    config: Config,
    senders: Vec<Sender>,
    clients: Clients,
}

impl Parts {
    fn new(config: Config, access: Vec<Access>, outside: &Outside) -> Result<Self, RootsError> {
        let clients = Clients::new(&config, outside)?;
        let targets = config.targets.iter().cloned().zip(access);
        let senders = targets.map(|(target, access)| Sender::new(target, access));
        Ok(Self {
            senders: senders.collect(),
            config,
            clients,
        })
    }
}

impl Agent {
    /// Reads the state whose lock is given. What opens the targets comes in their order.
    pub fn start(
        config: Config,
        access: Vec<Access>,
        lock: Lock,
        outside: Outside,
    ) -> Result<Self, StartError> {
        let parts = Parts::new(config, access, &outside)?;
        let mut agent = Self {
            parts,
            state: read_state(&lock, &outside)?,
            outside,
            paused_until: BTreeMap::new(),
            told: [None, None],
            absences: Absences::default(),
            last_look: None,
            lock,
        };
        agent.take_up();
        Ok(agent)
    }

    /// Goes on with another configuration, and begins anew with every target: a person says that it is in order now.
    /// When that cannot be, everything is as it was.
    pub fn reload(
        &mut self,
        config: Config,
        access: Vec<Access>,
        state_file: &Path,
    ) -> Result<(), StartError> {
        let parts = Parts::new(config, access, &self.outside)?;
        if state_file != self.lock.state() {
            let lock = Lock::take(state_file)?;
            self.state = read_state(&lock, &self.outside)?;
            self.lock = lock;
        }
        self.parts = parts;
        self.last_look = None;
        self.paused_until.clear();
        for target in self.state.targets.values_mut() {
            target.forget();
        }
        self.take_up();
        Ok(())
    }

    /// What is known of the targets counts as far as they are the same, and what is in the way is told.
    fn take_up(&mut self) {
        let now = self.outside.now();
        self.state.settle(&now);
        for sender in &self.parts.senders {
            let (target, access) = (sender.target(), sender.access());
            let name = target.name.as_str();
            if let Access::Missing { reason } = access {
                tracing::error!("{name}: nothing is sent: {reason}");
                continue;
            }
            if let Some(what) = sender.leaves_out() {
                tracing::warn!("{name}: {what}");
            }
            let print = fingerprint(&self.state.salt, target, access).unwrap_or_default();
            let known = self.state.target_mut(name, &print);
            if let Some(trouble) = &known.trouble {
                let remaining = trouble.wait.saturating_sub(trouble.at.age(&now));
                let until = now.running + remaining;
                self.paused_until.insert(name.to_owned(), until);
            }
            for (host, known) in &known.hosts {
                if let Some(reason) = &known.stopped {
                    tracing::error!(
                        "{host}: nothing is sent: {reason}; run `easement ddns setup` again, or change target {name}"
                    );
                }
            }
        }
    }

    /// Begins anew with a target: a person says that it is in order now, and everything is sent once more.
    pub fn begin_anew(&mut self, name: &str) {
        self.paused_until.remove(name);
        if let Some(known) = self.state.targets.get_mut(name) {
            known.forget();
        }
    }

    /// Sends wishes of one target now, whatever was sent before.
    pub async fn send_now(&mut self, name: &str, wishes: &[HostWish]) -> Option<TargetRound> {
        let mut targets = self.parts.config.targets.iter();
        let index = targets.position(|target| target.name.as_str() == name)?;
        let target = self.parts.config.targets.get(index)?.clone();
        Some(self.send(&target, index, wishes).await)
    }

    /// What was sent of a target.
    pub fn known(&self, name: &str) -> TargetState {
        self.state.targets.get(name).cloned().unwrap_or_default()
    }

    /// Writes what could not be written before: tokens that exist nowhere else.
    pub fn save(&mut self) -> Result<(), FileError> {
        self.parts.senders.iter_mut().try_for_each(Sender::save)
    }

    /// Looks once, and sends what is due.
    pub async fn round(&mut self) -> Round {
        let findings = self.look().await;
        self.settle(findings).await
    }

    /// Looks for addresses. Nothing is lost when nobody waits for the end.
    pub async fn look(&mut self) -> Findings {
        let running = self.outside.now().running;
        if let Some((at, findings)) = &self.last_look
            && asks_strangers(&self.parts.config)
            && running.saturating_sub(*at) < FRESH
        {
            return findings.clone();
        }
        self.follow_the_resolvers();
        let findings = find(&self.parts.config, &self.parts.clients.checkers).await;
        let running = self.outside.now().running;
        let findings = self.absences.judge(findings, running);
        self.last_look = Some((running, findings.clone()));
        findings
    }

    /// The machine may have come to another network.
    fn follow_the_resolvers(&mut self) {
        let clients = &self.parts.clients;
        match clients.anew(&self.parts.config, &self.outside) {
            Ok(None) => {}
            Ok(Some(clients)) => self.parts.clients = clients,
            Err(error) => tracing::warn!("the resolvers that were asked are asked on: {error}"),
        }
    }

    /// Sends what is due after a look. It is to be waited for to its end: what a server was told is noted then.
    pub async fn settle(&mut self, findings: Findings) -> Round {
        self.tell_what_is_unknown(&findings);
        let before = self.state.clone();
        let now = self.outside.now();
        self.state.settle(&now);
        let mut next = self.parts.config.check;
        let mut targets = Vec::new();
        for index in 0..self.parts.senders.len() {
            let Some(target) = self.parts.config.targets.get(index).cloned() else {
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
        let Some(sender) = self.parts.senders.get(index) else {
            return (TargetRound::Nothing, None);
        };
        if let Access::Missing { reason } = sender.access() {
            let reason = reason.clone();
            return (TargetRound::Locked { reason }, None);
        }
        let name = target.name.as_str();
        let known = self.known(name);
        let mut wishes = wishes(findings, &target.hosts, target.absent, |host| {
            known.host(host)
        });
        sender.keep_to_what_can_be_said(&mut wishes, &known);
        let situation = Situation {
            wishes: &wishes,
            now: self.outside.now(),
            refresh: self.parts.config.refresh,
            paused_until: self.paused_until.get(name).copied(),
        };
        match decide(&situation, |host| known.host(host)) {
            Decision::Send(due) => {
                let outcome = self.send(target, index, &due).await;
                let until = self.paused_until.get(name);
                let pause = until.map(|until| until.saturating_sub(self.outside.now().running));
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
        let before = self.known(&name);
        let Some(sender) = self.parts.senders.get_mut(index) else {
            return TargetRound::Nothing;
        };
        let client = self.parts.clients.of(target.reach);
        let replies = sender.send(due, &before, client).await;
        let now = self.outside.now();
        let known = self.state.targets.entry(name.clone()).or_default();
        let mut worst: Option<Fault> = None;
        for reply in replies {
            match reply.said {
                Ok(said) => note_sent(known, &reply.wish, said, now),
                Err(fault) => {
                    note_fault(known, &name, &reply.wish, &fault);
                    worst = Some(worse(worst, fault));
                }
            }
        }
        let stopped = known.hosts.values().find_map(|host| host.stopped.clone());
        let outcome = match (self.note_outcome(&name, worst, now), stopped) {
            (TargetRound::Sent, Some(reason)) => TargetRound::Stopped { reason },
            (outcome, _) => outcome,
        };
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
            at: now.into(),
            wait,
        });
        let until = now.running + wait;
        self.paused_until.insert(name.to_owned(), until);
        TargetRound::Failed(fault)
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
        let reasons = [why(&findings.ipv4), why(&findings.ipv6)];
        self.state.is_unknown = reasons.iter().any(Option::is_some);
    }

    /// Writes the state when it says something new, or after a while.
    fn write_if_new(&mut self, before: &State) {
        let now = self.outside.now().wall;
        let is_old = before
            .looked_at
            .is_none_or(|at| now.since(at) >= WRITE_AGAIN || at > now);
        if is_old || self.state != *before {
            self.state.looked_at = Some(now);
            self.write();
        }
    }

    fn write(&self) {
        // It is remembered in memory at least.
        if let Err(error) = self.state.write(self.lock.state()) {
            tracing::error!("what was sent will be forgotten: {error}");
        }
    }
}

fn read_state(lock: &Lock, outside: &Outside) -> Result<State, StateError> {
    let (state, note) = State::read_or_set_aside(lock.state())?;
    if let Some(note) = note {
        tracing::warn!("{note}");
    }
    let salt = || BASE64_URL_SAFE_NO_PAD.encode(outside.random.octets(SALT_OCTETS));
    Ok(state.unwrap_or_else(|| State::new(salt())))
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
