//! `POST /connect`: who is the DNS provider, what does it support, and the links to it.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain_connect::Variables;
use easement_client::{ConsentRequest, Discovery, ProviderCredentials, TemplateSupport};
use easement_zone::Name;

use super::home::HomePage;
use super::{PageError, check_form, filters, show};
use crate::context::{Context, Shared};
use crate::form::PostedForm;
use crate::journey::{Journey, Window, sync_link};
use crate::offer::{ASYNCHRONOUS, MESSAGE_PREFIX, Offer, SYNCHRONOUS};
use crate::outside::Trouble;
use crate::paths;
use crate::permissions::Asked;
use crate::visitor::Visitor;
use crate::wish::Wish;

/// What was found, and what can be done with it.
#[derive(Debug, Template)]
#[template(path = "offers.html")]
struct OffersPage {
    /// The name of the site.
    name: String,
    zone: String,
    message: String,
    /// The address that the name must have.
    address: String,
    text: String,
    journey: String,
    provider: Result<ProviderView, Trouble>,
    synchronous: Vec<LinkView>,
    /// The link that asks for lasting permission, or why there is none.
    lasting: Option<Result<LastingView, Trouble>>,
}

/// What lasting permission is asked for.
#[derive(Debug)]
struct LastingView {
    link: String,
    names: Vec<String>,
    /// A name that is in another zone, so that this permission cannot be for it.
    elsewhere: Option<String>,
}

/// The DNS provider.
#[derive(Debug)]
struct ProviderView {
    name: String,
    id: String,
    announced: String,
    has_synchronous: bool,
    has_asynchronous: bool,
    control_panel: Option<String>,
    width: u32,
    height: u32,
    supported: Vec<SupportView>,
}

/// One template, and whether the provider takes it.
#[derive(Debug)]
struct SupportView {
    offer: Offer,
    support: Result<TemplateSupport, Trouble>,
}

/// The ways to use one template.
#[derive(Debug)]
struct LinkView {
    offer: Offer,
    same_window: String,
    popup: String,
}

impl SupportView {
    /// Whether it can be tried: also when the provider could not say.
    fn is_worth_trying(&self) -> bool {
        self.support
            .as_ref()
            .map_or(true, TemplateSupport::is_supported)
    }

    fn words(&self) -> String {
        match &self.support {
            Ok(TemplateSupport::Supported {
                version: Some(version),
                ..
            }) => {
                format!("supported, version {version}")
            }
            Ok(TemplateSupport::Supported { version: None, .. }) => "supported".to_owned(),
            Ok(TemplateSupport::NotSupported) => "not supported".to_owned(),
            Err(trouble) => format!("unknown: {trouble}"),
        }
    }
}

impl ProviderView {
    /// Whether it did not answer when it was asked about some template.
    fn is_doubtful(&self) -> bool {
        self.supported.iter().any(|one| one.support.is_err())
    }
}

impl OffersPage {
    /// Whether there is a link to follow.
    fn has_links(&self) -> bool {
        !self.synchronous.is_empty() || matches!(self.lasting, Some(Ok(_)))
    }
}

pub(crate) async fn connect(
    State(context): State<Shared>,
    visitor: Visitor,
    PostedForm(fields): PostedForm,
) -> Result<Response, PageError> {
    check_form(&context, &visitor, &fields)?;
    let (domain, host) = (fields.text("domain"), fields.text("host"));
    let hosts = (host, fields.text("second"));
    let wish = match Wish::read(domain, hosts, fields.text("message")) {
        Ok(wish) => wish,
        Err(error) => {
            let page = HomePage::new(&context, &visitor, &fields);
            return show(&page.with_problem(&error));
        }
    };
    let taken = context
        .limits
        .discoveries
        .take(visitor.address, context.now());
    taken.map_err(|wait| PageError::TooOften { wait })?;
    let page = {
        let place = context.places.questions.take(visitor.address);
        let _place = place.ok_or(PageError::Busy)?;
        look_around(&context, &visitor, &wish).await?
    };
    show(&page)
}

