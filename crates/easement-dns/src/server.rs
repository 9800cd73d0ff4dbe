//! Starting and stopping: sockets first, then threads and tasks.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use easement_zone::HostedZones;
use nix::errno::Errno;

use crate::metrics::Metrics;
use crate::tcp::{self, TcpService};
use crate::udp::{self, UdpService};

/// How often a free port is looked for that both UDP and TCP can have.
const PORT_ATTEMPTS: usize = 16;

/// A server that has its sockets and does not answer yet.
///
/// ```
/// use std::sync::Arc;
/// use easement_dns::{DnsServer, ListenConfig};
/// use easement_zone::HostedZones;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let zones = Arc::new(HostedZones::new());
/// let server = DnsServer::bind(&ListenConfig::on(["127.0.0.1:0".parse()?]))?;
/// let running = server.serve(&zones)?;
/// assert_ne!(running.local_addrs()[0].port(), 0);
/// // Whatever is published to `zones` from now on is answered.
/// running.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct DnsServer {
    endpoints: Vec<Endpoint>,
    tcp_limits: TcpLimits,
}

/// One address with its sockets.
#[derive(Debug)]
struct Endpoint {
    address: SocketAddr,
    /// One for each thread.
    udp: Vec<std::net::UdpSocket>,
    tcp: std::net::TcpListener,
}

impl DnsServer {
    /// Takes every address for UDP and TCP.
    ///
    /// Port 0 takes a free port, the same for UDP and TCP; [`Self::local_addrs`] tells which.
    pub fn bind(config: &ListenConfig) -> Result<Self, BindError> {
        if config.addresses.is_empty() {
            return Err(BindError::NoAddress);
        }
        let endpoints = config
            .addresses
            .iter()
            .map(|address| Endpoint::bind(*address, config.udp_threads))
            .collect::<Result<Vec<_>, BindError>>()?;
        Ok(Self {
            endpoints,
            tcp_limits: config.tcp,
        })
    }

    /// The addresses, in the order of the configuration, with their true ports.
    pub fn local_addrs(&self) -> Vec<SocketAddr> {
        self.endpoints
            .iter()
            .map(|endpoint| endpoint.address)
            .collect()
    }

    /// Answers from `zones` until [`RunningServer::shutdown`]. Must be called within a tokio runtime.
    pub fn serve(self, zones: &Arc<HostedZones>) -> Result<RunningServer, ServeError> {
        let addresses = self.local_addrs();
        let metrics = Arc::new(Metrics::default());
        let mut udp_sockets = Vec::new();
        let mut listeners = Vec::new();
        for endpoint in self.endpoints {
            udp_sockets.push(endpoint.udp);
            listeners.push(endpoint.tcp);
        }
        let udp = UdpService::start(udp_sockets, zones, &metrics)?;
        let tcp = TcpService::start(listeners, self.tcp_limits, zones, &metrics)?;
        Ok(RunningServer {
            addresses,
            metrics,
            udp,
            tcp,
        })
    }
}

impl Endpoint {
    fn bind(address: SocketAddr, udp_threads: NonZeroUsize) -> Result<Self, BindError> {
        let attempts = if address.port() == 0 {
            PORT_ATTEMPTS
        } else {
            1
        };
        let mut last = None;
        for _ in 0..attempts {
            match Self::bind_once(address, udp_threads) {
                Ok(endpoint) => return Ok(endpoint),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or(BindError::NoAddress))
    }

    /// TCP goes first: it refuses an address that another server has, which UDP sockets that share
    /// a port would not notice.
    fn bind_once(address: SocketAddr, udp_threads: NonZeroUsize) -> Result<Self, BindError> {
        let refused = |source| BindError::from_io(address, source);
        let tcp = tcp::listen(address).map_err(refused)?;
        let address = tcp.local_addr().map_err(refused)?;
        let udp = (0..udp_threads.get())
            .map(|_| udp::bind(address))
            .collect::<io::Result<_>>()
            .map_err(|source| BindError::from_io(address, source))?;
        Ok(Self { address, udp, tcp })
    }
}

//------------ RunningServer ---------------------------------------------------------------------

/// A server that answers.
#[derive(Debug)]
pub struct RunningServer {
    addresses: Vec<SocketAddr>,
    metrics: Arc<Metrics>,
    udp: UdpService,
    tcp: TcpService,
}

impl RunningServer {
    /// The addresses that are answered on.
    pub fn local_addrs(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// What has been answered so far.
    pub fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }

