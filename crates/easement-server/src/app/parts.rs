//! Making the parts of a server from its configuration.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::DirBuilderExt as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use domain_connect::LoopbackRedirects;
use easement_core::{Clock, OneTimePurpose, Random, SessionPolicy};
use easement_dns::DnsServer;
use easement_store::{Serving, Store, StoreConfig};
use easement_zone::HostedZones;
use tokio::sync::Mutex;

use super::cookie_secret::CookieSecretFile;
use super::inherited::InheritedSockets;
use super::{ServiceProviders, StartError, Surroundings, dns};
use crate::accounts::export::MOST_IN_AN_HOUR;
use crate::accounts::{HourlyLimit, Passwords, Turns, links};
use crate::acme_dns::{open_registration_limit, registration_limit};
use crate::admin::execute::AdminContext;
use crate::admin::reload::Reloadable;
use crate::api_tokens::{ChangeLimit, ChangeRates, Rights, TokenGate, Updater};
use crate::config::{Config, DynamicDnsSection, Rate};
use crate::domain_connect::{CallLimit, GrantPlans, KeyLookup, discovery_limit};
use crate::dynamic_dns::HostNotes;
use crate::http::bind;
use crate::http::tls::Tls;
use crate::monitoring::Metrics;
use crate::namedrop::bootstrap::Bootstrap;
use crate::oauth::OAuthLimits;
use crate::pages::submissions::Submissions;
use crate::pages::{Workbench, people};
use crate::state::{
    DynamicDnsSettings, NameDropSettings, ServerState, Settings, Shared, UnregisteredApps,
    UnsignedTemplates,
};
use crate::templates::{Registry, application_policy, approval_policy};
use crate::webhooks::{Sender, Webhooks};
use easement_outbound::dns::{Resolver, Resolvers};

/// Every address, taken before anything else is done.
pub(super) struct Sockets {
    pub(super) dns: DnsServer,
    pub(super) cookies: Option<CookieSecretFile>,
    pub(super) web: Vec<(SocketAddr, TcpListener)>,
    pub(super) monitoring: Vec<(SocketAddr, TcpListener)>,
}

impl Sockets {
    /// Takes those that the service manager handed over, and binds what it did not.
    pub(super) fn take(
        config: &Config,
        inherited: InheritedSockets,
        around: &Surroundings,
    ) -> Result<Self, StartError> {
        let InheritedSockets { dns, web } = inherited;
        let cookies = config.dns.cookie_secret_file.as_deref();
        let cookies = cookies.map(CookieSecretFile::open).transpose()?;
        let dns = dns::take_server(&config.dns, dns, cookies.as_ref(), around)?;
        let web = if web.is_empty() {
            bind_all(&config.server.listen)
                .map_err(|(address, error)| StartError::Listen { address, error })?
        } else {
            web
        };
        let monitoring = bind_all(&config.metrics.listen)
            .map_err(|(address, error)| StartError::ListenMetrics { address, error })?;
        Ok(Self {
            dns,
            cookies,
            web,
            monitoring,
        })
    }
}

/// The addresses with their true ports; or the one that cannot be had.
fn bind_all(
    addresses: &[SocketAddr],
) -> Result<Vec<(SocketAddr, TcpListener)>, (SocketAddr, io::Error)> {
    let bind_one = |address: &SocketAddr| {
        let listener = bind(*address)?;
        Ok((listener.local_addr()?, listener))
    };
    addresses
        .iter()
        .map(|address| bind_one(address).map_err(|error| (*address, error)))
        .collect()
}

/// The configuration with the addresses that were really taken, where it leaves the port open. A public
/// URL with port 0 gets the port that the first listener was given.
pub(super) fn with_true_ports(mut config: Config, sockets: &Sockets) -> Config {
    config.dns.listen = sockets.dns.local_addrs();
    config.server.listen = sockets.web.iter().map(|(address, _)| *address).collect();
    let public = &config.server.public_url;
    let is_open = public.authority().ends_with(":0");
    let scheme = if public.is_https() { "https" } else { "http" };
    if let Some((address, _)) = sockets.web.first()
        && is_open
        && let Ok(url) = format!("{scheme}://{address}").parse()
    {
        config.server.public_url = url;
    }
    config
}

/// The metrics of a server that starts now.
pub(super) fn make_metrics(around: &Surroundings) -> Arc<Metrics> {
    let metrics = Metrics::default();
    let now = u64::try_from(around.clock.now().as_micros()).unwrap_or_default();
    metrics.started_at.store(now, Ordering::Relaxed);
    Arc::new(metrics)
}

