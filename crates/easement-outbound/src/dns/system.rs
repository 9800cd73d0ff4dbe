//! The resolver that the machine is set up to use.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Where the resolvers of the machine are named (resolv.conf(5)).
const RESOLV_CONF: &str = "/etc/resolv.conf";
const DNS_PORT: u16 = 53;

/// The first name server in `/etc/resolv.conf`; this machine itself when none is named there.
pub fn system_resolver() -> SocketAddr {
    let this_machine = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), DNS_PORT);
    system_resolvers().first().copied().unwrap_or(this_machine)
}

/// All name servers in `/etc/resolv.conf`, in their order.
pub fn system_resolvers() -> Vec<SocketAddr> {
    let text = std::fs::read_to_string(RESOLV_CONF).unwrap_or_default();
    let addresses = name_servers(&text);
    addresses
        .map(|address| SocketAddr::new(address, DNS_PORT))
        .collect()
}

fn name_servers(text: &str) -> impl Iterator<Item = IpAddr> {
    text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let is_server = words.next() == Some("nameserver");
        words.next().filter(|_| is_server)?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_servers_are_read_in_their_order() {
        let text = "# local\nsearch example.net\nnameserver 192.0.2.53\nnameserver fe80::1%eth0\nnameserver ::1\n";
        let read: Vec<IpAddr> = name_servers(text).collect();
        let expected: [IpAddr; 2] = [[192, 0, 2, 53].into(), "::1".parse().unwrap()];
        assert_eq!(read, expected);
        assert_eq!(name_servers("").count(), 0);
    }
}