async fn look_around(
    context: &Context,
    visitor: &Visitor,
    wish: &Wish,
) -> Result<OffersPage, PageError> {
    let mut page = OffersPage {
        name: wish.name.to_unicode(),
        zone: wish.name.to_unicode(),
        message: wish.message.clone(),
        address: context.options.site_address.to_string(),
        text: format!("{MESSAGE_PREFIX}{}", wish.message),
        journey: BASE64_URL_SAFE_NO_PAD.encode(context.random.octets(9)),
        provider: Err(Trouble(String::new())),
        synchronous: Vec::new(),
        lasting: None,
    };
    let found = match context.outside.discover(&wish.name).await {
        Ok(found) => found,
        Err(trouble) => {
            page.provider = Err(trouble);
            return Ok(page);
        }
    };
    page.zone = found.zone.to_unicode();
    let provider = ask_provider(context, &found).await;
    if found.settings.url_sync_ux.is_some() {
        for offer in SYNCHRONOUS {
            let is_wanted = provider
                .supported
                .iter()
                .any(|one| one.offer == offer && one.is_worth_trying());
            if is_wanted {
                page.synchronous.push(links(
                    context,
                    visitor,
                    (&found, wish),
                    (offer, &page.journey),
                )?);
            }
        }
    }
    if found.settings.url_async_ux.is_some() {
        page.lasting = Some(lasting(context, visitor, (&found, wish), &provider));
    }
    page.provider = Ok(provider);
    Ok(page)
}

async fn ask_provider(context: &Context, found: &Discovery) -> ProviderView {
    let settings = &found.settings;
    let ask = async |offer: Offer| {
        let support = match context.template_id(offer) {
            Some(id) => context.outside.support(settings, &id).await,
            None => Ok(TemplateSupport::NotSupported),
        };
        SupportView { offer, support }
    };
    let [one, two, three, four] = Offer::ALL;
    let supported = tokio::join!(ask(one), ask(two), ask(three), ask(four));
    ProviderView {
        name: settings.shown_name().to_owned(),
        id: settings.provider_id.clone(),
        announced: found.announcement.to_string(),
        has_synchronous: settings.url_sync_ux.is_some(),
        has_asynchronous: settings.url_async_ux.is_some(),
        control_panel: settings.url_control_panel.as_ref().map(ToString::to_string),
        width: settings.width,
        height: settings.height,
        supported: vec![supported.0, supported.1, supported.2, supported.3],
    }
}

/// The link that asks for permission to apply every template that is supported, at every host.
fn lasting(
    context: &Context,
    visitor: &Visitor,
    (found, wish): (&Discovery, &Wish),
    provider: &ProviderView,
) -> Result<LastingView, Trouble> {
    let own = &context.options.credentials;
    let credentials =
        ProviderCredentials::for_settings(own, &found.settings).map_err(Trouble::of)?;
    let supported = provider.supported.iter();
    let supported = supported.filter(|one| one.is_worth_trying());
    let offers: Vec<Offer> = supported
        .map(|one| one.offer)
        .filter(|offer| ASYNCHRONOUS.contains(offer))
        .collect();
    let wished = [Some(&wish.name), wish.second.as_ref()];
    let mut names: Vec<&Name> = wished.into_iter().flatten().collect();
    names.dedup();
    let (names, elsewhere): (Vec<&Name>, Vec<&Name>) = names
        .into_iter()
        .partition(|name| name.is_at_or_below(&found.zone));
    let mut request = ConsentRequest {
        provider: context.provider.clone(),
        services: Vec::new(),
        domain: found.zone.clone(),
        hosts: names
            .iter()
            .filter_map(|name| name.relative_to(&found.zone))
            .collect(),
        variables: Variables::new(),
        redirect_uri: context.url(paths::RETURN_ASYNCHRONOUS),
        provider_name: None,
        service_name: None,
    };
    let address = context.options.site_address.to_string();
    for offer in offers {
        request
            .services
            .push(offer.service().parse().map_err(Trouble::of)?);
        for (name, value) in offer.variables(&address, &wish.message) {
            request
                .variables
                .insert(name.parse().map_err(Trouble::of)?, value);
        }
    }
    let begun = request.begin(&found.settings, credentials, context.random.as_ref());
    let (link, consent) = begun.map_err(Trouble::of)?;
    let asked = Asked {
        visitor: visitor.id.clone(),
        consent,
        credentials: credentials.clone(),
        provider: provider.name.clone(),
        message: wish.message.clone(),
    };
    if !context
        .permissions
        .ask(asked, visitor.address, context.now())
    {
        return Err(Trouble(
            "Too many people ask at once: try again in an hour.".to_owned(),
        ));
    }
    Ok(LastingView {
        link: link.into(),
        names: names.into_iter().map(Name::to_unicode).collect(),
        elsewhere: elsewhere.first().map(|name| name.to_unicode()),
    })
}

fn links(
    context: &Context,
    visitor: &Visitor,
    (found, wish): (&Discovery, &Wish),
    (offer, journey): (Offer, &str),
) -> Result<LinkView, PageError> {
    let link = |window| {
        let journey = Journey::new(journey, found, &wish.message, (offer, window));
        sync_link(context, visitor, found, &journey).map_err(|error| {
            tracing::warn!(%error, "a link could not be made");
            PageError::Broken
        })
    };
    Ok(LinkView {
        offer,
        same_window: link(Window::Same)?,
        popup: link(Window::Popup)?,
    })
}
