//! What the public answers of Domain Connect have in common.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, HeaderValue};

use super::api_error::Unanswered;
use crate::http::{NetworkLimit, address_of};
use crate::state::Shared;

/// How often one network may ask. A service provider asks for all its customers from a few machines.
const MOST: u32 = 600;
const WINDOW: Duration = Duration::from_mins(1);

/// How long others may keep an answer: short, because templates come and go.
const KEEP: &str = "public, max-age=300";
const KEEP_NOT: &str = "no-store";

/// Lets programs in browsers read the answer, whatever page they are on. Nothing in it depends on who
/// asks, and no cookie is looked at.
pub(crate) async fn open_to_browsers(
    State(state): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let address = address_of(&request, &state.settings.trusted_proxies);
    let mut response = match state.discovery_limit.take(address, state.clock.now()) {
        Ok(()) => next.run(request).await,
        Err(wait) => Unanswered::TooOften { wait }.into_response(),
    };
    let status = response.status();
    let keep = if status.is_success() || status == StatusCode::NOT_MODIFIED {
        KEEP
    } else {
        KEEP_NOT
    };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static(keep));
    response
}

/// What every network may ask.
pub(crate) fn discovery_limit() -> NetworkLimit {
    NetworkLimit::new(MOST, WINDOW)
}
