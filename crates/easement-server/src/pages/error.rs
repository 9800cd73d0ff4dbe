//! Everything that can go wrong with a page, and the page that says so.

use std::sync::Arc;
use std::time::Duration;

use askama::Template as _;
use axum::response::{IntoResponse, Redirect, Response};
use easement_core::Refused;
use easement_store::{CommitError, CreateGrantError, StoreError};
use easement_zone::Name;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{StatusCode, header};

use super::views::paths;
use super::views::{ErrorPage, Section, Shell, ShownName};
use crate::accounts::{HashError, NextPath};
use crate::aside::AsideError;
use crate::http::Visitor;
use crate::http::security_headers::OwnScript;

/// Why a page is not shown, or a form not acted on.
#[derive(Clone, Debug)]
pub(crate) enum PageError {
    /// There is nothing at the address.
    NotFound,
    /// The address is right and the method is not.
    MethodNotAllowed,
    /// The body is not a form.
    NotAForm,
    /// The body is too large.
    TooLarge,
    /// The form lacks something that no browser leaves out.
    BadForm {
        /// What is wrong.
        reason: String,
    },
    /// The form came from another site.
    ForeignForm,
    /// The form came after the session had ended.
    SignedOut,
    /// The page is for people who are signed in.
    SignInFirst {
        /// The page.
        next: String,
    },
    /// The page is for operators.
    OperatorsOnly,
    /// The zone is not the person's to change, or not here.
    NotYourZone {
        /// Its apex.
        apex: Name,
    },
    /// The page is for owners of the zone, and the person has another role.
    OwnersOnly {
        /// Its apex.
        apex: Name,
    },
    /// A one-time link that was used or is too old.
    LinkUsed,
    /// Too much at the same time, or the store is not available.
    Unavailable {
        /// What happened, for the log.
        cause: String,
    },
    /// Somebody did something too often.
    TooOften {
        /// How long to wait.
        wait: Duration,
    },
    /// The server failed.
    Failure {
        /// What happened, for the log.
        cause: Arc<str>,
    },
    /// A page that an endpoint made itself.
    Custom(Box<ErrorPage>),
}

/// What is wrong with the server itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Trouble {
    /// It failed.
    Failure,
    /// It has too much to do, or its store has.
    Busy,
}

impl PageError {
    /// The server failed, for this reason, which only the log hears.
    pub(crate) fn failure(cause: impl Into<Arc<str>>) -> Self {
        Self::Failure {
            cause: cause.into(),
        }
    }

