//! `GET /my-ip`

use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;

use super::plain::plain;
use crate::http::address_of;
use crate::state::Shared;

/// From which address a request came: that of the connection, or what a proxy of the configuration says.
pub(crate) async fn show_my_ip(State(state): State<Shared>, request: Request) -> Response {
    let address = address_of(&request, &state.settings.trusted_proxies);
    plain(StatusCode::OK, address.to_canonical().to_string())
}
