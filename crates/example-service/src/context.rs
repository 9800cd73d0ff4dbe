//! What every page is given.

use std::sync::Arc;
use std::time::Duration;

use domain_connect::{KeyLabel, ProviderId, SigningKey};
use easement_client::{ProviderCredentials, TemplateId, Tokens};
use easement_core::{Clock, Random, Timestamp};
use easement_zone::Name;
use url::{Host, Url};

use crate::network::NetworkLimit;
use crate::offer::{Company, Offer};
use crate::options::ExampleOptions;
use crate::outside::Outside;
use crate::permissions::Permissions;
use crate::places::Places;
use crate::seal::Seal;
use crate::spent::Spent;
use crate::visitor::Transport;

const MINUTE: Duration = Duration::from_mins(1);
/// How often one network may have somebody else's servers asked.
const MAX_DISCOVERIES: u32 = 12;
/// How often it may have DNS asked whether a change arrived: a page asks every few seconds.
const MAX_CHECKS: u32 = 60;
/// How many sites it may look at.
const MAX_SITES: u32 = 120;
/// How often it may use the tools, which compute and ask DNS.
const MAX_TOOLS: u32 = 20;
/// How often it may have DNS providers called with a permission.
const MAX_CHANGES: u32 = 30;
/// How often it may come back from a DNS provider.
const MAX_RETURNS: u32 = 30;

/// Shared by all requests.
pub(crate) type Shared = Arc<Context>;

/// What every page is given.
pub(crate) struct Context {
    pub(crate) options: ExampleOptions,
    pub(crate) company: Company,
    pub(crate) provider: ProviderId,
    /// Where the service is, ending with a slash.
    pub(crate) public_url: Url,
    pub(crate) transport: Transport,
    pub(crate) key: SigningKey,
    /// What signs for visitors.
    pub(crate) tool_key: Option<SigningKey>,
    pub(crate) seal: Seal,
    pub(crate) spent: Spent,
    pub(crate) permissions: Permissions,
    pub(crate) limits: Limits,
    pub(crate) places: Places,
    pub(crate) outside: Box<dyn Outside>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
}

/// How often one network may do something.
#[derive(Debug)]
pub(crate) struct Limits {
    pub(crate) discoveries: NetworkLimit,
    pub(crate) checks: NetworkLimit,
    pub(crate) sites: NetworkLimit,
    pub(crate) tools: NetworkLimit,
    pub(crate) changes: NetworkLimit,
    pub(crate) returns: NetworkLimit,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            discoveries: NetworkLimit::new(MAX_DISCOVERIES, MINUTE),
            checks: NetworkLimit::new(MAX_CHECKS, MINUTE),
            sites: NetworkLimit::new(MAX_SITES, MINUTE),
            tools: NetworkLimit::new(MAX_TOOLS, MINUTE),
            changes: NetworkLimit::new(MAX_CHANGES, MINUTE),
            returns: NetworkLimit::new(MAX_RETURNS, MINUTE),
        }
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("public_url", &self.public_url)
            .field("outside", &self.outside)
            .finish_non_exhaustive()
    }
}

impl Context {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// One of our own addresses.
    pub(crate) fn url(&self, path: &str) -> Url {
        let mut url = self.public_url.clone();
        url.set_path(path);
        url
    }

    pub(crate) fn template_id(&self, offer: Offer) -> Option<TemplateId> {
        Some(TemplateId {
            provider: self.provider.clone(),
            service: offer.service().parse().ok()?,
        })
    }

    /// What is registered where a permission counts.
    pub(crate) fn credentials_of(&self, tokens: &Tokens) -> Option<&ProviderCredentials> {
        self.options.credentials.iter().find(|one| {
            one.provider_id == tokens.provider_id
                && one.url_api == tokens.url_api
                && one.client_id == tokens.client_id
        })
    }

    /// The key that visitors sign with in the tool. A service that others can reach gives nobody its own: whoever
    /// has signatures of it can send people anywhere in its name.
    pub(crate) fn visitors_key(&self) -> &SigningKey {
        self.tool_key.as_ref().unwrap_or(&self.key)
    }

    pub(crate) fn key_label(&self) -> &KeyLabel {
        &self.options.key_label
    }
}

/// Whether only this machine reaches a URL.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(host)) => host == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The host of a URL, when it is a name.
pub(crate) fn host_name(url: &Url) -> Option<Name> {
    match url.host() {
        Some(Host::Domain(host)) => host.parse().ok(),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => None,
    }
}
