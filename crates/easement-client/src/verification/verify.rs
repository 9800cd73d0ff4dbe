//! Asking every server of a zone, again and again, until all show what is expected.

use std::net::SocketAddr;
use std::time::Duration;

use easement_core::Destination;
use easement_outbound::dns::{
    AddressesError, LookupError, Question, Transport, addresses_of, ask_once,
};
use easement_zone::{Name, RecordType};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use super::compare::{Expectation, Found, authority};
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

/// What the servers of a zone show.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifyReport {
    /// Each server, in a fixed order.
    pub servers: Vec<ServerReport>,
    /// How many rounds were asked.
    pub rounds: u32,
}

impl VerifyReport {
    /// Whether all show what is expected.
    pub fn is_complete(&self) -> bool {
        self.shown() == self.servers.len()
    }

    /// How many show what is expected.
    pub fn shown(&self) -> usize {
        let states = self.servers.iter().map(|server| &server.state);
        states.filter(|state| **state == ServerState::Shown).count()
    }
}

/// One server of a zone, at one address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ServerReport {
    /// Its name; its address, when the caller named it.
    pub name: String,
    /// Where it is asked; nothing when that is not known.
    pub address: Option<SocketAddr>,
    /// What it showed last.
    pub state: ServerState,
}

/// What one server shows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ServerState {
    /// It was not asked yet.
    Waiting,
    /// All that is expected.
    Shown,
    /// Something else.
    Differs(Vec<Found>),
    /// It does not have the zone.
    NotAuthoritative,
    /// It answers with an error, or not at all.
    Failed(String),
    /// It is not asked, because its address is not public.
    NotPublic,
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
        let servers = self.name_servers(zone).await?;
        Ok(self.verify_at(servers, expected, policy, progress).await)
    }

    /// The same for servers that the caller names.
    pub async fn verify_at(
        &self,
        servers: Vec<ServerReport>,
        expected: &[Expectation],
        policy: VerifyPolicy,
        mut progress: impl FnMut(&VerifyReport),
    ) -> VerifyReport {
        let end = Instant::now() + policy.limit;
        let mut report = VerifyReport { servers, rounds: 0 };
        let mut wait = policy.first_wait;
        loop {
            report.rounds += 1;
            let asked = self.ask_all(&mut report, expected);
            let in_time = timeout_at(end, asked).await.is_ok();
            progress(&report);
            if !in_time || !is_worth_waiting(&report) || Instant::now() + wait >= end {
                return report;
            }
            sleep(wait).await;
            wait = (wait + wait / 2).min(policy.longest_wait);
        }
    }

    /// The servers that a zone is delegated to, as the resolver knows them, and where they are.
    pub async fn name_servers(&self, zone: &Name) -> Result<Vec<ServerReport>, VerifyError> {
        let question = Question::to_resolver(zone.clone(), RecordType::NS);
        let random = self.random.as_ref();
        let answer = ask_once(self.resolver, &question, Transport::Udp, PATIENCE, random).await;
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
        let mut servers = Vec::new();
        for name in names {
            servers.extend(self.addresses_of_server(&name).await);
        }
        Ok(servers)
    }

    async fn addresses_of_server(&self, name: &Name) -> Vec<ServerReport> {
        let server = |address, state| ServerReport {
            name: name.to_text(),
            address,
            state,
        };
        let found = addresses_of(name, (self.resolver, PATIENCE), self.random.as_ref()).await;
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

    /// Asks every server that does not show it yet, all at the same time.
    async fn ask_all(&self, report: &mut VerifyReport, expected: &[Expectation]) {
        let mut asking = JoinSet::new();
        for (index, server) in report.servers.iter().enumerate() {
            if let (Some(address), true) = (server.address, server.state.is_asked()) {
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
                Err(error) => return ServerState::Failed(error.to_string()),
            };
            match authority(&answer) {
                Ok(()) => differences.extend(expectation.difference(&answer)),
                Err(None) => return ServerState::NotAuthoritative,
                Err(Some(code)) => return ServerState::Failed(format!("it answers {code}")),
            }
        }
        if differences.is_empty() {
            ServerState::Shown
        } else {
            ServerState::Differs(differences)
        }
    }
}

impl ServerReport {
    /// A server that the caller names.
    pub fn named(address: SocketAddr) -> Self {
        Self {
            name: address.to_string(),
            address: Some(address),
            state: ServerState::Waiting,
        }
    }
}

impl ServerState {
    fn is_asked(&self) -> bool {
        match self {
            Self::Waiting | Self::Differs(_) | Self::NotAuthoritative | Self::Failed(_) => true,
            Self::Shown | Self::NotPublic => false,
        }
    }
}

/// Whether another round can change anything.
fn is_worth_waiting(report: &VerifyReport) -> bool {
    let mut servers = report.servers.iter();
    servers.any(|server| server.address.is_some() && server.state.is_asked())
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
    /// Nobody has it.
    #[error("{} has no name servers: check that it is registered and not suspended", zone.to_unicode())]
    NoServers {
        /// The zone.
        zone: Name,
    },
}
