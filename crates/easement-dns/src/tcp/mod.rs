//! DNS over TCP (RFC 7766): many queries a connection, answered in order, within limits.

mod connection;
mod seats;

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use nix::sys::socket::sockopt::{Ipv6V6Only, ReuseAddr};
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, SockaddrStorage, bind, listen as listen_on,
    setsockopt, socket,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use self::connection::Connection;
use self::seats::Seats;
use crate::listen::TcpLimits;
use crate::server::ServeError;
use crate::service::Service;

/// How many connections may wait to be accepted.
const BACKLOG: i32 = 1024;
/// How long to wait after the system has refused to accept a connection, as when there are too many
/// open files.
const PAUSE_AFTER_ERROR: Duration = Duration::from_millis(100);

/// A listening socket that does not block.
///
/// It does not share its address, so another server that has it is noticed.
pub(crate) fn listen(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::Inet,
        SocketAddr::V6(_) => AddressFamily::Inet6,
    };
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let fd: OwnedFd = socket(family, SockType::Stream, flags, None)?;
    // Connections of an earlier process that are not quite over must not keep the address.
    setsockopt(&fd, ReuseAddr, &true)?;
    if address.is_ipv6() {
        setsockopt(&fd, Ipv6V6Only, &true)?;
    }
    bind(fd.as_raw_fd(), &SockaddrStorage::from(address))?;
    listen_on(&fd, Backlog::new(BACKLOG)?)?;
    Ok(fd.into())
}

/// The tasks that answer.
#[derive(Debug)]
pub(crate) struct TcpService {
    listeners: JoinSet<()>,
    stop: watch::Sender<()>,
}

impl TcpService {
    /// Starts a task for each listener. Must be called within a tokio runtime.
    pub(crate) fn start(
        listeners: Vec<std::net::TcpListener>,
        limits: TcpLimits,
        service: &Arc<Service>,
    ) -> Result<Self, ServeError> {
        let (stop, stopped) = watch::channel(());
        let seats = Arc::new(Seats::new(limits));
        let mut tasks = JoinSet::new();
        for listener in listeners {
            let listener = TcpListener::from_std(listener).map_err(ServeError::Listener)?;
            let acceptor = Acceptor {
                listener,
                limits,
                seats: Arc::clone(&seats),
                service: Arc::clone(service),
                stopped: stopped.clone(),
            };
            tasks.spawn(acceptor.run());
        }
        Ok(Self {
            listeners: tasks,
            stop,
        })
    }

    /// Stops accepting and reading, and waits for the answers that are being written.
    pub(crate) async fn shutdown(self) {
        drop(self.stop);
        self.listeners.join_all().await;
    }
}

//------------ Acceptor --------------------------------------------------------------------------

/// One listener with its connections.
struct Acceptor {
    listener: TcpListener,
    limits: TcpLimits,
    seats: Arc<Seats>,
    service: Arc<Service>,
    /// Ends when the server stops.
    stopped: watch::Receiver<()>,
}

impl Acceptor {
    async fn run(self) {
        let mut connections = JoinSet::new();
        let mut stopped = self.stopped.clone();
        loop {
            tokio::select! {
                _ = stopped.changed() => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, client)) => self.admit(stream, client, &mut connections),
                    Err(error) => {
                        tracing::debug!(%error, "a DNS connection could not be accepted");
                        tokio::time::sleep(PAUSE_AFTER_ERROR).await;
                    }
                },
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
            }
        }
        drop(self.listener);
        connections.join_all().await;
    }

    /// Starts to answer a connection, or closes it when there are too many.
    fn admit(&self, stream: TcpStream, client: SocketAddr, connections: &mut JoinSet<()>) {
        let Some(seat) = Seats::take(&self.seats, client.ip()) else {
            self.service.metrics.count_refused_connection();
            return;
        };
        let connection = Connection {
            client: client.ip(),
            seat,
            limits: self.limits,
            service: Arc::clone(&self.service),
            stopped: self.stopped.clone(),
        };
        let metrics = Arc::clone(&self.service.metrics);
        metrics.count_accepted_connection();
        connections.spawn(async move {
            connection.run(stream).await;
            metrics.count_closed_connection();
        });
    }
}
