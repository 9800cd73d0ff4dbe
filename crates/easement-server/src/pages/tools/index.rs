//! `/tools`

use axum::response::Response;

use crate::http::Visitor;
use crate::pages::views::{Section, ToolsPage};
use crate::pages::{PageError, show};

/// GET
pub(crate) async fn show_tools(visitor: Visitor) -> Result<Response, PageError> {
    show(&ToolsPage {
        shell: visitor.shell(Section::Tools),
    })
}
