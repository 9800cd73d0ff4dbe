//! What the server knows about itself, for `easement doctor`.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use easement_core::{PublicWebhookId, Timestamp};
use easement_store::Store;
use easement_zone::{HostedZone, Name, RecordData, RecordSet, RecordType, ZoneSnapshot};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::execute::AdminContext;
use super::{AdminFailure, AdminReply};

/// How long a change of the database may take.
const WRITE_LIMIT: Duration = Duration::from_secs(3);
/// A webhook that delivered nothing for so long is told of. Those with few deliveries are not switched off by then.
const FAILING_FOR: Duration = Duration::from_hours(24);

/// How a server is doing, as it sees itself.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ServerFacts {
    /// Where it was told to answer DNS.
    pub dns_listen: Vec<SocketAddr>,
    /// Where it was told to serve the web.
    pub web_listen: Vec<SocketAddr>,
    /// Where it was told to serve metrics.
    #[serde(default)]
    pub metrics_listen: Vec<SocketAddr>,
    /// Why the database takes no changes, when it does not.
    pub not_writable: Option<String>,
    /// When the newest commit was made.
    pub newest_commit: Option<Timestamp>,
    /// How the webhooks of all accounts stand; nothing when the database does not say.
    #[serde(default)]
    pub webhooks: Option<WebhookFacts>,
    /// Where names for addresses are made; nothing when none are.
    #[serde(default)]
    pub temp_names: Option<TempNamesFacts>,
    /// The zones that were asked about and are there.
    pub zones: Vec<ZoneFacts>,
}

/// Where names for addresses are made.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TempNamesFacts {
    /// The name that they are below.
    pub base: Name,
    /// The apex of the zone that they are in, when this server hosts one.
    pub zone: Option<Name>,
    /// Why none can be made in it, when it says so itself.
    pub delegated: Option<Name>,
}

/// How the webhooks of all accounts stand.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct WebhookFacts {
    /// How many are switched on.
    pub active: u64,
    /// Some that were switched off by themselves.
    pub switched_off: Vec<String>,
    /// Some that are on and have delivered nothing for long.
    pub failing: Vec<String>,
}

/// What a zone says about itself.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ZoneFacts {
    /// Its apex.
    pub apex: Name,
    /// Its serial number.
    pub serial: u32,
    /// Its name servers.
    pub name_servers: Vec<Name>,
    /// Those of them whose addresses stand in the zone itself, with the addresses.
    pub own_addresses: Vec<(Name, Vec<IpAddr>)>,
    /// The text at `_domainconnect`, when the zone offers Domain Connect.
    pub discovery: Option<String>,
    /// The types of records that are stored there, and not served because of it.
    #[serde(default)]
    pub not_served: Vec<RecordType>,
}

/// Looks at the store, and at these zones, or all.
pub(super) async fn examine(
    context: &AdminContext,
    zones: Option<&[Name]>,
) -> Result<AdminReply, AdminFailure> {
    let hosted = context.hosted.load();
    let facts = |hosted: &HostedZone| zone_facts(&hosted.load());
    let zones = match zones {
        None => hosted.values().map(|hosted| facts(hosted)).collect(),
        Some(zones) => {
            let named = zones.iter().filter_map(|apex| context.hosted.get(apex));
            named.map(|hosted| facts(&hosted)).collect()
        }
    };
    let store = &context.store;
    let newest_commit = store.newest_commit_at().await;
    let not_writable = match &newest_commit {
        Ok(_) => why_not_writable(store).await,
        Err(error) => Some(AdminFailure::from(error.clone()).message),
    };
    Ok(AdminReply::Examined(Box::new(ServerFacts {
        dns_listen: context.config.dns.listen.clone(),
        web_listen: context.config.server.listen.clone(),
        metrics_listen: context.config.metrics.listen.clone(),
        not_writable,
        newest_commit: newest_commit.ok().flatten(),
        webhooks: webhook_facts(context).await,
        temp_names: temp_names_facts(context),
        zones,
    })))
}

fn temp_names_facts(context: &AdminContext) -> Option<TempNamesFacts> {
    let namedrop = &context.config.namedrop;
    let base = namedrop.temp_zone.clone().filter(|_| namedrop.enabled)?;
    let hosted = context.hosted.zone_over(&base);
    let delegated = hosted.as_ref().and_then(|hosted| {
        let snapshot = hosted.snapshot();
        let cut = snapshot.zone().delegation_over(&base)?;
        Some(cut.owner(hosted.apex()))
    });
    Some(TempNamesFacts {
        base,
        zone: hosted.map(|hosted| hosted.apex().clone()),
        delegated,
    })
}

async fn webhook_facts(context: &AdminContext) -> Option<WebhookFacts> {
    let since = context.clock.now().minus(FAILING_FOR);
    let trouble = match context.store.webhook_trouble(since).await {
        Ok(trouble) => trouble,
        Err(error) => {
            tracing::warn!(%error, "how webhooks stand cannot be said");
            return None;
        }
    };
    let names = |ids: &[PublicWebhookId]| ids.iter().map(ToString::to_string).collect();
    Some(WebhookFacts {
        active: trouble.active,
        switched_off: names(&trouble.switched_off),
        failing: names(&trouble.failing),
    })
}

async fn why_not_writable(store: &Store) -> Option<String> {
    match timeout(WRITE_LIMIT, store.try_to_commit()).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(AdminFailure::from(error).message),
        Err(_) => Some(format!(
            "a change took longer than {} seconds",
            WRITE_LIMIT.as_secs()
        )),
    }
}

/// Record sets that are stored and not served: where Domain Connect is discovered, the server answers by itself.
pub(super) fn not_served(snapshot: &ZoneSnapshot) -> Vec<RecordSet> {
    let apex = snapshot.zone().apex();
    match snapshot.discovery_node() {
        Some(node) => snapshot.zone().at(&node.owner(apex)),
        None => Vec::new(),
    }
}

fn zone_facts(snapshot: &ZoneSnapshot) -> ZoneFacts {
    let zone = snapshot.zone();
    let apex = zone.apex();
    let set = zone.get(apex, RecordType::NS);
    let data = set.iter().flat_map(RecordSet::data);
    let name_servers: Vec<Name> = data.filter_map(RecordData::target).collect();
    let addresses = |name: &Name| -> Vec<IpAddr> {
        let sets = zone.at(name);
        let data = sets.iter().flat_map(RecordSet::data);
        let address = data.map(|data| {
            let four = data.ipv4().map(IpAddr::from);
            four.or_else(|| data.ipv6().map(IpAddr::from))
        });
        address.flatten().collect()
    };
    let inside = name_servers.iter().filter(|name| name.is_at_or_below(apex));
    let text = snapshot.discovery().and_then(|set| set.data().next());
    let text = text.and_then(|data| data.text());
    ZoneFacts {
        own_addresses: inside.map(|name| (name.clone(), addresses(name))).collect(),
        apex: apex.clone(),
        serial: zone.serial().number(),
        name_servers,
        discovery: text.map(|text| String::from_utf8_lossy(&text).into_owned()),
        not_served: not_served(snapshot).iter().map(RecordSet::rtype).collect(),
    }
}
