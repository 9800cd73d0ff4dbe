//! What the system says about the interfaces of the machine.

#[cfg(target_os = "linux")]
use super::netlink;

use std::net::UdpSocket;

use apertodns::address::Address;

#[cfg(unix)]
use super::interfaces::Lasting;
use super::interfaces::Own;

/// Servers of the root zone: so far away that the way there is the way out. Nothing is sent to them.
const FAR_AWAY: [&str; 2] = ["192.33.4.12:53", "[2001:500:2::c]:53"];

/// The address from which the machine speaks to the world; none without a way there.
pub(super) fn source<A: Address>() -> Option<A> {
    let places = [("0.0.0.0:0", FAR_AWAY[0]), ("[::]:0", FAR_AWAY[1])];
    places.into_iter().find_map(|(own, far_away)| {
        let socket = UdpSocket::bind(own).ok()?;
        socket.connect(far_away).ok()?;
        A::of(socket.local_addr().ok()?.ip())
    })
}

#[cfg(unix)]
pub(super) fn addresses() -> Result<Vec<Own>, String> {
    use std::net::IpAddr;

    use nix::ifaddrs::getifaddrs;
    use nix::net::if_::InterfaceFlags;

    let all = getifaddrs().map_err(|error| {
        format!("the system does not say which addresses its interfaces have: {error}")
    })?;
    #[cfg(target_os = "linux")]
    let details = netlink::details()
        .map_err(|error| format!("the system does not say how long addresses last: {error}"))?;
    let mut found = Vec::new();
    for one in all.filter(|one| one.flags.contains(InterfaceFlags::IFF_UP)) {
        let Some(storage) = one.address else {
            continue;
        };
        let ipv4 = storage.as_sockaddr_in().map(|own| IpAddr::V4(own.ip()));
        let ipv6 = storage.as_sockaddr_in6().map(|own| IpAddr::V6(own.ip()));
        let Some(address) = ipv4.or(ipv6) else {
            continue;
        };
        let own = Own {
            interface: one.interface_name,
            address,
            lasting: Lasting::Yes,
            confirmed: None,
        };
        #[cfg(target_os = "linux")]
        let own = netlink::with_details(own, &details);
        found.push(own);
    }
    Ok(found)
}

#[cfg(not(unix))]
pub(super) fn addresses() -> Result<Vec<Own>, String> {
    let why = "the addresses of interfaces are not known on this system: use from = \"checkers\" or \"command\"";
    Err(why.to_owned())
}
