//! What the configuration says about names for addresses, and what is counted of them.

use std::net::IpAddr;
use std::time::Duration;

use apertodns::address::{DocumentationRanges, check_public};
use namedrop::{TempBaseError, TempNames};
use tokio::sync::Mutex;

use super::refused::Refused;
use crate::config::{NamedropSection, Network};
use crate::http::NetworkLimit;

/// How often one address may ask: an app asks once, and again while it waits for a certificate.
const MOST: u32 = 20;
const WINDOW: Duration = Duration::from_mins(1);

/// Names for addresses, when they are made.
pub(crate) struct Bootstrap {
    pub(super) settings: Option<BootstrapSettings>,
    pub(super) limit: NetworkLimit,
    /// Held while a name is looked at, it is counted how many there are, and one more is made.
    pub(in crate::namedrop) turn: Mutex<()>,
}

/// What the configuration says.
#[derive(Clone, Debug)]
pub(super) struct BootstrapSettings {
    pub(super) names: TempNames,
    /// How long a name stays after it was asked for.
    pub(super) lifetime: Duration,
    pub(super) per_network: u64,
    pub(super) total: u64,
    /// Addresses that get a name although they are not public.
    allowed: Vec<Network>,
}

/// A name that no names for addresses can be made below.
#[derive(Clone, Debug, thiserror::Error)]
#[error("namedrop.temp_zone: {0}")]
pub struct BootstrapError(#[from] TempBaseError);

impl Bootstrap {
    pub(crate) fn new(config: &NamedropSection) -> Result<Self, BootstrapError> {
        let settings = config.temp_zone.as_ref().map(|base| {
            Ok::<_, BootstrapError>(BootstrapSettings {
                names: TempNames::below(base)?,
                lifetime: Duration::from_mins(config.temp_minutes),
                per_network: config.temp_per_network.into(),
                total: config.temp_total.into(),
                allowed: config.temp_allow_networks.clone(),
            })
        });
        Ok(Self {
            settings: settings.transpose()?,
            limit: NetworkLimit::new(MOST, WINDOW),
            turn: Mutex::default(),
        })
    }
}

impl BootstrapSettings {
    /// Refuses an address that nobody else reaches.
    pub(super) fn check_address(&self, address: IpAddr) -> Result<(), Refused> {
        if self.allowed.iter().any(|network| network.contains(address)) {
            return Ok(());
        }
        check_public(address, DocumentationRanges::Refuse).map_err(Refused::NotPublic)
    }
}
