//! `GET /outcome` and `GET /done`: what became of a visit to the DNS provider.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use easement_core::Timestamp;
use easement_zone::Name;

use super::site::address_of_site;
use super::{PageError, filters, show};
use crate::context::{Context, Shared};
use crate::form::AddressQuery;
use crate::journey::{Ended, Outcome, explain};
use crate::look::{Expected, Seen, ServerView, Sight, look};
use crate::offer::Offer;
use crate::options::LoopbackProviders;
use crate::outside::Trouble;
use crate::paths;
use crate::seal::Purpose;
use crate::visitor::Visitor;

/// How long the page looks by itself.
const PATIENCE: Duration = Duration::from_mins(10);

/// What became of a visit.
#[derive(Debug, Template)]
#[template(path = "outcome.html")]
struct OutcomePage {
    name: String,
    message: String,
    offer: Offer,
    /// The name in a form that addresses have.
    wire_name: String,
    site: String,
    /// Whether the visitor's browser finds the site at its name, as far as we know.
    is_found: bool,
    standing: Standing,
}

/// How things stand.
#[derive(Debug)]
enum Standing {
    /// The change is in DNS; some servers may not have answered.
    Live {
        silent: Vec<ServerView>,
    },
    /// It is not there yet, and the page looks again.
    Waiting(Sighting),
    /// It is not there, and the page no longer looks by itself.
    Missing(Sighting),
    Cancelled,
    Refused {
        code: String,
        description: String,
        meaning: &'static str,
    },
}

/// What was seen in the place of the change.
#[derive(Debug)]
struct Sighting {
    servers: Vec<ServerView>,
    /// Why nothing was seen at all.
    trouble: Option<Trouble>,
}

/// The last page in a window of its own.
#[derive(Debug, Template)]
#[template(path = "done.html")]
struct DonePage {
    journey: String,
    next: String,
}

/// Tells the page that opened the window where to go on. Without a script, people do.
pub(crate) async fn show_done(
    State(context): State<Shared>,
    visitor: Visitor,
    query: AddressQuery,
) -> Result<Response, PageError> {
    let text = query.fields.text("t");
    let outcome = open(&context, &visitor, text)?;
    show(&DonePage {
        journey: outcome.journey.id,
        next: format!("{}?t={text}", paths::OUTCOME),
    })
}

pub(crate) async fn show_outcome(
    State(context): State<Shared>,
    visitor: Visitor,
    query: AddressQuery,
) -> Result<Response, PageError> {
    let outcome = open(&context, &visitor, query.fields.text("t"))?;
    let lost = PageError::LostWay {
        why: "The visit was to nowhere.",
    };
    let (Some(name), Some(offer)) = (outcome.journey.name(), outcome.journey.offer()) else {
        return Err(lost);
    };
    let standing = match outcome.ended.clone() {
        Ended::Applied => stand(&context, &visitor, &outcome, (&name, offer)).await,
        Ended::Cancelled => Standing::Cancelled,
        Ended::Refused { code, description } => Standing::Refused {
            meaning: explain(&code),
            code,
            description,
        },
    };
    show(&OutcomePage {
        name: name.to_unicode(),
        message: outcome.journey.message,
        offer,
        wire_name: name.to_text(),
        site: address_of_site(&context, &name),
        // The names of a DNS provider on this machine are usually known to its own servers alone.
        is_found: context.options.loopback == LoopbackProviders::Refuse,
        standing,
    })
}

fn open(context: &Context, visitor: &Visitor, text: &str) -> Result<Outcome, PageError> {
    let place = (Purpose::Outcome, &visitor.id);
    let opened = context.seal.open::<Outcome>(place, text, context.now());
    opened
        .map(|sealed| sealed.value)
        .map_err(|_| PageError::LostWay {
            why: "The link does not belong to a visit of this browser, or is older than a day.",
        })
}

/// Looks once, at the servers of the zone.
async fn stand(
    context: &Context,
    visitor: &Visitor,
    outcome: &Outcome,
    (name, offer): (&Name, Offer),
) -> Standing {
    let zone = outcome.journey.zone().unwrap_or_else(|| name.clone());
    let sight = Sight {
        zone: &zone,
        name,
        offer,
        message: &outcome.journey.message,
        expected: Expected::There,
    };
    let sighting = match look(context, visitor.address, sight).await {
        Seen::AsExpected { silent } => return Standing::Live { silent },
        Seen::Otherwise { servers } => Sighting {
            servers,
            trouble: None,
        },
        Seen::Nothing { servers } => Sighting {
            servers,
            trouble: Some(Trouble("No server of the zone answers.".to_owned())),
        },
        Seen::NotAsked(trouble) => Sighting {
            servers: Vec::new(),
            trouble: Some(trouble),
        },
    };
    let at = Timestamp::from_micros(outcome.at.saturating_mul(1_000_000));
    if context.now().since(at) < PATIENCE {
        Standing::Waiting(sighting)
    } else {
        Standing::Missing(sighting)
    }
}
