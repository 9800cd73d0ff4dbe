//! The web site of the demo's service providers.

use std::sync::Arc;

use askama::Template as _;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use super::Links;
use super::links::OFFERS;
use super::zones::OWNED_APEX;
use crate::pages::views::assets::{DEMO_STYLE, DEMO_STYLE_PATH};
use crate::pages::views::{DemoLink, DemoOutcome, DemoPage};

/// The state that every link asks to be brought back.
const STATE: &str = "order-17";

/// The site: one page with links, to which people come back.
pub fn site(links: Links) -> Router {
    Router::new()
        .route("/", get(show_offers))
        .route(DEMO_STYLE_PATH, get(show_style))
        .with_state(Arc::new(links))
}

async fn show_offers(State(links): State<Arc<Links>>, uri: Uri) -> Response {
    let rows = OFFERS.iter().map(|offer| {
        Ok(DemoLink {
            title: offer.title.to_owned(),
            description: offer.description.to_owned(),
            href: links.link(offer, OWNED_APEX, STATE)?,
        })
    });
    let page = match rows.collect::<Result<Vec<_>, domain_connect::SignError>>() {
        Ok(links) => DemoPage {
            provider: "Services of the demo".to_owned(),
            links,
            outcome: outcome(uri.query().unwrap_or_default()),
        },
        Err(error) => return failed(&error.to_string()),
    };
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => failed(&error.to_string()),
    }
}

fn failed(reason: &str) -> Response {
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        format!("The page could not be made: {reason}\n"),
    )
        .into_response()
}

async fn show_style() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        DEMO_STYLE,
    )
}

/// What the query says about how somebody came back (Domain Connect 2.3, synchronous flow).
fn outcome(query: &str) -> Option<DemoOutcome> {
    let value = |name: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    if let Some(error) = value("error") {
        let description = value("error_description").unwrap_or_default();
        return Some(DemoOutcome::Refused { error, description });
    }
    value("state").map(|state| DemoOutcome::Connected { state })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_says_how_somebody_came_back() {
        for (query, expected) in [
            ("", None),
            (
                "state=a%20b",
                Some(DemoOutcome::Connected {
                    state: "a b".to_owned(),
                }),
            ),
            (
                "error=access_denied&error_description=user_cancel&state=x",
                Some(DemoOutcome::Refused {
                    error: "access_denied".to_owned(),
                    description: "user_cancel".to_owned(),
                }),
            ),
        ] {
            assert_eq!(outcome(query), expected, "{query}");
        }
    }
}
