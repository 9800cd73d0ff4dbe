//! `easement connect`: a template applied at whoever hosts a domain, with the consent of its owner.

mod arguments;
mod browser;
mod by_hand;
mod document;
mod names;
mod records;
mod report;
mod template;
mod wait;

use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use domain_connect::{
    Authenticity, Plan, PlanError, RenderFault, Template, TextFault, VariableName,
};
use easement_client::{
    ApplyRequest, Client, Discovery, DiscoveryError, Signing, TemplateSupport, registrable_domain,
};
use easement_core::Secret;
use easement_zone::{Host, Name};
use url::Url;

pub(crate) use self::arguments::ConnectArguments;
use self::document::Document;
use self::report::Verdict;
use self::template::{Browser, Return};
use super::key::read_signing_key;
use super::return_place::{Question, ReturnPlace};
use super::{discover, failure};
use crate::arguments::Common;
use crate::console::{NotValid, print, print_json, say};

pub(crate) async fn run(arguments: &ConnectArguments, common: &Common) -> anyhow::Result<ExitCode> {
    if let Some(base) = &arguments.namedrop {
        return names::run(arguments, base, common).await;
    }
    let mut document = Document::new(arguments);
    let ended = connect(arguments, common, &mut document).await;
    let ended = ended.map_err(NotValid::or_not_there);
    match &ended {
        Ok(verdict) => document.result = Some(verdict.word()),
        Err(error) => document.failed(error),
    }
    if common.json {
        print_json(&document)?;
    }
    ended.map(Verdict::exit_code)
}

async fn connect(
    arguments: &ConnectArguments,
    common: &Common,
    document: &mut Document,
) -> anyhow::Result<Verdict> {
    let client = arguments.reach.client()?;
    let own_template = template::given(arguments)?;
    let name = match &arguments.host {
        Some(host) => host.below(&arguments.domain).map_err(NotValid::mark)?,
        None => arguments.domain.clone(),
    };
    let found = match client.discover_name(&name).await {
        Ok(found) => found,
        Err(error) if error.is_transient() => return Err(failure::of_discovery(&error)),
        Err(error @ (DiscoveryError::NotAName { .. } | DiscoveryError::PublicSuffix { .. })) => {
            return Err(NotValid::mark(failure::of_discovery(&error)));
        }
        Err(error) => {
            if let Some(hint) = failure::discovery_hint(&error) {
                say(hint);
            }
            let request = request(arguments, zone_without_provider(&name), document)?;
            let plan = own_template.map(|template| known_plan(&template, &request, document));
            let by_hand = ByHand {
                obstacle: Obstacle::NoProvider(error),
                found: None,
                plan: plan.transpose()?,
            };
            return Ok(by_hand.show(&request, common, document));
        }
    };
    document.found(&found);
    say_found(&found);
    let support = client.template_support(&found.settings, &arguments.template);
    let support = support.await.map_err(|error| failure::of_support(&error))?;
    document.supported = Some(support.is_supported());
    say_support(arguments, &support, document);
    let request = request(
        arguments,
        (found.zone.clone(), found.host.clone()),
        document,
    )?;
    let (template, plan) = if let Some(template) = own_template {
        let plan = known_plan(&template, &request, document)?;
        (Some(template), Some(plan))
    } else {
        let template = template::shown(&support, &arguments.template);
        let plan = template
            .as_ref()
            .map(|template| shown_plan(template, &request, document));
        (template, plan.transpose()?.flatten())
    };
    if let Some(obstacle) = obstacle(&found, &support, template.as_ref()) {
        let by_hand = ByHand {
            obstacle,
            found: Some(&found),
            plan,
        };
        return Ok(by_hand.show(&request, common, document));
    }
    let connection = Connection {
        client,
        found,
        request,
        template,
        plan,
    };
    connection.run(arguments, common, document).await
}

//------------ What was found --------------------------------------------------------------------

fn say_found(found: &Discovery) {
    let flows = discover::flows(found);
    let flows = match flows.as_slice() {
        [] => "no flow of Domain Connect".to_owned(),
        flows => format!("the flows {}", flows.join(", ")),
    };
    say(format_args!(
        "{} is hosted by {} ({}), which offers {flows}.",
        found.zone.to_unicode(),
        found.settings.shown_name(),
        found.settings.provider_id
    ));
}

fn say_support(arguments: &ConnectArguments, support: &TemplateSupport, document: &mut Document) {
    let TemplateSupport::Supported { version, template } = support else {
        return;
    };
    document.version = *version;
    let version = version.map_or_else(String::new, |version| format!(" in version {version}"));
    let shows = if template.is_some() {
        "and shows it"
    } else {
        "without showing it"
    };
    say(format_args!(
        "It takes the template {}{version}, {shows}.",
        arguments.template
    ));
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
    document: &mut Document,
) -> anyhow::Result<ApplyRequest> {
    document.zone = Some(zone.to_text());
    document.host = Some(host.to_string());
    let mut request = ApplyRequest::new(arguments.template.clone(), zone, host);
    for pair in &arguments.variables {
        let (name, value) = pair
            .split_once('=')
            .with_context(|| format!("{pair:?} is not VARIABLE=VALUE"))
            .map_err(NotValid::mark)?;
        let name: VariableName = name.parse().map_err(NotValid::mark)?;
        let is_new = request.variables.get(&name).is_none();
        ensure!(
            is_new,
            NotValid::mark(anyhow::anyhow!(
                "the variable {name} is given twice: name it once"
            ))
        );
        request.variables.insert(name, value);
    }
    request.groups.clone_from(&arguments.groups);
    request.instance.clone_from(&arguments.instance);
    Ok(request)
}

