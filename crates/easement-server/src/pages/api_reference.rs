//! `/docs/api`

use std::sync::{Arc, LazyLock};

use axum::response::Response;

use crate::http::Visitor;
use crate::openapi;
use crate::pages::views::{ApiReference, ApiReferencePage, Section};
use crate::pages::{PageError, show};

/// GET
pub(crate) async fn show_api_reference(visitor: Visitor) -> Result<Response, PageError> {
    /// It changes with the program only.
    static REFERENCE: LazyLock<Arc<ApiReference>> =
        LazyLock::new(|| Arc::new(ApiReference::new(&openapi::document(), openapi::OPENAPI)));
    show(&ApiReferencePage {
        shell: visitor.shell(Section::Elsewhere),
        reference: Arc::clone(&REFERENCE),
    })
}
