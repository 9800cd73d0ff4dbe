//! Answers of one word or a few lines.

use axum::response::{IntoResponse as _, Response};
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode};

const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// An answer whose whole length is known before it is sent.
pub(super) fn plain(status: StatusCode, text: String) -> Response {
    let mut response = (status, text).into_response();
    response.headers_mut().insert(CONTENT_TYPE, PLAIN);
    response
}

/// The answer to a method that only looks, at an address where every call changes something.
pub(super) fn refuse_a_look(method: &Method) -> Option<Response> {
    let refusal = || {
        let allow = [(ALLOW, HeaderValue::from_static("GET, POST"))];
        (StatusCode::METHOD_NOT_ALLOWED, allow).into_response()
    };
    (*method == Method::HEAD).then(refusal)
}
