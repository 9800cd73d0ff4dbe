//! The layer around the handlers.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use apertodns::v1::{REQUEST_ID_HEADER, SECURITY_HEADERS};
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use futures_util::FutureExt as _;
use http::{HeaderName, HeaderValue, StatusCode};
use tokio::time::timeout;

use super::Dialect;
use crate::acme_dns;
use crate::apertodns::Call;
use crate::dyndns2::{afraid, duckdns, nic_update};
use crate::state::Shared;

/// Whether browsers are to use TLS for a year is for the server's own address to say.
const HSTS: &str = "Strict-Transport-Security";

/// What the layer needs.
#[derive(Clone)]
pub(crate) struct Around {
    pub(crate) state: Shared,
    /// How long a handler may take.
    pub(crate) limit: Duration,
}

impl Around {
    /// A little less than a request may take at all, so that this answer goes before the one without a form.
    pub(crate) fn new(state: Shared, request_limit: Duration) -> Self {
        Self {
            state,
            limit: request_limit / 10 * 9,
        }
    }
}

/// Why a handler gave no answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NoAnswer {
    /// It took too long.
    TooSlow,
    /// It panicked.
    Broken,
}

/// Answers in time, in the form of the protocol, with the headers that all answers have.
pub(crate) async fn answer(
    State(around): State<Around>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    let dialect = path.map_or(Dialect::Apertodns, |path| {
        Dialect::of(request.method(), path.as_str())
    });
    let (uri, headers) = (request.uri().clone(), request.headers().clone());
    let call = Call::of(&around.state, &request);
    let id = call.id().clone();
    // Under the same id the handler speaks of it.
    request.extensions_mut().insert(id.clone());
    let outcome = AssertUnwindSafe(timeout(around.limit, next.run(request)))
        .catch_unwind()
        .await;
    let failed = match outcome {
        Ok(Ok(response)) => return with_headers(response, &id.to_string()),
        Ok(Err(_)) => NoAnswer::TooSlow,
        Err(_) => NoAnswer::Broken,
    };
    tracing::error!(reason = ?failed, "a request of a device was not carried out");
    let response = match dialect {
        Dialect::Apertodns => call.no_answer(failed),
        Dialect::Dyndns2 => nic_update::no_answer(uri.query(), &headers),
        Dialect::Duckdns => duckdns::no_answer(),
        Dialect::Afraid => afraid::no_answer(),
        Dialect::AcmeDns => acme_dns::no_answer(),
        Dialect::CheckAddress => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    };
    with_headers(response, &id.to_string())
}

/// The headers of section 4.3 of `ApertoDNS` 1.4.0, and the id of the request.
fn with_headers(mut response: Response, id: &str) -> Response {
    let security = SECURITY_HEADERS.iter().filter(|(name, _)| *name != HSTS);
    for (name, value) in security.chain(&[(REQUEST_ID_HEADER, id)]) {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
