//! What the parent of a zone says about it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use easement_zone::Name;

use super::super::Check;
use crate::admin::ZoneFacts;

const CHECK: &str = "delegation";
const GLUE: &str = "glue";
const DS: &str = "DS";

/// What was found out about the delegation of a zone.
#[derive(Clone, Debug)]
pub(in crate::doctor) enum Delegation {
    /// The parent hands the zone on.
    AtParent(Referral),
    /// The parent says that there is no such zone.
    Missing,
    /// No name server of the parent answered; the resolver says this.
    FromResolver { servers: BTreeSet<Name> },
    /// Nobody could be asked.
    Unknown(String),
}

/// What the parent hands out.
#[derive(Clone, Debug, Default)]
pub(in crate::doctor) struct Referral {
    /// The name servers.
    pub(in crate::doctor) servers: BTreeSet<Name>,
    /// The addresses that come along.
    pub(in crate::doctor) glue: BTreeMap<Name, BTreeSet<IpAddr>>,
    /// Whether there are DS records; nothing when that was not answered.
    pub(in crate::doctor) has_ds: Option<bool>,
}

/// Judges the name servers, the glue and the DS records. `configured` are the names of this server.
pub(in crate::doctor) fn judge(
    zone: &ZoneFacts,
    delegation: &Delegation,
    configured: &[Name],
) -> Vec<Check> {
    let checks = match delegation {
        Delegation::AtParent(referral) => {
            let servers = judge_servers(zone, &referral.servers, configured, "the parent");
            vec![servers, judge_glue(zone, referral), judge_ds(referral)]
        }
        Delegation::FromResolver { servers } => {
            vec![judge_servers(zone, servers, configured, "the resolver")]
        }
        Delegation::Missing => vec![Check::fail(
            CHECK,
            "the parent knows no such zone: nobody finds it",
            format!(
                "register the domain, or have its registrar enter the name servers {}",
                names(&wanted(zone, configured))
            ),
        )],
        Delegation::Unknown(why) => vec![Check::warn(
            CHECK,
            format!("it could not be looked up: {why}"),
            "check that the resolver answers and that this machine may ask name servers (port 53 outwards)",
        )],
    };
    let of_zone = |check: Check| check.of(&zone.apex);
    checks.into_iter().map(of_zone).collect()
}

/// The name servers that the zone is meant to have.
fn wanted(zone: &ZoneFacts, configured: &[Name]) -> BTreeSet<Name> {
    let own = if zone.name_servers.is_empty() {
        configured
    } else {
        &zone.name_servers
    };
    own.iter().cloned().collect()
}

fn judge_servers(
    zone: &ZoneFacts,
    found: &BTreeSet<Name>,
    configured: &[Name],
    who: &str,
) -> Check {
    let own: BTreeSet<Name> = zone.name_servers.iter().cloned().collect();
    let is_ours = |name: &&Name| own.contains(*name) || configured.contains(*name);
    if found.iter().filter(is_ours).count() == 0 {
        return Check::fail(
            CHECK,
            format!(
                "{who} names {}, and none of this server's names",
                names(found)
            ),
            format!(
                "have the registrar enter {}; or remove the zone here when others are to answer for it",
                names(&wanted(zone, configured))
            ),
        );
    }
    if *found != own {
        return Check::warn(
            CHECK,
            format!(
                "{who} names {}, and the zone itself {}",
                names(found),
                names(&own)
            ),
            "make them the same: correct the NS records of the zone, or what the registrar has",
        );
    }
    if !configured.iter().all(|name| own.contains(name)) {
        let configured = configured.iter().cloned().collect();
        return Check::warn(
            CHECK,
            format!(
                "the zone names {}, and dns.name_servers {}",
                names(&own),
                names(&configured)
            ),
            "correct the NS records of the zone when it is to have all name servers",
        );
    }
    Check::ok(CHECK, format!("{who} names {}", names(found)))
}

fn names(names: &BTreeSet<Name>) -> String {
    let texts: Vec<String> = names.iter().map(Name::to_text).collect();
    if texts.is_empty() {
        return "none".to_owned();
    }
    texts.join(", ")
}

/// Name servers below the zone can only be found by the addresses that the parent gives along
/// (RFC 1034 section 4.2.1).
fn judge_glue(zone: &ZoneFacts, referral: &Referral) -> Check {
    let servers = referral.servers.iter();
    let inside: Vec<&Name> = servers
        .filter(|name| name.is_at_or_below(&zone.apex))
        .collect();
    if inside.is_empty() {
        let found = "none is needed: the name servers are not below the zone";
        return Check::ok(GLUE, found);
    }
    let faults = inside.iter().filter_map(|name| {
        let own = zone.own_addresses.iter().find(|(owner, _)| owner == *name);
        let own = own.into_iter().flat_map(|(_, addresses)| addresses);
        let own = own.copied().collect();
        let glue = referral.glue.get(*name).cloned().unwrap_or_default();
        glue_fault(&name.to_text(), &own, &glue)
    });
    let gravest = faults.max_by_key(|check| check.outcome);
    gravest.unwrap_or_else(|| {
        let found = "the parent has the addresses of the name servers below the zone";
        Check::ok(GLUE, found)
    })
}

/// What is wrong with the addresses of one name server.
fn glue_fault(name: &str, own: &BTreeSet<IpAddr>, glue: &BTreeSet<IpAddr>) -> Option<Check> {
    if own.is_empty() {
        return Some(Check::fail(
            GLUE,
            format!("the zone has no address for its name server {name}"),
            format!("add an A or AAAA record at {name}"),
        ));
    }
    if glue.is_empty() {
        return Some(Check::fail(
            GLUE,
            format!("the parent has no address for {name}: nobody can ask it"),
            format!("have the registrar enter {} for {name}", addresses(own)),
        ));
    }
    let found = format!(
        "the parent has {} for {name}, and the zone {}",
        addresses(glue),
        addresses(own)
    );
    let remedy = "correct the address that is old, at the registrar or in the zone";
    if glue == own {
        None
    } else if glue.is_disjoint(own) {
        Some(Check::fail(GLUE, found, remedy))
    } else {
        Some(Check::warn(GLUE, found, remedy))
    }
}

