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
const MAX_NAMES: usize = 10_000;

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
    let mut hosts: BTreeMap<Name, HostStatus> = BTreeMap::new();
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
        let room = MAX_HOSTS.saturating_sub(hosts.len());
        for name in names_within(hosted.load().zone(), limit)
            .into_iter()
            .take(room)
        {
            let Some(hostname) = readable_host(&admitted, &name) else {
                continue;
            };
            if let Some(mut status) = status_of(hosted.load().zone(), hostname, &types) {
                if let Some(used) = uses.get(&name) {
                    add_use(&mut status, used, state.clock.now());
                }
                hosts.insert(name, status);
            }
        }
    }
    Ok(Told::new(hosts.into_values().collect(), &admitted))
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

/// The names of a zone that a limit covers.
fn names_within(zone: &Zone, limit: &NameLimit) -> Vec<Name> {
    let own = zone.has_name(limit.name()).then(|| limit.name().clone());
    let below = match limit.reach() {
        NameReach::Exact => None,
        NameReach::Below | NameReach::BelowWithUnderscores => Some(zone.below(limit.name())),
    };
    let below = below
        .into_iter()
        .flatten()
        .take(MAX_NAMES)
        .map(|set| set.owner().clone());
    let mut names: Vec<Name> = own.into_iter().chain(below).collect();
    names.dedup();
    names.retain(|name| limit.covers(name));
    names
}

/// A name as a host, when all that the token was made from cover it too.
fn readable_host(admitted: &Admitted, name: &Name) -> Option<Hostname> {
    let is_covered = admitted
        .chain
        .limits()
        .all(|limits| limits.names.iter().any(|one| one.covers(name)));
    is_covered.then(|| name.to_text().parse().ok())?
}
