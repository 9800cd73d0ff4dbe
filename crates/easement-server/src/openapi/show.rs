//! `GET /openapi.json`

use std::sync::LazyLock;

use axum::response::{IntoResponse as _, Response};
use domain_connect::Checksum;
use http::header::{CONTENT_TYPE, ETAG};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::text;
use crate::http::entity_tag::EntityTag;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The document. It changes with the program only.
pub(crate) async fn show_openapi(headers: HeaderMap) -> Response {
    static TAG: LazyLock<EntityTag> =
        LazyLock::new(|| EntityTag::new("openapi", Checksum::of(text().as_bytes())));
    let tag = [(ETAG, TAG.header())];
    if TAG.is_known(&headers) {
        return (StatusCode::NOT_MODIFIED, tag).into_response();
    }
    (tag, [(CONTENT_TYPE, JSON)], text()).into_response()
}
