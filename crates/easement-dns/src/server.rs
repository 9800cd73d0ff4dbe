//! Starting and stopping: sockets first, then threads and tasks.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use easement_core::Clock;
use easement_zone::HostedZones;

use crate::answer::Features;
use crate::listen::{BindError, BoundSockets, Endpoint, ListenConfig, TcpLimits};
use crate::metrics::Metrics;
use crate::service::Service;
use crate::tcp::TcpService;
use crate::udp::UdpService;

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
    service: Service,
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
            service: Service::plain(),
        })
    }

    /// Takes sockets that are bound already, in place of the addresses of the configuration.
    pub fn adopt(sockets: BoundSockets, config: &ListenConfig) -> Result<Self, BindError> {
        Ok(Self {
            endpoints: Endpoint::adopt(sockets, config.udp_threads)?,
            tcp_limits: config.tcp,
            service: Service::plain(),
        })
    }

    /// Answers with cookies, limits and what else is set up beside the zones. The clock is what they
    /// go by.
    #[must_use]
    pub fn with_features(mut self, features: Features, clock: Arc<dyn Clock>) -> Self {
        self.service.features = features;
        self.service.clock = clock;
        self
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
        let service = Arc::new(self.service.serving(zones));
        let mut udp_sockets = Vec::new();
        let mut listeners = Vec::new();
        for endpoint in self.endpoints {
            udp_sockets.push(endpoint.udp);
            listeners.extend(endpoint.tcp);
        }
        let udp = UdpService::start(udp_sockets, &service)?;
        let tcp = TcpService::start(listeners, self.tcp_limits, &service)?;
        Ok(RunningServer {
            addresses,
            service,
            udp,
            tcp,
        })
    }
}

//------------ RunningServer ---------------------------------------------------------------------

/// A server that answers.
#[derive(Debug)]
pub struct RunningServer {
    addresses: Vec<SocketAddr>,
    service: Arc<Service>,
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
        &self.service.metrics
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

//------------ ServeError ------------------------------------------------------------------------

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
