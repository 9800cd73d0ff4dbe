//! `GET /domains`

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};

use apertodns::Hostname;
use apertodns::v1::{ErrorCode, HostStatus};
use axum::extract::{Request, State};
use axum::response::Response;
use easement_core::{HostUse, NameLimit, NameReach, TokenScope, ZoneId};
use easement_zone::{Name, Zone};

use super::call::{Call, Told};
use super::failed::Failed;
use super::status::{ADDRESS_TYPES, Readable, add_use, readable, status_of};
use crate::api_tokens::Admitted;
use crate::state::{ServerState, Shared};

/// The most hosts of one answer.
const MAX_HOSTS: usize = 1000;
/// The most names that are looked at for them: a token for a whole zone reaches many that are no hosts.
const MAX_NAMES: usize = 100_000;

/// The hosts with addresses that a token is for.
pub(crate) async fn list_domains(State(state): State<Shared>, request: Request) -> Response {
    let call = Call::read(&state, request).await;
    let outcome = run(&state, &call).await;
    call.answer(outcome)
}

async fn run(state: &ServerState, call: &Call) -> Result<Told<Vec<HostStatus>>, Failed> {
    let admitted = call.admit(state).await?;
    if let Some(refused) = admitted.without_scope(TokenScope::DomainsRead) {
        return Err(refused.into());
    }
    let mut search = Search::default();
    let mut uses: BTreeMap<ZoneId, HashMap<Name, HostUse>> = BTreeMap::new();
    for limit in &admitted.chain.token().limits.names {
        let found = readable(state, &admitted, limit.name(), &ADDRESS_TYPES).await;
        let Readable {
            hosted,
            zone,
            types,
        } = match found {
            Ok(found) => found,
            // A name in nobody's zone has no hosts.
            Err(failed) if failed.error.code == ErrorCode::HostnameNotOwned => continue,
            Err(failed) => return Err(failed),
        };
        let uses = match uses.entry(zone) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(uses_of(state, zone).await?),
        };
        let snapshot = hosted.load();
        search.look(snapshot.zone(), limit, |name| {
            let hostname = readable_host(&admitted, name)?;
            let mut status = status_of(snapshot.zone(), hostname, &types)?;
            if let Some(used) = uses.get(name) {
                add_use(&mut status, used, state.clock.now());
            }
            Some(status)
        });
    }
    if search.is_cut {
        tracing::warn!(
            token.id = %admitted.chain.token().public_id,
            hosts = search.hosts.len(),
            "an API token reaches more hosts than one answer has"
        );
    }
    let told = Told::new(search.hosts.into_values().collect(), &admitted);
    Ok(Told {
        is_cut: search.is_cut,
        ..told
    })
}

/// Hosts that are looked for in the names of zones.
struct Search {
    hosts: BTreeMap<Name, HostStatus>,
    /// How many more names are looked at.
    names_left: usize,
    /// Whether there may be more hosts.
    is_cut: bool,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            hosts: BTreeMap::new(),
            names_left: MAX_NAMES,
            is_cut: false,
        }
    }
}

impl Search {
    /// Looks at the names of a zone that a limit covers. `find` says which of them are hosts.
    fn look(&mut self, zone: &Zone, limit: &NameLimit, find: impl Fn(&Name) -> Option<HostStatus>) {
        for name in names_within(zone, limit) {
            let Some(left) = self.names_left.checked_sub(1) else {
                self.is_cut = true;
                return;
            };
            self.names_left = left;
            let Some(status) = find(&name) else {
                continue;
            };
            if self.hosts.len() >= MAX_HOSTS && !self.hosts.contains_key(&name) {
                self.is_cut = true;
                return;
            }
            self.hosts.insert(name, status);
        }
    }
}

