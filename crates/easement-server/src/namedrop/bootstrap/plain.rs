//! Answers of one line without an end, which programs take as they are.

use axum::response::{IntoResponse as _, Response};
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};

const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");

/// An answer.
pub(super) fn plain(status: StatusCode, text: String) -> Response {
    let mut response = (status, text).into_response();
    response.headers_mut().insert(CONTENT_TYPE, PLAIN);
    response
}

/// Any method that is not for an address; HEAD is one where every request changes something.
pub(crate) async fn refuse_method() -> Response {
    let text = "ask with GET, or at the address ip-domain with POST too";
    let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, text.to_owned());
    response.headers_mut().insert(ALLOW, METHODS);
    response
}
