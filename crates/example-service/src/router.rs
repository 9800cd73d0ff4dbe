//! Puts handlers behind their addresses, and what every request meets around them.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use http::StatusCode;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;

use crate::context::Shared;
use crate::{assets, pages, paths, security_headers, visitor};

/// The largest form: a link of 8 KiB, encoded once more.
const MAX_FORM_OCTETS: usize = 32 * 1024;
/// The longest address: a sealed value, and what a provider may say about an error.
const MAX_ADDRESS_OCTETS: usize = 16 * 1024;
/// How long a request may take: a discovery asks several servers, each of which has its own limit.
const REQUEST_LIMIT: Duration = Duration::from_mins(1);

pub(crate) fn router(context: Shared) -> Router {
    let around = ServiceBuilder::new()
        .layer(from_fn(security_headers::add))
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            REQUEST_LIMIT,
        ))
        .layer(from_fn(refuse_long_addresses))
        .layer(from_fn_with_state(context.clone(), pages::by_host));
    Router::new()
        .merge(pages_for_visitors(&context))
        // Caches keep them for everybody, and visitors' sites use them: they have nothing to do with who is asking.
        .route(paths::STYLE, get(assets::show_style))
        .route(paths::SCRIPT, get(assets::show_script))
        .fallback(pages::not_found)
        .layer(around)
        .with_state(context)
}

/// What is at our own name only, for browsers that have a cookie of ours.
fn pages_for_visitors(context: &Shared) -> Router<Shared> {
    let around = ServiceBuilder::new()
        .layer(from_fn_with_state(
            context.transport,
            security_headers::keep_to_tls,
        ))
        .layer(from_fn_with_state(context.clone(), visitor::recognise))
        .layer(CsrfLayer::new())
        .layer(DefaultBodyLimit::max(MAX_FORM_OCTETS));
    Router::new()
        .route(paths::HOME, get(pages::show_home))
        // The address that stays in the bar after a form with a mistake: reloading leads to the form.
        .route(
            paths::CONNECT,
            get(|| async { Redirect::to(paths::HOME) }).post(pages::connect),
        )
        .route(paths::RETURN, get(pages::come_back))
        .route(paths::RETURN_ASYNCHRONOUS, get(pages::come_back_with_code))
        .route(paths::MANAGED, get(pages::show_managed).post(pages::change))
        .route(paths::GIVE_BACK, post(pages::give_back))
        .route(paths::DONE, get(pages::show_done))
        .route(paths::OUTCOME, get(pages::show_outcome))
        .route(paths::SITE, get(pages::show_preview))
        .route(paths::TEMPLATES, get(pages::show_templates))
        .route(paths::TEMPLATE, get(pages::show_template))
        .route(paths::TOOLS, get(pages::show_tools))
        .route(paths::SIGN, get(pages::show_sign).post(pages::sign))
        .route(
            paths::VERIFY,
            get(pages::show_verify).post(pages::explain_signature),
        )
        .route(paths::KEY, get(pages::show_key))
        .layer(around)
}

async fn refuse_long_addresses(request: Request, next: Next) -> Response {
    let length = request
        .uri()
        .path_and_query()
        .map_or(0, |path| path.as_str().len());
    if length > MAX_ADDRESS_OCTETS {
        return StatusCode::URI_TOO_LONG.into_response();
    }
    next.run(request).await
}
