//! Starting and stopping.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use easement_dns::RunningServer;
use easement_zone::HostedZones;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::parts::{
    Sockets, admin_context, first_operator_link, make_state, open_store, read_tls, with_true_ports,
};
use super::{InheritedSockets, StartError, Surroundings};
use crate::admin::control::{ControlSocket, socket_path};
use crate::admin::execute::{AdminContext, execute};
use crate::admin::progress::Reporter;
use crate::admin::{AdminFailure, AdminReply, AdminRequest};
use crate::config::{Config, PublicUrl};
use crate::housekeeping;
use crate::http::listener::{self, Door, Guests, Tls};
use crate::router::router;
use crate::state::Shared;
use crate::templates::schedule::Schedule;

/// A running server.
#[derive(Debug)]
pub struct App {
    state: Shared,
    admin: Arc<AdminContext>,
    dns: RunningServer,
    web: Vec<WebListener>,
    /// The control socket and the housekeeping.
    tasks: Vec<JoinHandle<()>>,
    stop_tasks: watch::Sender<bool>,
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
        let tls = read_tls(&config).await?;
        let hosted = Arc::new(HostedZones::new());
        let config = with_true_ports(config, &sockets);
        let store = open_store(&config, around.clock.clone(), hosted.clone()).await?;
        store.load_all().await?;
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
        let (stop_tasks, stop) = watch::channel(false);
        let admin = Arc::new(admin_context(config, state));
        let mut tasks = vec![
            tokio::spawn(control.serve(Arc::clone(&admin), stop.clone())),
            tokio::spawn(housekeeping::run(Arc::clone(state), stop.clone())),
        ];
        if let Some(schedule) = Schedule::of(&config.templates) {
            tasks.push(tokio::spawn(schedule.run(state.registry.clone(), stop)));
        }
        let limit = Duration::from_secs(config.server.request_seconds);
        let guests = match tls {
            Some(_) => Guests::Everybody,
            None => Guests::NearOnly,
        };
        let door = Door::new(guests, config.server.trusted_proxies.clone(), limit);
        let web = sockets
            .web
            .into_iter()
            .map(|(address, socket)| {
                let handle = Handle::new();
                let router = router(Arc::clone(state), limit);
                let door = door.clone();
                let serving = listener::serve(socket, tls.clone(), door, router, handle.clone());
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
            tasks,
            stop_tasks,
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
        execute(request, &self.admin, &Reporter::default()).await
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
        self.stop_tasks.send_replace(true);
        for task in self.tasks {
            log_end("a task", task.await.map_err(io::Error::other));
        }
        self.state.store.shutdown().await;
        self.dns.shutdown().await;
    }
}

fn log_end(what: &'static str, ended: io::Result<()>) {
    if let Err(error) = ended {
        tracing::error!(%error, "{what} ended badly");
    }
}
