//! What the agent gets from the machine, and how it reaches the world.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use easement_client::{Client, PlainHttp};
use easement_core::{Clock, Network, Random};
use easement_outbound::http::{HttpClient, RootsError};

use crate::config::{Config, Reach};
use crate::time::{Moment, Timer};

/// What the agent gets from the machine.
#[derive(Clone)]
pub struct Outside {
    /// The clock that people set.
    pub clock: Arc<dyn Clock>,
    /// The clock that only runs.
    pub timer: Arc<dyn Timer>,
    /// The random source.
    pub random: Arc<dyn Random>,
    /// Says which resolvers the machine is set up to use now.
    pub resolvers: fn() -> Vec<SocketAddr>,
}

impl Outside {
    /// The resolver that is asked now, when this one was asked until now: it stays as long as it does its work and the
    /// machine is set up to use it. This machine itself is asked when nothing says what else.
    fn resolver_for(&self, config: &Config, before: Option<(SocketAddr, Works)>) -> SocketAddr {
        if let Some(configured) = config.resolver {
            return configured;
        }
        let known = (self.resolvers)();
        let index = before.and_then(|(before, works)| {
            let index = known.iter().position(|known| *known == before)?;
            Some(match works {
                Works::Yes => index,
                Works::Unknown => (index + 1) % known.len(),
            })
        });
        let own = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), DNS_PORT);
        known.get(index.unwrap_or_default()).copied().unwrap_or(own)
    }

    pub(crate) fn now(&self) -> Moment {
        Moment::now(self.clock.as_ref(), self.timer.as_ref())
    }
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Outside")
    }
}

const DNS_PORT: u16 = 53;

/// Whether a resolver does its work.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Works {
    /// Servers were reached.
    Yes,
    /// Something was not, for whatever reason.
    Unknown,
}

/// Who sends: to wherever the configuration says, and to where a DNS provider said; and who asks checkers.
#[derive(Debug)]
pub(crate) struct Clients {
    resolver: SocketAddr,
    everywhere: Client,
    public: Client,
    pub(crate) checkers: HttpClient,
}

impl Clients {
    pub(crate) fn new(config: &Config, outside: &Outside) -> Result<Self, RootsError> {
        Self::with_resolver(outside.resolver_for(config, None), config, outside)
    }

    fn with_resolver(
        resolver: SocketAddr,
        config: &Config,
        outside: &Outside,
    ) -> Result<Self, RootsError> {
        let roots = config.ca_file.as_deref();
        let random = Arc::clone(&outside.random);
        Ok(Self {
            resolver,
            everywhere: client_with(resolver, config, Reach::Everywhere, outside)?,
            public: client_with(resolver, config, Reach::Public, outside)?,
            checkers: HttpClient::new(resolver, random, &everywhere(), roots)?,
        })
    }

    /// Others, when another resolver is to be asked by now: the machine has come to another network, its network has
    /// another prefix, or the one that was asked says nothing.
    pub(crate) fn anew(
        &self,
        works: Works,
        config: &Config,
        outside: &Outside,
    ) -> Result<Option<Self>, RootsError> {
        let resolver = outside.resolver_for(config, Some((self.resolver, works)));
        if resolver == self.resolver {
            return Ok(None);
        }
        Self::with_resolver(resolver, config, outside).map(Some)
    }

    pub(crate) fn of(&self, reach: Reach) -> &Client {
        match reach {
            Reach::Public => &self.public,
            Reach::Everywhere => &self.everywhere,
        }
    }
}

/// Whoever writes a configuration says where to connect to, be it at home or in the world.
fn everywhere() -> [Network; 2] {
    [
        Network::new(Ipv4Addr::UNSPECIFIED.into(), 0),
        Network::new(std::net::Ipv6Addr::UNSPECIFIED.into(), 0),
    ]
}

/// A client for the requests of a configuration.
pub fn client(config: &Config, reach: Reach, outside: &Outside) -> Result<Client, RootsError> {
    client_with(outside.resolver_for(config, None), config, reach, outside)
}

fn client_with(
    resolver: SocketAddr,
    config: &Config,
    reach: Reach,
    outside: &Outside,
) -> Result<Client, RootsError> {
    let mut builder = Client::builder()
        .clock(Arc::clone(&outside.clock))
        .random(Arc::clone(&outside.random))
        .resolver(resolver);
    if let Some(roots) = &config.ca_file {
        builder = builder.roots(roots);
    }
    match reach {
        Reach::Public => builder,
        Reach::Everywhere => builder.plain_http(PlainHttp::Allow).allow_all_networks(),
    }
    .build()
}
