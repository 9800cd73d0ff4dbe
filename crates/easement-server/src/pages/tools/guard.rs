//! Who may use the tools, and how often.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{HeaderName, HeaderValue};
use http::{Method, Uri};

use crate::config::ToolsAccess;
use crate::http::Visitor;
use crate::pages::PageError;
use crate::state::{ServerState, Shared};

const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// Lets through whom the configuration says, as often as is decent. Nothing here is for search engines.
pub(crate) async fn guard(State(state): State<Shared>, request: Request, next: Next) -> Response {
    let mut response = match admit(&state, &request) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    };
    let nothing = HeaderValue::from_static("noindex, nofollow");
    response.headers_mut().insert(ROBOTS, nothing);
    response
}

fn admit(state: &ServerState, request: &Request) -> Result<(), PageError> {
    let visitor = request.extensions().get::<Visitor>();
    let visitor =
        visitor.ok_or_else(|| PageError::failure("the tools are not behind the visitor layer"))?;
    if !visitor.may_use_tools() {
        return Err(refusal(state.settings.tools, visitor, request));
    }
    if is_work(request.method(), request.uri()) {
        state
            .workbench
            .count(visitor.address, state.clock.now())
            .map_err(|wait| PageError::TooOften { wait })?;
    }
    Ok(())
}

/// Pages that only show words are not counted.
fn is_work(method: &Method, uri: &Uri) -> bool {
    method == Method::POST || uri.query().is_some()
}

fn refusal(access: ToolsAccess, visitor: &Visitor, request: &Request) -> PageError {
    let is_known = visitor.signed_in.is_some();
    match access {
        ToolsAccess::Closed | ToolsAccess::Public => PageError::NotFound,
        ToolsAccess::Operators if is_known => PageError::OperatorsOnly,
        ToolsAccess::Operators | ToolsAccess::Members => {
            if request.method() == Method::POST {
                return PageError::SignedOut;
            }
            let next = request.uri().path_and_query();
            PageError::SignInFirst {
                next: next.map(ToString::to_string).unwrap_or_default(),
            }
        }
    }
}
