//! `/`

use axum::response::Redirect;

use super::views::paths;

/// Leads to the zones, which lead on to signing in.
pub(crate) async fn show_home() -> Redirect {
    Redirect::to(paths::ZONES)
}
