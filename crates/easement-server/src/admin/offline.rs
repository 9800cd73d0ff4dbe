//! Carrying a request out from the command line: by the running server, or here when none runs.

use std::sync::Arc;

use easement_core::{Clock, Random};
use easement_zone::HostedZones;

use super::control::{ask as ask_server, socket_path};
use super::execute::{AdminContext, execute};
use super::{AdminFailure, AdminReply, AdminRequest, FailureKind};
use crate::accounts::Passwords;
use crate::app::{make_registry, open_store};
use crate::config::Config;
use crate::environment::{SystemClock, SystemRandom};

/// Has a request carried out on the store of this configuration.
pub async fn ask(request: &AdminRequest, config: &Config) -> Result<AdminReply, AdminFailure> {
    match ask_running(request, config).await {
        Some(answer) => answer,
        None => work_here(request.clone(), config).await,
    }
}

/// Has a request carried out by the running server; nothing when none runs.
pub(crate) async fn ask_running(
    request: &AdminRequest,
    config: &Config,
) -> Option<Result<AdminReply, AdminFailure>> {
    let socket = socket_path(&config.store);
    Some(match ask_server(request, &socket).await? {
        Ok(answer) => answer,
        Err(error) => {
            let message = format!(
                "the server at {} does not answer: {error}",
                socket.display()
            );
            Err(AdminFailure::new(FailureKind::Internal, message)
                .with_hint("run the command as the user that the server runs as"))
        }
    })
}

/// Opens the store and carries a request out.
pub(crate) async fn work_here(
    request: AdminRequest,
    config: &Config,
) -> Result<AdminReply, AdminFailure> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let hosted = Arc::new(HostedZones::new());
    let store = open_store(config, Arc::clone(&clock), Arc::clone(&hosted)).await?;
    let registry = make_registry(config, &store, &clock, &random)?;
    let context = AdminContext {
        registry,
        store: store.clone(),
        hosted,
        clock,
        passwords: Passwords::new(&config.accounts, random.as_ref())?,
        random,
        config: config.clone(),
    };
    let answer = execute(request, &context).await;
    store.shutdown().await;
    answer
}
