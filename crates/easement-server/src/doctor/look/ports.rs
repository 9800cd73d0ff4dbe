//! Trying to take the addresses of the configuration, and letting them go at once.

use std::io;
use std::net::SocketAddr;

use super::super::rules::ports::{Port, Running, Service, Taken};
use crate::admin::ServerFacts;
use crate::config::Config;
use crate::http::{bind, bind_datagrams};

/// Every address with a port of its own. `running` is what the running server says.
pub(in crate::doctor) fn look(config: &Config, running: Option<&ServerFacts>) -> Vec<Port> {
    let told_web = running.map(|facts| facts.web_listen.as_slice());
    let told_dns = running.map(|facts| facts.dns_listen.as_slice());
    let told_metrics = running.map(|facts| facts.metrics_listen.as_slice());
    let mut ports = Vec::new();
    for address in &config.server.listen {
        ports.push(port(Service::Web, *address, told_web));
    }
    for address in &config.dns.listen {
        ports.push(port(Service::DnsOverUdp, *address, told_dns));
        ports.push(port(Service::DnsOverTcp, *address, told_dns));
    }
    for address in &config.metrics.listen {
        ports.push(port(Service::Metrics, *address, told_metrics));
    }
    // Port 0 is any port that is free.
    ports.retain(|port| port.address.port() != 0);
    ports
}

fn port(service: Service, address: SocketAddr, told: Option<&[SocketAddr]>) -> Port {
    let taken = match service {
        Service::Web | Service::DnsOverTcp | Service::Metrics => bind(address).map(drop),
        Service::DnsOverUdp => bind_datagrams(address).map(drop),
    };
    Port {
        service,
        address,
        taken: meaning(taken),
        running: told.map_or(Running::No, |told| Running::listening(told, address)),
    }
}

fn meaning(taken: io::Result<()>) -> Taken {
    let Err(error) = taken else {
        return Taken::Free;
    };
    let kind = error.kind();
    if kind == io::ErrorKind::AddrInUse {
        Taken::InUse
    } else if kind == io::ErrorKind::PermissionDenied {
        Taken::NotPermitted
    } else if kind == io::ErrorKind::AddrNotAvailable {
        Taken::NotOfThisMachine
    } else {
        Taken::Failed(error.to_string())
    }
}
