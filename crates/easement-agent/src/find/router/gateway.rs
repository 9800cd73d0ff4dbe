//! The router that leads out, as the system knows it.

use std::net::Ipv4Addr;

use crate::config::is_at_home;

/// The table of routes of IPv4 of the network that the program is in (proc(5)).
const ROUTES: &str = "/proc/self/net/route";
/// Of the flags of a route: it is up, and it leads through a router (`linux/route.h`).
const UP: u32 = 1;
const GATEWAY: u32 = 2;

pub(super) fn leading_out() -> Result<Ipv4Addr, String> {
    let table = std::fs::read_to_string(ROUTES)
        .map_err(|error| format!("{ROUTES} cannot be read ({error}): name the router"))?;
    let router = default_router(&table).ok_or("no router leads out now")?;
    if is_at_home(router) {
        return Ok(router);
    }
    Err(format!(
        "the router {router} is not one of a network at home: the machine has its own address, so name an interface"
    ))
}

/// The router of the default route with the lowest metric.
fn default_router(table: &str) -> Option<Ipv4Addr> {
    let least = table.lines().skip(1).filter_map(route);
    let least = least.min_by_key(|(metric, _)| *metric);
    least.map(|(_, router)| router)
}

/// The metric and the router of a line, if that is a default route through one.
fn route(line: &str) -> Option<(u32, Ipv4Addr)> {
    let mut words = line.split_whitespace().skip(1);
    let destination = octets(words.next()?)?;
    let router = octets(words.next()?)?;
    let flags = u32::from_str_radix(words.next()?, 16).ok()?;
    let metric = words.nth(2)?.parse().ok()?;
    let mask = octets(words.next()?)?;
    let is_default = destination.is_unspecified() && mask.is_unspecified();
    (is_default && flags & (UP | GATEWAY) == UP | GATEWAY).then_some((metric, router))
}

/// The kernel writes addresses as numbers in the order of its own octets.
fn octets(word: &str) -> Option<Ipv4Addr> {
    let number = u32::from_str_radix(word, 16).ok()?;
    Some(number.to_ne_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line as the kernel writes it.
    fn line(
        destination: [u8; 4],
        router: [u8; 4],
        flags: u32,
        metric: u32,
        mask: [u8; 4],
    ) -> String {
        let [destination, router, mask] = [destination, router, mask].map(u32::from_ne_bytes);
        format!(
            "eth0\t{destination:08X}\t{router:08X}\t{flags:04X}\t0\t0\t{metric}\t{mask:08X}\t0\t0\t0  "
        )
    }

    #[test]
    fn the_default_route_with_the_lowest_metric_counts() {
        let (none, first, second) = ([0; 4], [192, 168, 1, 1], [10, 0, 0, 138]);
        let usual = line(none, first, 3, 600, none);
        let table = |lines: &[&str]| default_router(&format!("Iface\n{}\n", lines.join("\n")));
        assert_eq!(table(&[&usual]), Some(first.into()));
        let better = line(none, second, 3, 100, none);
        assert_eq!(table(&[&usual, &better]), Some(second.into()));
        for other in [
            line([192, 168, 1, 0], none, 1, 0, [255, 255, 255, 0]),
            line([10, 0, 0, 0], second, 3, 0, [255, 0, 0, 0]),
            // Both halves of the world, as VPNs write it; a tunnel, which has no router; one that is down.
            line(none, second, 3, 0, [128, 0, 0, 0]),
            line(none, none, 1, 0, none),
            line(none, second, 2, 0, none),
            "eth0\t00000000".to_owned(),
            "eth0 z z z z z z z".to_owned(),
            String::new(),
        ] {
            assert_eq!(table(&[&other]), None, "{other}");
            assert_eq!(table(&[&other, &usual]), Some(first.into()), "{other}");
        }
        assert_eq!(default_router(""), None);
    }
}
