//! Which changes of a zone are events.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use apertodns::Hostname;
use apertodns::v1::{WebhookData, WebhookDelivery, WebhookEvent};
use easement_zone::{ChangeSet, Name, RecordData, RecordSet, RecordType, Ttl, Zone};

use crate::{PublicWebhookId, Timestamp};

/// Something that happened to a host.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HostEvent {
    /// What.
    pub event: WebhookEvent,
    /// To which host, and what its addresses were and are.
    pub data: WebhookData,
}

impl HostEvent {
    /// What a webhook is sent about it.
    pub fn document(
        &self,
        webhook: &PublicWebhookId,
        event_id: &str,
        at: Timestamp,
    ) -> WebhookDelivery {
        WebhookDelivery {
            event: self.event,
            event_id: event_id.to_owned(),
            timestamp: apertodns::Timestamp::from_unix_millis(at.as_micros() / 1000),
            webhook_id: webhook.to_string(),
            data: self.data.clone(),
        }
    }

    /// An update of a host that could not be made, with the addresses that it still has.
    pub fn update_failed(hostname: Hostname, zone: &Zone, reason: String) -> Self {
        let now = Side::of(zone, hostname.as_name());
        Self {
            event: WebhookEvent::UpdateFailed,
            data: WebhookData {
                reason: Some(reason),
                ..data(hostname, &now, &now)
            },
        }
    }
}

/// The most hosts of one change that are told of. A change of more is a zone that was restored or imported,
/// and who made it knows.
const MAX_HOSTS: usize = 1000;

/// What happened to hosts when a zone changed: each host whose addresses are others than before has one event.
/// A host is a name of letters, digits and hyphens that has addresses; its first address makes it, and with its
/// last one it is gone. A change of more than a thousand hosts has none.
pub fn host_events(before: &Zone, after: &Zone, changes: &ChangeSet) -> Vec<HostEvent> {
    let hosts: BTreeSet<&Name> = changes
        .iter()
        .filter(|(key, _)| key.rtype.is_address())
        .map(|(key, _)| &key.owner)
        .collect();
    if hosts.len() > MAX_HOSTS {
        return Vec::new();
    }
    let events = hosts
        .into_iter()
        .filter_map(|host| host_event(before, after, host));
    events.collect()
}

fn host_event(before: &Zone, after: &Zone, host: &Name) -> Option<HostEvent> {
    // What is no hostname is nobody's machine.
    let hostname = Hostname::from_form(&host.to_text()).ok()?;
    let (before, after) = (Side::of(before, host), Side::of(after, host));
    if before.has_addresses_of(&after) {
        return None;
    }
    let event = match (before.is_empty(), after.is_empty()) {
        (true, _) => WebhookEvent::HostnameCreated,
        (false, true) => WebhookEvent::HostnameDeleted,
        (false, false) => WebhookEvent::IpChanged,
    };
    Some(HostEvent {
        event,
        data: data(hostname, &before, &after),
    })
}

/// Documents have room for one address of each family.
fn data(hostname: Hostname, before: &Side, after: &Side) -> WebhookData {
    let ttl = after.ttl.or(before.ttl).unwrap_or(Ttl::ZERO);
    WebhookData {
        hostname,
        previous_ipv4: before.ipv4.first().copied(),
        ipv4: after.ipv4.first().copied(),
        previous_ipv6: before.ipv6.first().copied(),
        ipv6: after.ipv6.first().copied(),
        ttl: ttl.as_secs(),
        reason: None,
    }
}

/// A host before a change, or after it.
#[derive(Debug, Default)]
struct Side {
    ipv4: Vec<Ipv4Addr>,
    ipv6: Vec<Ipv6Addr>,
    ttl: Option<Ttl>,
}

impl Side {
    fn of(zone: &Zone, host: &Name) -> Self {
        let [ipv4, ipv6] = [RecordType::A, RecordType::AAAA].map(|rtype| zone.get(host, rtype));
        let ttls = [&ipv4, &ipv6].into_iter().flatten().map(RecordSet::ttl);
        Self {
            ttl: ttls.max(),
            ipv4: all(ipv4.as_ref(), RecordData::ipv4),
            ipv6: all(ipv6.as_ref(), RecordData::ipv6),
        }
    }

    fn is_empty(&self) -> bool {
        self.ipv4.is_empty() && self.ipv6.is_empty()
    }

    fn has_addresses_of(&self, other: &Self) -> bool {
        self.ipv4 == other.ipv4 && self.ipv6 == other.ipv6
    }
}

