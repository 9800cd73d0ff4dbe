//! `GET /managed`: what a lasting permission is used for.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use easement_zone::{Host, Name};

use super::{PageError, Shell, filters, show};
use crate::context::{Context, Shared};
use crate::form::AddressQuery;
use crate::look::{Expected, Seen, Sight, look};
use crate::offer::Offer;
use crate::permissions::{Came, Done, Held, Permission};
use crate::visitor::Visitor;
use crate::wish::MAX_MESSAGE_CHARACTERS;

/// A permission and what can be done with it.
#[derive(Debug, Template)]
#[template(path = "managed.html")]
pub(super) struct ManagedPage {
    shell: Shell,
    id: String,
    pub(super) provider: String,
    pub(super) zone: String,
    max_message: usize,
    spots: Vec<Spot>,
    last: Option<Done>,
    /// What DNS shows of that, when it was a change.
    seen: Option<Seen>,
    /// What is wrong with the message of one place.
    problem: Option<Problem>,
    /// Why the permission could not be given back.
    pub(super) kept: Option<String>,
}

/// One template at one host.
#[derive(Debug)]
struct Spot {
    offer: Offer,
    host: String,
    name: String,
    /// The name in a form that addresses have.
    wire_name: String,
    message: String,
}

/// A message that cannot be taken.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) service: String,
    pub(super) host: String,
    pub(super) words: String,
}

impl ManagedPage {
    /// What came of the last call, when it was about this spot.
    fn came_of(&self, spot: &Spot) -> Option<&Came> {
        let done = self.last.as_ref()?;
        let is_here = done.service == spot.offer.service() && done.host == spot.host;
        is_here.then_some(&done.came)
    }

    fn conflicts_at(&self, spot: &Spot) -> bool {
        matches!(self.came_of(spot), Some(Came::Conflict { .. }))
    }

    fn was_applied(&self, spot: &Spot) -> bool {
        matches!(self.came_of(spot), Some(Came::Applied))
    }

    /// The spot of the last change, when it is seen in DNS.
    fn seen_spot(&self) -> Option<&Spot> {
        let is_seen = matches!(&self.seen, Some(Seen::AsExpected { .. }));
        let mut spots = self.spots.iter();
        spots.find(|spot| is_seen && spot.offer.has_address() && self.was_applied(spot))
    }

    /// Shows what is wrong where it was typed, with what was typed.
    pub(super) fn reject(&mut self, problem: Problem, typed: &str) {
        let mut spots = self.spots.iter_mut();
        let spot =
            spots.find(|spot| spot.offer.service() == problem.service && spot.host == problem.host);
        if let Some(spot) = spot {
            spot.message = typed.chars().take(255).collect();
        }
        self.problem = Some(problem);
    }

    fn problem_at(&self, spot: &Spot) -> Option<&str> {
        let problem = self.problem.as_ref()?;
        let is_here = problem.service == spot.offer.service() && problem.host == spot.host;
        is_here.then_some(&problem.words)
    }
}

fn spots(held: &Held) -> Vec<Spot> {
    let tokens = &held.tokens;
    let services = tokens
        .services
        .iter()
        .filter_map(|id| Offer::find(id.as_str()));
    let at = |offer: Offer| {
        tokens.hosts.iter().filter_map(move |host| {
            let name = host.below(&tokens.domain).ok()?;
            let host = host.to_string();
            Some(Spot {
                offer,
                message: held.message_of(offer.service(), &host).to_owned(),
                host,
                name: name.to_unicode(),
                wire_name: name.to_text(),
            })
        })
    };
    services.flat_map(at).collect()
}

fn lost() -> PageError {
    PageError::LostWay {
        why: "This permission is not of this browser, or was forgotten after some hours.",
    }
}

pub(super) fn find(
    context: &Context,
    visitor: &Visitor,
    id: &str,
) -> Result<Permission, PageError> {
    let found = context.permissions.find(id, &visitor.id, context.now());
    found.ok_or_else(lost)
}

pub(crate) async fn show_managed(
    State(context): State<Shared>,
    visitor: Visitor,
    query: AddressQuery,
) -> Result<Response, PageError> {
    let id = query.fields.text("g");
    let permission = find(&context, &visitor, id)?;
    let (mut page, change) = {
        let held = permission.lock().await;
        (page(&context, &visitor, id, &held), changed(&held))
    };
    if let Some(change) = change {
        page.seen = Some(change.look(&context, &visitor).await);
    }
    show(&page)
}

pub(super) fn page(context: &Context, visitor: &Visitor, id: &str, held: &Held) -> ManagedPage {
    ManagedPage {
        shell: Shell::new(context, visitor),
        id: id.to_owned(),
        provider: held.provider.clone(),
        zone: held.tokens.domain.to_unicode(),
        max_message: MAX_MESSAGE_CHARACTERS,
        spots: spots(held),
        last: held.last.clone(),
        seen: None,
        problem: None,
        kept: None,
    }
}

/// The last change, to be looked for in DNS.
struct Change {
    zone: Name,
    name: Name,
    offer: Offer,
    message: String,
    expected: Expected,
}

fn changed(held: &Held) -> Option<Change> {
    let done = held.last.as_ref()?;
    let expected = match &done.came {
        Came::Applied => Expected::There,
        Came::Reverted => Expected::Gone,
        Came::Conflict { .. } | Came::Failed { .. } => return None,
    };
    let host: Host = done.host.parse().ok()?;
    Some(Change {
        name: host.below(&held.tokens.domain).ok()?,
        zone: held.tokens.domain.clone(),
        offer: Offer::find(&done.service)?,
        message: held.message_of(&done.service, &done.host).to_owned(),
        expected,
    })
}

impl Change {
    async fn look(&self, context: &Context, visitor: &Visitor) -> Seen {
        let sight = Sight {
            zone: &self.zone,
            name: &self.name,
            offer: self.offer,
            message: &self.message,
            expected: self.expected,
        };
        look(context, visitor.address, sight).await
    }
}
