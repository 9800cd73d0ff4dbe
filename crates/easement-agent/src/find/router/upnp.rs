//! `UPnP`: `GetExternalIPAddress` of the service `WANIPConnection` or `WANPPPConnection`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use igd_next::aio::Gateway;
use igd_next::aio::tokio::{Tokio, search_gateway};
use igd_next::{GetExternalIpError, RequestError, SearchError, SearchOptions};
use tokio::time::timeout;

/// Where questions to one, and to all, are heard.
const PORT: u16 = 1900;
const ALL: Ipv4Addr = Ipv4Addr::new(239, 255, 255, 250);
/// How long it takes to be found at most, with its description, whoever answers.
const SEARCH: Duration = Duration::from_secs(3);
/// How long the address is waited for then.
const ANSWER: Duration = Duration::from_secs(3);

/// What the router says.
pub(super) async fn ask(router: Ipv4Addr) -> Result<IpAddr, String> {
    let gateway = find(router).await?;
    match timeout(ANSWER, gateway.get_external_ip()).await {
        Ok(said) => said.map_err(refusal),
        Err(_) => Err("it does not say its address in time".to_owned()),
    }
}

/// The router is asked alone first, which nobody else hears. Some hear only what is for all; then others may answer, too,
/// and are not believed.
async fn find(router: Ipv4Addr) -> Result<Gateway<Tokio>, String> {
    let own = own_address(router).map_err(|error| error.to_string())?;
    let mut is_other = false;
    for asked in [router, ALL] {
        match search_gateway(options(own, asked, router)).await {
            Ok(gateway) if gateway.addr.ip() == router => return Ok(gateway),
            Ok(_) => is_other = true,
            Err(SearchError::NoResponseWithinTimeout) => {}
            Err(error) => return Err(not_found(error)),
        }
    }
    Err(if is_other {
        "another device answered in its place".to_owned()
    } else {
        "it does not answer".to_owned()
    })
}

/// The library asks whoever answers for its description, at the address that it answered from or at the router's, and
/// reads a mebibyte of it at most.
fn options(own: Ipv4Addr, asked: Ipv4Addr, router: Ipv4Addr) -> SearchOptions {
    let mut options = SearchOptions::default();
    options.bind_addr = SocketAddr::from((own, 0));
    options.broadcast_address = SocketAddr::from((asked, PORT));
    options.timeout = Some(SEARCH);
    options.single_search_timeout = Some(SEARCH);
    options.allowed_gateway_ips = vec![router.into()];
    options
}

/// The address from which the machine speaks to the router, so that all are asked where it is. Nothing is sent.
fn own_address(router: Ipv4Addr) -> std::io::Result<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.connect((router, PORT))?;
    match socket.local_addr()?.ip() {
        IpAddr::V4(own) => Ok(own),
        IpAddr::V6(_) => Ok(Ipv4Addr::UNSPECIFIED),
    }
}

/// In words of our own: what it wrote is not for the log.
fn refusal(error: GetExternalIpError) -> String {
    match error {
        GetExternalIpError::ActionNotAuthorized => "it refuses".to_owned(),
        GetExternalIpError::RequestError(RequestError::ErrorCode(code, _)) => {
            format!("it answers with error {code}")
        }
        GetExternalIpError::RequestError(RequestError::IoError(error)) => error.to_string(),
        GetExternalIpError::RequestError(_) => "it says no address".to_owned(),
    }
}

fn not_found(error: SearchError) -> String {
    match error {
        SearchError::IoError(error) => error.to_string(),
        SearchError::InvalidResponse
        | SearchError::NoResponseWithinTimeout
        | SearchError::Utf8Error(_)
        | SearchError::XmlError(_)
        | SearchError::HyperError(_)
        | SearchError::HyperClientError(_)
        | SearchError::InvalidUri(_) => "its answer cannot be read".to_owned(),
    }
}
