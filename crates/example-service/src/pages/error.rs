//! Pages that say that something is not as it should be.

use std::time::Duration;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::header::RETRY_AFTER;
use http::{HeaderValue, StatusCode};

use super::filters;

/// Why a page is not shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum PageError {
    /// Nothing is at the address.
    NotFound,
    /// The form is larger than any of ours.
    TooLarge,
    /// What was sent is not a form.
    NotAForm,
    /// The form is not from a page of ours, or too old.
    ForeignForm,
    /// Too many requests from one network.
    TooOften {
        /// How long to wait.
        wait: Duration,
    },
    /// Everybody together asks more than is asked at once.
    Busy,
    /// No permission more is kept for this browser, or for anybody.
    TooManyPermissions,
    /// The link back from the DNS provider counts no more.
    LostWay {
        /// Why, in words.
        why: &'static str,
    },
    /// A DNS provider, or a person there, gave no permission.
    NoPermission {
        /// Its name.
        provider: String,
        /// Why, in words.
        words: String,
        /// What it named, or nothing.
        code: String,
    },
    /// A page cannot be made: a fault of ours.
    Broken,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    title: &'static str,
    words: String,
}

/// For every address that is none.
pub(crate) async fn not_found() -> PageError {
    PageError::NotFound
}

impl PageError {
    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotAForm => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::TooOften { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy | Self::TooManyPermissions => StatusCode::SERVICE_UNAVAILABLE,
            Self::LostWay { .. } => StatusCode::BAD_REQUEST,
            Self::NoPermission { .. } => StatusCode::OK,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn title(&self) -> &'static str {
        match self {
            Self::NotFound => "There is nothing here.",
            Self::TooLarge => "That is too much.",
            Self::NotAForm => "That is not a form.",
            Self::ForeignForm => "This form is not from here.",
            Self::TooOften { .. } => "Slowly, please.",
            Self::Busy => "Everybody is here at once.",
            Self::TooManyPermissions => "We hold as many permissions as we can.",
            Self::LostWay { .. } => "We do not know this visit.",
            Self::NoPermission { .. } => "No permission, and that is that.",
            Self::Broken => "Something is broken on our side.",
        }
    }

    fn words(&self) -> String {
        match self {
            Self::NotFound => "The address leads nowhere. Begin at the front page.".to_owned(),
            Self::TooLarge => "Nothing that we ask for is so long. Nothing was done.".to_owned(),
            Self::NotAForm => "Send the fields as a form of HTML does. Nothing was done.".to_owned(),
            Self::ForeignForm => "It was sent from another site, by another browser, or from a page that was open \
                                  for hours. Nothing was done: begin at the front page, with cookies allowed."
                .to_owned(),
            Self::TooOften { wait } => {
                format!("Your network asked too often. Try again in {} seconds.", wait.as_secs() + 1)
            }
            Self::Busy => "We ask only so many questions at once. Try again in a moment.".to_owned(),
            Self::TooManyPermissions => "This browser has given as many as we keep, or everybody together has. Give one \
                                         back in another window, and load this page again within a minute."
                .to_owned(),
            Self::LostWay { why } => format!("{why} Nothing was done here; begin at the front page."),
            Self::NoPermission { provider, words, code } if code.is_empty() => {
                format!("{words} ({provider})")
            }
            Self::NoPermission { provider, words, code } => format!("{words} {provider} says: {code}"),
            Self::Broken => "It is not your fault. Try again later.".to_owned(),
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        if self == Self::Broken {
            tracing::error!("a page could not be made");
        }
        let page = ErrorPage {
            title: self.title(),
            words: self.words(),
        };
        let body = page.render().unwrap_or_else(|_| self.title().to_owned());
        let mut response = (self.status(), Html(body)).into_response();
        if let Self::TooOften { wait } = self {
            let seconds = HeaderValue::from(wait.as_secs() + 1);
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response
    }
}
