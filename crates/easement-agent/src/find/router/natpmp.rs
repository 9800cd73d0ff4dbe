//! NAT-PMP: the request for the address outside (RFC 6886 section 3.2).

use std::net::Ipv4Addr;
use std::time::Duration;

use crab_nat::natpmp::{Failure, external_address};
use crab_nat::{GatewayAddress, TimeoutConfig};

/// The times of RFC 6886 section 3.1, and fewer of them: a router is near.
const PATIENCE: TimeoutConfig = TimeoutConfig {
    initial_timeout: Duration::from_millis(250),
    max_retries: 3,
    max_retry_timeout: None,
};

/// What the router says, and nobody else: the socket takes datagrams from it alone.
pub(super) async fn ask(router: Ipv4Addr) -> Result<Ipv4Addr, String> {
    let asking = external_address(GatewayAddress::IpV4(router), Some(PATIENCE));
    asking.await.map_err(|failure| match failure {
        Failure::Timeout => "it does not answer".to_owned(),
        Failure::Socket(error) => error.to_string(),
        Failure::NotAuthorized => "it refuses".to_owned(),
        Failure::NetworkFailure => "it has no address now".to_owned(),
        Failure::InvalidResponse(_)
        | Failure::UnsupportedVersion(_)
        | Failure::OutOfResources
        | Failure::UnsupportedOpcode => "it cannot do that".to_owned(),
    })
}