    /// Stops taking queries, finishes the answers that are being written, and comes back when all
    /// threads and tasks are gone.
    pub async fn shutdown(self) {
        self.udp.signal();
        self.tcp.shutdown().await;
        // Joining threads waits, but only for the batch that each of them is at.
        let joined = tokio::task::spawn_blocking(move || self.udp.join()).await;
        if let Err(error) = joined {
            tracing::error!(%error, "a DNS thread could not be joined");
        }
    }
}

//------------ ListenConfig ----------------------------------------------------------------------

/// Where and how to listen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListenConfig {
    /// The addresses, each for UDP and TCP. `0.0.0.0` means all IPv4 addresses and `[::]` all IPv6
    /// addresses, and only those.
    pub addresses: Vec<SocketAddr>,
    /// How many threads answer over UDP: best one for each core.
    pub udp_threads: NonZeroUsize,
    /// Limits of TCP.
    pub tcp: TcpLimits,
}

impl ListenConfig {
    /// These addresses, a thread for each core, and the usual limits.
    pub fn on(addresses: impl IntoIterator<Item = SocketAddr>) -> Self {
        Self {
            addresses: addresses.into_iter().collect(),
            udp_threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            tcp: TcpLimits::default(),
        }
    }
}

impl Default for ListenConfig {
    /// Port 53 of all addresses.
    fn default() -> Self {
        Self::on([
            SocketAddr::from((Ipv4Addr::UNSPECIFIED, 53)),
            SocketAddr::from((std::net::Ipv6Addr::UNSPECIFIED, 53)),
        ])
    }
}

/// What clients over TCP may take up (RFC 7766 section 6.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TcpLimits {
    /// Connections of all clients together.
    pub connections: usize,
    /// Connections from one address.
    pub connections_per_address: usize,
    /// How long a connection may be quiet between two queries.
    pub idle_timeout: Duration,
    /// How long one query may take to arrive, and one answer to be taken.
    pub message_timeout: Duration,
}

impl Default for TcpLimits {
    fn default() -> Self {
        Self {
            connections: 1024,
            connections_per_address: 32,
            idle_timeout: Duration::from_secs(10),
            message_timeout: Duration::from_secs(5),
        }
    }
}

//------------ Errors ----------------------------------------------------------------------------

/// Why an address could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// There is no address to listen on.
    #[error("no address to answer DNS on: name at least one, such as 127.0.0.1:5300")]
    NoAddress,
    /// Another program has the address.
    #[error(
        "{address} is in use by another program: stop it (`ss -lntup 'sport = :{}'` names it), or \
         choose another address", address.port()
    )]
    InUse {
        /// The address.
        address: SocketAddr,
    },
    /// Ports below 1024 need a privilege.
    #[error(
        "no permission to take {address}: ports below 1024 need the capability \
         CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities=), or choose a port from 1024 on"
    )]
    NotPermitted {
        /// The address.
        address: SocketAddr,
    },
    /// The address is not one of this machine.
    #[error(
        "{} is not an address of this machine: `ip address` lists those that are",
        ip
    )]
    NotLocal {
        /// The address.
        ip: IpAddr,
    },
    /// Anything else.
    #[error("cannot answer DNS on {address}: {source}")]
    System {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
}

impl BindError {
    fn from_io(address: SocketAddr, source: io::Error) -> Self {
        match source.raw_os_error().map(Errno::from_raw) {
            Some(Errno::EADDRINUSE) => Self::InUse { address },
            Some(Errno::EACCES | Errno::EPERM) => Self::NotPermitted { address },
            Some(Errno::EADDRNOTAVAIL) => Self::NotLocal { ip: address.ip() },
            Some(_) | None => Self::System { address, source },
        }
    }
}

/// Why answering could not begin.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A thread for UDP could not be started.
    #[error("cannot start a thread for DNS over UDP: {0}")]
    Thread(#[source] io::Error),
    /// A socket for TCP could not be handed to the runtime.
    #[error("cannot answer DNS over TCP: {0}")]
    Listener(#[source] io::Error),
}
