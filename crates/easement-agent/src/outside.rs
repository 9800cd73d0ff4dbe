//! What the agent gets from the machine, and how it reaches the world.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use easement_client::{Client, PlainHttp};
use easement_core::{Clock, Network, Random};
use easement_outbound::dns::Resolvers;
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
    pub resolvers: fn() -> Resolvers,
}

impl Outside {
    /// The resolvers that are asked now.
    fn resolvers_for(&self, config: &Config) -> Resolvers {
        config.resolver.map_or_else(self.resolvers, Resolvers::from)
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

/// Who sends: to wherever the configuration says, and to where a DNS provider said; and who asks checkers.
#[derive(Debug)]
pub(crate) struct Clients {
    resolvers: Resolvers,
    everywhere: Client,
    public: Client,
    pub(crate) checkers: HttpClient,
}

impl Clients {
    pub(crate) fn new(config: &Config, outside: &Outside) -> Result<Self, RootsError> {
        let roots = config.ca_file.as_deref();
        let random = Arc::clone(&outside.random);
        let resolvers = outside.resolvers_for(config);
        Ok(Self {
            everywhere: client(config, Reach::Everywhere, outside)?,
            public: client(config, Reach::Public, outside)?,
            checkers: HttpClient::new(resolvers.clone(), random, &everywhere(), roots)?,
            resolvers,
        })
    }

    /// Others, when other resolvers are to be asked by now: the machine has come to another network, or its network has
    /// another prefix.
    pub(crate) fn anew(
        &self,
        config: &Config,
        outside: &Outside,
    ) -> Result<Option<Self>, RootsError> {
        if outside.resolvers_for(config) == self.resolvers {
            return Ok(None);
        }
        Self::new(config, outside).map(Some)
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
        Network::new(Ipv6Addr::UNSPECIFIED.into(), 0),
    ]
}

/// A client for the requests of a configuration.
pub fn client(config: &Config, reach: Reach, outside: &Outside) -> Result<Client, RootsError> {
    let mut builder = Client::builder()
        .clock(Arc::clone(&outside.clock))
        .random(Arc::clone(&outside.random))
        .resolvers(outside.resolvers_for(config));
    if let Some(roots) = &config.ca_file {
        builder = builder.roots(roots);
    }
    match reach {
        Reach::Public => builder,
        Reach::Everywhere => builder.plain_http(PlainHttp::Allow).allow_all_networks(),
    }
    .build()
}
