//! `GET /outcome` and `GET /done`: what became of a visit to the DNS provider.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use easement_client::{Expectation, Matching, ServerReport, ServerState, VerifyReport};
use easement_core::Timestamp;
use easement_zone::{Name, RecordData, RecordType};
use http::HeaderValue;
use http::header::REFRESH;

use super::site::address_of_site;
use super::{PageError, filters, show};
use crate::context::{Context, Shared};
use crate::form::AddressQuery;
use crate::journey::{Ended, Outcome, explain};
use crate::offer::Offer;
use crate::options::LoopbackProviders;
use crate::outside::Trouble;
use crate::paths;
use crate::seal::Purpose;
use crate::visitor::Visitor;

/// How soon the page looks again.
const AGAIN: Duration = Duration::from_secs(3);
/// How long it looks by itself.
const PATIENCE: Duration = Duration::from_mins(10);
/// How much of what a server says is shown.
const MAX_SAID: usize = 300;

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
    /// The change is in DNS.
    Live,
    /// It is not there yet, and the page looks again.
    Waiting {
        servers: Vec<ServerView>,
        trouble: Option<Trouble>,
    },
    /// It is not there, and the page no longer looks by itself.
    Missing {
        servers: Vec<ServerView>,
        trouble: Option<Trouble>,
    },
    Cancelled,
    Refused {
        code: String,
        description: String,
        meaning: &'static str,
    },
}

/// One server of the zone, and what it says.
#[derive(Debug)]
struct ServerView {
    name: String,
    says: String,
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
        Ended::Applied => look(&context, &visitor, &outcome, &name).await,
        Ended::Cancelled => Standing::Cancelled,
        Ended::Refused { code, description } => Standing::Refused {
            meaning: explain(&code),
            code,
            description,
        },
    };
    let is_waiting = matches!(standing, Standing::Waiting { .. });
    let mut response = show(&OutcomePage {
        name: name.to_unicode(),
        message: outcome.journey.message,
        offer,
        wire_name: name.to_text(),
        site: address_of_site(&context, &name),
        // The names of a DNS provider on this machine are usually known to its own servers alone.
        is_found: context.options.loopback == LoopbackProviders::Refuse,
        standing,
    })?;
    if is_waiting {
        let seconds = HeaderValue::from(AGAIN.as_secs());
        response.headers_mut().insert(REFRESH, seconds);
    }
    Ok(response)
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

/// Looks once, at the servers of the zone. Whoever looks too often waits like everybody else.
async fn look(context: &Context, visitor: &Visitor, outcome: &Outcome, name: &Name) -> Standing {
    let now = context.now();
    let since = now.since(Timestamp::from_micros(outcome.at.saturating_mul(1_000_000)));
    let (servers, trouble) = match ask(context, visitor, outcome, name).await {
        Ok(report) if report.is_complete() => return Standing::Live,
        Ok(report) => (report.servers.iter().map(ServerView::new).collect(), None),
        Err(trouble) => (Vec::new(), Some(trouble)),
    };
    if since < PATIENCE {
        Standing::Waiting { servers, trouble }
    } else {
        Standing::Missing { servers, trouble }
    }
}

async fn ask(
    context: &Context,
    visitor: &Visitor,
    outcome: &Outcome,
    name: &Name,
) -> Result<VerifyReport, Trouble> {
    let busy = || Trouble("We ask DNS only so often; this page looks again by itself.".to_owned());
    let taken = context.limits.checks.take(visitor.address, context.now());
    taken.map_err(|_| busy())?;
    let _place = context.places.try_acquire().map_err(|_| busy())?;
    let zone = outcome.journey.zone().unwrap_or_else(|| name.clone());
    let text = RecordData::txt(outcome.journey.expected_text().as_bytes());
    let expect = |rtype, value| Expectation {
        owner: name.clone(),
        rtype,
        values: vec![value],
        matching: Matching::Among,
    };
    let expected = [
        expect(RecordType::A, RecordData::a(context.options.site_address)),
        expect(RecordType::TXT, text.map_err(Trouble::of)?),
    ];
    context.outside.verify(&zone, &expected).await
}

impl ServerView {
    fn new(server: &ServerReport) -> Self {
        let says = match &server.state {
            ServerState::Waiting => "not asked yet".to_owned(),
            ServerState::Shown => "shows the change".to_owned(),
            ServerState::Differs(found) => {
                let found: Vec<_> = found.iter().map(ToString::to_string).collect();
                format!("still shows {}", found.join("; "))
            }
            ServerState::NotAuthoritative => "does not have the zone".to_owned(),
            ServerState::Failed(words) => words.clone(),
            ServerState::NoRoute => "cannot be reached from here".to_owned(),
            ServerState::NotPublic => "is not asked: its address is not public".to_owned(),
        };
        Self {
            name: server.name.clone(),
            says: says.chars().take(MAX_SAID).collect(),
        }
    }
}
