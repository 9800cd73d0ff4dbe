//! Making the service known to the system, and taking it out.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use windows_service::Error;
use windows_service::service::{
    Service, ServiceAccess, ServiceAction, ServiceActionType, ServiceErrorControl,
    ServiceFailureActions, ServiceFailureResetPeriod, ServiceInfo, ServiceStartType, ServiceState,
    ServiceType,
};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};

use super::super::files::machine_config;
use super::plan;
use crate::console::say;

/// What the system says to those who may not (`winerror.h`).
const ACCESS_DENIED: i32 = 5;
const NOT_THERE: i32 = 1060;
const IS_THERE: i32 = 1073;

pub(super) fn install(keep_files: bool) -> anyhow::Result<()> {
    let config = machine_config().context("the variable ProgramData is not set")?;
    let folder = config.parent().context("the configuration has no folder")?;
    let access = ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE;
    let manager = ServiceManager::local_computer(None::<&OsStr>, access).map_err(explained)?;
    make_folder(folder, keep_files)?;
    let information = ServiceInfo {
        name: plan::NAME.into(),
        display_name: plan::SHOWN_NAME.into(),
        service_type: ServiceType::OWN_PROCESS,
        start_type: ServiceStartType::AutoStart,
        error_control: ServiceErrorControl::Normal,
        executable_path: std::env::current_exe().context("where is this program?")?,
        launch_arguments: plan::arguments(&config),
        dependencies: Vec::new(),
        account_name: Some(plan::ACCOUNT.into()),
        account_password: None,
    };
    // Whoever has it started again needs the right to start it.
    let access = ServiceAccess::CHANGE_CONFIG | ServiceAccess::START | ServiceAccess::DELETE;
    let service = manager.create_service(&information, access);
    let service = service.map_err(explained)?;
    if let Err(error) = describe(&service) {
        // Half a service is none.
        let _ = service.delete();
        return Err(explained(error));
    }
    say(format_args!("The service {} is installed.", plan::NAME));
    if config.exists() {
        service.start(&[] as &[&OsStr]).map_err(explained)?;
        say("It was started.");
    } else {
        say(format_args!(
            "Set it up with `easement ddns --config \"{}\" setup`, and start it with `sc start {}`.",
            config.display(),
            plan::NAME
        ));
    }
    Ok(())
}

/// What it is to people, and what becomes of it when it fails, be it with an error or without a word.
fn describe(service: &Service) -> Result<(), Error> {
    service.set_description(plan::DESCRIPTION)?;
    // The network may be a moment later than the system.
    service.set_delayed_auto_start(true)?;
    let restart = |delay| ServiceAction {
        action_type: ServiceActionType::Restart,
        delay,
    };
    service.update_failure_actions(ServiceFailureActions {
        reset_period: ServiceFailureResetPeriod::After(plan::COUNTS_ANEW),
        reboot_msg: None,
        command: None,
        actions: Some(plan::RESTARTS.map(restart).into()),
    })?;
    service.set_failure_actions_on_non_crash_failures(true)
}

/// The folder, which nobody else can read.
fn make_folder(folder: &Path, keep_files: bool) -> anyhow::Result<()> {
    let shown = folder.display();
    match std::fs::create_dir(folder) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error).with_context(|| format!("cannot make {shown}")),
    }
    let found = std::fs::symlink_metadata(folder)?;
    if !found.is_dir() {
        bail!("{shown} is no folder, but a file or a link: take it away");
    }
    let inside = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let inside: Vec<PathBuf> = inside.collect::<io::Result<_>>()?;
    if !inside.is_empty() && !keep_files {
        bail!(
            "there is something in {shown} already, which anybody may have put there: take it away, or say --keep-files"
        );
    }
    for words in plan::protection(folder, &inside) {
        run_icacls(&words)?;
    }
    Ok(())
}

fn run_icacls(words: &[OsString]) -> anyhow::Result<()> {
    let root = std::env::var_os("SystemRoot").context("the variable SystemRoot is not set")?;
    let program = Path::new(&root).join("System32").join("icacls.exe");
    let output = Command::new(&program).args(words).output();
    let output = output.with_context(|| format!("cannot run {}", program.display()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{} failed: {}: {said}", program.display(), output.status);
    }
    Ok(())
}

pub(super) fn uninstall() -> anyhow::Result<()> {
    let access = ServiceManagerAccess::CONNECT;
    let manager = ServiceManager::local_computer(None::<&OsStr>, access).map_err(explained)?;
    let access = ServiceAccess::QUERY_STATUS | ServiceAccess::STOP | ServiceAccess::DELETE;
    let service = manager.open_service(plan::NAME, access);
    let service = service.map_err(explained)?;
    // It is gone once it has ended.
    service.delete().map_err(explained)?;
    if service.query_status().map_err(explained)?.current_state != ServiceState::Stopped {
        service.stop().map_err(explained)?;
    }
    say(format_args!(
        "The service {} is gone once it has ended. Its files stay: `easement ddns remove` deletes them.",
        plan::NAME
    ));
    Ok(())
}

/// What to do about it.
fn explained(error: Error) -> anyhow::Error {
    let code = if let Error::Winapi(error) = &error {
        error.raw_os_error()
    } else {
        None
    };
    let error = anyhow::Error::new(error);
    match code {
        Some(ACCESS_DENIED) => error.context("this needs the rights of an administrator"),
        Some(NOT_THERE) => error.context(format!("there is no service {}", plan::NAME)),
        Some(IS_THERE) => error.context(format!(
            "the service {} is there already: uninstall it before",
            plan::NAME
        )),
        _ => error.context("the system refuses"),
    }
}
