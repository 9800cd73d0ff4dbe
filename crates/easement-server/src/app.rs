//! The running server: opened, started and stopped as a whole.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use domain_connect::{LoopbackRedirects, Policy};
use easement_core::{Clock, OneTimePurpose, Random, SessionPolicy};
use easement_dns::{BindError, DnsServer, ListenConfig, RunningServer, ServeError};
use easement_store::{OpenError, Serving, Store, StoreConfig, StoreError};
use easement_zone::{HostedZones, Ttl, TtlError};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::accounts::links::{self, LinkMakingError};
use crate::accounts::{HashError, Passwords};
use crate::admin::control::{ControlSocket, socket_path};
use crate::admin::execute::{AdminContext, execute};
use crate::admin::{AdminFailure, AdminReply, AdminRequest};
use crate::config::{Config, PublicUrl};
use crate::dns_client::{Resolver, system_resolver};
use crate::domain_connect::KeyLookup;
use crate::environment::{SystemClock, SystemRandom};
use crate::http::listener::{self, Tls};
use crate::router::router;
use crate::state::{ServerState, Settings, Shared, UnsignedTemplates};

/// A running server.
#[derive(Debug)]
pub struct App {
    state: Shared,
    admin: Arc<AdminContext>,
    dns: RunningServer,
    web: Vec<WebListener>,
    control: JoinHandle<()>,
    stop_control: watch::Sender<bool>,
    request_limit: Duration,
    shutdown_limit: Duration,
    first_operator_link: Option<String>,
}

/// One address that the web is served on.
#[derive(Debug)]
struct WebListener {
    address: SocketAddr,
    handle: Handle<SocketAddr>,
    task: JoinHandle<io::Result<()>>,
}

/// What surrounds a server, and what a test replaces.
#[derive(Clone)]
pub struct Surroundings {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where secrets come from.
    pub random: Arc<dyn Random>,
    /// Where service providers are.
    pub service_providers: ServiceProviders,
}

/// Where service providers are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ServiceProviders {
    /// On the internet: their keys are asked for at the configured resolver, and browsers return to
    /// them over TLS only.
    OnTheInternet,
    /// On this very machine, for the demo and for tests: their keys are in this server's own DNS, and
    /// browsers may return to loopback addresses without TLS.
    OnThisMachine,
}

impl Surroundings {
    /// The clock and random source of the machine, and the internet.
    pub fn of_this_machine() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            service_providers: ServiceProviders::OnTheInternet,
        }
    }
}

impl App {
    /// Opens the store, takes every address, and serves. Nothing is left running when it fails.
    pub async fn start(config: Config, around: Surroundings) -> Result<Self, StartError> {
        let sockets = Sockets::bind(&config)?;
        let tls = read_tls(&config).await?;
        let hosted = Arc::new(HostedZones::new());
        let config = with_true_ports(config, &sockets);
        let store = open_store(&config, around.clock.clone(), hosted.clone()).await?;
        let state = Arc::new(make_state(&config, &around, store, hosted, &sockets)?);
        let started = Self::serve(&config, &state, sockets, tls).await;
        if started.is_err() {
            state.store.shutdown().await;
        }
        started
    }

    async fn serve(
        config: &Config,
        state: &Shared,
        sockets: Sockets,
        tls: Option<Tls>,
    ) -> Result<Self, StartError> {
        let first_operator_link = first_operator_link(state).await?;
        let path = socket_path(&config.store);
        let control = ControlSocket::bind(&path)
            .map_err(|error| StartError::ControlSocket { path, error })?;
        let dns = sockets.dns.serve(&state.hosted)?;
        let (stop_control, stop) = watch::channel(false);
        let admin = Arc::new(admin_context(config, state));
        let control = tokio::spawn(control.serve(Arc::clone(&admin), stop));
        let limit = Duration::from_secs(config.server.request_seconds);
        let web = sockets
            .web
            .into_iter()
            .map(|(address, socket)| {
                let handle = Handle::new();
                let router = router(Arc::clone(state), limit);
                let serving = listener::serve(socket, tls.clone(), router, handle.clone());
                WebListener {
                    address,
                    handle,
                    task: tokio::spawn(serving),
                }
            })
            .collect();
        Ok(Self {
            state: Arc::clone(state),
            admin,
            dns,
            web,
            control,
            stop_control,
            request_limit: limit,
            shutdown_limit: Duration::from_secs(config.server.shutdown_seconds),
            first_operator_link,
        })
    }