pub(super) async fn read_tls(
    config: &Config,
    around: &Surroundings,
    metrics: &Arc<Metrics>,
) -> Result<Option<Tls>, StartError> {
    let server = &config.server;
    let (Some(certificate), Some(key)) = (&server.tls_certificate, &server.tls_key) else {
        return Ok(None);
    };
    let tls = Tls::from_files(
        (certificate, key),
        Arc::clone(&around.clock),
        Arc::clone(metrics),
    );
    Ok(Some(tls.await?))
}

/// Reads the certificate that a configuration names, if it names one, as a start would.
pub async fn check_certificate(config: &Config) -> Result<(), StartError> {
    let around = Surroundings::of_this_machine();
    read_tls(config, &around, &Arc::default()).await.map(drop)
}

/// Where the store of a configuration is.
pub(crate) fn store_config(config: &Config) -> StoreConfig {
    match &config.store.postgres_url {
        Some(url) => StoreConfig::Postgres {
            url: url.reveal().to_owned(),
        },
        None => StoreConfig::Sqlite {
            path: config.store.data_dir.join("easement.sqlite"),
        },
    }
}

/// Opens the store of a configuration; its zones are not loaded yet.
pub(crate) async fn open_store(
    config: &Config,
    clock: Arc<dyn Clock>,
    hosted: Arc<HostedZones>,
) -> Result<Store, StartError> {
    let data_dir = &config.store.data_dir;
    let mut folder = std::fs::DirBuilder::new();
    folder.recursive(true).mode(0o700);
    folder
        .create(data_dir)
        .map_err(|error| StartError::DataDir {
            path: data_dir.clone(),
            error,
        })?;
    let discovery = config.domain_connect.discovery.clone();
    let serving = Serving {
        clock,
        hosted,
        discovery: Some(discovery.unwrap_or_else(|| config.server.public_url.authority())),
    };
    Ok(Store::open(&store_config(config), serving).await?)
}

pub(super) fn make_state(
    config: &Config,
    around: &Surroundings,
    store: Store,
    hosted: Arc<HostedZones>,
    sockets: &Sockets,
    metrics: Arc<Metrics>,
) -> Result<ServerState, StartError> {
    let limit = Duration::from_secs(config.domain_connect.key_seconds);
    let configured = || resolvers(config);
    let servers = match around.service_providers {
        ServiceProviders::OnTheInternet => configured(),
        ServiceProviders::OnThisMachine => {
            let own = sockets.dns.local_addrs();
            own.first().map_or_else(configured, |own| (*own).into())
        }
    };
    let sender = Sender::new(&config.webhooks, servers.clone(), around.random.clone())?;
    let resolver = Resolver::new(servers, limit, around.random.clone());
    let registry = Registry {
        store: store.clone(),
        clock: around.clock.clone(),
        random: around.random.clone(),
        resolver: resolver.clone(),
        policy: Arc::new(approval_policy(&config.templates)?),
    };
    let random = around.random.as_ref();
    let token_hashes = Passwords::new(&config.accounts, random)?;
    let clock = around.clock.clone();
    let rights = Rights::new(store.clone(), Arc::clone(&hosted));
    Ok(ServerState {
        tokens: TokenGate::new(
            store.clone(),
            clock,
            token_hashes,
            random,
            change_rates(&config.dynamic_dns),
        ),
        token_changes: ChangeLimit::new(),
        grant_calls: CallLimit::new(),
        grant_plans: GrantPlans::new(),
        exports: HourlyLimit::new(MOST_IN_AN_HOUR),
        addresses_tried: HourlyLimit::new(people::MAX_TRIES),
        updater: Updater::new(store.clone(), rights),
        registrations: registration_limit(),
        open_registrations: open_registration_limit(),
        host_notes: HostNotes::new(store.clone()),
        forgotten_addresses: Mutex::default(),
        oauth: OAuthLimits::new(),
        bootstrap: Bootstrap::new(&config.namedrop)?,
        webhooks: Webhooks::new(&config.webhooks, sender),
        registry,
        submissions: Submissions::new(config.templates.submissions),
        store,
        hosted,
        clock: around.clock.clone(),
        random: around.random.clone(),
        passwords: Passwords::new(&config.accounts, around.random.as_ref())?,
        sign_in_turns: Turns::new(),
        keys: KeyLookup::new(resolver, around.clock.clone()),
        discovery_limit: discovery_limit(),
        workbench: Workbench::new(),
        metrics,
        settings: make_settings(config, around)?,
    })
}

