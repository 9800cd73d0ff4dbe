//! What the service is told when it starts.

use std::net::{Ipv4Addr, SocketAddr};

use domain_connect::{KeyLabel, SigningKey};
use easement_client::ProviderCredentials;
use easement_core::Network;
use easement_zone::Name;
use url::Url;

/// The domain of the fictitious company, in a part of DNS that belongs to nobody (RFC 2606).
pub const DOMAIN: &str = "statelesshosting.example";
/// The label below it at which its key is published.
pub const KEY_LABEL: &str = "_dck1";

/// The choices of whoever runs the service.
#[derive(Debug)]
pub struct ExampleOptions {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// What visitors type; without it, the address that is listened on.
    pub public_url: Option<Url>,
    /// The service provider's domain: its id in templates, and where its key is published.
    pub domain: Name,
    /// The key that links are signed with; one is made for this run otherwise.
    pub key: Option<SigningKey>,
    /// The label at which the key is published below the domain.
    pub key_label: KeyLabel,
    /// The address that templates point visitors' names at: that of this service.
    pub site_address: Ipv4Addr,
    /// The resolver to ask; without it, that of the machine.
    pub resolver: Option<SocketAddr>,
    /// Whether DNS providers on this machine are talked to, without TLS.
    pub loopback: LoopbackProviders,
    /// The authoritative servers to ask whether a change arrived; without any, those that zones are delegated to.
    pub name_servers: Vec<SocketAddr>,
    /// What is registered at DNS providers, for the asynchronous flow. Each secret goes to its own provider's API, and
    /// never to one that was discovered.
    pub credentials: Vec<ProviderCredentials>,
    /// Reverse proxies whose word about addresses counts.
    pub trusted_proxies: Vec<Network>,
}

/// Whether DNS providers on this machine are talked to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum LoopbackProviders {
    /// No: only public addresses, over TLS.
    #[default]
    Refuse,
    /// Yes, for laboratories and demonstrations.
    Allow,
}

impl ExampleOptions {
    /// The usual choices: for this machine alone.
    pub fn new(domain: Name, key_label: KeyLabel) -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8081)),
            public_url: None,
            domain,
            key: None,
            key_label,
            site_address: Ipv4Addr::LOCALHOST,
            resolver: None,
            loopback: LoopbackProviders::Refuse,
            name_servers: Vec::new(),
            credentials: Vec::new(),
            trusted_proxies: Vec::new(),
        }
    }
}