    /// The link with which the first operator is made, when there is none yet. It is a secret.
    pub fn first_operator_link(&self) -> Option<&str> {
        self.first_operator_link.as_deref()
    }

    /// The address that people type.
    pub fn public_url(&self) -> &PublicUrl {
        &self.state.settings.public_url
    }

    /// The handlers, to be called without a socket. Such a request must bring its peer's address
    /// along, as [`axum::extract::ConnectInfo`].
    pub fn router(&self) -> axum::Router {
        router(Arc::clone(&self.state), self.request_limit)
    }

    /// The addresses that the web is served on.
    pub fn web_addresses(&self) -> Vec<SocketAddr> {
        self.web.iter().map(|listener| listener.address).collect()
    }

    /// The addresses that DNS is answered on.
    pub fn dns_addresses(&self) -> &[SocketAddr] {
        self.dns.local_addrs()
    }

    /// Carries out what whoever runs the server asks, as the command line does.
    pub async fn administer(&self, request: AdminRequest) -> Result<AdminReply, AdminFailure> {
        execute(request, &self.admin).await
    }

    /// Stops: requests that have begun get a while to finish, changes that were asked for are
    /// committed, and then DNS ends.
    pub async fn shutdown(self) {
        let limit = Some(self.shutdown_limit);
        for listener in &self.web {
            listener.handle.graceful_shutdown(limit);
        }
        for listener in self.web {
            log_end(
                "the web server",
                listener.task.await.map_err(io::Error::other).flatten(),
            );
        }
        self.stop_control.send_replace(true);
        log_end(
            "the control socket",
            self.control.await.map_err(io::Error::other),
        );
        self.state.store.shutdown().await;
        self.dns.shutdown().await;
    }
}

fn log_end(what: &'static str, ended: io::Result<()>) {
    if let Err(error) = ended {
        tracing::error!(%error, "{what} ended badly");
    }
}

//------------ Parts -----------------------------------------------------------------------------

/// Every address, taken before anything else is done.
struct Sockets {
    dns: DnsServer,
    web: Vec<(SocketAddr, TcpListener)>,
}

impl Sockets {
    fn bind(config: &Config) -> Result<Self, StartError> {
        let dns = DnsServer::bind(&ListenConfig::on(config.dns.listen.iter().copied()))?;
        let mut web = Vec::new();
        for address in &config.server.listen {
            let refused = |error| StartError::Listen {
                address: *address,
                error,
            };
            let listener = TcpListener::bind(address).map_err(refused)?;
            web.push((listener.local_addr().map_err(refused)?, listener));
        }
        Ok(Self { dns, web })
    }
}

/// A public URL with port 0 gets the port that the first listener was given.
fn with_true_ports(mut config: Config, sockets: &Sockets) -> Config {
    let is_open = config.server.public_url.authority().ends_with(":0");
    if let Some((address, _)) = sockets.web.first()
        && is_open
        && let Ok(url) = PublicUrl::loopback(*address)
    {
        config.server.public_url = url;
    }
    config
}

async fn read_tls(config: &Config) -> Result<Option<Tls>, StartError> {
    let server = &config.server;
    let (Some(certificate), Some(key)) = (&server.tls_certificate, &server.tls_key) else {
        return Ok(None);
    };
    match Tls::from_files(certificate, key).await {
        Ok(tls) => Ok(Some(tls)),
        Err(error) => Err(StartError::Tls {
            certificate: certificate.clone(),
            key: key.clone(),
            error,
        }),
    }
}

