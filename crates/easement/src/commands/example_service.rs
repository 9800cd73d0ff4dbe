//! `easement example-service`

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use domain_connect::KeyLabel;
use easement_client::{HiddenText, PlainHttp, ProviderCredentials, UrlPrefix};
use easement_core::Network;
use easement_server::config::{LogLevel, LogSection};
use easement_server::log_subscriber;
use easement_zone::Name;
use example_service::{ExampleOptions, ExampleService, LoopbackProviders};
use url::Url;

use super::key::read_signing_key;
use super::signals::StopSignals;
use crate::console::{print_text, say};
use crate::named_file::cannot_read;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  easement example-service
  easement example-service --resolver 127.0.0.1:5300 --allow-loopback
  easement example-service --listen 0.0.0.0:8081 --public-url https://hosting.example.net/ \\
      --domain hosting.example.net --key hosting.pem --site-address 203.0.113.10 --trusted-proxy 127.0.0.1

Its page \"For DNS providers\" has the templates to approve, and the records of the key to publish.")]
pub(crate) struct ExampleServiceArguments {
    /// The address to listen on. TLS is for a reverse proxy in front of it.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// What visitors type; needed when others than this machine can reach it.
    #[arg(long, value_name = "URL")]
    public_url: Option<Url>,
    /// The service provider's domain: its providerId, and where its key is published.
    #[arg(long, value_name = "NAME", default_value = example_service::DOMAIN)]
    domain: Name,
    /// A private key in PEM to sign links with; without it, one is made that lasts as long as the program runs.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The label at which the key is published below the domain.
    #[arg(long, value_name = "LABEL", default_value = example_service::KEY_LABEL)]
    key_label: KeyLabel,
    /// The address that visitors' names are pointed at: where this service is reached. Needed when others than this
    /// machine can reach it.
    #[arg(long, value_name = "IPV4", default_value = "127.0.0.1")]
    site_address: Ipv4Addr,
    /// The resolver to ask; without it the one of the system.
    #[arg(long, value_name = "ADDRESS:PORT")]
    resolver: Option<SocketAddr>,
    /// Talks to DNS providers on this machine too, without TLS.
    #[arg(long)]
    allow_loopback: bool,
    /// An authoritative server to ask whether a change arrived, instead of those that zones are delegated to; may be
    /// repeated.
    #[arg(long = "name-server", value_name = "ADDRESS:PORT")]
    name_servers: Vec<SocketAddr>,
    /// The id of the DNS provider at which the client below is registered, for the asynchronous flow.
    #[arg(long, value_name = "ID", requires_all = ["dns_provider_api", "dns_provider_client_id"])]
    dns_provider: Option<String>,
    /// Its urlAPI. The secret is sent there, and nowhere else.
    #[arg(long, value_name = "URL", requires = "dns_provider")]
    dns_provider_api: Option<String>,
    /// The client id that it gave us.
    #[arg(long, value_name = "ID", requires = "dns_provider")]
    dns_provider_client_id: Option<String>,
    /// A file with the client secret; without it, the client has none.
    #[arg(long, value_name = "FILE", requires = "dns_provider")]
    dns_provider_secret_file: Option<PathBuf>,
    /// A reverse proxy whose X-Forwarded-For counts; may be repeated.
    #[arg(long = "trusted-proxy", value_name = "NETWORK")]
    trusted_proxies: Vec<Network>,
}

pub(crate) async fn run(arguments: ExampleServiceArguments) -> anyhow::Result<()> {
    let quiet = LogSection {
        level: LogLevel::Warn,
        ..LogSection::default()
    };
    let log = log_subscriber(&quiet, std::io::stderr);
    tracing::subscriber::set_global_default(log).context("cannot start the log")?;
    let mut stop = StopSignals::take().context("cannot wait for signals")?;
    let is_made = arguments.key.is_none();
    let service = ExampleService::start(options(arguments)?).await?;
    print_text(&greeting(&service, is_made))?;
    stop.next().await;
    say("Stopping; there is nothing to save.");
    service.stop().await;
    Ok(())
}

fn options(arguments: ExampleServiceArguments) -> anyhow::Result<ExampleOptions> {
    let credentials = credentials(&arguments)?;
    let key = arguments.key.as_deref().map(read_signing_key).transpose()?;
    Ok(ExampleOptions {
        listen: arguments.listen,
        public_url: arguments.public_url,
        key,
        site_address: arguments.site_address,
        resolver: arguments.resolver,
        loopback: if arguments.allow_loopback {
            LoopbackProviders::Allow
        } else {
            LoopbackProviders::Refuse
        },
        credentials: credentials.into_iter().collect(),
        name_servers: arguments.name_servers,
        trusted_proxies: arguments.trusted_proxies,
        ..ExampleOptions::new(arguments.domain, arguments.key_label)
    })
}

/// What is registered at one DNS provider.
fn credentials(arguments: &ExampleServiceArguments) -> anyhow::Result<Option<ProviderCredentials>> {
    let (Some(provider_id), Some(api), Some(client_id)) = (
        &arguments.dns_provider,
        &arguments.dns_provider_api,
        &arguments.dns_provider_client_id,
    ) else {
        return Ok(None);
    };
    let plain_http = if arguments.allow_loopback {
        PlainHttp::ToLoopback
    } else {
        PlainHttp::Refuse
    };
    let secret = match &arguments.dns_provider_secret_file {
        Some(file) => {
            let text = std::fs::read_to_string(file);
            let text = text.map_err(cannot_read("the secret", file))?;
            Some(HiddenText::new(text.trim()))
        }
        None => None,
    };
    Ok(Some(ProviderCredentials {
        provider_id: provider_id.clone(),
        url_api: UrlPrefix::read(api, plain_http)?,
        client_id: client_id.clone(),
        client_secret: secret,
    }))
}

fn greeting(service: &ExampleService, is_made: bool) -> String {
    let url = service.url();
    let key = if is_made {
        "The key was made for this run, so nobody has published it: signed links are refused elsewhere.\n\
         `easement key generate` makes one that stays.\n"
    } else {
        ""
    };
    format!(
        "\
Stateless Hosting, an example of a service provider:
  {url}
What a DNS provider needs before it can be tried, templates and the records of the key:
  {url}templates
{key}
Ctrl-C stops it. Then nothing is left of it.
"
    )
}
