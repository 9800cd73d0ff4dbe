//! `/healthz`

use axum::extract::State;
use http::StatusCode;

use crate::state::Shared;

/// Whether the server can do its work: its database answers.
pub(crate) async fn show_health(State(state): State<Shared>) -> (StatusCode, &'static str) {
    match state.store.count_operators().await {
        Ok(_) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::warn!(%error, "not healthy");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer\n",
            )
        }
    }
}
