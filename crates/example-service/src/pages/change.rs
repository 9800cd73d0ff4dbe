//! `POST /managed`: a template is applied with a permission, or taken back.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use easement_client::{CallFailure, ConflictRule, TemplateChange, Tokens, Unapplied};
use easement_zone::Host;
use tokio::sync::OwnedMutexGuard;

use super::managed::{Problem, find, page};
use super::{PageError, check_form, show};
use crate::context::{Context, Shared};
use crate::form::{Fields, PostedForm};
use crate::offer::Offer;
use crate::paths;
use crate::permissions::{Came, Done, Held};
use crate::places::Place;
use crate::visitor::Visitor;
use crate::wish::read_message;

/// Applies a template, or takes it back.
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
    let held = permission.try_lock_owned();
    let held = held.map_err(|_| PageError::Busy)?;
    let action = match fields.text("do") {
        "revert" => Action::Revert,
        _ => Action::Apply,
    };
    let message = match wanted_message(&held, &fields, action) {
        Ok(message) => message,
        Err(problem) => {
            let mut page = page(&context, &visitor, id, &held);
            page.reject(problem, fields.text("message"));
            return show(&page);
        }
    };
    let change = wanted(&context, &held.tokens, &fields, &message)?;
    let place = context.places.permissions.take(visitor.address);
    let place = place.ok_or(PageError::Busy)?;
    // Tokens may be renewed on the way: what comes of it is kept, whether the browser waits for it or not.
    let working = tokio::spawn(work(
        Arc::clone(&context),
        held,
        (change, message),
        action,
        place,
    ));
    working.await.map_err(|_| PageError::Broken)?;
    Ok(Redirect::to(&format!("{}?g={id}", paths::MANAGED)).into_response())
}

/// Calls the provider, and remembers what came of it.
async fn work(
    context: Shared,
    mut held: OwnedMutexGuard<Held>,
    (change, message): (TemplateChange, String),
    action: Action,
    _place: Place,
) {
    let (service, host) = (change.service.to_string(), change.host.to_string());
    let place = (service.clone(), host.clone());
    held.messages.insert(place, message);
    let came = call(&context, &mut held, &change, action).await;
    held.last = Some(Done {
        service,
        host,
        came,
    });
}

/// The message of the form; what is taken back needs none.
fn wanted_message(held: &Held, fields: &Fields, action: Action) -> Result<String, Problem> {
    let (service, host) = (fields.text("service"), fields.text("host"));
    match action {
        Action::Revert => Ok(held.message_of(service, host).to_owned()),
        Action::Apply => read_message(fields.text("message")).map_err(|error| Problem {
            service: service.to_owned(),
            host: host.to_owned(),
            words: error.to_string(),
        }),
    }
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
