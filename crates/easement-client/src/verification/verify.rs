//! Asking every server of a zone, again and again, until all show what is expected.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use easement_core::Destination;
use easement_outbound::dns::{
    AddressesError, Code, LookupError, Question, Transport, addresses_of, ask_once,
};
use easement_zone::{Name, RecordType};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use super::compare::{Expectation, NoAuthority};
use super::report::{ServerReport, ServerState, VerifyReport};
use crate::Client;

const DNS_PORT: u16 = 53;
/// How many servers of a zone are asked, and at how many addresses of each.
const MAX_SERVERS: usize = 13;
const MAX_ADDRESSES: usize = 2;
/// How long one server may take for one answer.
const PATIENCE: Duration = Duration::from_secs(4);

/// How long, and how often, servers are asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct VerifyPolicy {
    /// For how long altogether.
    pub limit: Duration,
    /// The first wait between two rounds; each is half again as long as the one before.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
}

impl Default for VerifyPolicy {
    /// Two minutes, with waits from one to ten seconds.
    fn default() -> Self {
        Self {
            limit: Duration::from_mins(2),
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(10),
        }
    }
}

impl Client {
    /// Asks the servers that the zone is delegated to until all show what is expected, or the time is over. `progress`
    /// is told after each round.
    pub async fn verify(
        &self,
        zone: &Name,
        expected: &[Expectation],
        policy: VerifyPolicy,
        progress: impl FnMut(&VerifyReport),
    ) -> Result<VerifyReport, VerifyError> {
        if expected.is_empty() {
            return Err(VerifyError::NothingExpected);
        }
        let servers = self.name_servers(zone).await?;
        self.verify_at(servers, expected, policy, progress).await
    }

    /// The same for servers that the caller names.
    pub async fn verify_at(
        &self,
        servers: Vec<ServerReport>,
        expected: &[Expectation],
        policy: VerifyPolicy,
        mut progress: impl FnMut(&VerifyReport),
    ) -> Result<VerifyReport, VerifyError> {
        if servers.is_empty() {
            return Err(VerifyError::NobodyToAsk);
        }
        if expected.is_empty() {
            return Err(VerifyError::NothingExpected);
        }
        let end = Instant::now() + policy.limit;
        let mut report = VerifyReport { servers, rounds: 0 };
        let mut wait = policy.first_wait;
        loop {
            report.rounds += 1;
            let asked = self.ask_all(&mut report, expected);
            let is_in_time = timeout_at(end, asked).await.is_ok();
            if !is_in_time {
                end_waiting(&mut report);
            }
            progress(&report);
            if !is_in_time || !is_worth_waiting(&report) || Instant::now() + wait >= end {
                return Ok(report);
            }
            sleep(wait).await;
            wait = (wait + wait / 2).min(policy.longest_wait);
        }
    }

    /// The servers that a zone is delegated to, as the resolver knows them, and where they are.
    pub async fn name_servers(&self, zone: &Name) -> Result<Vec<ServerReport>, VerifyError> {
        let question = Question::to_resolver(zone.clone(), RecordType::NS);
        let random = self.random.as_ref();
        let answer = self.resolvers.ask(&question, PATIENCE, random).await;
        let answer = answer.and_then(|answer| match answer.code {
            Code::NoError | Code::NxDomain => Ok(answer),
            Code::Other(code) => Err(LookupError::Refused { code }),
        });
        let answer = answer.map_err(|source| VerifyError::Lookup {
            zone: zone.clone(),
            source,
        })?;
        let found = answer.data_at(zone, RecordType::NS);
        let mut names: Vec<Name> = found.iter().filter_map(|data| data.target()).collect();
        names.sort();
        names.truncate(MAX_SERVERS);
        if names.is_empty() {
            let zone = zone.clone();
            return Err(VerifyError::NoServers { zone });
        }
        let found = self.places_of(names).await;
        Ok(found.into_values().flatten().collect())
    }

    /// Where servers are, all looked up at the same time.
    async fn places_of(&self, names: Vec<Name>) -> BTreeMap<Name, Vec<ServerReport>> {
        let mut looking = JoinSet::new();
        for name in names {
            let client = self.clone();
            looking.spawn(async move {
                let places = client.places_of_server(&name).await;
                (name, places)
            });
        }
        let mut found = BTreeMap::new();
        while let Some(joined) = looking.join_next().await {
            found.extend(joined.ok());
        }
        found
    }

    async fn places_of_server(&self, name: &Name) -> Vec<ServerReport> {
        let server = |address, state| ServerReport {
            name: name.to_text(),
            address,
            state,
        };
        let found = addresses_of(name, (&self.resolvers, PATIENCE), self.random.as_ref()).await;
        let addresses = match found {
            Ok(addresses) => addresses,
            Err(error) => return vec![server(None, failed(&error))],
        };
        let checked = addresses.into_iter().take(MAX_ADDRESSES).map(|address| {
            let state = match self.http.check(&Destination::Address(address)) {
                Ok(()) => ServerState::Waiting,
                Err(_) => ServerState::NotPublic,
            };
            server(Some(SocketAddr::new(address, DNS_PORT)), state)
        });
        checked.collect()
    }

