//! What every handler can reach.

use std::sync::Arc;
use std::time::Duration;

use apertodns::Hostname;
use domain_connect::{LoopbackRedirects, Policy};
use easement_core::{Clock, PublicTokenId, Random, RateRule, SessionPolicy, Version, ZoneId};
use easement_store::{Forgotten, Store, StoreError};
use easement_zone::{HostedZones, ZoneSnapshot};
use tokio::sync::Mutex;

use crate::accounts::{HourlyLimit, Passwords, Turns};
use crate::api_tokens::{ChangeLimit, TokenGate, Updater};
use crate::config::{BasePath, Network, PublicUrl, ToolsAccess};
use crate::domain_connect::{CallLimit, GrantPlans, KeyLookup};
use crate::dynamic_dns::HostNotes;
use crate::http::NetworkLimit;
use crate::monitoring::Metrics;
use crate::namedrop::bootstrap::Bootstrap;
use crate::oauth::OAuthLimits;
use crate::pages::Workbench;
use crate::pages::submissions::Submissions;
use crate::templates::Registry;
use crate::webhooks::Webhooks;

/// The parts of a running server.
pub(crate) struct ServerState {
    pub(crate) store: Store,
    pub(crate) hosted: Arc<HostedZones>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) passwords: Passwords,
    pub(crate) sign_in_turns: Turns,
    pub(crate) keys: KeyLookup,
    pub(crate) discovery_limit: NetworkLimit,
    pub(crate) registry: Registry,
    pub(crate) submissions: Submissions,
    pub(crate) workbench: Workbench,
    pub(crate) tokens: TokenGate,
    pub(crate) token_changes: ChangeLimit,
    pub(crate) exports: HourlyLimit,
    /// Addresses that owners tried to give roles to.
    pub(crate) addresses_tried: HourlyLimit,
    pub(crate) updater: Updater,
    pub(crate) grant_calls: CallLimit,
    pub(crate) grant_plans: GrantPlans,
    pub(crate) registrations: NetworkLimit,
    pub(crate) open_registrations: NetworkLimit,
    pub(crate) host_notes: HostNotes,
    /// How far this process came with forgetting addresses.
    pub(crate) forgotten_addresses: Mutex<Forgotten>,
    pub(crate) oauth: OAuthLimits,
    pub(crate) bootstrap: Bootstrap,
    pub(crate) webhooks: Webhooks,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) settings: Settings,
}

/// What handlers need of the configuration.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) public_url: PublicUrl,
    pub(crate) trusted_proxies: Vec<Network>,
    pub(crate) sessions: SessionPolicy,
    pub(crate) dynamic_dns: DynamicDnsSettings,
    pub(crate) namedrop: NameDropSettings,
    /// For how long it is kept from which addresses people and devices came.
    pub(crate) keep_addresses: Duration,
    /// For how long a grant that ended is kept.
    pub(crate) keep_ended_access: Duration,
    pub(crate) provider_id: String,
    pub(crate) provider_name: String,
    pub(crate) tools: ToolsAccess,
    pub(crate) unsigned: UnsignedTemplates,
    pub(crate) policy: Policy,
    pub(crate) loopback_redirects: LoopbackRedirects,
}

/// What the older protocols of dynamic DNS need of the configuration.
#[derive(Clone, Debug)]
pub(crate) struct DynamicDnsSettings {
    /// Where hosts are that a call of `DuckDNS` names with one label.
    pub(crate) base: Option<Hostname>,
    /// The token that accounts of acme-dns are made from without an invitation.
    pub(crate) acme_dns_open_token: Option<PublicTokenId>,
    /// How many accounts of acme-dns there may be below an invitation.
    pub(crate) acme_dns_accounts: usize,
    /// How often the texts of a token without a rate of its own may change.
    pub(crate) text_rate: RateRule,
    /// The same for the addresses of hosts.
    pub(crate) address_rate: Option<RateRule>,
}

/// What NameDrop needs of the configuration.
#[derive(Clone, Debug)]
pub(crate) struct NameDropSettings {
    pub(crate) apps: UnregisteredApps,
    /// What its addresses begin with.
    pub(crate) base: BasePath,
}

/// Whether apps that nobody registered may ask owners for names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum UnregisteredApps {
    /// They may.
    MayAsk,
    /// They may not, and what they got before is worth nothing for now.
    MayNotAsk,
}

/// Whether templates without a signing key are offered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum UnsignedTemplates {
    /// They are, with a warning.
    Offered,
    /// They are not.
    Refused,
}

/// The state as handlers get it.
pub(crate) type Shared = Arc<ServerState>;

impl std::fmt::Debug for ServerState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerState")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl ServerState {
    /// Whether nothing was committed to a zone since a snapshot was taken, so that what was read from the store after
    /// it belongs to it.
    pub(crate) async fn is_newest(
        &self,
        zone: ZoneId,
        snapshot: &ZoneSnapshot,
    ) -> Result<bool, StoreError> {
        let newest = self.store.version_of(zone).await?;
        Ok(newest == Some(Version(snapshot.version())))
    }
}
