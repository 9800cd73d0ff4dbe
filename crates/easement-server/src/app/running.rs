//! Starting, and what a running server can be asked.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use easement_dns::RunningServer;
use easement_store::StoreError;
use easement_zone::HostedZones;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::parts::{
    Sockets, admin_context, first_operator_link, make_metrics, make_state, open_store, read_tls,
    with_true_ports,
};
use super::{InheritedSockets, StartError, Surroundings};
use crate::admin::control::{ControlSocket, socket_path};
use crate::admin::execute::{AdminContext, execute};
use crate::admin::progress::Reporter;
use crate::admin::reload::Reloadable;
use crate::admin::{AdminFailure, AdminReply, AdminRequest};
use crate::config::{Config, PublicUrl};
use crate::housekeeping;
use crate::http::listener::{self, Door, Guests};
use crate::http::tls::Tls;
use crate::monitoring::{self, Monitor, Readiness};
use crate::router::router;
use crate::state::Shared;
use crate::templates::schedule::Schedule;
use crate::webhooks;

/// A running server.
#[derive(Debug)]
pub struct App {
    pub(super) state: Shared,
    admin: Arc<AdminContext>,
    pub(super) dns: RunningServer,
    pub(super) web: Vec<WebListener>,
    pub(super) monitoring: Vec<WebListener>,
    pub(super) readiness: Arc<Readiness>,
    /// The control socket, the housekeeping, and what is done from time to time.
    pub(super) tasks: Vec<JoinHandle<()>>,
    pub(super) stop_tasks: watch::Sender<bool>,
    request_limit: Duration,
    pub(super) drain: Duration,
    pub(super) shutdown_limit: Duration,
    first_operator_link: Option<String>,
}

/// One address that HTTP is served on.
#[derive(Debug)]
pub(super) struct WebListener {
    address: SocketAddr,
    pub(super) handle: Handle<SocketAddr>,
    pub(super) task: JoinHandle<io::Result<()>>,
}

impl WebListener {
    fn start(
        (address, socket): (SocketAddr, TcpListener),
        tls: Option<Tls>,
        door: Door,
        router: axum::Router,
    ) -> Self {
        let handle = Handle::new();
        let serving = listener::serve(socket, tls, door, router, handle.clone());
        Self {
            address,
            handle,
            task: tokio::spawn(serving),
        }
    }
}

impl App {
    /// Opens the store, takes every address, and serves. Nothing is left running when it fails.
    pub async fn start(config: Config, around: Surroundings) -> Result<Self, StartError> {
        Self::start_on(InheritedSockets::default(), config, around).await
    }

    /// Does the same on sockets that the service manager handed over, as far as there are any.
    pub async fn start_on(
        inherited: InheritedSockets,
        config: Config,
        around: Surroundings,
    ) -> Result<Self, StartError> {
        let sockets = Sockets::take(&config, inherited, &around)?;
        let metrics = make_metrics(&around);
        let tls = read_tls(&config, &around, &metrics).await?;
        let hosted = Arc::new(HostedZones::new());
        let config = with_true_ports(config, &sockets);
        let store = open_store(&config, around.clock.clone(), hosted.clone()).await?;
        store.load_all().await?;
        let state = make_state(&config, &around, store, hosted, &sockets, metrics)?;
        let state = Arc::new(state);
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
        let readiness = Arc::new(Readiness::new(state.store.clone(), dns.local_addrs()));
        let (stop_tasks, stop) = watch::channel(false);
        let reloadable = Reloadable {
            certificate: tls.clone(),
            cookies: sockets.cookies,
        };
        let admin = Arc::new(admin_context(config, state, reloadable));
        let control = tokio::spawn(control.serve(Arc::clone(&admin), stop.clone()));
        let mut tasks = start_jobs(config, state, tls.as_ref(), &stop);
        tasks.push(control);
        let monitor = Monitor {
            state: Arc::clone(state),
            dns: Arc::clone(dns.metrics()),
            readiness: Arc::clone(&readiness),
        };
        Ok(Self {
            state: Arc::clone(state),
            admin,
            dns,
            web: serve_web(config, state, &readiness, sockets.web, tls.as_ref()),
            monitoring: serve_monitoring(config, &monitor, sockets.monitoring),
            readiness,
            tasks,
            stop_tasks,
            request_limit: Duration::from_secs(config.server.request_seconds),
            drain: Duration::from_secs(config.server.drain_seconds),
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
        let readiness = Arc::clone(&self.readiness);
        router(Arc::clone(&self.state), readiness, self.request_limit)
    }

    /// What handlers reach: for tests that need what only pages make.
    #[cfg(test)]
    pub(crate) fn state(&self) -> &Shared {
        &self.state
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
        execute(request, &self.admin, &Reporter::default()).await
    }

    /// Does at once what the server does by itself from time to time: for tests, which set the clock.
    pub async fn keep_house(&self) -> Result<(), StoreError> {
        housekeeping::forget_the_old(&self.state).await?;
        housekeeping::take_away_what_lapsed(&self.state).await
    }

    /// The addresses that metrics are served on.
    pub fn metrics_addresses(&self) -> Vec<SocketAddr> {
        let addresses = self.monitoring.iter().map(|listener| listener.address);
        addresses.collect()
    }
}

/// What is done from time to time, until told to stop.
fn start_jobs(
    config: &Config,
    state: &Shared,
    tls: Option<&Tls>,
    stop: &watch::Receiver<bool>,
) -> Vec<JoinHandle<()>> {
    let mut jobs = vec![tokio::spawn(housekeeping::run(
        Arc::clone(state),
        stop.clone(),
    ))];
    jobs.push(tokio::spawn(webhooks::run(Arc::clone(state), stop.clone())));
    if let Some(schedule) = Schedule::of(&config.templates) {
        let registry = state.registry.clone();
        jobs.push(tokio::spawn(schedule.run(registry, stop.clone())));
    }
    if let Some(tls) = tls {
        jobs.push(tokio::spawn(tls.clone().watch(stop.clone())));
    }
    jobs
}

fn serve_web(
    config: &Config,
    state: &Shared,
    readiness: &Arc<Readiness>,
    sockets: Vec<(SocketAddr, TcpListener)>,
    tls: Option<&Tls>,
) -> Vec<WebListener> {
    let guests = match tls {
        Some(_) => Guests::Everybody,
        None => Guests::NearOnly,
    };
    let limit = Duration::from_secs(config.server.request_seconds);
    let proxies = config.server.trusted_proxies.clone();
    let door = Door::new(guests, proxies, limit, Arc::clone(&state.metrics));
    let start = |socket| {
        let router = router(Arc::clone(state), Arc::clone(readiness), limit);
        WebListener::start(socket, tls.cloned(), door.clone(), router)
    };
    sockets.into_iter().map(start).collect()
}

/// Apart from the pages: neither counted with them, nor stopped before the rest has ended.
fn serve_monitoring(
    config: &Config,
    monitor: &Monitor,
    sockets: Vec<(SocketAddr, TcpListener)>,
) -> Vec<WebListener> {
    let limit = Duration::from_secs(config.server.request_seconds);
    let readers = config.metrics.networks.clone();
    let door = Door::new(Guests::NearOnly, readers, limit, Arc::default());
    let start = |socket| {
        let router = monitoring::router(monitor.clone());
        WebListener::start(socket, None, door.clone(), router)
    };
    sockets.into_iter().map(start).collect()
}
