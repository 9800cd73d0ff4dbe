//! `POST /managed/give-back`: a permission ends.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use tokio::sync::OwnedMutexGuard;

use super::managed::{find, page};
use super::{PageError, check_form, filters, show};
use crate::context::Shared;
use crate::form::PostedForm;
use crate::paths;
use crate::permissions::Held;
use crate::places::Place;
use crate::visitor::Visitor;

/// A permission that is no more.
#[derive(Debug, Template)]
#[template(path = "given_back.html")]
struct GivenBackPage {
    provider: String,
    zone: String,
}

/// Gives a permission back, and forgets it; or only forgets it, when the provider does not take it.
pub(crate) async fn give_back(
    State(context): State<Shared>,
    visitor: Visitor,
    PostedForm(fields): PostedForm,
) -> Result<Response, PageError> {
    check_form(&context, &visitor, &fields)?;
    let id = fields.text("g");
    let permission = find(&context, &visitor, id)?;
    if fields.text("do") == "forget" {
        context.permissions.forget(id);
        return Ok(Redirect::to(paths::HOME).into_response());
    }
    let taken = context.limits.changes.take(visitor.address, context.now());
    taken.map_err(|wait| PageError::TooOften { wait })?;
    let held = permission.try_lock_owned();
    let held = held.map_err(|_| PageError::Busy)?;
    let place = context.places.permissions.take(visitor.address);
    let place = place.ok_or(PageError::Busy)?;
    let mut page = page(&context, &visitor, id, &held);
    let ending = tokio::spawn(end(Arc::clone(&context), held, id.to_owned(), place));
    match ending.await.map_err(|_| PageError::Broken)? {
        Ok(()) => show(&GivenBackPage {
            provider: page.provider,
            zone: page.zone,
        }),
        Err(words) => {
            page.kept = Some(words);
            show(&page)
        }
    }
}

/// Gives the tokens back, and forgets them when that was done.
async fn end(
    context: Shared,
    held: OwnedMutexGuard<Held>,
    id: String,
    _place: Place,
) -> Result<(), String> {
    let credentials = context.credentials_of(&held.tokens);
    let credentials = credentials.ok_or("Nothing is registered at this DNS provider any more.")?;
    let revoked = context.outside.revoke(&held.tokens, credentials).await;
    revoked.map_err(|trouble| trouble.to_string())?;
    context.permissions.forget(&id);
    Ok(())
}
