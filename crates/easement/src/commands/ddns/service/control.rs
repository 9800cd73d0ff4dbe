//! What the system starts: the agent, which does what the system asks.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::Notify;
use windows_service::service::{
    ServiceControl, ServiceControlAccept, ServiceExitCode, ServiceState, ServiceStatus, ServiceType,
};
use windows_service::service_control_handler::{
    self, ServiceControlHandlerResult, ServiceStatusHandle,
};
use windows_service::{define_windows_service, service_dispatcher};

use super::super::files::Files;
use super::super::run::{FINISHING, Often, keep_up_to_date};
use super::plan::{self, Asked};
use crate::commands::signals::{ReloadSignal, StopSignals};

/// What the process takes to end, besides what it finishes.
const ENDING: Duration = Duration::from_secs(5);
/// A longer log is set aside when the service starts.
const MAX_LOG: u64 = 1024 * 1024;
/// What the service says of itself when it failed: the log says why.
const FAILED: u32 = 1;

/// The system calls a function without anything.
static FILES: OnceLock<Files> = OnceLock::new();

define_windows_service!(called_by_the_system, serve);

/// Waits until the system has the service end.
pub(super) fn run(files: Files) -> anyhow::Result<()> {
    // It is set once: the system starts one service in a process.
    let _ = FILES.set(files);
    service_dispatcher::start(plan::NAME, called_by_the_system)
        .context("the system alone starts this: `sc start easement-ddns`")
}

fn serve(_: Vec<OsString>) {
    let Some(files) = FILES.get() else { return };
    if let Err(error) = start_log(&files.log()) {
        // Nobody hears anything then, but the addresses are kept up to date.
        tracing::error!("there is no log: {error}");
    }
    if let Err(error) = try_to_serve(files) {
        tracing::error!("{error:#}");
    }
}

fn try_to_serve(files: &Files) -> anyhow::Result<()> {
    let (stop, reload) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let handle: Arc<OnceLock<ServiceStatusHandle>> = Arc::default();
    let answering = {
        let (stop, reload) = (Arc::clone(&stop), Arc::clone(&reload));
        let handle = Arc::clone(&handle);
        move |control: ServiceControl| match plan::asked(control.raw_service_control_type()) {
            Some(Asked::Stop) => {
                if let Some(handle) = handle.get() {
                    tell(
                        *handle,
                        ServiceState::StopPending,
                        ServiceExitCode::NO_ERROR,
                    );
                }
                stop.notify_one();
                ServiceControlHandlerResult::NoError
            }
            Some(Asked::Reload) => {
                reload.notify_one();
                ServiceControlHandlerResult::NoError
            }
            Some(Asked::Nothing) => ServiceControlHandlerResult::NoError,
            None => ServiceControlHandlerResult::NotImplemented,
        }
    };
    let told = service_control_handler::register(plan::NAME, answering);
    let told = told.context("the system does not take the service")?;
    let _ = handle.set(told);
    tell(told, ServiceState::Running, ServiceExitCode::NO_ERROR);
    let ended = run_agent(files, stop, reload);
    let code = match &ended {
        Ok(_) => ServiceExitCode::NO_ERROR,
        Err(_) => ServiceExitCode::ServiceSpecific(FAILED),
    };
    // The process may be ended as soon as that is said.
    if let Err(error) = &ended {
        tracing::error!("{error:#}");
    }
    tell(told, ServiceState::Stopped, code);
    Ok(())
}

fn run_agent(files: &Files, stop: Arc<Notify>, reload: Arc<Notify>) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let (stop, reload) = (StopSignals::Asked(stop), ReloadSignal::Asked(reload));
    let ended = runtime.block_on(keep_up_to_date(files, Often::Always, stop, reload));
    // A program that was asked for an address may not have ended.
    runtime.shutdown_background();
    ended
}

fn tell(told: ServiceStatusHandle, state: ServiceState, exit_code: ServiceExitCode) {
    let controls_accepted = if state == ServiceState::Running {
        ServiceControlAccept::STOP
            | ServiceControlAccept::SHUTDOWN
            | ServiceControlAccept::PARAM_CHANGE
    } else {
        ServiceControlAccept::empty()
    };
    let wait_hint = if state == ServiceState::StopPending {
        FINISHING + ENDING
    } else {
        Duration::ZERO
    };
    let status = ServiceStatus {
        service_type: ServiceType::OWN_PROCESS,
        current_state: state,
        controls_accepted,
        exit_code,
        checkpoint: 0,
        wait_hint,
        process_id: None,
    };
    if let Err(error) = told.set_service_status(status) {
        tracing::warn!("the system was not told how the service is: {error}");
    }
}

/// A service has nobody who reads what it prints.
fn start_log(path: &Path) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|found| found.len() > MAX_LOG) {
        fs::rename(path, path.with_extension("log.1"))?;
    }
    let file = File::options().create(true).append(true).open(path)?;
    let lines = tracing_subscriber::fmt()
        .with_writer(Mutex::new(file))
        .with_target(false)
        .with_ansi(false)
        .with_max_level(tracing::Level::INFO);
    tracing::subscriber::set_global_default(lines.finish()).map_err(io::Error::other)
}
