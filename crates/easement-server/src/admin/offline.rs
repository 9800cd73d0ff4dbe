//! Carrying a request out from the command line: by the running server, or here when none runs.

use std::io;
use std::sync::Arc;

use easement_core::{Clock, Random};
use easement_store::{StoreConfig, StoreError};
use easement_zone::HostedZones;

use super::control::{ask as ask_server, socket_path};
use super::execute::{AdminContext, execute};
use super::progress::{News, Progress, Reporter};
use super::verify::verify_unloaded;
use super::{AdminFailure, AdminReply, AdminRequest, FailureKind};
use crate::accounts::Passwords;
use crate::app::{make_registry, open_store, store_config};
use crate::config::Config;
use easement_outbound::{SystemClock, SystemRandom};

/// Has a request carried out on the store of this configuration. What it says about how far it has
/// come is handed on.
pub async fn ask(
    request: &AdminRequest,
    config: &Config,
    on_progress: impl Fn(&Progress),
) -> Result<AdminReply, AdminFailure> {
    match ask_running(request, config, &on_progress).await {
        Some(answer) => answer,
        None => work_here(request.clone(), config, &on_progress).await,
    }
}

/// Has a request carried out by the running server; nothing when none runs.
pub(crate) async fn ask_running(
    request: &AdminRequest,
    config: &Config,
    on_progress: impl Fn(&Progress),
) -> Option<Result<AdminReply, AdminFailure>> {
    let socket = socket_path(&config.store);
    Some(match ask_server(request, &socket, on_progress).await? {
        Ok(answer) => answer,
        Err(error) => {
            let message = format!(
                "the server at {} does not answer: {error}",
                socket.display()
            );
            Err(AdminFailure::new(FailureKind::Internal, message).with_hint(hint(error.kind())))
        }
    })
}

/// What helps when the control socket gives an error.
fn hint(error: io::ErrorKind) -> &'static str {
    if error == io::ErrorKind::PermissionDenied {
        return "run the command as the user that the server runs as, or as root";
    }
    "look into the log of the server: it may have stopped meanwhile; then run the command again"
}

/// Opens the store and carries a request out. Looking makes no store: a mistyped folder would be found in
/// order.
pub(crate) async fn work_here(
    request: AdminRequest,
    config: &Config,
    on_progress: impl Fn(&Progress),
) -> Result<AdminReply, AdminFailure> {
    if !request.may_come_first() {
        require_store(config)?;
    }
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
        reloadable: None,
    };
    let reporter = Reporter::default();
    let mut work = reporter.watch(carry_out(request, &context, &reporter));
    let answer = loop {
        match work.next().await {
            News::Progress(progress) => on_progress(&progress),
            News::Done(answer) => break answer,
        }
    };
    store.shutdown().await;
    answer
}

/// A file that is not there could only be made. A database of PostgreSQL is there or cannot be reached.
fn require_store(config: &Config) -> Result<(), AdminFailure> {
    let StoreConfig::Sqlite { path } = store_config(config) else {
        return Ok(());
    };
    match path.try_exists() {
        Ok(false) => {
            let message = format!("there is no store at {}", path.display());
            let hint = "start the server once, or check --config and store.data_dir";
            Err(AdminFailure::new(FailureKind::NotFound, message).with_hint(hint))
        }
        // What cannot be looked at is told when it is opened.
        Ok(true) | Err(_) => Ok(()),
    }
}

/// Loads the zones and carries the request out. That they cannot be loaded is what a check of the store
/// is for.
async fn carry_out(
    request: AdminRequest,
    context: &AdminContext,
    reporter: &Reporter,
) -> Result<AdminReply, AdminFailure> {
    match (context.store.load_all().await, request) {
        (
            Err(error @ (StoreError::Corrupt(_) | StoreError::Failed { .. })),
            AdminRequest::VerifyStore,
        ) => verify_unloaded(context, &error, reporter).await,
        (Err(error), _) => Err(error.into()),
        (Ok(_), request) => execute(request, context, reporter).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_may_not_is_told_to_be_somebody_else() {
        assert!(hint(io::ErrorKind::PermissionDenied).contains("as the user"));
        for kind in [io::ErrorKind::UnexpectedEof, io::ErrorKind::InvalidData] {
            assert!(hint(kind).contains("log of the server"), "{kind:?}");
        }
    }
}
