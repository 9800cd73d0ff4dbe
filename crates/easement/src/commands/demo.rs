//! `easement demo`

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use easement_server::config::{LogLevel, LogSection};
use easement_server::demo::{Demo, DemoOptions, Start};
use easement_server::{Surroundings, log_subscriber};

use super::signals::StopSignals;
use crate::console::{print_text, say};

#[derive(Args, Debug)]
pub(crate) struct DemoArguments {
    /// The folder for the demo's data. It is made when it is not there.
    #[arg(long, value_name = "DIR", default_value = "easement-demo")]
    dir: PathBuf,
    /// Deletes the data of earlier runs first.
    #[arg(long)]
    reset: bool,
    /// The port of the web server on 127.0.0.1.
    #[arg(long, value_name = "PORT", default_value_t = 8080)]
    web_port: u16,
    /// The port of the DNS server on 127.0.0.1.
    #[arg(long, value_name = "PORT", default_value_t = 5300)]
    dns_port: u16,
    /// The port of the example service provider on 127.0.0.1.
    #[arg(long, value_name = "PORT", default_value_t = 8081)]
    provider_port: u16,
}

pub(crate) async fn run(arguments: DemoArguments) -> anyhow::Result<()> {
    let quiet = LogSection {
        level: LogLevel::Warn,
        ..LogSection::default()
    };
    let log = log_subscriber(&quiet, std::io::stderr);
    tracing::subscriber::set_global_default(log).context("cannot start the log")?;
    let options = DemoOptions {
        folder: arguments.dir,
        start: if arguments.reset {
            Start::Over
        } else {
            Start::GoOn
        },
        web_port: arguments.web_port,
        dns_port: arguments.dns_port,
        provider_port: arguments.provider_port,
    };
    let mut stop = StopSignals::take().context("cannot wait for signals")?;
    let demo = Demo::start(&options, Surroundings::of_this_machine()).await?;
    // Below `cargo run` the program is not on the path: what was typed is what works again.
    let program = std::env::args().next();
    print_text(&demo.guide(program.as_deref().unwrap_or("easement")))?;
    stop.next().await;
    say("Stopping; the data stays.");
    demo.shutdown().await;
    Ok(())
}