/// Opens the store of a configuration and serves its zones.
pub(crate) async fn open_store(
    config: &Config,
    clock: Arc<dyn Clock>,
    hosted: Arc<HostedZones>,
) -> Result<Store, StartError> {
    let data_dir = &config.store.data_dir;
    let made = std::fs::create_dir_all(data_dir);
    made.map_err(|error| StartError::DataDir {
        path: data_dir.clone(),
        error,
    })?;
    let store = match &config.store.postgres_url {
        Some(url) => StoreConfig::Postgres {
            url: url.reveal().to_owned(),
        },
        None => StoreConfig::Sqlite {
            path: data_dir.join("easement.sqlite"),
        },
    };
    let discovery = config.domain_connect.discovery.clone();
    let serving = Serving {
        clock,
        hosted,
        discovery: Some(discovery.unwrap_or_else(|| config.server.public_url.authority())),
    };
    let store = Store::open(&store, serving).await?;
    store.load_all().await?;
    Ok(store)
}

fn make_state(
    config: &Config,
    around: &Surroundings,
    store: Store,
    hosted: Arc<HostedZones>,
    sockets: &Sockets,
) -> Result<ServerState, StartError> {
    let limit = Duration::from_secs(config.domain_connect.key_seconds);
    let configured = || config.dns.resolver.unwrap_or_else(system_resolver);
    let server = match around.service_providers {
        ServiceProviders::OnTheInternet => configured(),
        ServiceProviders::OnThisMachine => {
            let own = sockets.dns.local_addrs();
            own.first().copied().unwrap_or_else(configured)
        }
    };
    let resolver = Resolver::new(server, limit, around.random.clone());
    Ok(ServerState {
        store,
        hosted,
        clock: around.clock.clone(),
        random: around.random.clone(),
        passwords: Passwords::new(&config.accounts, around.random.as_ref())?,
        keys: KeyLookup::new(resolver, around.clock.clone()),
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
        provider_id: provider_id.unwrap_or_else(|| server.public_url.host()),
        provider_name: connect.provider_name.clone(),
        unsigned: if connect.allow_unsigned {
            UnsignedTemplates::Offered
        } else {
            UnsignedTemplates::Refused
        },
        policy: Policy {
            lowest_ttl: Ttl::from_secs(connect.ttl_min)?,
            highest_ttl: Ttl::from_secs(connect.ttl_max)?,
            ..Policy::default()
        },
        loopback_redirects: match around.service_providers {
            ServiceProviders::OnTheInternet => LoopbackRedirects::Refuse,
            ServiceProviders::OnThisMachine => LoopbackRedirects::Allow,
        },
    })
}

fn admin_context(config: &Config, state: &Shared) -> AdminContext {
    AdminContext {
        store: state.store.clone(),
        hosted: Arc::clone(&state.hosted),
        clock: Arc::clone(&state.clock),
        random: Arc::clone(&state.random),
        passwords: state.passwords.clone(),
        config: config.clone(),
    }
}

async fn first_operator_link(state: &ServerState) -> Result<Option<String>, StartError> {
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

impl std::fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Surroundings")
            .field("service_providers", &self.service_providers)
            .finish_non_exhaustive()
    }
}

//------------ StartError ------------------------------------------------------------------------

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The folder for data cannot be made.
    #[error("cannot make the data folder {}: {error}", path.display())]
    DataDir {
        /// The folder.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An address of the web server cannot be taken.
    #[error("cannot serve the web on {address}: {error}; stop what uses it, or set server.listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// An address of the DNS server cannot be taken.
    #[error(transparent)]
    DnsBind(#[from] BindError),
    /// DNS cannot be served.
    #[error(transparent)]
    DnsServe(#[from] ServeError),
    /// The certificate or its key cannot be used.
    #[error(
        "cannot use the certificate {} with the key {}: {error}", certificate.display(), key.display()
    )]
    Tls {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The control socket cannot be made.
    #[error("cannot make the control socket {}: {error}", path.display())]
    ControlSocket {
        /// The socket.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A TTL of the configuration is none.
    #[error("the configuration has a TTL that is none: {0}")]
    Ttl(#[from] TtlError),
    /// No password can be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The link for the first operator cannot be made.
    #[error("{0}")]
    Link(String),
}

impl From<LinkMakingError> for StartError {
    fn from(error: LinkMakingError) -> Self {
        match error {
            LinkMakingError::NoSecret(_) => Self::Link(error.to_string()),
            LinkMakingError::Store(error) => error.into(),
        }
    }
}