fn make_settings(config: &Config, around: &Surroundings) -> Result<Settings, StartError> {
    let (server, accounts) = (&config.server, &config.accounts);
    let connect = &config.domain_connect;
    let provider_id = connect.provider_id.as_ref().map(ToString::to_string);
    Ok(Settings {
        public_url: server.public_url.clone(),
        trusted_proxies: server.trusted_proxies.clone(),
        sessions: SessionPolicy {
            idle: Duration::from_hours(accounts.session_idle_hours),
            absolute: Duration::from_hours(accounts.session_days.saturating_mul(24)),
            ..SessionPolicy::default()
        },
        dynamic_dns: dynamic_dns_settings(config)?,
        namedrop: NameDropSettings {
            apps: if config.namedrop.enabled {
                UnregisteredApps::MayAsk
            } else {
                UnregisteredApps::MayNotAsk
            },
            base: config.namedrop.base.clone(),
        },
        keep_addresses: Duration::from_hours(accounts.address_days.saturating_mul(24)),
        keep_ended_access: Duration::from_hours(accounts.ended_access_days.saturating_mul(24)),
        provider_id: provider_id.unwrap_or_else(|| server.public_url.host()),
        provider_name: connect.provider_name.clone(),
        tools: config.tools.access,
        unsigned: if connect.allow_unsigned {
            UnsignedTemplates::Offered
        } else {
            UnsignedTemplates::Refused
        },
        policy: application_policy(connect.ttl_min, connect.ttl_max)?,
        loopback_redirects: match around.service_providers {
            ServiceProviders::OnTheInternet => LoopbackRedirects::Refuse,
            ServiceProviders::OnThisMachine => LoopbackRedirects::Allow,
        },
    })
}

fn dynamic_dns_settings(config: &Config) -> Result<DynamicDnsSettings, StartError> {
    let DynamicDnsSection {
        base,
        acme_dns_open_token,
        acme_dns_accounts,
        text_rate,
        address_rate,
    } = &config.dynamic_dns;
    let base = base.as_ref().map(|base| base.to_text().parse());
    Ok(DynamicDnsSettings {
        base: base.transpose().map_err(StartError::DynamicDnsBase)?,
        acme_dns_open_token: acme_dns_open_token.clone(),
        acme_dns_accounts: usize::try_from(*acme_dns_accounts).unwrap_or(usize::MAX),
        text_rate: text_rate.rule(),
        address_rate: address_rate.map(Rate::rule),
    })
}

/// The resolver of the configuration, or those of the machine.
fn resolvers(config: &Config) -> Resolvers {
    let configured = config.dns.resolver.map(Resolvers::from);
    configured.unwrap_or_else(Resolvers::of_system)
}

fn change_rates(section: &DynamicDnsSection) -> ChangeRates {
    ChangeRates::new(
        section.text_rate.rule(),
        section.address_rate.map(Rate::rule),
    )
}

/// What is needed to take templates in, for commands that work without a server.
pub(crate) fn make_registry(
    config: &Config,
    store: &Store,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
) -> Result<Registry, StartError> {
    let limit = Duration::from_secs(config.domain_connect.key_seconds);
    Ok(Registry {
        store: store.clone(),
        clock: Arc::clone(clock),
        random: Arc::clone(random),
        resolver: Resolver::new(resolvers(config), limit, Arc::clone(random)),
        policy: Arc::new(approval_policy(&config.templates)?),
    })
}

pub(super) fn admin_context(
    config: &Config,
    state: &Shared,
    reloadable: Reloadable,
) -> AdminContext {
    AdminContext {
        store: state.store.clone(),
        hosted: Arc::clone(&state.hosted),
        clock: Arc::clone(&state.clock),
        random: Arc::clone(&state.random),
        passwords: state.passwords.clone(),
        config: config.clone(),
        registry: state.registry.clone(),
        reloadable: Some(reloadable),
    }
}

pub(super) async fn first_operator_link(state: &ServerState) -> Result<Option<String>, StartError> {
    if state.store.count_operators().await? > 0 {
        return Ok(None);
    }
    let link = links::make(
        &state.store,
        state.random.as_ref(),
        state.clock.now(),
        OneTimePurpose::FirstOperator,
        &state.settings.public_url,
    );
    Ok(Some(link.await?))
}
