//! Where to listen, and taking the addresses.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::num::NonZeroUsize;
use std::time::Duration;

use nix::errno::Errno;

use crate::{tcp, udp};

/// How often a free port is looked for that both UDP and TCP can have.
const PORT_ATTEMPTS: usize = 16;

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
            SocketAddr::from((Ipv6Addr::UNSPECIFIED, 53)),
        ])
    }
}

/// Sockets that were bound by another program, such as a service manager.
#[derive(Debug, Default)]
pub struct BoundSockets {
    /// For DNS over UDP.
    pub udp: Vec<UdpSocket>,
    /// For DNS over TCP; they listen.
    pub tcp: Vec<TcpListener>,
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

//------------ Endpoint --------------------------------------------------------------------------

/// One address with its sockets.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) address: SocketAddr,
    /// One for each thread.
    pub(crate) udp: Vec<UdpSocket>,
    pub(crate) tcp: Option<TcpListener>,
}

impl Endpoint {
    pub(crate) fn bind(address: SocketAddr, udp_threads: NonZeroUsize) -> Result<Self, BindError> {
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
        let tcp = Some(tcp);
        Ok(Self { address, udp, tcp })
    }

    /// Makes use of sockets that are bound already, in their order.
    ///
    /// All threads get the one socket that there is for an address, and what arrives goes to whoever
    /// is free: sockets beside it would have to belong to the user who bound it.
    pub(crate) fn adopt(
        sockets: BoundSockets,
        udp_threads: NonZeroUsize,
    ) -> Result<Vec<Self>, BindError> {
        let mut endpoints: Vec<Self> = Vec::new();
        for socket in sockets.udp {
            let address = socket.local_addr().map_err(BindError::Inherited)?;
            udp::adopt(&socket, address).map_err(BindError::Inherited)?;
            let udp = (0..udp_threads.get()).map(|_| socket.try_clone());
            endpoints.push(Self {
                address,
                udp: udp
                    .collect::<io::Result<_>>()
                    .map_err(BindError::Inherited)?,
                tcp: None,
            });
        }
        for listener in sockets.tcp {
            let address = listener.local_addr().map_err(BindError::Inherited)?;
            listener
                .set_nonblocking(true)
                .map_err(BindError::Inherited)?;
            let beside =
                |endpoint: &&mut Self| endpoint.address == address && endpoint.tcp.is_none();
            match endpoints.iter_mut().find(beside) {
                Some(endpoint) => endpoint.tcp = Some(listener),
                None => endpoints.push(Self {
                    address,
                    udp: Vec::new(),
                    tcp: Some(listener),
                }),
            }
        }
        if endpoints.is_empty() {
            return Err(BindError::NoAddress);
        }
        Ok(endpoints)
    }
}

//------------ BindError -------------------------------------------------------------------------

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
    /// A socket of the service manager is of no use.
    #[error("cannot answer DNS on a socket that was handed over: {0}")]
    Inherited(#[source] io::Error),
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
