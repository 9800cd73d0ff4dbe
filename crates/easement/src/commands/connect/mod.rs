//! `easement connect`: a template applied at whoever hosts a domain, with the consent of its owner.

mod arguments;
mod browser;
mod listener;
mod records;
mod report;
mod template;
mod wait;

use std::process::ExitCode;

use anyhow::Context as _;
use domain_connect::{Plan, Template, VariableName};
use easement_client::{
    ApplyRequest, Client, Discovery, DiscoveryError, Signing, TemplateSupport, registrable_domain,
};
use easement_core::Secret;
use easement_zone::{Host, Name};
use url::Url;

pub(crate) use self::arguments::ConnectArguments;
use self::listener::ReturnPlace;
use self::report::Outcome;
use super::key::read_signing_key;
use crate::arguments::Common;
use crate::console::{NotValid, print, say};

/// An error whose text says its causes already.
fn told(error: &impl std::fmt::Display) -> anyhow::Error {
    anyhow::anyhow!("{error}")
}

/// What stands in the way of the link, though the domain has a provider.
enum Obstacle {
    NoProvider(DiscoveryError),
    NoSyncFlow,
    NotSupported,
    SyncBlocked,
}

pub(crate) async fn run(arguments: &ConnectArguments, common: &Common) -> anyhow::Result<ExitCode> {
    let client = arguments.reach.client()?;
    let own_template = template::given(arguments)?;
    let name = match &arguments.host {
        Some(host) => host.below(&arguments.domain).map_err(NotValid::mark)?,
        None => arguments.domain.clone(),
    };
    let found = match client.discover_name(&name).await {
        Ok(found) => found,
        Err(error @ DiscoveryError::Lookup { .. }) => return Err(told(&error)),
        Err(error @ (DiscoveryError::NotAName { .. } | DiscoveryError::PublicSuffix { .. })) => {
            return Err(NotValid::mark(told(&error)));
        }
        Err(error @ (DiscoveryError::NoRecord { .. } | DiscoveryError::NoProvider { .. })) => {
            let request = request(arguments, zone_without_provider(&name))?;
            let plan = own_template.map(|template| records::plan(&template, &request));
            let by_hand = report::ByHand {
                obstacle: Obstacle::NoProvider(error),
                found: None,
                plan: plan.transpose()?,
            };
            return by_hand.show(&request, common);
        }
    };
    say(format_args!(
        "{} is hosted by {} ({}).",
        found.zone.to_unicode(),
        found.settings.shown_name(),
        found.settings.provider_id
    ));
    let support = client.template_support(&found.settings, &arguments.template);
    let support = support.await.map_err(|error| told(&error))?;
    let template = match own_template {
        Some(template) => Some(template),
        None => template::shown(&support, &arguments.template),
    };
    let request = request(arguments, (found.zone.clone(), found.host.clone()))?;
    let plan = template
        .as_ref()
        .map(|template| records::plan(template, &request));
    let plan = plan.transpose()?;
    if let Some(obstacle) = obstacle(&found, &support, template.as_ref()) {
        let by_hand = report::ByHand {
            obstacle,
            found: Some(&found),
            plan,
        };
        return by_hand.show(&request, common);
    }
    let connection = Connection {
        client,
        found,
        request,
        template,
        plan,
    };
    connection.run(arguments, common).await
}

fn obstacle(
    found: &Discovery,
    support: &TemplateSupport,
    template: Option<&Template>,
) -> Option<Obstacle> {
    if !support.is_supported() {
        return Some(Obstacle::NotSupported);
    }
    if found.settings.url_sync_ux.is_none() {
        return Some(Obstacle::NoSyncFlow);
    }
    let is_blocked = template.is_some_and(Template::blocks_synchronous_flow);
    is_blocked.then_some(Obstacle::SyncBlocked)
}

/// The zone that a name is in, when nobody says it: that of the domain that was registered.
fn zone_without_provider(name: &Name) -> (Name, Host) {
    let zone = registrable_domain(name).unwrap_or_else(|| name.clone());
    let host = name.relative_to(&zone).unwrap_or_default();
    (zone, host)
}

fn request(
    arguments: &ConnectArguments,
    (zone, host): (Name, Host),
) -> anyhow::Result<ApplyRequest> {
    let mut request = ApplyRequest::new(arguments.template.clone(), zone, host);
    for pair in &arguments.variables {
        let (name, value) = pair
            .split_once('=')
            .with_context(|| format!("{pair:?} is not VARIABLE=VALUE"))
            .map_err(NotValid::mark)?;
        let name: VariableName = name.parse().map_err(NotValid::mark)?;
        request.variables.insert(name, value);
    }
    request.groups.clone_from(&arguments.groups);
    request.instance.clone_from(&arguments.instance);
    Ok(request)
}

/// A provider that takes the template.
struct Connection {
    client: Client,
    found: Discovery,
    request: ApplyRequest,
    template: Option<Template>,
    plan: Option<Plan>,
}

impl Connection {
    async fn run(
        mut self,
        arguments: &ConnectArguments,
        common: &Common,
    ) -> anyhow::Result<ExitCode> {
        let place = self.return_place(arguments).await?;
        let link = self.link(arguments)?;
        show_link(&link, arguments, common)?;
        let mut outcome = Outcome::begun(&self, &link);
        if !arguments.no_wait {
            wait::wait(&self, place, arguments, &mut outcome).await?;
        }
        outcome.show(arguments, common)
    }

    /// A place where the browser can come back to, when the provider will send it there.
    async fn return_place(
        &mut self,
        arguments: &ConnectArguments,
    ) -> anyhow::Result<Option<ReturnPlace>> {
        let is_signed = arguments.sign_with.is_some();
        if arguments.no_wait
            || !template::lets_come_back(self.template.as_ref(), arguments.return_wish, is_signed)
        {
            return Ok(None);
        }
        let secret = || Secret::generate(self.client.random()).map(|secret| secret.reveal());
        let (path, state) = (secret()?, secret()?);
        let place = ReturnPlace::open(&path, &state).await?;
        self.request.redirect_uri = Some(place.url()?);
        self.request.state = Some(state);
        Ok(Some(place))
    }

    fn link(&self, arguments: &ConnectArguments) -> anyhow::Result<Url> {
        let ux = self.found.settings.url_sync_ux.as_ref();
        let ux = ux.context("the provider has no synchronous flow")?;
        let key = arguments.sign_with.as_deref().map(read_signing_key);
        let key = key.transpose()?;
        let signing = key.as_ref().zip(arguments.key_label.as_ref());
        let signing = signing.map(|(key, label)| Signing { key, label });
        if signing.is_none()
            && let Some(domain) = self.template.as_ref().and_then(Template::public_key_domain)
        {
            say(format_args!(
                "warning: links of this template are signed with a key below {}, and this one is not: the provider \
                 will refuse it. --sign-with signs it.",
                domain.to_text()
            ));
        }
        self.request.sync_url(ux, signing).map_err(NotValid::mark)
    }
}

fn show_link(link: &Url, arguments: &ConnectArguments, common: &Common) -> anyhow::Result<()> {
    let is_opened = !arguments.no_browser && !arguments.no_wait && browser::open(link.as_str());
    if is_opened {
        say("The browser shows what will be changed. Agree there, or open this link yourself:");
    } else {
        say("Open this link in a browser, and agree to what it shows:");
    }
    if common.json {
        say(link);
    } else {
        print(link);
    }
    if arguments.qr {
        say(report::qr_code(link)?);
    }
    Ok(())
}
