//! `/managed`: what a lasting permission is used for.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use easement_client::{CallFailure, ConflictRule, TemplateChange, Tokens, Unapplied};
use easement_zone::Host;

use super::{PageError, Shell, check_form, filters, show};
use crate::context::{Context, Shared};
use crate::form::{AddressQuery, Fields, PostedForm};
use crate::offer::Offer;
use crate::paths;
use crate::permissions::{Came, Done, Held, Permission};
use crate::visitor::Visitor;
use crate::wish::{MAX_MESSAGE_CHARACTERS, read_message};

/// A permission and what can be done with it.
#[derive(Debug, Template)]
#[template(path = "managed.html")]
struct ManagedPage {
    shell: Shell,
    id: String,
    provider: String,
    zone: String,
    message: String,
    max_message: usize,
    places: Vec<Place>,
    last: Option<Done>,
    problem: Option<String>,
}

/// One template at one host.
#[derive(Debug)]
struct Place {
    offer: Offer,
    host: String,
    name: String,
}

impl ManagedPage {
    /// What came of the last call, when it was about this place.
    fn came_of(&self, place: &Place) -> Option<&Came> {
        let done = self.last.as_ref()?;
        let is_here = done.service == place.offer.service() && done.host == place.host;
        is_here.then_some(&done.came)
    }

    fn conflicts_at(&self, place: &Place) -> bool {
        matches!(self.came_of(place), Some(Came::Conflict { .. }))
    }

    fn was_applied(&self, place: &Place) -> bool {
        matches!(self.came_of(place), Some(Came::Applied))
    }
}

fn places(tokens: &Tokens) -> Vec<Place> {
    let services = tokens
        .services
        .iter()
        .filter_map(|id| Offer::find(id.as_str()));
    let at = |offer: Offer| {
        tokens.hosts.iter().filter_map(move |host| {
            let name = host.below(&tokens.domain).ok()?;
            Some(Place {
                offer,
                host: host.to_string(),
                name: name.to_unicode(),
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

fn find(context: &Context, visitor: &Visitor, id: &str) -> Result<Permission, PageError> {
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
    let held = permission.lock().await;
    show(&page(&context, &visitor, id, &held))
}

fn page(context: &Context, visitor: &Visitor, id: &str, held: &Held) -> ManagedPage {
    ManagedPage {
        shell: Shell::new(context, visitor),
        id: id.to_owned(),
        provider: held.provider.clone(),
        zone: held.tokens.domain.to_unicode(),
        message: held.message.clone(),
        max_message: MAX_MESSAGE_CHARACTERS,
        places: places(&held.tokens),
        last: held.last.clone(),
        problem: None,
    }
}

/// POST: applies a template, or takes it back.
pub(crate) async fn change(
    State(context): State<Shared>,
    visitor: Visitor,
    PostedForm(fields): PostedForm,
) -> Result<Response, PageError> {
    check_form(&context, &visitor, &fields)?;
    let id = fields.text("g");
    let permission = find(&context, &visitor, id)?;
    let taken = context.limits.changes.take(visitor.address, context.now());
    taken.map_err(|wait| PageError::TooOften { wait })?;
    let mut held = permission.try_lock().map_err(|_| PageError::Busy)?;
    let message = match read_message(fields.text("message")) {
        Ok(message) => message,
        Err(error) => {
            let mut page = page(&context, &visitor, id, &held);
            page.problem = Some(error.to_string());
            return show(&page);
        }
    };
    let change = wanted(&context, &held.tokens, &fields, &message)?;
    held.message = message;
    let action = match fields.text("do") {
        "revert" => Action::Revert,
        _ => Action::Apply,
    };
    let _place = context.places.try_acquire().map_err(|_| PageError::Busy)?;
    let came = call(&context, &mut held, &change, action).await;
    held.last = Some(Done {
        service: change.service.to_string(),
        host: change.host.to_string(),
        came,
    });
    Ok(Redirect::to(&format!("{}?g={id}", paths::MANAGED)).into_response())
}

/// What is to be changed: only what the permission is for.
fn wanted(
    context: &Context,
    tokens: &Tokens,
    fields: &Fields,
    message: &str,
) -> Result<TemplateChange, PageError> {
    let host: Host = fields
        .text("host")
        .parse()
        .map_err(|_| PageError::NotFound)?;
    let offer = Offer::find(fields.text("service")).ok_or(PageError::NotFound)?;
    let mut services = tokens.services.iter();
    let service = services.find(|service| service.as_str() == offer.service());
    let service = service.ok_or(PageError::NotFound)?;
    if !tokens.hosts.contains(&host) {
        return Err(PageError::NotFound);
    }
    let mut change = TemplateChange::new(service.clone(), host);
    let address = context.options.site_address.to_string();
    for (name, value) in offer.variables(&address, message) {
        let name = name.parse().map_err(|_| PageError::Broken)?;
        change.variables.insert(name, value);
    }
    change.conflicts = match fields.text("force") {
        "1" => ConflictRule::Replace,
        _ => ConflictRule::Report,
    };
    Ok(change)
}

/// What is done with a template.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Action {
    Apply,
    Revert,
}

/// Calls the provider; once more with new tokens when it does not believe the old ones.
async fn call(context: &Context, held: &mut Held, change: &TemplateChange, action: Action) -> Came {
    let is_due = held.tokens.is_due(context.now());
    if is_due && let Err(words) = refresh(context, held).await {
        return Came::Failed { words };
    }
    let mut called = context.outside.call(&held.tokens, change, action).await;
    let is_unbelieved = matches!(
        &called,
        Err(CallFailure::Unapplied(Unapplied::Unauthorized { .. }))
    );
    if is_unbelieved && !is_due && refresh(context, held).await.is_ok() {
        called = context.outside.call(&held.tokens, change, action).await;
    }
    match (called, action) {
        (Ok(()), Action::Apply) => Came::Applied,
        (Ok(()), Action::Revert) => Came::Reverted,
        (Err(CallFailure::Unapplied(Unapplied::Conflict { records })), _) => {
            Came::Conflict { records }
        }
        (Err(failure), _) => Came::Failed {
            words: failure.to_string(),
        },
    }
}

async fn refresh(context: &Context, held: &mut Held) -> Result<(), String> {
    let credentials = context.credentials_of(&held.tokens);
    let credentials = credentials.ok_or("Nothing is registered at this DNS provider any more.")?;
    let refreshed = context.outside.refresh(&held.tokens, credentials).await;
    held.tokens = refreshed.map_err(|trouble| trouble.to_string())?;
    Ok(())
}

/// POST: gives a permission back, and forgets it.
pub(crate) async fn give_back(
    State(context): State<Shared>,
    visitor: Visitor,
    PostedForm(fields): PostedForm,
) -> Result<Response, PageError> {
    check_form(&context, &visitor, &fields)?;
    let id = fields.text("g");
    let permission = find(&context, &visitor, id)?;
    let taken = context.limits.changes.take(visitor.address, context.now());
    taken.map_err(|wait| PageError::TooOften { wait })?;
    let held = permission.try_lock().map_err(|_| PageError::Busy)?;
    let _place = context.places.try_acquire().map_err(|_| PageError::Busy)?;
    if let Some(credentials) = context.credentials_of(&held.tokens) {
        // A provider without revocation still has its page for the owner.
        let _ = context.outside.revoke(&held.tokens, credentials).await;
    }
    context.permissions.forget(id);
    Ok(Redirect::to(paths::HOME).into_response())
}