/// What devices did with the hosts of a zone that they updated last. Those of more hosts are told by /status.
async fn uses_of(
    state: &ServerState,
    zone: ZoneId,
) -> Result<HashMap<Name, HostUse>, easement_store::StoreError> {
    let most = u32::try_from(MAX_HOSTS).unwrap_or(u32::MAX);
    let uses = state.store.host_uses(zone, most, 0).await?;
    Ok(uses.into_iter().collect())
}

/// The names of a zone that a limit covers, each once.
fn names_within<'a>(zone: &'a Zone, limit: &'a NameLimit) -> impl Iterator<Item = Name> + 'a {
    let own = zone.has_name(limit.name()).then(|| limit.name().clone());
    let below = match limit.reach() {
        NameReach::Exact => None,
        NameReach::Below | NameReach::BelowWithUnderscores => Some(zone.below(limit.name())),
    };
    let below = below.into_iter().flatten();
    let mut last: Option<Name> = None;
    let each_once = below.filter_map(move |set| {
        let is_new = last.as_ref() != Some(set.owner());
        is_new.then(|| last.insert(set.owner().clone()).clone())
    });
    own.into_iter()
        .chain(each_once)
        .filter(|name| limit.covers(name))
}

/// A name as a host, when all that the token was made from cover it too.
fn readable_host(admitted: &Admitted, name: &Name) -> Option<Hostname> {
    let is_covered = admitted
        .chain
        .limits()
        .all(|limits| limits.names.iter().any(|one| one.covers(name)));
    is_covered.then(|| name.to_text().parse().ok())?
}

#[cfg(test)]
mod tests {
    use easement_zone::{RecordData, RecordSet, RecordType, Serial, Soa, Ttl, ZoneBuilder};

    use super::*;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    /// With so many names with texts alone, and after them so many hosts.
    fn zone(texts: usize, hosts: usize) -> Zone {
        let apex = name("example.test.");
        let soa = Soa::new(apex.clone(), apex.clone(), Serial::new(1));
        let servers = RecordData::name(RecordType::NS, &name("ns.example.net."));
        let mut builder = ZoneBuilder::new(apex.clone());
        for data in [soa.to_data(), servers] {
            let set = RecordSet::single(apex.clone(), Ttl::HOUR, data);
            builder.insert(set).unwrap();
        }
        for n in 0..texts {
            let owner = name(&format!("_acme-challenge.a{n}.example.test."));
            let text = RecordData::txt(b"x").unwrap();
            let set = RecordSet::single(owner, Ttl::HOUR, text);
            builder.insert(set).unwrap();
        }
        for n in 0..hosts {
            let owner = name(&format!("z{n}.example.test."));
            for data in [
                RecordData::a([9, 9, 9, 9].into()),
                RecordData::aaaa(std::net::Ipv6Addr::LOCALHOST),
            ] {
                let set = RecordSet::single(owner.clone(), Ttl::HOUR, data);
                builder.insert(set).unwrap();
            }
        }
        builder.finish().unwrap()
    }

    #[test]
    fn names_that_are_no_hosts_take_the_place_of_none() {
        for (texts, hosts, names_left, found, is_cut) in [
            (1001, 2, MAX_NAMES, 2, false),
            (0, MAX_HOSTS, MAX_NAMES, MAX_HOSTS, false),
            (0, MAX_HOSTS + 1, MAX_NAMES, MAX_HOSTS, true),
            // Each name once, whatever it has.
            (0, 3, 4, 3, false),
            (3, 3, 4, 0, true),
        ] {
            let zone = zone(texts, hosts);
            let limit: NameLimit = "**.example.test".parse().unwrap();
            let mut search = Search {
                names_left,
                ..Search::default()
            };
            search.look(&zone, &limit, |name| {
                let hostname = name.to_text().parse().ok()?;
                status_of(&zone, hostname, &ADDRESS_TYPES)
            });
            assert_eq!(
                (search.hosts.len(), search.is_cut),
                (found, is_cut),
                "{texts} texts, {hosts} hosts"
            );
        }
    }
}
