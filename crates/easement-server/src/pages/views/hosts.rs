//! The hosts of a zone that devices update, and each of them.

use std::net::IpAddr;

use askama::Template;
use easement_core::{HostUpdate, HostUse, Timestamp};
use easement_zone::Name;

use super::filters;
use super::paths;
use super::shell::Shell;
use super::show::{ShownName, ShownTime, count};

/// The hosts of a zone that devices update.
#[derive(Clone, Debug, Template)]
#[template(path = "hosts.html")]
pub struct HostsPage {
    /// What stands around it.
    pub shell: Shell,
    /// The zone.
    pub zone: ShownName,
    /// The address of the zone's page.
    pub zone_href: String,
    /// The hosts.
    pub rows: Vec<HostRow>,
    /// The first page, when this is another one.
    pub first: Option<String>,
    /// The next page.
    pub next: Option<String>,
}

/// One host.
#[derive(Clone, Debug)]
pub struct HostRow {
    /// Its name.
    pub name: ShownName,
    /// The address of its page.
    pub href: String,
    /// The addresses that a device set last.
    pub addresses: String,
    /// When a device changed it last.
    pub changed: Option<ShownTime>,
    /// When a device updated it last.
    pub last: Option<ShownTime>,
    /// How many updates there were in a day.
    pub day: u64,
    /// Whether it goes to and fro.
    pub is_flapping: bool,
}

impl HostRow {
    /// Shows what devices did with a host of the zone with this apex.
    pub fn new(apex: &Name, (host, used): (&Name, &HostUse), now: Timestamp) -> Self {
        let shown = |at: Timestamp| ShownTime::new(at, now);
        Self {
            name: ShownName::within(host, apex),
            href: paths::host(apex, host),
            addresses: used
                .recent
                .last()
                .map_or_else(String::new, |update| joined(&update.addresses)),
            changed: used.changed_at().map(shown),
            last: used.last_at.map(shown),
            day: used.updates_of_a_day(now),
            is_flapping: used.flapping(now).is_some(),
        }
    }
}

/// One host: what devices did with it.
#[derive(Clone, Debug, Template)]
#[template(path = "host.html")]
pub struct HostPage {
    /// What stands around it.
    pub shell: Shell,
    /// Its name.
    pub name: ShownName,
    /// The address of the page of all hosts.
    pub hosts_href: String,
    /// Counts.
    pub facts: Vec<String>,
    /// That it goes to and fro, when it does.
    pub flapping: Option<ShownFlapping>,
    /// The newest changes.
    pub changes: Vec<ChangeRow>,
}

/// Between what a host goes to and fro.
#[derive(Clone, Debug)]
pub struct ShownFlapping {
    /// How often it came back.
    pub returns: usize,
    /// Some addresses.
    pub one: String,
    /// The others.
    pub other: String,
}

/// One change by a device.
#[derive(Clone, Debug)]
pub struct ChangeRow {
    /// When.
    pub at: ShownTime,
    /// The addresses afterwards.
    pub addresses: String,
    /// What the token was called.
    pub token: String,
    /// How the device spoke.
    pub protocol: String,
    /// From where.
    pub from: String,
}

impl HostPage {
    /// Shows what devices did with a host of the zone with this apex.
    pub fn new(shell: Shell, apex: &Name, (host, used): (&Name, &HostUse), now: Timestamp) -> Self {
        let flapping = used.flapping(now).map(|flapping| {
            let [one, other] = flapping
                .between
                .each_ref()
                .map(|addresses| joined(addresses));
            ShownFlapping {
                returns: flapping.returns,
                one,
                other,
            }
        });
        Self {
            shell,
            name: ShownName::new(host),
            hosts_href: paths::hosts(apex),
            facts: vec![
                format!(
                    "{} in the last day",
                    count(used.updates_of_a_day(now), "update")
                ),
                format!("{} in all", count(used.updates, "update")),
                format!("{} that changed something", used.changes),
            ],
            flapping,
            changes: used
                .recent
                .iter()
                .rev()
                .map(|update| ChangeRow::new(update, now))
                .collect(),
        }
    }
}

impl ChangeRow {
    fn new(update: &HostUpdate, now: Timestamp) -> Self {
        Self {
            at: ShownTime::new(update.at, now),
            addresses: joined(&update.addresses),
            token: update.token.to_string(),
            protocol: update.protocol.to_string(),
            from: update
                .from
                .map_or_else(|| "no longer kept".to_owned(), |from| from.to_string()),
        }
    }
}

fn joined(addresses: &[IpAddr]) -> String {
    if addresses.is_empty() {
        return "none".to_owned();
    }
    let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

#[cfg(test)]
fn sample_use() -> HostUse {
    use super::samples::moment_ago;
    let mut used = HostUse::default();
    let addresses = ["198.51.100.7", "203.0.113.9"];
    for (index, minutes) in [1500, 50, 40, 30, 20, 10].into_iter().enumerate() {
        let address: IpAddr = addresses[index % 2].parse().unwrap();
        used.note(HostUpdate {
            at: moment_ago(minutes * 60),
            addresses: vec![address, "2001:db8::7".parse().unwrap()],
            from: (index > 0).then_some(address),
            token: "Router at home".parse().unwrap(),
            protocol: easement_core::UpdateProtocol::Dyndns2,
            changed: true,
        });
    }
    used
}

#[cfg(test)]
impl HostsPage {
    pub(crate) fn sample() -> Self {
        use super::samples::{moment_ago, name};
        let (apex, now) = (name("example.test"), moment_ago(0));
        let row = |host: &str| HostRow::new(&apex, (&name(host), &sample_use()), now);
        Self {
            shell: Shell::sample().in_section(super::Section::Zones),
            zone: ShownName::new(&apex),
            zone_href: paths::zone(&apex),
            rows: vec![row("home.example.test"), row("xn--bcher-kva.example.test")],
            first: None,
            next: Some(format!("{}?skip=100", paths::hosts(&apex))),
        }
    }
}

#[cfg(test)]
impl HostPage {
    pub(crate) fn sample() -> Self {
        use super::samples::{moment_ago, name};
        let shell = Shell::sample().in_section(super::Section::Zones);
        let host = name("home.example.test");
        Self::new(
            shell,
            &name("example.test"),
            (&host, &sample_use()),
            moment_ago(0),
        )
    }
}
