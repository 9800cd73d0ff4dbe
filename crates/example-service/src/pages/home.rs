//! `GET /`

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::{PageError, Shell, filters, show};
use crate::context::{Context, Shared};
use crate::form::{AddressQuery, Fields};
use crate::visitor::Visitor;
use crate::wish::{MAX_MESSAGE_CHARACTERS, WishError};

/// The form with which everything begins.
#[derive(Debug, Template)]
#[template(path = "home.html")]
pub(crate) struct HomePage {
    shell: Shell,
    domain: String,
    host: String,
    second: String,
    message: String,
    max_message: usize,
    problem: Option<(&'static str, String)>,
}

impl HomePage {
    /// The form, filled in with what was sent.
    pub(crate) fn new(context: &Context, visitor: &Visitor, fields: &Fields) -> Self {
        Self {
            shell: Shell::new(context, visitor),
            domain: fields.text("domain").chars().take(255).collect(),
            host: fields.text("host").chars().take(255).collect(),
            second: fields.text("second").chars().take(255).collect(),
            message: fields.text("message").chars().take(255).collect(),
            max_message: MAX_MESSAGE_CHARACTERS,
            problem: None,
        }
    }

    /// The form with what is wrong with it.
    pub(crate) fn with_problem(mut self, error: &WishError) -> Self {
        self.problem = Some((error.field(), error.to_string()));
        self
    }

    fn problem_at(&self, field: &str) -> Option<&str> {
        let (at, words) = self.problem.as_ref()?;
        (*at == field).then_some(words)
    }
}

pub(crate) async fn show_home(
    State(context): State<Shared>,
    visitor: Visitor,
    query: AddressQuery,
) -> Result<Response, PageError> {
    show(&HomePage::new(&context, &visitor, &query.fields))
}
