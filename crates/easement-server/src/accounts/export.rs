//! Everything that is stored about an account, as one document.

use std::net::IpAddr;

use apertodns::v1::WebhookEvent;
use easement_core::{
    Account, Actor, ApiToken, AuditEntry, CommitEntry, EmailAddress, GrantRight, Network, Standing,
    Timestamp, Webhook, ZoneRole,
};
use easement_store::{
    BrokenWebhook, DeliveryEntry, GrantEntry, Store, StoreError, StoredWebhook, TokenNetwork,
    ZoneEntry,
};
use easement_zone::{HostedZones, zonefile};
use serde::Serialize;

/// The most changes, and the most entries of the audit trail, in one document: the newest.
const MAX_ENTRIES: u32 = 10_000;
/// How many zones are read at a time.
const ZONES_AT_ONCE: u32 = 100;
/// The zone file of a zone with more record sets than this is left out.
const MAX_SETS: usize = 10_000;
/// How many documents an account gets in an hour: gathering all that is stored costs some work.
pub(crate) const MOST_IN_AN_HOUR: u32 = 10;
/// The most deliveries of one webhook.
const MAX_DELIVERIES: u32 = 1000;

/// Everything about an account. Times are RFC 3339, in UTC.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct AccountExport {
    exported_at: String,
    account: AccountDocument,
    sessions: Vec<SessionDocument>,
    zones: Vec<ZoneDocument>,
    api_tokens: Vec<TokenDocument>,
    webhooks: Vec<WebhookDocument>,
    /// What it lets programs of service providers do.
    grants: Vec<GrantDocument>,
    /// Changes of zones by the account and its API tokens, the newest first.
    changes: Vec<ChangeDocument>,
    /// What else they did, the newest first.
    audit: Vec<AuditDocument>,
    /// What others did about the account, the newest first.
    about_account: Vec<AboutDocument>,
    /// Which of these lists were cut at the most that one document has. Nothing is left out elsewhere.
    incomplete: Vec<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
struct AccountDocument {
    id: String,
    email: EmailAddress,
    standing: Standing,
    created_at: String,
}

#[derive(Clone, Debug, Serialize)]
struct SessionDocument {
    created_at: String,
    last_used_at: String,
}

#[derive(Clone, Debug, Serialize)]
struct ZoneDocument {
    apex: String,
    role: ZoneRole,
    created_at: String,
    /// Its records, of zones that the account owns; nothing of a very large one.
    #[serde(skip_serializing_if = "Option::is_none")]
    zone_file: Option<String>,
    /// Why there is no zone file.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
}

#[derive(Clone, Debug, Serialize)]
struct TokenDocument {
    #[serde(flatten)]
    token: TokenFacts,
    networks: Vec<NetworkDocument>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refused: Option<RefusalDocument>,
}

#[derive(Clone, Debug, Serialize)]
struct TokenFacts {
    public_id: String,
    name: String,
    kind: &'static str,
    may: Vec<String>,
    created_at: String,
    revoked_at: Option<String>,
    last_used_at: Option<String>,
    last_used_from: Option<IpAddr>,
}

#[derive(Clone, Debug, Serialize)]
struct NetworkDocument {
    network: Network,
    first_used_at: String,
    last_used_at: String,
}

#[derive(Clone, Debug, Serialize)]
struct RefusalDocument {
    times: u64,
    last_at: String,
    reason: String,
}

/// What a program of a service provider, or an app, may do, but for its tokens.
#[derive(Clone, Debug, Serialize)]
struct GrantDocument {
    client: String,
    name: String,
    may: Vec<String>,
    created_at: String,
    expires_at: Option<String>,
    last_used_at: Option<String>,
    ended_at: Option<String>,
    ended_because: Option<String>,
}

fn grant_document(entry: GrantEntry) -> GrantDocument {
    let GrantEntry { grant, holder } = entry;
    let text = |moment: Timestamp| moment.to_string();
    GrantDocument {
        client: holder.id().to_string(),
        name: holder.name().to_owned(),
        may: match &grant.right {
            GrantRight::Templates { .. } => {
                let targets = grant.right.targets();
                targets.iter().map(ToString::to_string).collect()
            }
            GrantRight::Names { permissions } => {
                permissions.iter().map(ToString::to_string).collect()
            }
        },
        created_at: text(grant.created_at),
        expires_at: grant.expires_at.map(text),
        last_used_at: grant.used_at.map(text),
        ended_at: grant.ended.map(|(at, _)| text(at)),
        ended_because: grant.ended.map(|(_, because)| because.to_string()),
    }
}

