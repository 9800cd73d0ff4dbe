//! What every call goes through: who is asked about names, and which addresses are connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use easement_core::{Clock, Network, Random};
use easement_outbound::dns::{Resolver, Resolvers};
use easement_outbound::http::{HttpClient, RootsError};
use easement_outbound::{SystemClock, SystemRandom};

use crate::PlainHttp;

/// How long a request may take.
const REQUEST_LIMIT: Duration = Duration::from_secs(10);
/// How long a look-up may take.
const LOOKUP_LIMIT: Duration = Duration::from_secs(5);

/// Asks DNS and HTTP servers that others named, with limits on time and size, and never at an address that is not
/// public unless its network was allowed.
///
/// ```
/// use easement_client::{Client, PlainHttp};
///
/// // Against the world:
/// let client = Client::builder().build()?;
/// // Against a laboratory on this machine:
/// let client = Client::builder()
///     .resolver("127.0.0.1:5353".parse()?)
///     .plain_http(PlainHttp::ToLoopback)
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Client {
    pub(crate) http: HttpClient,
    pub(crate) resolvers: Resolvers,
    pub(crate) texts: Resolver,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) plain_http: PlainHttp,
}

impl Client {
    /// A client with choices.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Where plain HTTP is spoken.
    pub fn plain_http(&self) -> PlainHttp {
        self.plain_http
    }

    /// The random source, for states and verifiers of one's own.
    pub fn random(&self) -> &dyn Random {
        self.random.as_ref()
    }

    /// The clock.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("resolvers", &self.resolvers)
            .field("plain_http", &self.plain_http)
            .finish_non_exhaustive()
    }
}

/// The choices of a [`Client`].
#[derive(Clone)]
#[must_use]
pub struct ClientBuilder {
    resolvers: Option<Resolvers>,
    networks: Vec<Network>,
    roots: Option<PathBuf>,
    plain_http: PlainHttp,
    request_limit: Duration,
    lookup_limit: Duration,
    random: Arc<dyn Random>,
    clock: Arc<dyn Clock>,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            resolvers: None,
            networks: Vec::new(),
            roots: None,
            plain_http: PlainHttp::Refuse,
            request_limit: REQUEST_LIMIT,
            lookup_limit: LOOKUP_LIMIT,
            random: Arc::new(SystemRandom),
            clock: Arc::new(SystemClock),
        }
    }
}

impl ClientBuilder {
    /// Asks this resolver about names, instead of those of the machine.
    pub fn resolver(self, resolver: SocketAddr) -> Self {
        self.resolvers(resolver.into())
    }

    /// The same with several, of which one may be away.
    pub fn resolvers(mut self, resolvers: Resolvers) -> Self {
        self.resolvers = Some(resolvers);
        self
    }

    /// Connects to addresses of these networks too, though they are not public.
    pub fn allow_networks(mut self, networks: impl IntoIterator<Item = Network>) -> Self {
        self.networks.extend(networks);
        self
    }

    /// Connects to every address. Right where a person wrote every URL, and wrong where one was discovered.
    pub fn allow_all_networks(self) -> Self {
        self.allow_networks([
            Network::new(Ipv4Addr::UNSPECIFIED.into(), 0),
            Network::new(Ipv6Addr::UNSPECIFIED.into(), 0),
        ])
    }

    /// Believes in the authorities of this file of certificates too.
    pub fn roots(mut self, path: &Path) -> Self {
        self.roots = Some(path.to_owned());
        self
    }

    /// Where plain HTTP is spoken. Whoever allows it to this machine allows the addresses of this machine.
    pub fn plain_http(mut self, plain_http: PlainHttp) -> Self {
        self.plain_http = plain_http;
        self
    }

    /// How long one HTTP request may take, from the look-up to the end of the answer; ten seconds otherwise.
    pub fn request_limit(mut self, limit: Duration) -> Self {
        self.request_limit = limit;
        self
    }

    /// How long one look-up may take; five seconds otherwise.
    pub fn lookup_limit(mut self, limit: Duration) -> Self {
        self.lookup_limit = limit;
        self
    }

    /// Another random source, for tests.
    pub fn random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }

    /// Another clock, for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The client. Fails only when the file of certificates cannot be used.
    pub fn build(self) -> Result<Client, RootsError> {
        let resolvers = self.resolvers.unwrap_or_else(Resolvers::of_system);
        let mut networks = self.networks;
        match self.plain_http {
            PlainHttp::Refuse => {}
            PlainHttp::ToLoopback | PlainHttp::Allow => networks.extend(loopback()),
        }
        let random = Arc::clone(&self.random);
        let http = HttpClient::new(resolvers.clone(), random, &networks, self.roots.as_deref())?;
        Ok(Client {
            http: http.with_limit(self.request_limit),
            texts: Resolver::new(
                resolvers.clone(),
                self.lookup_limit,
                Arc::clone(&self.random),
            ),
            resolvers,
            random: self.random,
            clock: self.clock,
            plain_http: self.plain_http,
        })
    }
}

impl std::fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("resolvers", &self.resolvers)
            .field("networks", &self.networks)
            .field("plain_http", &self.plain_http)
            .finish_non_exhaustive()
    }
}

fn loopback() -> [Network; 2] {
    let ipv4: IpAddr = Ipv4Addr::new(127, 0, 0, 0).into();
    [
        Network::new(ipv4, 8),
        Network::new(Ipv6Addr::LOCALHOST.into(), 128),
    ]
}
