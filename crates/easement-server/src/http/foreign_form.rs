//! Forms from other sites, refused with a page that says so.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tower_http::csrf::ProtectionError;

use crate::pages::PageError;

/// Turns the refusal of the layer within into an error that becomes a page.
pub(crate) async fn explain(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    match response.extensions().get::<ProtectionError>() {
        Some(_) => PageError::ForeignForm.into_response(),
        None => response,
    }
}
