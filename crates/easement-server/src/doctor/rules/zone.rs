//! What this server and the rest of DNS answer about a zone.

use std::net::SocketAddr;

use domain_connect::escape_hidden;

use super::super::Check;
use crate::admin::ZoneFacts;
use easement_outbound::dns::Transport;

const ANSWERS: &str = "answers";
const DISCOVERY: &str = "Domain Connect";

/// What came of asking this server for the SOA record of a zone.
#[derive(Clone, Debug)]
pub(in crate::doctor) struct OwnAnswer {
    pub(in crate::doctor) address: SocketAddr,
    pub(in crate::doctor) transport: Transport,
    pub(in crate::doctor) said: OwnSaid,
}

/// What this server said.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::doctor) enum OwnSaid {
    /// The zone, with this serial number.
    Serial(u32),
    /// Something else than the zone: another server may be there.
    SomethingElse(String),
    /// Nothing.
    Silence(String),
}

/// Judges what was answered at the addresses of the configuration; none when no server runs.
pub(in crate::doctor) fn judge_answers(zone: &ZoneFacts, answers: &[OwnAnswer]) -> Check {
    if answers.is_empty() {
        return Check::warn(
            ANSWERS,
            "no server runs here: nothing was asked",
            "start it: `systemctl start easement`",
        );
    }
    if let Some(fault) = answers.iter().find_map(|answer| answer_fault(zone, answer)) {
        return fault;
    }
    let places: Vec<String> = answers.iter().map(place).collect();
    Check::ok(
        ANSWERS,
        format!("serial {} at {}", zone.serial, places.join(", ")),
    )
}

fn answer_fault(zone: &ZoneFacts, answer: &OwnAnswer) -> Option<Check> {
    let place = place(answer);
    match &answer.said {
        OwnSaid::Serial(serial) if *serial == zone.serial => None,
        OwnSaid::Serial(serial) => Some(Check::warn(
            ANSWERS,
            format!("{place} has serial {serial}, and the store {}", zone.serial),
            "run the doctor again: it may have changed meanwhile; if it stays, start the server anew",
        )),
        OwnSaid::SomethingElse(what) => Some(Check::fail(
            ANSWERS,
            format!("{place} says {what} in the place of the zone"),
            "another server may have the address: `ss -lnptu 'sport = :53'` names it",
        )),
        OwnSaid::Silence(why) => Some(Check::fail(
            ANSWERS,
            format!("{place}: {why}"),
            "check the packet filter of this machine, UDP and TCP, and the log of the server",
        )),
    }
}

fn place(answer: &OwnAnswer) -> String {
    let transport = match answer.transport {
        Transport::Udp => "UDP",
        Transport::Tcp => "TCP",
    };
    format!("{} over {transport}", answer.address)
}

/// Judges what the resolver found at `_domainconnect`. Whether the zone is delegated to this server is
/// judged elsewhere: without that, nothing better can be expected here.
pub(in crate::doctor) fn judge_discovery(
    zone: &ZoneFacts,
    found: &Result<Vec<String>, String>,
) -> Check {
    let Some(expected) = &zone.discovery else {
        return Check::ok(DISCOVERY, "it is off for this zone");
    };
    let name = format!("_domainconnect.{}", zone.apex.to_text());
    match found {
        Err(why) => Check::warn(
            DISCOVERY,
            format!("{name} could not be looked up: {why}"),
            "mend what is wrong with the delegation or the resolver first",
        ),
        Ok(texts) if texts.contains(expected) && !zone.not_served.is_empty() => {
            let types: Vec<String> = zone.not_served.iter().map(ToString::to_string).collect();
            let types = types.join(" and ");
            Check::warn(
                DISCOVERY,
                format!(
                    "{name} names {expected}: the {types} records that are stored there are not served"
                ),
                "remove them from the zone: an earlier host left them",
            )
        }
        Ok(texts) if texts.contains(expected) => {
            Check::ok(DISCOVERY, format!("{name} names {expected}"))
        }
        Ok(texts) if texts.is_empty() => Check::fail(
            DISCOVERY,
            format!(
                "the resolver finds nothing at {name}: service providers cannot offer anything"
            ),
            "mend the delegation; when that is right, wait until resolvers have forgotten that nothing was \
             there",
        ),
        Ok(texts) => Check::fail(
            DISCOVERY,
            format!(
                "{name} names {}, and this server is {expected}",
                shown(texts)
            ),
            "the zone is answered by somebody else too, or resolvers remember what was there before: mend \
             the delegation, or wait for the TTL",
        ),
    }
}

/// Texts of strangers, cut short and harmless on a terminal.
fn shown(texts: &[String]) -> String {
    let text: String = texts.join(", ").chars().take(80).collect();
    escape_hidden(&text)
}

#[cfg(test)]
mod tests {
    use super::super::assert_check;
    use super::*;
    use crate::doctor::Outcome::{Fail, Ok as Good, Warn};

    fn zone(discovery: Option<&str>) -> ZoneFacts {
        ZoneFacts {
            apex: "example.com".parse().unwrap(),
            serial: 7,
            name_servers: Vec::new(),
            own_addresses: Vec::new(),
            discovery: discovery.map(str::to_owned),
            not_served: Vec::new(),
        }
    }

    #[test]
    fn a_record_that_the_discovery_text_stands_above_is_told() {
        let expected = "https://dc.example.net".to_owned();
        let mut facts = zone(Some(&expected));
        facts.not_served = vec![easement_zone::RecordType::CNAME];
        let check = judge_discovery(&facts, &Ok(vec![expected]));
        let words = "the CNAME records that are stored there are not served";
        assert_check(&check, Warn, words);
    }

    #[test]
    fn this_server_answers_what_the_store_has() {
        let answer = |transport, said| OwnAnswer {
            address: "192.0.2.1:53".parse().unwrap(),
            transport,
            said,
        };
        let udp = answer(Transport::Udp, OwnSaid::Serial(7));
        let tcp = |said| answer(Transport::Tcp, said);
        for (said, outcome, words) in [
            (
                OwnSaid::Serial(7),
                Good,
                "serial 7 at 192.0.2.1:53 over UDP, 192.0.2.1:53 over TCP",
            ),
            (OwnSaid::Serial(6), Warn, "over TCP has serial 6"),
            (
                OwnSaid::SomethingElse("REFUSED".to_owned()),
                Fail,
                "says REFUSED",
            ),
            (
                OwnSaid::Silence("no answer".to_owned()),
                Fail,
                "packet filter",
            ),
        ] {
            assert_check(
                &judge_answers(&zone(None), &[udp.clone(), tcp(said)]),
                outcome,
                words,
            );
        }
        assert_check(&judge_answers(&zone(None), &[]), Warn, "systemctl start");
    }

    #[test]
    fn service_providers_find_this_server() {
        let found = |texts: &[&str]| Ok(texts.iter().map(|text| (*text).to_owned()).collect());
        let on = zone(Some("dns.example"));
        for (zone, found, outcome, words) in [
            (&zone(None), found(&[]), Good, "off"),
            (
                &on,
                found(&["dns.example"]),
                Good,
                "_domainconnect.example.com names dns.example",
            ),
            (&on, found(&["x", "dns.example"]), Good, ""),
            (&on, found(&[]), Fail, "finds nothing"),
            (
                &on,
                found(&["old.example\u{1b}[2J"]),
                Fail,
                "old.example\\u{1b}[2J, and this",
            ),
            (&on, Err("no answer".to_owned()), Warn, "no answer"),
        ] {
            assert_check(&judge_discovery(zone, &found), outcome, words);
        }
    }
}
