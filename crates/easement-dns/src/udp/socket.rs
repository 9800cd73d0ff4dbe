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
use nix::{getsockopt_impl, libc, setsockopt_impl, sockopt_impl};

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
    leave_paths_alone(fd, address);
    let is_wildcard = address.ip().is_unspecified();
    match address {
        SocketAddr::V4(_) => setsockopt(&fd, Ipv4PacketInfo, &is_wildcard)?,
        SocketAddr::V6(_) => setsockopt(&fd, Ipv6RecvPacketInfo, &is_wildcard)?,
    }
    Ok(())
}

//------------ Fragments -------------------------------------------------------------------------

/// Has datagrams leave in one piece, whatever messages of routers say about the path. Anybody can forge such
/// a message, and have larger answers leave in fragments, which is how caches are poisoned (RFC 9715
/// section 3.1). Where the system does not know this, it goes on without.
fn leave_paths_alone(fd: BorrowedFd<'_>, address: SocketAddr) {
    // A socket of IPv6 may carry IPv4 as well, when another program made it.
    let _ = setsockopt(&fd, Ipv4PathMtu, &libc::IP_PMTUDISC_OMIT);
    if address.is_ipv6() {
        let _ = setsockopt(&fd, Ipv6PathMtu, &libc::IPV6_PMTUDISC_OMIT);
    }
}

sockopt_impl!(
    /// What is done about the largest datagram that a path takes, over IPv4.
    Ipv4PathMtu,
    Both,
    libc::IPPROTO_IP,
    libc::IP_MTU_DISCOVER,
    libc::c_int
);
sockopt_impl!(
    /// The same over IPv6.
    Ipv6PathMtu,
    Both,
    libc::IPPROTO_IPV6,
    libc::IPV6_MTU_DISCOVER,
    libc::c_int
);

#[cfg(test)]
mod tests {
    use nix::sys::socket::getsockopt;

    use super::*;

    #[test]
    fn no_message_of_a_router_makes_answers_leave_in_fragments() {
        for address in ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0"] {
            let address: SocketAddr = address.parse().unwrap();
            let adopted = UdpSocket::bind(address).unwrap();
            adopt(&adopted, address).unwrap();
            for socket in [bind(address).unwrap(), adopted] {
                let over_ipv4 = getsockopt(&socket, Ipv4PathMtu).unwrap();
                assert_eq!(over_ipv4, libc::IP_PMTUDISC_OMIT, "{address}");
                if address.is_ipv6() {
                    let over_ipv6 = getsockopt(&socket, Ipv6PathMtu).unwrap();
                    assert_eq!(over_ipv6, libc::IPV6_PMTUDISC_OMIT, "{address}");
                }
            }
        }
    }
}
