//! An id for every request, under which the log knows it and which error pages show.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use easement_core::Random;
use http::HeaderValue;
use http::header::HeaderName;
use tracing::Instrument as _;

use crate::monitoring::{HttpRequests, Metrics};

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub(crate) String);

/// What ids are made from, and where requests are counted.
#[derive(Clone)]
pub(crate) struct Sources {
    pub(crate) random: Arc<dyn Random>,
    pub(crate) metrics: Arc<Metrics>,
}

/// An id that no other request has.
pub(crate) fn new_request_id(random: &dyn Random) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(random.octets(9))
}

/// Gives the request an id, logs and counts its outcome once, and tells the client the id, unless the endpoint
/// told it one that the client had chosen.
///
/// The path is logged as its pattern: paths hold names and one-time secrets, queries hold more.
pub(crate) async fn add(
    State(sources): State<Sources>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = new_request_id(sources.random.as_ref());
    request.extensions_mut().insert(RequestId(id.clone()));
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("(none)", MatchedPath::as_str)
        .to_owned();
    let method = request.method().clone();
    let span = tracing::info_span!(
        "request",
        request.id = %id,
        http.method = %method,
        http.route = %path,
        token.id = tracing::field::Empty,
    );
    let started = Instant::now();
    let under_way = HttpRequests::begin(&sources.metrics);
    let mut response = async move {
        let response = next.run(request).await;
        let duration = started.elapsed();
        let http = &sources.metrics.http;
        http.note(&path, &method, response.status(), duration);
        drop(under_way);
        tracing::info!(
            http.status = response.status().as_u16(),
            duration.ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
            "answered"
        );
        response
    }
    .instrument(span)
    .await;
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().entry(HEADER).or_insert(value);
    }
    response
}
