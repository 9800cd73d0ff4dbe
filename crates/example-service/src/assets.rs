//! The style sheet and the script.

use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

const STYLE: &str = include_str!("../assets/stateless.css");
const SCRIPT: &str = include_str!("../assets/stateless.js");
/// They change with the program, which has no number in their addresses.
const KEPT: &str = "public, max-age=300";

pub(crate) async fn show_style() -> Response {
    let headers = [
        (CONTENT_TYPE, "text/css; charset=utf-8"),
        (CACHE_CONTROL, KEPT),
    ];
    (headers, STYLE).into_response()
}

pub(crate) async fn show_script() -> Response {
    let headers = [
        (CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (CACHE_CONTROL, KEPT),
    ];
    (headers, SCRIPT).into_response()
}
