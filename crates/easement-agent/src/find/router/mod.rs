//! The address that the router has outside, as the router says it.
//!
//! It is asked over NAT-PMP, which is a datagram and its answer, and then over `UPnP`. Only the router is believed: the one
//! that a person named, or the one through which the machine speaks to the world. None of this is signed, so whoever can
//! answer in the place of the router can say what they like, as they could with everything else that goes through it.
//!
//! PCP (RFC 6887) says an address only to those who open a port, which is not wanted here. Routers that speak it answer
//! to NAT-PMP as well.

mod gateway;
mod natpmp;
mod upnp;

use std::net::{IpAddr, Ipv4Addr};

use apertodns::address::{Address, DocumentationRanges, check_public};

use crate::decide::Finding;

/// Asks this router or, without a name, the one that leads out.
pub(super) async fn ask<A: Address>(named: Option<Ipv4Addr>) -> Finding<A> {
    match said(named).await {
        Ok(addresses) => Finding::Found(addresses),
        Err(why) => Finding::Unknown { why },
    }
}

async fn said<A: Address>(named: Option<Ipv4Addr>) -> Result<Vec<A>, String> {
    let router = match named {
        Some(router) => router,
        None => gateway::leading_out()?,
    };
    let over_natpmp = match natpmp::ask(router).await {
        Ok(address) => return checked(router, address.into()),
        Err(reason) => reason,
    };
    match upnp::ask(router).await {
        Ok(address) => checked(router, address),
        Err(over_upnp) => Err(format!(
            "the router {router} does not say it (NAT-PMP: {over_natpmp}; UPnP: {over_upnp}): let it do so, or name \
             checkers"
        )),
    }
}

/// An address that is not public belongs to a second router, such as that of the provider.
fn checked<A: Address>(router: Ipv4Addr, address: IpAddr) -> Result<Vec<A>, String> {
    check_public(address, DocumentationRanges::Refuse).map_err(|reason| {
        format!(
            "the address that the router {router} has outside is not reachable from there ({reason}), so there is \
             another router before it: name checkers"
        )
    })?;
    match A::of(address) {
        Some(address) => Ok(vec![address]),
        None => Err(format!(
            "the router {router} says an address of another family ({address}): name checkers"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_public_address_of_the_family_counts() {
        let router = Ipv4Addr::new(192, 168, 1, 1);
        let read = |address: &str| checked::<Ipv4Addr>(router, address.parse().unwrap());
        assert_eq!(read("9.9.9.9"), Ok(vec![Ipv4Addr::new(9, 9, 9, 9)]));
        for (address, words) in [
            ("100.64.0.7", "100.64.0.7"),
            ("192.168.1.1", "private"),
            ("0.0.0.0", "0.0.0.0"),
            ("127.0.0.1", "loopback"),
            ("192.0.2.1", "192.0.2.1"),
            ("2620:fe::fe", "another family"),
        ] {
            let error = read(address).unwrap_err();
            assert!(error.contains(words), "{error}");
            assert!(error.contains("name checkers"), "{error}");
        }
    }
}
