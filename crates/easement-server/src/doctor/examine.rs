//! Looking at everything, the server first and then its zones.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use easement_core::{Clock, Random, Timestamp};
use easement_zone::{Name, RecordType};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::Check;
use super::look;
use super::look::dns::Asker;
use super::look::parent::Parents;
use super::rules::delegation::Delegation;
use super::rules::resolver::ResolverSeen;
use super::rules::{
    certificate, clock, delegation, ports, resolver, settings, store, temp_names, webhooks, zone,
};
use crate::admin::{AdminRequest, ServerFacts, ZoneFacts};
use crate::config::Config;
use easement_outbound::dns::Resolvers;
use easement_outbound::{SystemClock, SystemRandom};

/// How many zones are looked at together, and how long one may take.
const TOGETHER: usize = 16;
const ZONE_LIMIT: Duration = Duration::from_secs(30);

/// Which zones are looked at.
#[derive(Clone, Debug)]
pub enum WhichZones {
    /// Every zone of the server.
    All,
    /// These.
    These(Vec<Name>),
    /// The server alone.
    None,
}

/// What surrounds the server that is examined, and what a test replaces.
#[derive(Clone)]
pub struct Outside {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What makes the ids of questions.
    pub random: Arc<dyn Random>,
    /// The port that name servers answer on.
    pub name_server_port: u16,
}

impl Outside {
    /// The machine's clock and random source, and the internet.
    pub fn of_this_machine() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            name_server_port: 53,
        }
    }
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outside")
    }
}

/// Examines a server and its zones. `file` is where the configuration was read from; `progress` hears how
/// many zones are done, and of how many.
pub async fn examine(
    config: &Config,
    file: Option<&Path>,
    which: &WhichZones,
    outside: &Outside,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Vec<Check> {
    let zones = match which {
        WhichZones::All => None,
        WhichZones::These(zones) => Some(zones.clone()),
        WhichZones::None => Some(Vec::new()),
    };
    let found = look::store::look(config, AdminRequest::Examine { zones }).await;
    let facts = found.facts.as_ref();
    let running = facts.filter(|_| found.is_running);
    let asker = Asker {
        // One, whose answers are judged.
        resolver: (config.dns.resolver).unwrap_or_else(|| Resolvers::of_system().first()),
        random: Arc::clone(&outside.random),
    };
    let mut checks = settings::judge(config, &config.exposed_files(file));
    let now = outside.clock.now();
    checks.extend(check_server(config, &found, running, &asker, now).await);
    let known = facts.map_or(&[][..], |facts| &facts.zones);
    checks.extend(not_hosted(which, known));
    let listen = running.map_or_else(Vec::new, |facts| facts.dns_listen.clone());
    let zones = Arc::new(Zones {
        parents: Parents::new(asker.clone(), outside.name_server_port),
        asker,
        listen,
        configured: config.dns.name_servers.clone(),
    });
    checks.extend(zones.check_all(known, progress).await);
    checks
}

/// Everything that is about the server and its machine, and no zone.
async fn check_server(
    config: &Config,
    found: &look::store::Found,
    running: Option<&ServerFacts>,
    asker: &Asker,
    now: Timestamp,
) -> Vec<Check> {
    let ports = look::ports::look(config, running);
    let mut checks: Vec<Check> = ports.iter().map(ports::judge).collect();
    checks.push(clock::judge(&clock::Clock {
        now,
        newest_commit: found.facts.as_ref().and_then(|facts| facts.newest_commit),
        is_synchronised: look::clock::is_synchronised().await,
    }));
    checks.push(check_resolver(asker, running).await);
    checks.push(certificate::judge(&look::certificate::look(config), now));
    checks.push(store::judge(&found.seen));
    if let Some(facts) = &found.facts {
        checks.push(webhooks::judge(facts.webhooks.as_ref()));
        let temp_names = facts.temp_names.as_ref();
        checks.extend(temp_names.map(|facts| temp_names::judge(facts, &config.server.public_url)));
    }
    if let Some((folder, free)) = look::store::free_space(config) {
        checks.push(store::judge_disk(&folder.display().to_string(), free));
    }
    checks
}

async fn check_resolver(asker: &Asker, running: Option<&ServerFacts>) -> Check {
    let is_ours = running.is_some_and(|facts| facts.dns_listen.contains(&asker.resolver));
    resolver::judge(&ResolverSeen {
        address: asker.resolver,
        is_ours,
        answer: asker.resolve(&Name::root(), RecordType::NS).await,
    })
}

/// Zones that were named and are not there.
fn not_hosted(which: &WhichZones, known: &[ZoneFacts]) -> Vec<Check> {
    let WhichZones::These(named) = which else {
        return Vec::new();
    };
    let is_missing = |apex: &&Name| known.iter().all(|facts| facts.apex != **apex);
    let missing = named.iter().filter(is_missing);
    missing
        .map(|apex| {
            Check::fail(
                "zone",
                "this server does not host it, or could not be asked",
                "`easement zone list` names those that it hosts",
            )
            .of(apex)
        })
        .collect()
}

//------------ Zones -----------------------------------------------------------------------------

/// What all zones are looked at with.
struct Zones {
    asker: Asker,
    parents: Parents,
    /// Where the running server answers.
    listen: Vec<SocketAddr>,
    configured: Vec<Name>,
}

impl Zones {
    /// Looks at zones, some of them together; the checks are in the order of the zones.
    async fn check_all(
        self: Arc<Self>,
        known: &[ZoneFacts],
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> Vec<Check> {
        let places = Arc::new(Semaphore::new(TOGETHER));
        let mut running = JoinSet::new();
        let mut done: Vec<(usize, Vec<Check>)> = Vec::with_capacity(known.len());
        for (index, facts) in known.iter().cloned().enumerate() {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                break;
            };
            let zones = Arc::clone(&self);
            running.spawn(async move {
                let checks = zones.check(&facts).await;
                drop(place);
                (index, checks)
            });
            while let Some(Ok(checked)) = running.try_join_next() {
                done.push(checked);
                progress(done.len(), known.len());
            }
        }
        while let Some(joined) = running.join_next().await {
            done.extend(joined);
            progress(done.len(), known.len());
        }
        done.sort_by_key(|(index, _)| *index);
        done.into_iter().flat_map(|(_, checks)| checks).collect()
    }

    async fn check(&self, facts: &ZoneFacts) -> Vec<Check> {
        let apex = &facts.apex;
        let answers = look::zone::own_answers(&self.asker, &self.listen, apex).await;
        let mut checks = vec![zone::judge_answers(facts, &answers).of(apex)];
        let limit = "it took too long".to_owned();
        let delegation = timeout(ZONE_LIMIT, self.parents.look(apex)).await;
        let delegation = delegation.unwrap_or(Delegation::Unknown(limit));
        checks.extend(delegation::judge(facts, &delegation, &self.configured));
        let found = look::zone::discovery(&self.asker, apex).await;
        checks.push(zone::judge_discovery(facts, &found).of(apex));
        checks
    }
}
