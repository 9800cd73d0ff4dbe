//! The resolver that the machine is set up to use.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Where the resolvers of the machine are named (resolv.conf(5)).
const RESOLV_CONF: &str = "/etc/resolv.conf";
const DNS_PORT: u16 = 53;

/// The first name server in `/etc/resolv.conf`; this machine itself when none is named there.
pub fn system_resolver() -> SocketAddr {
    let text = std::fs::read_to_string(RESOLV_CONF).unwrap_or_default();
    let address = first_name_server(&text).unwrap_or(Ipv4Addr::LOCALHOST.into());
    SocketAddr::new(address, DNS_PORT)
}

fn first_name_server(text: &str) -> Option<IpAddr> {
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let is_server = words.next() == Some("nameserver");
        words.next().filter(|_| is_server)?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_server_counts() {
        let text = "# local\nsearch example.net\nnameserver 192.0.2.53\nnameserver ::1\n";
        assert_eq!(first_name_server(text), Some([192, 0, 2, 53].into()));
        assert_eq!(first_name_server("nameserver fe80::1%eth0\n"), None);
        assert_eq!(first_name_server(""), None);
    }
}