/// A webhook, but for its secret.
#[derive(Clone, Debug, Serialize)]
struct WebhookDocument {
    id: String,
    /// Nothing when it cannot be read any more, like the next one.
    url: Option<String>,
    events: Option<Vec<&'static str>>,
    created_at: String,
    active: bool,
    /// The newest deliveries of its log.
    deliveries: Vec<DeliveryDocument>,
    /// Whether there are older ones.
    has_more_deliveries: bool,
}

#[derive(Clone, Debug, Serialize)]
struct DeliveryDocument {
    at: String,
    event: &'static str,
    hostname: Option<String>,
    state: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct ChangeDocument {
    at: String,
    zone_id: String,
    version: u64,
    address: Option<IpAddr>,
    source: easement_core::ChangeSource,
}

/// What somebody else did. From where is theirs, and is left out.
#[derive(Clone, Debug, Serialize)]
struct AboutDocument {
    at: String,
    by: &'static str,
    event: easement_core::AuditEvent,
}

#[derive(Clone, Debug, Serialize)]
struct AuditDocument {
    at: String,
    address: Option<IpAddr>,
    event: easement_core::AuditEvent,
}

/// Gathers the document.
pub(crate) async fn export(
    store: &Store,
    hosted: &HostedZones,
    account: &Account,
    now: Timestamp,
) -> Result<AccountExport, StoreError> {
    let id = account.id;
    let mut api_tokens = Vec::new();
    for token in store.api_tokens_of(id).await? {
        api_tokens.push(token_document(store, token).await?);
    }
    let mut webhooks = Vec::new();
    for webhook in store.webhooks_of(id).await? {
        webhooks.push(webhook_document(store, webhook).await?);
    }
    let grants = store.grants_of_account(id).await?;
    let grants = grants.into_iter().map(grant_document).collect();
    let sessions = store.sessions_of(id).await?;
    // One more than is told says whether there are more.
    let asked = MAX_ENTRIES.saturating_add(1);
    let mut changes = store.commits_by(id, asked).await?;
    let mut audit = store.audit_of(id, asked).await?;
    let mut about = store.audit_about(account, asked).await?;
    let cut = [
        ("changes", cut_to(&mut changes, MAX_ENTRIES)),
        ("audit", cut_to(&mut audit, MAX_ENTRIES)),
        ("about_account", cut_to(&mut about, MAX_ENTRIES)),
    ];
    let cut = cut.into_iter().filter(|(_, is_cut)| *is_cut);
    Ok(AccountExport {
        exported_at: now.to_string(),
        account: AccountDocument {
            id: id.to_string(),
            email: account.email.clone(),
            standing: account.standing,
            created_at: account.created_at.to_string(),
        },
        sessions: sessions
            .iter()
            .map(|session| SessionDocument {
                created_at: session.created_at.to_string(),
                last_used_at: session.seen_at.to_string(),
            })
            .collect(),
        zones: zones(store, hosted, account).await?,
        api_tokens,
        webhooks,
        grants,
        changes: changes.into_iter().map(change_document).collect(),
        audit: audit.into_iter().map(audit_document).collect(),
        about_account: about.into_iter().map(about_document).collect(),
        incomplete: cut.map(|(list, _)| list).collect(),
    })
}

/// Leaves the first ones of a list; says whether there were more.
fn cut_to<T>(list: &mut Vec<T>, most: u32) -> bool {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let is_cut = list.len() > most;
    list.truncate(most);
    is_cut
}

async fn zones(
    store: &Store,
    hosted: &HostedZones,
    account: &Account,
) -> Result<Vec<ZoneDocument>, StoreError> {
    let mut documents = Vec::new();
    let mut after = None;
    loop {
        let zones = store
            .zones_of(account.id, after.as_ref(), ZONES_AT_ONCE)
            .await?;
        let Some((last, _)) = zones.last() else {
            return Ok(documents);
        };
        after = Some(last.apex.clone());
        documents.extend(
            zones
                .iter()
                .map(|(zone, role)| zone_document(hosted, zone, *role)),
        );
    }
}

fn zone_document(hosted: &HostedZones, zone: &ZoneEntry, role: ZoneRole) -> ZoneDocument {
    let snapshot = hosted.get(&zone.apex).map(|hosted| hosted.snapshot());
    let snapshot = snapshot.filter(|_| role == ZoneRole::Owner);
    let is_large = |count: usize| count > MAX_SETS;
    let (zone_file, note) = match snapshot {
        Some(snapshot) if is_large(snapshot.zone().set_count()) => (
            None,
            Some("too large for this document: ask for `easement zone export`"),
        ),
        Some(snapshot) => (Some(zonefile::write(snapshot.zone())), None),
        None => (None, None),
    };
    ZoneDocument {
        apex: zone.apex.to_text(),
        role,
        created_at: zone.created_at.to_string(),
        zone_file,
        note,
    }
}

async fn token_document(store: &Store, token: ApiToken) -> Result<TokenDocument, StoreError> {
    let networks = store.token_networks(token.id).await?;
    let refused = store.token_refusals(token.id).await?;
    Ok(TokenDocument {
        token: TokenFacts {
            public_id: token.public_id.to_string(),
            name: token.name.to_string(),
            kind: token.kind.as_str(),
            may: token.limits.sentences(),
            created_at: token.created_at.to_string(),
            revoked_at: token.revoked_at.map(|at| at.to_string()),
            last_used_at: token.last_use.map(|(at, _)| at.to_string()),
            last_used_from: token.last_use.map(|(_, from)| from),
        },
        networks: networks.iter().map(network_document).collect(),
        refused: refused.map(|(times, last_at, reason)| RefusalDocument {
            times,
            last_at: last_at.to_string(),
            reason,
        }),
    })
}

async fn webhook_document(
    store: &Store,
    webhook: StoredWebhook,
) -> Result<WebhookDocument, StoreError> {
    let asked = MAX_DELIVERIES.saturating_add(1);
    let mut log = store.deliveries_of(webhook.id(), None, asked).await?;
    let has_more_deliveries = cut_to(&mut log, MAX_DELIVERIES);
    let delivery = |entry: DeliveryEntry| DeliveryDocument {
        at: entry.created_at.to_string(),
        event: entry.message.as_str(),
        hostname: entry.hostname,
        state: entry.state.as_str(),
    };
    let events = |webhook: &Webhook| webhook.events.iter().map(WebhookEvent::as_str).collect();
    let (url, events, created_at) = match &webhook {
        StoredWebhook::Whole(webhook) => (
            Some(webhook.url.to_string()),
            Some(events(webhook)),
            webhook.created_at,
        ),
        StoredWebhook::Broken(BrokenWebhook { created_at, .. }) => (None, None, *created_at),
    };
    Ok(WebhookDocument {
        id: webhook.public_id().to_string(),
        url,
        events,
        created_at: created_at.to_string(),
        active: webhook.is_active(),
        deliveries: log.into_iter().map(delivery).collect(),
        has_more_deliveries,
    })
}

fn network_document(network: &TokenNetwork) -> NetworkDocument {
    NetworkDocument {
        network: network.network,
        first_used_at: network.first_at.to_string(),
        last_used_at: network.last_at.to_string(),
    }
}

fn change_document(commit: CommitEntry) -> ChangeDocument {
    ChangeDocument {
        at: commit.at.to_string(),
        zone_id: commit.zone.to_string(),
        version: commit.version.0,
        address: commit.address,
        source: commit.source,
    }
}

fn audit_document(entry: AuditEntry) -> AuditDocument {
    AuditDocument {
        at: entry.at.to_string(),
        address: entry.address,
        event: entry.event,
    }
}

fn about_document(entry: AuditEntry) -> AboutDocument {
    AboutDocument {
        at: entry.at.to_string(),
        by: match entry.actor {
            Some(Actor::Account(_)) => "another account",
            Some(Actor::ApiToken(_)) => "an API token of another account",
            Some(Actor::Grant(_)) => "a program that another account let in",
            Some(Actor::Console) => "somebody at the server's own machine",
            Some(Actor::Rules | Actor::Server) => "the server itself",
            None => "somebody who was not signed in",
        },
        event: entry.event,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_cut_is_known_to_be() {
        for (length, left, is_cut) in [(0, 0, false), (2, 2, false), (3, 2, true)] {
            let mut list = vec![(); length];
            assert_eq!(cut_to(&mut list, 2), is_cut, "{length}");
            assert_eq!(list.len(), left);
        }
    }
}
