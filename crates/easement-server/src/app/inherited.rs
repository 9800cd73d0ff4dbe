//! Sockets that the service manager bound and handed over (`sd_listen_fds(3)`): so the server needs no
//! privilege for port 53, and no query is lost while it restarts.

use std::io;
use std::net::{SocketAddr, TcpListener};

use easement_dns::BoundSockets;
use listenfd::ListenFd;

/// Sockets that were handed over, by what they are for.
#[derive(Debug, Default)]
pub struct InheritedSockets {
    /// For DNS.
    pub dns: BoundSockets,
    /// For the web, with their addresses.
    pub web: Vec<(SocketAddr, TcpListener)>,
}

impl InheritedSockets {
    /// Takes the sockets that this process was started with, if it was.
    ///
    /// Those for UDP are for DNS, and so is one for TCP at the address of one of them. Every other is
    /// for the web.
    pub fn take() -> Result<Self, InheritedError> {
        let mut given = ListenFd::from_env();
        let mut inherited = Self::default();
        let mut listeners = Vec::new();
        for index in 0..given.len() {
            if let Ok(Some(socket)) = given.take_udp_socket(index) {
                inherited.dns.udp.push(socket);
                continue;
            }
            let number = index + 1;
            let refused = |error| InheritedError { number, error };
            if let Some(listener) = given.take_tcp_listener(index).map_err(refused)? {
                listeners.push((listener.local_addr().map_err(refused)?, listener));
            }
        }
        let is_of_dns = |address: SocketAddr| {
            let addresses = inherited
                .dns
                .udp
                .iter()
                .map(std::net::UdpSocket::local_addr);
            addresses.flatten().any(|other| other == address)
        };
        let (dns, web) = listeners
            .into_iter()
            .partition(|(address, _)| is_of_dns(*address));
        inherited.web = web;
        let dns: Vec<(SocketAddr, TcpListener)> = dns;
        inherited.dns.tcp = dns.into_iter().map(|(_, listener)| listener).collect();
        Ok(inherited)
    }
}

/// A socket that was handed over is of no use.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot use socket {number} of those that the service manager handed over: {error}; they must be \
     for UDP (ListenDatagram=) or TCP (ListenStream=) with an address and a port"
)]
pub struct InheritedError {
    /// Which one, from 1 on.
    pub number: usize,
    /// Why.
    pub error: io::Error,
}
