//! `easement serve`

use anyhow::{Context as _, bail};
use easement_server::admin::AdminRequest;
use easement_server::{App, InheritedSockets, Stopped, Surroundings, log_subscriber};

use super::service_manager;
use super::signals::{ReloadSignal, StopSignals};
use crate::arguments::Common;
use crate::console::{say, warn_of_exposed_files};

pub(crate) async fn run(common: &Common) -> anyhow::Result<()> {
    let config = common.load_config()?;
    warn_of_exposed_files(&config, common.config_file());
    let log = log_subscriber(&config.log, std::io::stderr);
    tracing::subscriber::set_global_default(log).context("cannot start the log")?;
    let mut stop = StopSignals::take().context("cannot wait for signals")?;
    let mut reload = ReloadSignal::take().context("cannot wait for signals")?;
    let around = Surroundings::of_this_machine();
    let app = App::start_on(InheritedSockets::take()?, config, around).await?;
    say(format_args!("Easement is at {}", app.public_url()));
    if let Some(link) = app.first_operator_link() {
        say("Nobody runs this server yet. This link, which works once, makes its first operator:");
        say(link);
    }
    say("Ready.");
    service_manager::ready();
    run_until_stopped(&app, &mut stop, &mut reload).await;
    service_manager::stopping(app.longest_stop());
    say("Stopping; press Ctrl-C again to stop at once.");
    tokio::select! {
        stopped = app.shutdown() => match stopped {
            Stopped::InTime => Ok(()),
            Stopped::CutOff(parts) => bail!(
                "stopped without waiting any longer for {}; every change that was acknowledged is kept",
                parts.join(", ")
            ),
        },
        () = stop.next() => bail!("stopped at once, as asked a second time"),
        () = service_manager::stay_alive() => Ok(()),
    }
}

async fn run_until_stopped(app: &App, stop: &mut StopSignals, reload: &mut ReloadSignal) {
    // Each goes on while another waits: a reload may take long.
    tokio::select! {
        () = stop.next() => {}
        () = reload_when_asked(app, reload) => {}
        () = service_manager::stay_alive() => {}
    }
}

async fn reload_when_asked(app: &App, reload: &mut ReloadSignal) {
    loop {
        reload.next().await;
        reload_files(app).await;
    }
}

/// Whoever sent the signal reads the log: it says what came of it.
async fn reload_files(app: &App) {
    if let Err(failure) = app.administer(AdminRequest::Reload).await {
        tracing::debug!(error = %failure, "not everything was reloaded");
    }
}
