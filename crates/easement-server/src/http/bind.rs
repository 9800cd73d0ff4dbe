//! Taking an address to listen on.

use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::fd::{AsRawFd as _, OwnedFd};

use nix::sys::socket::sockopt::{Ipv6V6Only, ReuseAddr};
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, SockaddrStorage, listen, setsockopt, socket,
};

/// How many connections may wait to be accepted.
const BACKLOG: i32 = 1024;

/// A listening socket. `[::]` means IPv6 alone, as for DNS, so it can stand beside `0.0.0.0`.
pub(crate) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let fd = make(address, SockType::Stream)?;
    // Connections of an earlier process that are not quite over must not keep the address.
    setsockopt(&fd, ReuseAddr, &true)?;
    nix::sys::socket::bind(fd.as_raw_fd(), &SockaddrStorage::from(address))?;
    listen(&fd, Backlog::new(BACKLOG)?)?;
    Ok(fd.into())
}

/// A socket for datagrams that shares its address with nobody.
pub(crate) fn bind_datagrams(address: SocketAddr) -> io::Result<UdpSocket> {
    let fd = make(address, SockType::Datagram)?;
    nix::sys::socket::bind(fd.as_raw_fd(), &SockaddrStorage::from(address))?;
    Ok(fd.into())
}

fn make(address: SocketAddr, kind: SockType) -> io::Result<OwnedFd> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::Inet,
        SocketAddr::V6(_) => AddressFamily::Inet6,
    };
    let fd = socket(family, kind, SockFlag::SOCK_CLOEXEC, None)?;
    if address.is_ipv6() {
        setsockopt(&fd, Ipv6V6Only, &true)?;
    }
    Ok(fd)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    #[test]
    fn both_families_can_share_a_port() {
        // Another program may have the port of the other family: several are tried.
        let shared = (0..16).any(|_| {
            let six = bind((Ipv6Addr::UNSPECIFIED, 0).into()).unwrap();
            let port = six.local_addr().unwrap().port();
            bind((Ipv4Addr::UNSPECIFIED, port).into()).is_ok()
        });
        assert!(shared);
    }

    #[test]
    fn an_address_that_somebody_has_is_refused() {
        let first = bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let again = bind(first.local_addr().unwrap()).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AddrInUse);
    }
}
