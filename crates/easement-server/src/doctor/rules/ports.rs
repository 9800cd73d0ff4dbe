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
    /// Whether our running server was told to listen there.
    pub(in crate::doctor) is_ours: bool,
}

/// What listens.
#[derive(Clone, Copy, Debug)]
pub(in crate::doctor) enum Service {
    Web,
    DnsOverUdp,
    DnsOverTcp,
}

impl Service {
    fn title(self) -> &'static str {
        match self {
            Self::Web => "the web",
            Self::DnsOverUdp => "DNS over UDP",
            Self::DnsOverTcp => "DNS over TCP",
        }
    }

    fn setting(self) -> &'static str {
        match self {
            Self::Web => "server.listen",
            Self::DnsOverUdp | Self::DnsOverTcp => "dns.listen",
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
    match (&port.taken, port.is_ours) {
        (Taken::Free, false) => Check::ok(CHECK, format!("{what} is free")),
        (Taken::InUse, true) => Check::ok(CHECK, format!("{what} is with the running server")),
        (Taken::Free, true) => Check::fail(
            CHECK,
            format!("the running server does not listen at {what}"),
            "look into its log, and start it anew",
        ),
        (Taken::InUse, false) => Check::fail(
            CHECK,
            format!("{what} is in use by another program"),
            format!(
                "`ss -lnptu 'sport = :{number}'` names it: stop it, or name another address in {setting} \
                 (a resolver of this machine leaves its outside address free: name that one in the place \
                 of 0.0.0.0)"
            ),
        ),
        (Taken::NotPermitted, _) => Check::fail(
            CHECK,
            format!("{what} may not be taken by this user"),
            "ports below 1024 need the capability CAP_NET_BIND_SERVICE: the systemd unit of the package \
             gives it; run the doctor as root, or choose a higher port",
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
    use crate::doctor::Outcome::{Fail, Ok};

    #[test]
    fn an_address_is_free_or_ours_or_there_is_a_remedy() {
        for (taken, is_ours, outcome, words) in [
            (
                Taken::Free,
                false,
                Ok,
                "0.0.0.0:53 for DNS over UDP is free",
            ),
            (Taken::InUse, true, Ok, "with the running server"),
            (Taken::Free, true, Fail, "does not listen"),
            (Taken::InUse, false, Fail, "sport = :53"),
            (Taken::NotPermitted, false, Fail, "CAP_NET_BIND_SERVICE"),
            (Taken::NotOfThisMachine, false, Fail, "in dns.listen"),
            (Taken::Failed("odd".to_owned()), false, Fail, "odd"),
        ] {
            let port = Port {
                service: Service::DnsOverUdp,
                address: "0.0.0.0:53".parse().unwrap(),
                taken,
                is_ours,
            };
            assert_check(&judge(&port), outcome, words);
        }
    }
}
