//! Style sheet, mark and script.

use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use super::views::assets::{CLOSE_SCRIPT, MARK, STYLE};

/// They change with the program only, and their addresses do not: an hour is long enough.
const KEEP: &str = "public, max-age=3600";

pub(crate) async fn show_style() -> Response {
    asset("text/css; charset=utf-8", STYLE)
}

pub(crate) async fn show_mark() -> Response {
    asset("image/svg+xml", MARK)
}

pub(crate) async fn show_close_script() -> Response {
    asset("text/javascript; charset=utf-8", CLOSE_SCRIPT)
}

fn asset(media_type: &'static str, text: &'static str) -> Response {
    ([(CONTENT_TYPE, media_type), (CACHE_CONTROL, KEEP)], text).into_response()
}
