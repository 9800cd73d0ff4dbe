//! The addresses of the configuration.

use std::net::SocketAddr;

use super::super::Check;

const CHECK: &str = "ports";

/// An address of the configuration.
#[derive(Clone, Debug)]
pub(in crate::doctor) struct Port {
    pub(in crate::doctor) service: Service,
    pub(in crate::doctor) address: SocketAddr,
    /// What came of trying to take it.
    pub(in crate::doctor) taken: Taken,
    /// What our running server has to do with it.
    pub(in crate::doctor) running: Running,
}

/// What our running server has to do with an address.
#[derive(Clone, Copy, Debug)]
pub(in crate::doctor) enum Running {
    /// None runs.
    No,
    /// It was told to listen there.
    There,
    /// It was told to listen at this one, which takes the other as well.
    Over(SocketAddr),
    /// It was told nothing about it.
    Elsewhere,
}

impl Running {
    /// A server that was told to listen at these addresses.
    pub(in crate::doctor) fn listening(told: &[SocketAddr], address: SocketAddr) -> Self {
        let is_every = |one: SocketAddr| one.ip().is_unspecified();
        let overlaps = |one: &&SocketAddr| {
            one.port() == address.port() && (is_every(**one) || is_every(address))
        };
        if told.contains(&address) {
            return Self::There;
        }
        told.iter()
            .find(overlaps)
            .map_or(Self::Elsewhere, |one| Self::Over(*one))
    }
}

/// What listens.
#[derive(Clone, Copy, Debug)]
pub(in crate::doctor) enum Service {
    Web,
    DnsOverUdp,
    DnsOverTcp,
    Metrics,
}

impl Service {
    fn title(self) -> &'static str {
        match self {
            Self::Web => "the web",
            Self::DnsOverUdp => "DNS over UDP",
            Self::DnsOverTcp => "DNS over TCP",
            Self::Metrics => "metrics",
        }
    }

    fn setting(self) -> &'static str {
        match self {
            Self::Web => "server.listen",
            Self::DnsOverUdp | Self::DnsOverTcp => "dns.listen",
            Self::Metrics => "metrics.listen",
        }
    }
}

/// What came of trying to take an address.
#[derive(Clone, Debug)]
pub(in crate::doctor) enum Taken {
    /// It could be had.
    Free,
    InUse,
    NotPermitted,
    NotOfThisMachine,
    Failed(String),
}

pub(in crate::doctor) fn judge(port: &Port) -> Check {
    let what = format!("{} for {}", port.address, port.service.title());
    let (number, setting) = (port.address.port(), port.service.setting());
    let restart = "the configuration was changed since it started: restart the server";
    match (&port.taken, port.running) {
        (Taken::Free, Running::No) => Check::ok(CHECK, format!("{what} is free")),
        (Taken::InUse | Taken::NotPermitted, Running::There) => {
            Check::ok(CHECK, format!("{what} is with the running server"))
        }
        (Taken::Free, Running::There) => Check::fail(
            CHECK,
            format!("the running server does not listen at {what}"),
            "look into its log, and start it anew",
        ),
        (Taken::InUse, Running::Over(held)) => Check::warn(
            CHECK,
            format!("{what} is with the running server, which listens at {held}"),
            restart,
        ),
        (Taken::Free, Running::Over(_) | Running::Elsewhere) => Check::warn(
            CHECK,
            format!("{what} is free, and the running server does not listen there"),
            restart,
        ),
        (Taken::InUse, Running::No | Running::Elsewhere) => Check::fail(
            CHECK,
            format!("{what} is in use by another program"),
            format!(
                "`ss -lnptu 'sport = :{number}'` names it: stop it, or name another address in {setting} \
                 (a resolver of this machine leaves its outside address free: name that one in the place \
                 of 0.0.0.0)"
            ),
        ),
        (Taken::NotPermitted, Running::No | Running::Over(_) | Running::Elsewhere) => Check::warn(
            CHECK,
            format!("{what} could not be tried: this user may not take it"),
            "ports below 1024 need the capability CAP_NET_BIND_SERVICE, which the systemd unit of the \
             package gives to the server: run the doctor as root to try, or choose a higher port",
        ),
        (Taken::NotOfThisMachine, _) => Check::fail(
            CHECK,
            format!("{what}: this machine does not have the address"),
            format!("`ip address` lists those that it has: name one of them in {setting}"),
        ),
        (Taken::Failed(error), _) => Check::fail(
            CHECK,
            format!("{what} cannot be taken: {error}"),
            format!("name another address in {setting}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_check;
    use super::*;
    use crate::doctor::Outcome::{Fail, Ok, Warn};

    #[test]
    fn an_address_is_free_or_ours_or_there_is_a_remedy() {
        let over = Running::Over("[::]:53".parse().unwrap());
        for (taken, running, outcome, words) in [
            (
                Taken::Free,
                Running::No,
                Ok,
                "0.0.0.0:53 for DNS over UDP is free",
            ),
            (Taken::InUse, Running::There, Ok, "with the running server"),
            (
                Taken::NotPermitted,
                Running::There,
                Ok,
                "with the running server",
            ),
            (Taken::Free, Running::There, Fail, "does not listen"),
            (Taken::Free, Running::Elsewhere, Warn, "restart the server"),
            (Taken::InUse, over, Warn, "restart the server"),
            (Taken::InUse, Running::No, Fail, "sport = :53"),
            (Taken::InUse, Running::Elsewhere, Fail, "sport = :53"),
            (
                Taken::NotPermitted,
                Running::No,
                Warn,
                "CAP_NET_BIND_SERVICE",
            ),
            (Taken::NotOfThisMachine, Running::No, Fail, "in dns.listen"),
            (Taken::Failed("odd".to_owned()), Running::No, Fail, "odd"),
        ] {
            let port = Port {
                service: Service::DnsOverUdp,
                address: "0.0.0.0:53".parse().unwrap(),
                taken,
                running,
            };
            assert_check(&judge(&port), outcome, words);
        }
    }

    #[test]
    fn an_address_of_all_addresses_takes_every_other_of_its_port() {
        for (told, asked, expected) in [
            ("192.0.2.1:53", "192.0.2.1:53", "There"),
            ("0.0.0.0:53", "192.0.2.1:53", "Over(0.0.0.0:53)"),
            ("192.0.2.1:53", "0.0.0.0:53", "Over(192.0.2.1:53)"),
            ("0.0.0.0:53", "192.0.2.1:54", "Elsewhere"),
            ("192.0.2.2:53", "192.0.2.1:53", "Elsewhere"),
        ] {
            let running = Running::listening(&[told.parse().unwrap()], asked.parse().unwrap());
            assert_eq!(format!("{running:?}"), expected, "{told} {asked}");
        }
    }
}
