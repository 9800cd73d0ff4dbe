//! What the public answers of Domain Connect have in common.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::StatusCode;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, HeaderValue};

/// How long others may keep an answer: short, because templates come and go.
const KEEP: &str = "public, max-age=300";
const KEEP_NOT: &str = "no-store";

/// Lets programs in browsers read the answer, whatever page they are on. Nothing in it depends on who
/// asks, and no cookie is looked at.
pub(crate) async fn open_to_browsers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
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