    /// Whether the server is to blame, and not who asked.
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        self.trouble_and_cause().map(|(trouble, _)| trouble)
    }

    fn trouble_and_cause(&self) -> Option<(Trouble, &str)> {
        match self {
            Self::Failure { cause } => Some((Trouble::Failure, cause)),
            Self::Unavailable { cause } => Some((Trouble::Busy, cause)),
            Self::NotFound
            | Self::MethodNotAllowed
            | Self::NotAForm
            | Self::TooLarge
            | Self::BadForm { .. }
            | Self::ForeignForm
            | Self::SignedOut
            | Self::SignInFirst { .. }
            | Self::OperatorsOnly
            | Self::NotYourZone { .. }
            | Self::OwnersOnly { .. }
            | Self::LinkUsed
            | Self::TooOften { .. }
            | Self::Custom(_) => None,
        }
    }

    /// The error as a page for this visitor.
    pub(crate) fn render(self, visitor: &Visitor) -> Response {
        self.log();
        if let Self::SignInFirst { next } = &self {
            return to_sign_in(next);
        }
        let wait = if let Self::TooOften { wait } = &self {
            Some(*wait)
        } else {
            None
        };
        let page = self.page(visitor.shell(Section::Elsewhere), &visitor.request_id);
        let status = StatusCode::from_u16(page.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = page.render().unwrap_or_else(|error| {
            tracing::error!(%error, "an error page cannot be rendered");
            page.title.clone()
        });
        let mut response = (status, html_type(), body).into_response();
        if let Some(wait) = wait {
            let seconds = HeaderValue::from(wait.as_secs().max(1));
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let seconds = HeaderValue::from_static("5");
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response
    }

    fn page(self, shell: Shell, request_id: &str) -> ErrorPage {
        let again = "Go back, load the page again, and try once more.";
        match self {
            Self::NotFound | Self::SignInFirst { .. } => ErrorPage::not_found(shell),
            Self::MethodNotAllowed => ErrorPage::method_not_allowed(shell),
            Self::NotAForm => {
                let reason = "What was sent is not a form.";
                ErrorPage::bad_request(shell, "This form cannot be read", reason, again)
            }
            Self::TooLarge => ErrorPage::too_large(shell),
            Self::BadForm { reason } => {
                ErrorPage::bad_request(shell, "This form cannot be read", &reason, again)
            }
            Self::ForeignForm => ErrorPage::foreign_form(shell),
            Self::SignedOut => ErrorPage::signed_out(shell),
            Self::OperatorsOnly => ErrorPage::operators_only(shell),
            Self::NotYourZone { apex } => ErrorPage::not_your_zone(shell, &ShownName::new(&apex)),
            Self::OwnersOnly { apex } => ErrorPage::owners_only(shell, &apex),
            Self::LinkUsed => ErrorPage::link_used(shell),
            Self::Unavailable { cause: _ } => ErrorPage::unavailable(shell),
            Self::TooOften { wait } => ErrorPage::too_often(shell, wait),
            Self::Failure { cause: _ } => ErrorPage::failure(shell, request_id),
            Self::Custom(page) => ErrorPage { shell, ..*page },
        }
    }

    /// Causes that the visitor is not told go to the log, once.
    pub(crate) fn log(&self) {
        match self.trouble_and_cause() {
            Some((Trouble::Failure, cause)) => tracing::error!(error = cause, "a page failed"),
            Some((Trouble::Busy, cause)) => {
                tracing::warn!(error = cause, "a page was not available");
            }
            None => {}
        }
    }
}

/// An answer with a page.
pub(crate) fn show(page: &impl askama::Template) -> Result<Response, PageError> {
    let body = page
        .render()
        .map_err(|error| PageError::failure(error.to_string()))?;
    Ok((html_type(), body).into_response())
}

/// The same with a page that ends a matter, and that closes its window where another page opened it.
pub(crate) fn show_last(page: &impl askama::Template) -> Result<Response, PageError> {
    let mut response = show(page)?;
    response.extensions_mut().insert(OwnScript);
    Ok(response)
}

fn html_type() -> [(header::HeaderName, &'static str); 1] {
    [(CONTENT_TYPE, "text/html; charset=utf-8")]
}

fn to_sign_in(next: &str) -> Response {
    let mut address = paths::SIGN_IN.to_owned();
    if let Some(next) = NextPath::parse(next) {
        address.push('?');
        let start = address.len();
        address = url::form_urlencoded::Serializer::for_suffix(address, start)
            .append_pair("next", next.as_str())
            .finish();
    }
    Redirect::to(&address).into_response()
}

impl IntoResponse for PageError {
    /// Leaves the error to the layer that knows who is looking.
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        let cause = format!("{error}: {error:?}");
        if error.is_unavailable() {
            Self::Unavailable { cause }
        } else {
            Self::failure(cause)
        }
    }
}

impl From<AsideError> for PageError {
    fn from(error: AsideError) -> Self {
        Self::failure(error.to_string())
    }
}

impl From<HashError> for PageError {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::Unavailable {
                cause: error.to_string(),
            },
            HashError::Failed => Self::failure(error.to_string()),
        }
    }
}

impl From<CommitError> for PageError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Store(error) => error.into(),
            CommitError::NoSuchZone { .. } => Self::NotFound,
            CommitError::NotPermitted { apex } => Self::NotYourZone { apex },
            CommitError::Stale(_)
            | CommitError::ServiceConnected { .. }
            | CommitError::Token(_)
            | CommitError::Grant(_)
            | CommitError::AccessChanged
            | CommitError::Refused(_)
            | CommitError::ZoneExists { .. }
            | CommitError::NoSuchAccount { .. }
            | CommitError::NoSuchService { .. } => Self::failure(error.to_string()),
        }
    }
}

impl From<CreateGrantError> for PageError {
    fn from(error: CreateGrantError) -> Self {
        match error {
            CreateGrantError::Store(error) => error.into(),
            CreateGrantError::Gone => Self::NotFound,
            CreateGrantError::Answered
            | CreateGrantError::NoRole
            | CreateGrantError::TooMany
            | CreateGrantError::TooManyInZone => Self::BadForm {
                reason: format!("{error}."),
            },
        }
    }
}

impl From<Refused> for PageError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NoRole { apex } | Refused::RoleTooLow { apex, role: _ } => {
                Self::NotYourZone { apex }
            }
        }
    }
}
