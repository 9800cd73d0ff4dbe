//! `easement demo`

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use clap::Args;
use easement_client::{HiddenText, PlainHttp, ProviderCredentials, UrlPrefix};
use easement_server::config::{LogLevel, LogSection};
use easement_server::demo::{Admission, Demo, DemoOptions, Partner, Start};
use easement_server::{Surroundings, log_subscriber};
use easement_zone::Name;
use example_service::{ExampleOptions, ExampleService, LoopbackProviders};

use super::signals::StopSignals;
use crate::arguments::Common;
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
    /// The port of the page of made-up services on 127.0.0.1.
    #[arg(long, value_name = "PORT", default_value_t = 8081)]
    provider_port: u16,
    /// The port of the example service on 127.0.0.1.
    #[arg(long, value_name = "PORT", default_value_t = 8082)]
    example_service_port: u16,
    /// Leaves the example service out.
    #[arg(long, conflicts_with = "example_service_port")]
    no_example_service: bool,
}

/// The domain of the example service in the demo, all of whose names are in a part of DNS that belongs to nobody.
const EXAMPLE_DOMAIN: &str = "statelesshosting.test";

pub(crate) async fn run(arguments: DemoArguments, common: &Common) -> anyhow::Result<()> {
    let overrides = common.set_here()?;
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
        overrides,
    };
    let mut stop = StopSignals::take().context("cannot wait for signals")?;
    let demo = Demo::start(&options, Surroundings::of_this_machine()).await?;
    let example = if arguments.no_example_service {
        None
    } else {
        match start_example_service(&demo, arguments.example_service_port).await {
            Ok(example) => Some(example),
            Err(error) => {
                demo.shutdown().await;
                return Err(error);
            }
        }
    };
    // Below `cargo run` the program is not on the path: what was typed is what works again.
    let program = std::env::args().next();
    let program = program.as_deref().unwrap_or("easement");
    let url = example.as_ref().map(|example| example.url().as_str());
    print_text(&demo.guide(program, url))?;
    stop.next().await;
    say("Stopping; the data stays.");
    if let Some(example) = example {
        example.stop().await;
    }
    demo.shutdown().await;
    Ok(())
}

/// Starts the example service as a partner of the demo.
async fn start_example_service(demo: &Demo, port: u16) -> anyhow::Result<ExampleService> {
    let domain: Name = EXAMPLE_DOMAIN.parse()?;
    let return_path = example_service::RETURN_ASYNCHRONOUS;
    let partner = Partner {
        templates: example_service::template_files(&domain, &"localhost".parse()?),
        domain: domain.clone(),
        name: "Stateless Hosting".parse()?,
        // On this machine, a client may come back to any port.
        redirect_uri: format!("http://localhost{return_path}").parse()?,
    };
    let admission = demo.admit(&partner).await?;
    let options = example_options(admission, domain, port)?;
    let started = ExampleService::start(options).await;
    started.map_err(|error| {
        if let example_service::StartError::Listen { address, error } = &error {
            return anyhow!(
                "cannot serve the example service on {address}: {error}; choose another port with \
                 --example-service-port, or leave it out with --no-example-service"
            );
        }
        error.into()
    })
}

/// The options for a service that asks the demo alone.
fn example_options(
    admission: Admission,
    domain: Name,
    port: u16,
) -> anyhow::Result<ExampleOptions> {
    let credentials = ProviderCredentials {
        provider_id: admission.dns_provider,
        url_api: UrlPrefix::read(&admission.url_api, PlainHttp::ToLoopback)?,
        client_id: admission.client_id,
        client_secret: Some(HiddenText::new(admission.client_secret.reveal())),
    };
    Ok(ExampleOptions {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        key: Some(admission.key),
        resolver: Some(admission.dns_server),
        loopback: LoopbackProviders::Allow,
        name_servers: vec![admission.dns_server],
        credentials: vec![credentials],
        ..ExampleOptions::new(domain, Admission::KEY_LABEL.parse()?)
    })
}
