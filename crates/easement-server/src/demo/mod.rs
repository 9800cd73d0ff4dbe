//! The demo: a whole Easement with example data, and a service provider to connect to it, on this
//! machine alone.
//!
//! **What it is for.** A newcomer tries everything out before configuring anything; tests start the
//! same with free ports in a temporary folder.
//!
//! **What it is not for.** Anything that matters: its passwords are on the screen.

mod contents;
mod folder;
mod guide;
mod partner;
mod service_provider;
mod signing;
mod website;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use domain_connect::SignError;

use self::folder::DemoFolder;
pub use self::folder::{FolderError, Start};
pub use self::partner::{Admission, Partner};
pub use self::service_provider::{ServiceProvider, Wish};
use self::website::{NameDropPlace, Website};
use crate::admin::AdminFailure;
use crate::config::{
    Config, ConfigError, Network, Overrides, PublicUrl, PublicUrlError, ToolsAccess,
};
use crate::{App, ServiceProviders, StartError, Surroundings};

/// The account that owns the zone of the demo, and runs its server.
pub const OWNER: &str = "owner@example.test";
/// The account that owns another zone.
pub const NEIGHBOUR: &str = "neighbour@neighbour.test";

/// Where the demo keeps its data and listens.
#[derive(Clone, Debug)]
pub struct DemoOptions {
    /// The folder for its data.
    pub folder: PathBuf,
    /// Whether data of an earlier run is kept.
    pub start: Start,
    /// The port of the web server; 0 takes a free one, here and below.
    pub web_port: u16,
    /// The port of the DNS server.
    pub dns_port: u16,
    /// The port of the service provider's website.
    pub provider_port: u16,
    /// Settings of the server that are to be other than those of the demo.
    pub overrides: Overrides,
}

impl DemoOptions {
    /// The usual ports.
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            start: Start::GoOn,
            web_port: 8080,
            dns_port: 5300,
            provider_port: 8081,
            overrides: Overrides::default(),
        }
    }
}

/// A running demo.
#[derive(Debug)]
pub struct Demo {
    app: App,
    website: Website,
    folder: DemoFolder,
}

impl Demo {
    /// Makes what is missing in the folder, and starts.
    pub async fn start(
        options: &DemoOptions,
        surroundings: Surroundings,
    ) -> Result<Self, DemoError> {
        let random = surroundings.random.clone();
        let folder = DemoFolder::open(&options.folder, options.start, random.as_ref())?;
        let around = Surroundings {
            service_providers: ServiceProviders::OnThisMachine,
            ..surroundings
        };
        let config = config(options)?;
        let base = config.namedrop.base.clone();
        let app = App::start(config, around).await?;
        let key = folder.signing_key()?;
        let filled = contents::fill(&app, &folder, &key).await;
        let provider = ServiceProvider::new(key, app.public_url().origin(), random);
        let origin = app.public_url().origin();
        let place = NameDropPlace { origin, base };
        let website = Website::start(loopback(options.provider_port), provider, place).await;
        match (filled, website) {
            (Ok(()), Ok(website)) => Ok(Self {
                app,
                website,
                folder,
            }),
            (Err(error), website) => {
                if let Ok(website) = website {
                    website.stop().await;
                }
                app.shutdown().await;
                Err(error)
            }
            (Ok(()), Err(error)) => {
                app.shutdown().await;
                Err(error)
            }
        }
    }

    /// The server.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The service provider, to make links as it makes them.
    pub fn service_provider(&self) -> &ServiceProvider {
        self.website.service_provider()
    }

    /// The address of the service provider's website.
    pub fn website_url(&self) -> String {
        self.website.url()
    }

    /// The first password of [`OWNER`].
    pub fn owner_password(&self) -> &str {
        self.folder.owner_password()
    }

    /// The first password of [`NEIGHBOUR`].
    pub fn neighbour_password(&self) -> &str {
        self.folder.neighbour_password()
    }

    /// Lets a service provider in whose website runs elsewhere on this machine.
    pub async fn admit(&self, partner: &Partner) -> Result<Admission, DemoError> {
        partner::admit(&self.app, &self.folder, partner).await
    }

