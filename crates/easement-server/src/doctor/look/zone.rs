//! Asking this server and the resolver about a zone.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use easement_zone::{Name, RecordType, Soa};

use super::super::rules::zone::{OwnAnswer, OwnSaid};
use super::dns::Asker;
use easement_outbound::dns::{Code, Transport};

/// Asks this server for the SOA record at each of its addresses, over UDP and TCP.
pub(in crate::doctor) async fn own_answers(
    asker: &Asker,
    listen: &[SocketAddr],
    apex: &Name,
) -> Vec<OwnAnswer> {
    let mut answers = Vec::new();
    for address in listen {
        for transport in [Transport::Udp, Transport::Tcp] {
            let address = reachable(*address);
            let question = (apex, RecordType::SOA);
            let said = match asker.ask_server(address, question, transport).await {
                Err(error) => OwnSaid::Silence(error),
                Ok(answer) => {
                    let soa = answer.data_at(apex, RecordType::SOA);
                    let soa = soa.first().and_then(|data| Soa::from_data(data));
                    match (soa, &answer.code) {
                        (Some(soa), _) if answer.authoritative => {
                            OwnSaid::Serial(soa.serial.number())
                        }
                        (Some(_), _) => {
                            OwnSaid::SomethingElse("what it heard elsewhere".to_owned())
                        }
                        (None, Code::NoError) => OwnSaid::SomethingElse("nothing".to_owned()),
                        (None, Code::NxDomain) => OwnSaid::SomethingElse("NXDOMAIN".to_owned()),
                        (None, Code::Other(code)) => OwnSaid::SomethingElse(code.clone()),
                    }
                }
            };
            answers.push(OwnAnswer {
                address,
                transport,
                said,
            });
        }
    }
    answers
}

/// Where a server that listens on all addresses is reached from its own machine.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let own: IpAddr = match listen {
        SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    if listen.ip().is_unspecified() {
        SocketAddr::new(own, listen.port())
    } else {
        listen
    }
}

/// The texts at `_domainconnect`, as the resolver finds them.
pub(in crate::doctor) async fn discovery(
    asker: &Asker,
    apex: &Name,
) -> Result<Vec<String>, String> {
    let name = apex
        .child("_domainconnect")
        .map_err(|error| error.to_string())?;
    let answer = asker.resolve(&name, RecordType::TXT).await?;
    if let Code::Other(code) = &answer.code {
        return Err(format!("resolver {}: {code}", asker.resolver));
    }
    let data = answer.data_at(&name, RecordType::TXT);
    let texts = data.iter().filter_map(|data| data.text());
    Ok(texts
        .map(|text| String::from_utf8_lossy(&text).into_owned())
        .collect())
}
