//! What the agent gets from the machine, and how it reaches the world.

use std::net::SocketAddr;
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
    /// Says which resolver the machine is set up to use now.
    pub resolver: fn() -> SocketAddr,
}

impl Outside {
    /// The resolver that is asked now.
    fn resolver_for(&self, config: &Config) -> SocketAddr {
        config.resolver.unwrap_or_else(self.resolver)
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
    resolver: SocketAddr,
    everywhere: Client,
    public: Client,
    pub(crate) checkers: HttpClient,
}

impl Clients {
    pub(crate) fn new(config: &Config, outside: &Outside) -> Result<Self, RootsError> {
        let resolver = outside.resolver_for(config);
        let roots = config.ca_file.as_deref();
        let random = Arc::clone(&outside.random);
        Ok(Self {
            resolver,
            everywhere: client(config, Reach::Everywhere, outside)?,
            public: client(config, Reach::Public, outside)?,
            checkers: HttpClient::new(resolver, random, &everywhere(), roots)?,
        })
    }

    /// Whether the machine asks another resolver by now: it has moved to another network, or its network has another
    /// prefix.
    pub(crate) fn are_outdated(&self, config: &Config, outside: &Outside) -> bool {
        outside.resolver_for(config) != self.resolver
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
        Network::new(std::net::Ipv4Addr::UNSPECIFIED.into(), 0),
        Network::new(std::net::Ipv6Addr::UNSPECIFIED.into(), 0),
    ]
}

/// A client for the requests of a configuration.
pub fn client(config: &Config, reach: Reach, outside: &Outside) -> Result<Client, RootsError> {
    let mut builder = Client::builder()
        .clock(Arc::clone(&outside.clock))
        .random(Arc::clone(&outside.random))
        .resolver(outside.resolver_for(config));
    if let Some(roots) = &config.ca_file {
        builder = builder.roots(roots);
    }
    match reach {
        Reach::Public => builder,
        Reach::Everywhere => builder.plain_http(PlainHttp::Allow).allow_all_networks(),
    }
    .build()
}