    /// What to try, in order. The program is what its user types to run it; the partner's website is named when there
    /// is one.
    pub fn guide(&self, program: &str, partner_url: Option<&str>) -> String {
        guide::write(self, program, partner_url)
    }

    /// Stops everything; the data stays.
    pub async fn shutdown(self) {
        self.website.stop().await;
        self.app.shutdown().await;
    }
}

/// What the demo decides itself: where it is, and that it is for this machine alone, since its passwords are on the
/// screen.
const DECIDED: [&str; 9] = [
    "server.public_url",
    "server.listen",
    "server.tls_certificate",
    "server.tls_key",
    "dns.listen",
    "store.data_dir",
    "store.postgres_url",
    "log.level",
    "log.format",
];

fn config(options: &DemoOptions) -> Result<Config, DemoError> {
    let mut decided = options.overrides.settings();
    if let Some(setting) = decided.find(|setting| DECIDED.contains(&setting.as_str())) {
        return Err(DemoError::Decided { setting });
    }
    let mut config = Config::default();
    let web = loopback(options.web_port);
    config.server.public_url = PublicUrl::loopback(web)?;
    config.server.listen = vec![web];
    config.dns.listen = vec![loopback(options.dns_port)];
    config.dns.name_servers = vec![contents::name("ns1.example.test")?];
    config.store.data_dir.clone_from(&options.folder);
    config.templates.submissions = true;
    // So that a link without a signature can be tried, and what people are told about it.
    config.domain_connect.allow_unsigned = true;
    "Easement demo".clone_into(&mut config.domain_connect.provider_name);
    config.tools.access = ToolsAccess::Public;
    config.namedrop.temp_zone = Some(contents::name("ip.example.test")?);
    // Everybody is on this machine.
    config.namedrop.temp_allow_networks = vec![
        Network::new(Ipv4Addr::LOCALHOST.into(), 8),
        Network::new(Ipv6Addr::LOCALHOST.into(), 128),
    ];
    Ok(config.overridden(&options.overrides)?)
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Why the demo did not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The server did not start.
    #[error(transparent)]
    Start(StartError),
    /// An address of the server cannot be taken.
    #[error("{0}: give the demo other ports with --web-port and --dns-port")]
    Address(StartError),
    /// The example data was refused.
    #[error("the example data was refused: {0}")]
    Contents(#[from] AdminFailure),
    /// A part of the example data is not valid.
    #[error("the example data is not valid: {0}")]
    Example(String),
    /// The key of the service provider cannot be used.
    #[error(transparent)]
    Key(#[from] SignError),
    /// A setting is no longer one with what it is to be.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A setting is not for others to decide.
    #[error(
        "{setting}: the demo decides this itself; it takes --dir, --web-port and --dns-port, and a server with any \
         other configuration starts with `easement serve`"
    )]
    Decided {
        /// The setting.
        setting: String,
    },
    /// The address of the server is none.
    #[error(transparent)]
    PublicUrl(#[from] PublicUrlError),
    /// The address of the service provider's website cannot be taken.
    #[error(
        "cannot serve the page of the made-up services on {address}: {error}; choose another port with --provider-port"
    )]
    Website {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
}

impl From<StartError> for DemoError {
    fn from(error: StartError) -> Self {
        if matches!(error, StartError::Listen { .. } | StartError::DnsBind(_)) {
            Self::Address(error)
        } else {
            Self::Start(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_counts_or_is_refused() {
        let with = |argument: &str| {
            let mut options = DemoOptions::new(PathBuf::from("x"));
            options.overrides.add_argument(argument).unwrap();
            config(&options)
        };
        let changed = with("server.trusted_proxies=127.0.0.1").unwrap();
        assert_eq!(changed.server.trusted_proxies.len(), 1);
        assert_eq!(
            changed.domain_connect.provider_name, "Easement demo",
            "the rest is that of the demo"
        );
        for setting in DECIDED {
            let refused = with(&format!("{setting}=x")).unwrap_err();
            assert!(matches!(refused, DemoError::Decided { .. }), "{refused}");
        }
        assert!(with("domain_connect.ttl_min=700000").is_err(), "checked");
    }
}
