//! Where monitoring reads: an address of its own.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use easement_dns::Metrics as DnsMetrics;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use tower_http::timeout::TimeoutLayer;

use super::readiness::show_readiness;
use super::{Readiness, scrape};
use crate::state::Shared;

/// How long an answer may take.
const LIMIT: Duration = Duration::from_secs(10);
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What there is to read.
#[derive(Clone)]
pub(crate) struct Monitor {
    pub(crate) state: Shared,
    pub(crate) dns: Arc<DnsMetrics>,
    pub(crate) readiness: Arc<Readiness>,
}

/// Everything that this address serves. Nothing here changes anything, and nothing says who uses the
/// server; but it tells how busy it is, which is not for everybody.
pub(crate) fn router(monitor: Monitor) -> Router {
    let readiness = Arc::clone(&monitor.readiness);
    Router::new()
        .route("/metrics", get(show_metrics))
        .with_state(monitor)
        .merge(
            Router::new()
                .route("/readyz", get(show_readiness))
                .with_state(readiness),
        )
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            LIMIT,
        ))
}

/// `/metrics`
async fn show_metrics(State(monitor): State<Monitor>) -> impl IntoResponse {
    ([(CONTENT_TYPE, TEXT)], scrape::write(&monitor).await)
}
