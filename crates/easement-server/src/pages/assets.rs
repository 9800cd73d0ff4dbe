//! Style sheet and mark.

use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use super::views::assets::{MARK, STYLE};

/// They change with the program only, and their addresses do not: an hour is long enough.
const KEEP: &str = "public, max-age=3600";

pub(crate) async fn show_style() -> Response {
    asset("text/css; charset=utf-8", STYLE)
}

pub(crate) async fn show_mark() -> Response {
    asset("image/svg+xml", MARK)
}

fn asset(media_type: &'static str, text: &'static str) -> Response {
    ([(CONTENT_TYPE, media_type), (CACHE_CONTROL, KEEP)], text).into_response()
}
