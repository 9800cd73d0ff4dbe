//! The website of the demo's service providers, on an origin of its own: links to connect, and the
//! page that people come back to.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use askama::Template as _;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use axum_server::Handle;
use domain_connect::SignError;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use tokio::task::JoinHandle;

use super::DemoError;
use super::service_provider::{OFFERS, ServiceProvider};
use crate::config::BasePath;
use crate::http::listener::{self, Door, Guests};
use crate::http::{AddressQuery, Fields, bind};
use crate::pages::views::assets::{
    DEMO_APP_SCRIPT, DEMO_APP_SCRIPT_PATH, DEMO_STYLE, DEMO_STYLE_PATH,
};
use crate::pages::views::{DemoAppPage, DemoLink, DemoOutcome, DemoPage};

/// Where people come back to.
const RETURN: &str = "/return";
/// The app that asks for a name.
const APP: &str = "/app";
/// No page waits for anything.
const REQUEST_LIMIT: Duration = Duration::from_secs(10);
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The running website.
#[derive(Debug)]
pub(super) struct Website {
    site: Site,
    handle: Handle<SocketAddr>,
    task: JoinHandle<std::io::Result<()>>,
}

#[derive(Clone, Debug)]
struct Site {
    provider: ServiceProvider,
    origin: String,
    namedrop: NameDropPlace,
}

/// Where the DNS provider speaks `NameDrop`.
#[derive(Clone, Debug)]
pub(super) struct NameDropPlace {
    pub(super) origin: String,
    pub(super) base: BasePath,
}

impl Website {
    pub(super) async fn start(
        address: SocketAddr,
        provider: ServiceProvider,
        namedrop: NameDropPlace,
    ) -> Result<Self, DemoError> {
        let refused = |error| DemoError::Website { address, error };
        let socket = bind(address).map_err(refused)?;
        let address = socket.local_addr().map_err(refused)?;
        let site = Site {
            provider,
            origin: format!("http://{address}"),
            namedrop,
        };
        let router = Router::new()
            .route("/", get(show_links))
            .route(RETURN, get(show_links))
            .route(APP, get(show_app))
            .route(DEMO_APP_SCRIPT_PATH, get(show_script))
            .route(DEMO_STYLE_PATH, get(show_style))
            .with_state(site.clone());
        let handle = Handle::new();
        let door = Door::new(Guests::NearOnly, Vec::new(), REQUEST_LIMIT, Arc::default());
        let task = tokio::spawn(listener::serve(socket, None, door, router, handle.clone()));
        handle.listening().await;
        Ok(Self { site, handle, task })
    }

    pub(super) fn service_provider(&self) -> &ServiceProvider {
        &self.site.provider
    }

    pub(super) fn url(&self) -> String {
        format!("{}/", self.site.origin)
    }

    pub(super) async fn stop(self) {
        self.handle.shutdown();
        // It has nothing to save: however it ended, it has ended.
        let _ = self.task.await;
    }
}

async fn show_links(
    State(site): State<Site>,
    AddressQuery(query): AddressQuery,
) -> Result<Response, StatusCode> {
    let back = format!("{}{RETURN}", site.origin);
    let links = OFFERS
        .iter()
        .map(|offer| {
            Ok(DemoLink {
                title: offer.title.to_owned(),
                description: offer.description.to_owned(),
                href: site.provider.link_for(offer, &back)?,
            })
        })
        .collect::<Result<_, SignError>>()
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let page = DemoPage {
        provider: "Example services".to_owned(),
        links,
        outcome: outcome(&query),
    };
    let page = page
        .render()
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(([(CONTENT_SECURITY_POLICY, POLICY)], Html(page)).into_response())
}

/// What the DNS provider sent the person back with.
fn outcome(query: &Fields) -> Option<DemoOutcome> {
    match (query.get("error"), query.get("state")) {
        (Some(error), _) => Some(DemoOutcome::Refused {
            error: error.to_owned(),
            description: query.text("error_description").to_owned(),
        }),
        (None, Some(state)) => Some(DemoOutcome::Connected {
            state: state.to_owned(),
        }),
        (None, None) => None,
    }
}

/// The app is a page with a script, which talks to the DNS provider by itself.
async fn show_app(State(site): State<Site>) -> Result<Response, StatusCode> {
    let NameDropPlace { origin, base } = &site.namedrop;
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src {origin}; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    let page = DemoAppPage {
        api: format!("{origin}{base}"),
    };
    let page = page
        .render()
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(([(CONTENT_SECURITY_POLICY, policy)], Html(page)).into_response())
}

async fn show_script() -> Response {
    let script_type = [(CONTENT_TYPE, "text/javascript; charset=utf-8")];
    (script_type, DEMO_APP_SCRIPT).into_response()
}

async fn show_style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], DEMO_STYLE).into_response()
}
