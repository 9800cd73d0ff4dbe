//! Sockets for UDP that share an address.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd};

use nix::sys::socket::sockopt::{
    Ipv4PacketInfo, Ipv6RecvPacketInfo, Ipv6V6Only, RcvBuf, ReusePort, SndBuf,
};
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrStorage, bind as bind_socket, setsockopt, socket,
};

/// Room for queries that arrive while a batch is answered; the system gives what it allows.
const BUFFER_OCTETS: usize = 4 << 20;

/// A socket that other sockets of this process share its address with. It does not block.
pub(crate) fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::Inet,
        SocketAddr::V6(_) => AddressFamily::Inet6,
    };
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let fd: OwnedFd = socket(family, SockType::Datagram, flags, None)?;
    setsockopt(&fd, ReusePort, &true)?;
    if address.is_ipv6() {
        setsockopt(&fd, Ipv6V6Only, &true)?;
    }
    prepare(fd.as_fd(), address)?;
    bind_socket(fd.as_raw_fd(), &SockaddrStorage::from(address))?;
    Ok(UdpSocket::from(fd))
}

/// Makes a socket fit that another program bound to this address.
pub(crate) fn adopt(socket: &UdpSocket, address: SocketAddr) -> io::Result<()> {
    socket.set_nonblocking(true)?;
    prepare(socket.as_fd(), address)
}

/// Gives room, and asks to be told which of this machine's addresses a query was sent to.
fn prepare(fd: BorrowedFd<'_>, address: SocketAddr) -> io::Result<()> {
    // Smaller buffers only lose bursts.
    let _ = setsockopt(&fd, RcvBuf, &BUFFER_OCTETS);
    let _ = setsockopt(&fd, SndBuf, &BUFFER_OCTETS);
    let is_wildcard = address.ip().is_unspecified();
    match address {
        SocketAddr::V4(_) => setsockopt(&fd, Ipv4PacketInfo, &is_wildcard)?,
        SocketAddr::V6(_) => setsockopt(&fd, Ipv6RecvPacketInfo, &is_wildcard)?,
    }
    Ok(())
}