/// The plan of a template that the person has: when there is none, the person mends it.
fn known_plan(
    template: &Template,
    request: &ApplyRequest,
    document: &mut Document,
) -> anyhow::Result<Plan> {
    let plan = records::plan(template, request)?.map_err(NotValid::mark)?;
    document.planned(&plan);
    Ok(plan)
}

/// The plan of a template that the provider shows. What cannot be planned here may be possible there, unless a value is
/// missing.
fn shown_plan(
    template: &Template,
    request: &ApplyRequest,
    document: &mut Document,
) -> anyhow::Result<Option<Plan>> {
    match records::plan(template, request)? {
        Ok(plan) => {
            document.planned(&plan);
            Ok(Some(plan))
        }
        Err(
            error @ PlanError::Record {
                fault: RenderFault::Text(TextFault::MissingVariable { .. }),
                ..
            },
        ) => Err(NotValid::mark(error)),
        Err(error) => {
            say(format_args!(
                "note: which records the template writes cannot be said, and DNS is not asked for them: {error}"
            ));
            Ok(None)
        }
    }
}

//------------ By hand ---------------------------------------------------------------------------

/// What stands in the way of the link, though the domain has a provider.
enum Obstacle {
    NoProvider(DiscoveryError),
    NoSyncFlow,
    NotSupported,
    SyncBlocked,
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

/// There is no link, and why.
struct ByHand<'a> {
    obstacle: Obstacle,
    found: Option<&'a Discovery>,
    plan: Option<Plan>,
}

impl ByHand<'_> {
    fn show(&self, request: &ApplyRequest, common: &Common, document: &mut Document) -> Verdict {
        let reason = self.reason(request);
        let settings = self.found.map(|found| &found.settings);
        let control_panel = settings.and_then(|settings| settings.url_control_panel.as_ref());
        document.by_hand(&reason, self.plan.as_ref());
        if !common.json {
            report::say_by_hand(&reason, self.plan.as_ref(), control_panel);
        }
        Verdict::ByHand
    }

    fn reason(&self, request: &ApplyRequest) -> String {
        let name = self
            .found
            .map_or("The provider", |found| found.settings.shown_name());
        let template = &request.template;
        match &self.obstacle {
            Obstacle::NoProvider(error) => error.to_string(),
            Obstacle::NotSupported => format!("{name} does not take the template {template}."),
            Obstacle::NoSyncFlow => format!(
                "{name} offers no links for {}.",
                request.domain.to_unicode()
            ),
            Obstacle::SyncBlocked => {
                format!(
                    "The template {template} is for the asynchronous flow alone, which has no such link."
                )
            }
        }
    }
}

//------------ Connection ------------------------------------------------------------------------

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
        document: &mut Document,
    ) -> anyhow::Result<Verdict> {
        let place = self.return_place(arguments).await?;
        let link = self.link(arguments)?;
        document.url = Some(link.to_string());
        show_link(&link, arguments, common).await;
        if arguments.no_wait {
            return Ok(Verdict::Link);
        }
        let learned = wait::wait(&self, place, arguments).await?;
        if let Some(came) = &learned.came {
            document.came_back(came);
        }
        if let Some(report) = &learned.verified {
            document.verified(report);
        }
        if let Some(problem) = learned.problem {
            return Err(problem);
        }
        let verdict = Verdict::of(learned.came.as_ref(), learned.verified.as_ref());
        if !common.json {
            report::say_outcome(verdict, learned.verified.as_ref(), self.plan.as_ref());
        }
        Ok(verdict)
    }

    /// A place where the browser can come back to, when the provider will send it there.
    async fn return_place(
        &mut self,
        arguments: &ConnectArguments,
    ) -> anyhow::Result<Option<ReturnPlace>> {
        let facts = Return {
            wish: arguments.return_wish,
            template: self.template.as_ref(),
            authenticity: match arguments.sign_with {
                Some(_) => Authenticity::Signed,
                None => Authenticity::Unsigned,
            },
            loopback: arguments.reach.loopback_redirects(),
            browser: place_of_browser(arguments),
        };
        if arguments.no_wait || !facts.is_asked_for() {
            return Ok(None);
        }
        if !facts.is_followed() {
            say(
                "warning: DNS providers send browsers back to https, and to what the template lists, and not to this \
                 machine: the provider may refuse the link. --return never leaves that out.",
            );
        }
        let secret = || Secret::generate(self.client.random()).map(|secret| secret.reveal());
        let (path, state) = (secret()?, secret()?);
        let place = ReturnPlace::open(&path, &state, Question::Records).await?;
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

/// Whoever photographs the link, or copies it from a remote shell, opens it on another machine.
fn place_of_browser(arguments: &ConnectArguments) -> Browser {
    let is_remote = arguments.no_browser && std::env::var_os("SSH_CONNECTION").is_some();
    if arguments.qr || is_remote {
        Browser::Elsewhere
    } else {
        Browser::Here
    }
}

async fn show_link(link: &Url, arguments: &ConnectArguments, common: &Common) {
    // Before anything is opened: whatever goes wrong with it stops nothing.
    let picture = arguments.qr.then(|| report::qr_code(link));
    let is_opened =
        !arguments.no_browser && !arguments.no_wait && browser::open(link.as_str()).await;
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
    match picture {
        None => {}
        Some(Some(picture)) => say(picture),
        Some(None) => say("warning: the link is too long for a QR code: copy it."),
    }
}
