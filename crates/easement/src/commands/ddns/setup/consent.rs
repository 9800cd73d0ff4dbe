//! Consent in a browser (Domain Connect, the asynchronous flow).

use anyhow::Context as _;
use domain_connect::ProviderId;
use easement_agent::client;
use easement_agent::config::{Config, Target};
use easement_agent::send::{BOTH_FAMILIES, Grant, host_of, services, variables};
use easement_client::{
    Client, ConsentRequest, Discovery, ProviderCredentials, TemplateId, TemplateSupport,
};
use easement_zone::Host;

use super::super::run::outside;
use super::{SetupArguments, ask};
use crate::console::say;

/// The well-known client of dynamic DNS. Its secret is published, and protects nothing: the permission is the owner's.
const CLIENT: &str = "domainconnect.org";
const PUBLISHED_SECRET: &str = "inconceivable";
/// A page that shows the code.
const REDIRECT: &str = "https://dynamicdns.domainconnect.org/ddnscode";

pub(super) async fn ask(
    arguments: &SetupArguments,
    config: &Config,
    target: &Target,
) -> anyhow::Result<Grant> {
    let outside = outside();
    let client = client(config, target.reach, &outside)?;
    let first = target.hosts.first().context("no host is named")?;
    let found = client.discover_name(first.name.as_name()).await?;
    let service = supported(&client, &found).await?;
    let hosts: Option<Vec<Host>> = target
        .hosts
        .iter()
        .map(|host| host_of(host.name.as_name(), &found.zone))
        .collect();
    let hosts = hosts.with_context(|| {
        format!(
            "not all hosts are in {}: set the others up on their own",
            found.zone.to_text()
        )
    });
    let values = if service.service.as_str() == BOTH_FAMILIES {
        vec![("IPv4", "0.0.0.0".to_owned()), ("IPv6", "::".to_owned())]
    } else {
        vec![("IP", "0.0.0.0".to_owned())]
    };
    let request = ConsentRequest {
        provider: service.provider,
        services: vec![service.service],
        domain: found.zone.clone(),
        hosts: hosts?,
        variables: variables(values),
        redirect_uri: arguments
            .redirect_uri
            .as_deref()
            .unwrap_or(REDIRECT)
            .parse()?,
        provider_name: None,
        service_name: None,
    };
    let (id, secret) = match arguments.client_id.as_deref() {
        None => (CLIENT, Some(PUBLISHED_SECRET)),
        Some(id) => (id, None),
    };
    let credentials = ProviderCredentials::of_published_client(&found.settings, id, secret);
    let (url, pending) = request.begin(&found.settings, &credentials, outside.random.as_ref())?;
    say(format_args!(
        "{} asks you in your browser whether this machine may change its addresses. Open this link:\n\n{url}\n",
        found.settings.shown_name()
    ));
    let pasted =
        ask::pasted("Paste the code that is shown at the end, or the whole address of that page")
            .await?;
    let code = pending.read_pasted(&pasted)?;
    let tokens = client.exchange_code(pending, code, &credentials).await?;
    Ok(Grant {
        credentials,
        tokens,
        given_at: outside.clock.now(),
    })
}

/// The first template that the provider takes.
async fn supported(client: &Client, found: &Discovery) -> anyhow::Result<TemplateId> {
    let provider: ProviderId = CLIENT.parse()?;
    for service in services() {
        let template = TemplateId {
            provider: provider.clone(),
            service,
        };
        let support = client.template_support(&found.settings, &template).await?;
        match support {
            TemplateSupport::Supported { .. } => return Ok(template),
            TemplateSupport::NotSupported => {}
        }
    }
    anyhow::bail!(
        "{} does not take the templates for dynamic DNS: use another protocol that it offers",
        found.settings.shown_name()
    )
}
