//! A visit to the DNS provider, from the link to what became of it: values that travel through the browser.

use std::time::Duration;

use easement_client::{ApplyRequest, Discovery, Returned, Signing};
use easement_zone::{Host, Name};
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::offer::Offer;
use crate::outside::Trouble;
use crate::seal::Purpose;
use crate::visitor::Visitor;

/// How long somebody may take at the DNS provider.
pub(crate) const LIFETIME: Duration = Duration::from_hours(1);
/// How long the page with the outcome can be looked at.
pub(crate) const OUTCOME_LIFETIME: Duration = Duration::from_hours(24);
/// How much is kept of what a provider says about an error. It comes back in the address of a page, sealed.
const MAX_DESCRIPTION_OCTETS: usize = 200;

/// Where the DNS provider's page is opened.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Window {
    /// In the place of ours.
    #[serde(rename = "s")]
    Same,
    /// In a window of its own.
    #[serde(rename = "p")]
    Popup,
}

/// What somebody set out for.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Journey {
    /// The page that it began on.
    #[serde(rename = "i")]
    pub(crate) id: String,
    #[serde(rename = "z")]
    zone: String,
    #[serde(rename = "h")]
    host: String,
    #[serde(rename = "m")]
    pub(crate) message: String,
    #[serde(rename = "o")]
    service: String,
    #[serde(rename = "w")]
    pub(crate) window: Window,
}

impl Journey {
    pub(crate) fn new(id: &str, found: &Discovery, message: &str, how: (Offer, Window)) -> Self {
        Self {
            id: id.to_owned(),
            zone: found.zone.to_text(),
            host: found.host.to_string(),
            message: message.to_owned(),
            service: how.0.service().to_owned(),
            window: how.1,
        }
    }

    /// The name of the site.
    pub(crate) fn name(&self) -> Option<Name> {
        let zone: Name = self.zone.parse().ok()?;
        let host: Host = self.host.parse().ok()?;
        host.below(&zone).ok()
    }

    /// What it was done with.
    pub(crate) fn offer(&self) -> Option<Offer> {
        Offer::find(&self.service)
    }

    /// The apex of the zone that it was about.
    pub(crate) fn zone(&self) -> Option<Name> {
        self.zone.parse().ok()
    }
}

/// The link that leads to the DNS provider and back, for one visitor.
pub(crate) fn sync_link(
    context: &Context,
    visitor: &Visitor,
    found: &Discovery,
    journey: &Journey,
) -> Result<String, Trouble> {
    let unusable = || Trouble("This journey leads nowhere.".to_owned());
    let offer = journey.offer().ok_or_else(unusable)?;
    let prefix = found.settings.url_sync_ux.as_ref().ok_or_else(unusable)?;
    let template = context.template_id(offer).ok_or_else(unusable)?;
    let place = (Purpose::Synchronous, &visitor.id);
    let when = (context.now(), LIFETIME);
    let state = context
        .seal
        .close(place, journey, when, context.random.as_ref());
    let mut request = ApplyRequest::at(template, found);
    let address = context.options.site_address.to_string();
    for (name, value) in offer.variables(&address, &journey.message) {
        request
            .variables
            .insert(name.parse().map_err(Trouble::of)?, value);
    }
    request.redirect_uri = Some(context.url(crate::paths::RETURN));
    request.state = Some(state);
    let signing = offer.is_signed().then(|| Signing {
        key: &context.key,
        label: context.key_label(),
    });
    let url = request.sync_url(prefix, signing).map_err(Trouble::of)?;
    Ok(url.into())
}

/// What became of a journey, as the browser told.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Outcome {
    #[serde(rename = "j")]
    pub(crate) journey: Journey,
    #[serde(rename = "e")]
    pub(crate) ended: Ended,
    /// When, in seconds after 1970.
    #[serde(rename = "t")]
    pub(crate) at: i64,
}

/// How it ended.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) enum Ended {
    /// No error was named.
    #[serde(rename = "a")]
    Applied,
    /// The person chose not to.
    #[serde(rename = "c")]
    Cancelled,
    /// The provider did not apply it.
    #[serde(rename = "r")]
    Refused {
        #[serde(rename = "c")]
        code: String,
        #[serde(rename = "d")]
        description: String,
    },
}

impl Ended {
    pub(crate) fn of(returned: Returned) -> Self {
        if returned.is_cancelled() {
            return Self::Cancelled;
        }
        match returned {
            Returned::Applied => Self::Applied,
            Returned::Refused { error, description } => Self::Refused {
                code: cut(&error),
                description: cut(&description.unwrap_or_default()),
            },
        }
    }
}

/// The beginning of a text, whole characters of it.
fn cut(text: &str) -> String {
    let mut octets = 0;
    let fits = |character: &char| {
        octets += character.len_utf8();
        octets <= MAX_DESCRIPTION_OCTETS
    };
    text.chars().take_while(fits).collect()
}

/// What an error code of RFC 6749 section 4.1.2.1 means to somebody who wanted a site.
pub(crate) fn explain(code: &str) -> &'static str {
    match code {
        "access_denied" => {
            "Your DNS provider did not allow it. Perhaps you are signed in there with another account, or may not \
             change this domain."
        }
        "invalid_request" => {
            "Your DNS provider did not understand our request. That is a fault of ours, or of its copy of our template."
        }
        "unauthorized_client" => "Your DNS provider does not let us do this.",
        "unsupported_response_type" => "Your DNS provider does not offer this flow.",
        "invalid_scope" => "Your DNS provider does not know one of our templates.",
        "server_error" => "Something is broken at your DNS provider. Try again later.",
        "temporarily_unavailable" => "Your DNS provider is busy. Try again in some minutes.",
        _ => "Your DNS provider named an error that Domain Connect does not know.",
    }
}