    /// Looks again for servers whose names brought no address in an earlier round.
    async fn find_again(&self, report: &mut VerifyReport) {
        let lost = |server: &ServerReport| match server.address {
            Some(_) => None,
            None => server.name.parse::<Name>().ok(),
        };
        let names: Vec<Name> = report.servers.iter().filter_map(lost).collect();
        if names.is_empty() {
            return;
        }
        let mut found = self.places_of(names).await;
        let servers = std::mem::take(&mut report.servers).into_iter();
        let servers = servers.flat_map(|server| {
            let places = lost(&server).and_then(|name| found.remove(&name));
            places.unwrap_or_else(|| vec![server])
        });
        report.servers = servers.collect();
    }

    /// Asks every server that does not show it yet, all at the same time.
    async fn ask_all(&self, report: &mut VerifyReport, expected: &[Expectation]) {
        if report.rounds > 1 {
            self.find_again(report).await;
        }
        let mut asking = JoinSet::new();
        for (index, server) in report.servers.iter().enumerate() {
            if let (Some(address), true) = (server.address, server.is_open()) {
                let client = self.clone();
                let expected = expected.to_vec();
                asking.spawn(async move { (index, client.state_of(address, &expected).await) });
            }
        }
        while let Some(joined) = asking.join_next().await {
            if let Ok((index, state)) = joined
                && let Some(server) = report.servers.get_mut(index)
            {
                server.state = state;
            }
        }
    }

    async fn state_of(&self, server: SocketAddr, expected: &[Expectation]) -> ServerState {
        let mut differences = Vec::new();
        for expectation in expected {
            let question = Question::to_name_server(expectation.owner.clone(), expectation.rtype);
            let random = self.random.as_ref();
            let answer = ask_once(server, &question, Transport::Udp, PATIENCE, random).await;
            let answer = match answer {
                Ok(answer) => answer,
                Err(LookupError::NoRoute { .. }) => return ServerState::NoRoute,
                Err(error) => return ServerState::Failed(unanswered(&error)),
            };
            match expectation.difference(&answer) {
                Ok(difference) => differences.extend(difference),
                Err(NoAuthority::HasNot) => return ServerState::NotAuthoritative,
                Err(NoAuthority::Code(code)) => {
                    return ServerState::Failed(format!("it answers {code}"));
                }
            }
        }
        if differences.is_empty() {
            ServerState::Shown
        } else {
            ServerState::Differs(differences)
        }
    }
}

/// Whether another round can change anything.
fn is_worth_waiting(report: &VerifyReport) -> bool {
    !report.is_complete() && report.servers.iter().any(ServerReport::is_open)
}

/// Those that were asked last, and did not answer before all was over.
fn end_waiting(report: &mut VerifyReport) {
    for server in &mut report.servers {
        if server.state == ServerState::Waiting {
            server.state = ServerState::Failed("no answer came in time".to_owned());
        }
    }
}

/// Why a name server gave no answer, in words that do not take it for a resolver.
fn unanswered(error: &LookupError) -> String {
    match error {
        LookupError::TimedOut { .. } => "no answer came in time".to_owned(),
        LookupError::Malformed => "its answer cannot be read".to_owned(),
        LookupError::Refused { .. }
        | LookupError::TooLarge
        | LookupError::TooManyAliases
        | LookupError::NoRoute { .. }
        | LookupError::Io(_) => error.to_string(),
    }
}

fn failed(error: &AddressesError) -> ServerState {
    let text = match error {
        AddressesError::NoAddress => "its name has no address".to_owned(),
        AddressesError::NoAnswer => "its name could not be looked up in time".to_owned(),
        AddressesError::TooMany => "its name has too many addresses".to_owned(),
        AddressesError::Resolver(error) => error.to_string(),
    };
    ServerState::Failed(text)
}

/// Why no server was asked.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// DNS does not say who has the zone.
    #[error("DNS cannot be asked for the name servers of {}: {source}", zone.to_unicode())]
    Lookup {
        /// The zone.
        zone: Name,
        /// Why.
        source: LookupError,
    },
    /// No server was named.
    #[error("no name server is named that could be asked")]
    NobodyToAsk,
    /// Nothing is expected, so that every answer would do.
    #[error("no record is named that DNS should show")]
    NothingExpected,
    /// Nobody has it.
    #[error("{} has no name servers: check that it is registered and not suspended", zone.to_unicode())]
    NoServers {
        /// The zone.
        zone: Name,
    },
}
