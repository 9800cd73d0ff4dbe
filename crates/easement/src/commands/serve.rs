//! `easement serve`

use anyhow::Context as _;
use easement_server::{App, InheritedSockets, Surroundings, log_subscriber};

use super::service_manager;
use super::signals::StopSignals;
use crate::arguments::Common;
use crate::console::{say, warn_of_exposed_files};

pub(crate) async fn run(common: &Common) -> anyhow::Result<()> {
    let config = common.load_config()?;
    warn_of_exposed_files(&config, common.config_file());
    let log = log_subscriber(&config.log, std::io::stderr);
    tracing::subscriber::set_global_default(log).context("cannot start the log")?;
    let mut stop = StopSignals::take().context("cannot wait for signals")?;
    let around = Surroundings::of_this_machine();
    let app = App::start_on(InheritedSockets::take()?, config, around).await?;
    say(format_args!("Easement is at {}", app.public_url()));
    if let Some(link) = app.first_operator_link() {
        say("Nobody runs this server yet. This link, which works once, makes its first operator:");
        say(link);
    }
    say("Ready.");
    service_manager::ready();
    tokio::select! {
        () = stop.next() => {}
        () = service_manager::stay_alive() => {}
    }
    service_manager::stopping();
    say("Stopping; press Ctrl-C again to stop at once.");
    tokio::select! {
        () = app.shutdown() => Ok(()),
        () = stop.next() => Ok(()),
    }
}
