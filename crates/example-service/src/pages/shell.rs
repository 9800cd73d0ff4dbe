//! What stands around every page, and the forms on them.

use std::time::Duration;

use askama::Template;
use axum::response::{Html, IntoResponse as _, Response};

use super::PageError;
use crate::context::Context;
use crate::form::Fields;
use crate::seal::Purpose;
use crate::visitor::Visitor;

/// How long a page may stay open before its form is sent.
const FORM_LIFETIME: Duration = Duration::from_hours(6);

/// What stands around every page.
#[derive(Clone, Debug)]
pub(crate) struct Shell {
    /// The company's domain.
    pub(crate) domain: String,
    /// What every form of the page has in it.
    pub(crate) form_token: String,
}

impl Shell {
    pub(crate) fn new(context: &Context, visitor: &Visitor) -> Self {
        let place = (Purpose::Form, &visitor.id);
        let when = (context.now(), FORM_LIFETIME);
        let token = context.seal.close(place, (), when, context.random.as_ref());
        Self {
            domain: context.company.domain.to_text(),
            form_token: token,
        }
    }
}

/// Whether a form comes from a page that this browser was given.
pub(crate) fn check_form(
    context: &Context,
    visitor: &Visitor,
    fields: &Fields,
) -> Result<(), PageError> {
    let place = (Purpose::Form, &visitor.id);
    let opened = context
        .seal
        .open::<()>(place, fields.text("form"), context.now());
    opened.map(|_| ()).map_err(|_| PageError::ForeignForm)
}

/// Renders a page.
pub(crate) fn show(page: &impl Template) -> Result<Response, PageError> {
    let page = page.render().map_err(|_| PageError::Broken)?;
    Ok(Html(page).into_response())
}
