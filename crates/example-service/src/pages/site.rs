//! The visitors' sites: what DNS says, and nothing else.

use std::net::IpAddr;

use askama::Template;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use easement_zone::Name;
use http::header::HOST;
use http::{Method, StatusCode};
use url::Host;

use super::{PageError, filters, show};
use crate::context::{Context, Shared};
use crate::form::AddressQuery;
use crate::network;
use crate::offer::MESSAGE_PREFIX;
use crate::outside::Trouble;
use crate::paths;
use crate::visitor::Visitor;
use crate::wish::is_usual;

/// How much of a message is shown, whatever stands in DNS.
const MAX_SHOWN: usize = 500;

/// A visitor's site.
#[derive(Debug, Template)]
#[template(path = "site.html")]
struct SitePage {
    name: String,
    home: String,
    found: Result<Option<String>, Trouble>,
}

/// Whose page a request asks for, by the name that it was sent to.
#[derive(Debug, Eq, PartialEq)]
enum Asked {
    /// One of ours.
    Ours,
    /// A visitor's.
    Site(Name),
    /// An address, or our own name at another port: nobody's.
    Elsewhere,
}

/// Shows sites at their names, and lets our own pages through.
pub(crate) async fn by_host(
    State(context): State<Shared>,
    request: Request,
    next: Next,
) -> Response {
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| request.uri().authority().map(http::uri::Authority::as_str))
        .unwrap_or_default();
    match asked(&context, host) {
        Asked::Ours => next.run(request).await,
        Asked::Elsewhere => elsewhere(&context),
        // A page may only use the style of the name that it is at.
        Asked::Site(_) if request.uri().path() == paths::STYLE => next.run(request).await,
        Asked::Site(_) if !matches!(*request.method(), Method::GET | Method::HEAD) => {
            StatusCode::METHOD_NOT_ALLOWED.into_response()
        }
        Asked::Site(name) => {
            let address = network::address_of(&request, &context.options.trusted_proxies);
            match context.limits.sites.take(address, context.now()) {
                Ok(()) => show_site(&context, &name, address).await.into_response(),
                Err(wait) => PageError::TooOften { wait }.into_response(),
            }
        }
    }
}

fn asked(context: &Context, host: &str) -> Asked {
    let url = &context.public_url;
    let own = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    // A proxy may name the usual port, too.
    let is_usual = url.port().is_none() && host.eq_ignore_ascii_case(own);
    if is_usual || host.eq_ignore_ascii_case(&format!("{own}:{port}")) {
        return Asked::Ours;
    }
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if url
        .host_str()
        .is_some_and(|own| own.eq_ignore_ascii_case(name))
    {
        return Asked::Elsewhere;
    }
    match Host::parse(name) {
        Ok(Host::Domain(name)) => match name.parse::<Name>() {
            Ok(name) if name.label_count() > 1 => Asked::Site(name),
            Ok(_) | Err(_) => Asked::Elsewhere,
        },
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) | Err(_) => Asked::Elsewhere,
    }
}

/// Where our own pages are: no redirect, since the request may not be from a browser of ours at all.
fn elsewhere(context: &Context) -> Response {
    let words = format!(
        "This is Stateless Hosting. Its pages are at {}\n",
        context.public_url
    );
    (StatusCode::MISDIRECTED_REQUEST, words).into_response()
}

/// `GET /site`: a site, for those whose computer asks another DNS.
pub(crate) async fn show_preview(
    State(context): State<Shared>,
    visitor: Visitor,
    query: AddressQuery,
) -> Result<Response, PageError> {
    let name: Name = query
        .fields
        .text("name")
        .parse()
        .ok()
        .filter(is_usual)
        .ok_or(PageError::NotFound)?;
    let taken = context.limits.sites.take(visitor.address, context.now());
    taken.map_err(|wait| PageError::TooOften { wait })?;
    show_site(&context, &name, visitor.address).await
}

async fn show_site(context: &Context, name: &Name, address: IpAddr) -> Result<Response, PageError> {
    let found = {
        let place = context.places.sites.take(address);
        let _place = place.ok_or(PageError::Busy)?;
        context.outside.texts(name).await
    };
    let status = match &found {
        Ok(texts) if message(texts).is_none() => StatusCode::NOT_FOUND,
        Ok(_) => StatusCode::OK,
        Err(_) => StatusCode::BAD_GATEWAY,
    };
    let page = SitePage {
        name: name.to_unicode(),
        home: context.public_url.to_string(),
        found: found.map(|texts| message(&texts)),
    };
    Ok((status, show(&page)?).into_response())
}

/// The first message among text records.
fn message(texts: &[Vec<u8>]) -> Option<String> {
    let text = texts
        .iter()
        .find_map(|text| text.strip_prefix(MESSAGE_PREFIX.as_bytes()))?;
    Some(
        String::from_utf8_lossy(text)
            .chars()
            .take(MAX_SHOWN)
            .collect(),
    )
}

/// Where the site of a name is: at the port of ours.
pub(crate) fn address_of_site(context: &Context, name: &Name) -> String {
    let url = &context.public_url;
    match url.port() {
        Some(port) => format!("http://{}:{port}/", name.to_text()),
        None => format!("http://{}/", name.to_text()),
    }
}
