//! `/checkip`: from which address a request came, for clients that cannot know it themselves.

use std::net::IpAddr;

use apertodns::address::Family;
use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::ACCEPT;
use serde::Serialize;

use super::plain::plain;
use crate::http::{Fields, source_of};
use crate::state::Shared;

/// The address, as JSON.
#[derive(Serialize)]
pub(crate) struct AddressDocument {
    pub(crate) ip: IpAddr,
}

/// Why there is no address of the family that was asked for, as JSON.
#[derive(Serialize)]
pub(crate) struct ErrorDocument {
    pub(crate) error: String,
}

/// Of either family.
pub(crate) async fn show(State(state): State<Shared>, request: Request) -> Response {
    answer(&state, &request, None)
}

/// IPv4 alone: whoever came over IPv6 is told so.
pub(crate) async fn show_ipv4(State(state): State<Shared>, request: Request) -> Response {
    answer(&state, &request, Some(Family::Ipv4))
}

/// IPv6 alone.
pub(crate) async fn show_ipv6(State(state): State<Shared>, request: Request) -> Response {
    answer(&state, &request, Some(Family::Ipv6))
}

fn answer(state: &Shared, request: &Request, wanted: Option<Family>) -> Response {
    let is_json = wants_json(request);
    let Some(ip) = source_of(request, &state.settings.trusted_proxies) else {
        let error =
            "a proxy in front of this server does not say from which address this request came";
        return not_known(error.to_owned(), is_json);
    };
    let came = Family::of(ip);
    match wanted {
        Some(wanted) if wanted != came => {
            let error = format!(
                "this request came over {came}: ask over {wanted}, for example with curl -{}",
                match wanted {
                    Family::Ipv4 => 4,
                    Family::Ipv6 => 6,
                }
            );
            not_known(error, is_json)
        }
        Some(_) | None if is_json => Json(AddressDocument { ip }).into_response(),
        Some(_) | None => plain(StatusCode::OK, format!("{ip}\n")),
    }
}

fn not_known(error: String, is_json: bool) -> Response {
    if is_json {
        (StatusCode::NOT_FOUND, Json(ErrorDocument { error })).into_response()
    } else {
        plain(StatusCode::NOT_FOUND, format!("{error}\n"))
    }
}

/// `?format=json`, or a header `Accept` that names JSON.
fn wants_json(request: &Request) -> bool {
    let query = Fields::parse(request.uri().query().unwrap_or_default().as_bytes());
    if let Some(format) = query.get("format") {
        return format.eq_ignore_ascii_case("json");
    }
    let accept = request.headers().get(ACCEPT);
    accept
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("application/json"))
}