fn all<A>(set: Option<&RecordSet>, address: impl Fn(&RecordData) -> Option<A>) -> Vec<A> {
    let data = set.map_or(&[][..], RecordSet::data);
    data.iter().filter_map(address).collect()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use easement_zone::{Serial, Soa, ZoneBuilder};

    use super::*;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    fn zone(hosts: &[(&str, u32, &[&str])]) -> Zone {
        let apex = name("example.test");
        let server = name("ns1.example.net");
        let soa = Soa::new(server.clone(), name("post.example.net"), Serial::new(1));
        let mut builder = ZoneBuilder::new(apex.clone());
        for set in [
            RecordSet::single(apex.clone(), Ttl::HOUR, soa.to_data()),
            RecordSet::single(apex, Ttl::HOUR, RecordData::name(RecordType::NS, &server)),
        ] {
            builder.insert(set).unwrap();
        }
        for (host, ttl, addresses) in hosts {
            let data = |is_v6: bool| {
                let of_family = addresses.iter().filter(|text| text.contains(':') == is_v6);
                let data = of_family.map(|text| match text.parse().unwrap() {
                    std::net::IpAddr::V4(address) => RecordData::a(address),
                    std::net::IpAddr::V6(address) => RecordData::aaaa(address),
                });
                data.collect::<Vec<_>>()
            };
            for data in [data(false), data(true)] {
                let set = RecordSet::new(name(host), Ttl::from_secs(*ttl).unwrap(), data);
                if let Ok(set) = set {
                    builder.insert(set).unwrap();
                }
            }
        }
        builder.finish().unwrap()
    }

    fn events(before: &Zone, after: &Zone) -> Vec<HostEvent> {
        host_events(before, after, &easement_zone::diff(before, after))
    }

    /// Each event as `name host v4 (was v4) v6 (was v6) ttl`, with what is there.
    fn told(before: &Zone, after: &Zone) -> Vec<String> {
        let text = |one: &HostEvent| {
            let data = &one.data;
            let mut text = format!("{} {}", one.event, data.hostname);
            let addresses = [
                ("4", data.ipv4.map(|one| one.to_string())),
                ("was4", data.previous_ipv4.map(|one| one.to_string())),
                ("6", data.ipv6.map(|one| one.to_string())),
                ("was6", data.previous_ipv6.map(|one| one.to_string())),
            ];
            for (what, address) in addresses {
                if let Some(address) = address {
                    write!(text, " {what}={address}").unwrap();
                }
            }
            text + &format!(" ttl={}", data.ttl)
        };
        events(before, after).iter().map(text).collect()
    }

    #[test]
    fn a_host_comes_changes_and_goes() {
        const HOST: &str = "home.example.test";
        let none = zone(&[]);
        let v4 = zone(&[(HOST, 300, &["9.9.9.9"])]);
        let moved = zone(&[(HOST, 60, &["9.9.9.10"])]);
        let both = zone(&[(HOST, 300, &["9.9.9.9", "2620:fe::fe"])]);
        for (before, after, expected) in [
            (
                &none,
                &v4,
                &["hostname_created home.example.test 4=9.9.9.9 ttl=300"][..],
            ),
            (
                &v4,
                &moved,
                &["ip_changed home.example.test 4=9.9.9.10 was4=9.9.9.9 ttl=60"],
            ),
            // The family that stays is told, too.
            (
                &v4,
                &both,
                &["ip_changed home.example.test 4=9.9.9.9 was4=9.9.9.9 6=2620:fe::fe ttl=300"],
            ),
            (
                &both,
                &none,
                &["hostname_deleted home.example.test was4=9.9.9.9 was6=2620:fe::fe ttl=300"],
            ),
        ] {
            assert_eq!(told(before, after), expected);
        }
    }

    #[test]
    fn only_addresses_of_hosts_are_told() {
        let before = zone(&[("a.example.test", 300, &["9.9.9.9"])]);
        // Another TTL is no other address.
        let after = zone(&[("a.example.test", 60, &["9.9.9.9"])]);
        assert_eq!(told(&before, &after), [""; 0]);
        let after = zone(&[
            ("a.example.test", 300, &["9.9.9.9"]),
            ("_sip.example.test", 300, &["9.9.9.9"]),
            ("*.a.example.test", 300, &["9.9.9.9"]),
        ]);
        let expected = ["hostname_created *.a.example.test 4=9.9.9.9 ttl=300"];
        assert_eq!(told(&before, &after), expected);
    }

    #[test]
    fn a_change_of_very_many_hosts_is_not_told() {
        let many = |count: usize| {
            let names: Vec<String> = (0..count).map(|n| format!("h{n}.example.test")).collect();
            let hosts = names
                .iter()
                .map(|name| (name.as_str(), 60, &["9.9.9.9"][..]));
            zone(&hosts.collect::<Vec<_>>())
        };
        assert_eq!(told(&many(0), &many(1000)).len(), 1000);
        assert_eq!(told(&many(0), &many(1001)).len(), 0);
    }

    #[test]
    fn what_failed_says_why_and_what_is_still_there() {
        let zone = zone(&[("home.example.test", 300, &["9.9.9.9"])]);
        let hostname: Hostname = "home.example.test".parse().unwrap();
        let event = HostEvent::update_failed(hostname, &zone, "no".to_owned());
        let id: PublicWebhookId = "wh_0123456789abcdef".parse().unwrap();
        let at = Timestamp::from_micros(1_795_301_748_000_000);
        let document = serde_json::to_value(event.document(&id, "evt_1", at)).unwrap();
        let expected = serde_json::json!({
            "event": "update_failed",
            "event_id": "evt_1",
            "timestamp": "2026-11-21T22:55:48.000Z",
            "webhook_id": "wh_0123456789abcdef",
            "data": {
                "hostname": "home.example.test",
                "previous_ipv4": "9.9.9.9",
                "ipv4": "9.9.9.9",
                "previous_ipv6": null,
                "ipv6": null,
                "ttl": 300,
                "reason": "no",
            },
        });
        assert_eq!(document, expected);
    }
}