fn addresses(addresses: &BTreeSet<IpAddr>) -> String {
    let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

/// A DS record promises signatures (RFC 4035 section 5): without them validating resolvers refuse
/// everything.
fn judge_ds(referral: &Referral) -> Check {
    match referral.has_ds {
        Some(false) => Check::ok(DS, "the parent has none, as is right for an unsigned zone"),
        Some(true) => Check::fail(
            DS,
            "the parent has DS records, and this server does not sign: resolvers that validate refuse \
             every answer",
            "have the registrar remove the DS records, and wait until their TTL is over",
        ),
        None => Check::warn(
            DS,
            "the parent did not say whether it has DS records",
            "run the doctor again; `dig DS` at the name servers of the parent shows them",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::assert_check;
    use super::*;
    use crate::doctor::Outcome::{self, Fail, Ok, Warn};

    fn set(texts: &[&str]) -> BTreeSet<Name> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn zone(name_servers: &[&str], own: &[(&str, &[&str])]) -> ZoneFacts {
        let address = |text: &&str| text.parse().unwrap();
        ZoneFacts {
            apex: "example.com".parse().unwrap(),
            serial: 7,
            name_servers: set(name_servers).into_iter().collect(),
            own_addresses: own
                .iter()
                .map(|(name, list)| (name.parse().unwrap(), list.iter().map(address).collect()))
                .collect(),
            not_served: Vec::new(),
            discovery: None,
        }
    }

    #[test]
    fn the_parent_and_the_zone_name_this_server() {
        let ours = ["ns1.dns.example", "ns2.dns.example"];
        for (own, parent, configured, outcome, words) in [
            (
                &ours[..],
                &ours[..],
                &ours[..],
                Ok,
                "names ns1.dns.example, ns2",
            ),
            (&ours, &ours, &[], Ok, ""),
            (
                &ours,
                &["ns.old.example"],
                &ours,
                Fail,
                "registrar enter ns1.dns.example, ns2",
            ),
            (&ours, &ours[..1], &ours, Warn, "make them the same"),
            (
                &["ns.old.example"],
                &ours,
                &ours,
                Warn,
                "and the zone itself ns.old.example",
            ),
            (
                &ours[..1],
                &ours[..1],
                &ours,
                Warn,
                "dns.name_servers ns1.dns.example, ns2",
            ),
        ] {
            let configured: Vec<Name> = set(configured).into_iter().collect();
            let referral = Referral {
                servers: set(parent),
                ..Referral::default()
            };
            let checks = judge(
                &zone(own, &[]),
                &Delegation::AtParent(referral),
                &configured,
            );
            assert_check(&checks[0], outcome, words);
            let servers = set(parent);
            let checks = judge(
                &zone(own, &[]),
                &Delegation::FromResolver { servers },
                &configured,
            );
            assert_check(&checks[0], outcome, "");
            assert_eq!(checks.len(), 1);
        }
    }

    #[test]
    fn a_zone_without_delegation_is_not_found() {
        let zone = zone(&["ns1.dns.example"], &[]);
        let checks = judge(&zone, &Delegation::Missing, &[]);
        assert_check(&checks[0], Fail, "enter the name servers ns1.dns.example");
        let checks = judge(&zone, &Delegation::Unknown("no answer".to_owned()), &[]);
        assert_check(&checks[0], Warn, "no answer");
    }

    #[test]
    fn name_servers_below_the_zone_need_addresses_at_the_parent() {
        let four: &[&str] = &["192.0.2.1"];
        let both: &[&str] = &["192.0.2.1", "2001:db8::1"];
        let other: &[&str] = &["192.0.2.2"];
        let judged = |name: &str, own: &[&str], glue: &[&str], outcome: Outcome, words: &str| {
            let zone = zone(&[name], &[(name, own)]);
            let glue = glue.iter().map(|text| text.parse().unwrap()).collect();
            let referral = Referral {
                servers: set(&[name]),
                glue: BTreeMap::from([(name.parse().unwrap(), glue)]),
                has_ds: Some(false),
            };
            let checks = judge(&zone, &Delegation::AtParent(referral), &[]);
            assert_check(&checks[1], outcome, words);
        };
        judged("ns.example.com", four, four, Ok, "has the addresses");
        judged(
            "ns.example.com",
            four,
            &[],
            Fail,
            "enter 192.0.2.1 for ns.example.com",
        );
        judged(
            "ns.example.com",
            four,
            other,
            Fail,
            "the address that is old",
        );
        judged("ns.example.com", both, four, Warn, "192.0.2.1, 2001:db8::1");
        judged("ns.example.com", &[], four, Fail, "add an A or AAAA");
        judged("ns.dns.example", &[], &[], Ok, "none is needed");
    }

    #[test]
    fn an_unsigned_zone_has_no_ds_at_its_parent() {
        for (has_ds, outcome, words) in [
            (Some(false), Ok, "none"),
            (Some(true), Fail, "remove the DS records"),
            (None, Warn, "dig DS"),
        ] {
            let servers = set(&["ns1.dns.example"]);
            let referral = Referral {
                servers,
                has_ds,
                ..Referral::default()
            };
            let zone = zone(&["ns1.dns.example"], &[]);
            let checks = judge(&zone, &Delegation::AtParent(referral), &[]);
            assert_check(&checks[2], outcome, words);
        }
    }
}
