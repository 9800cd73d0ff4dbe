//! `GET /.well-known/oauth-authorization-server` (RFC 8414)

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use super::paths;
use crate::state::Shared;

/// Where everything is. There is no `authorization_endpoint`: each service provider has one of its own, at the
/// address of its templates.
#[derive(Serialize)]
pub(crate) struct Metadata {
    issuer: String,
    token_endpoint: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    response_types_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 2],
    code_challenge_methods_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: [&'static str; 3],
    revocation_endpoint_auth_methods_supported: [&'static str; 3],
    introspection_endpoint_auth_methods_supported: [&'static str; 3],
}

/// Tells programs what this server speaks.
pub(crate) async fn show_metadata(State(state): State<Shared>) -> Json<Metadata> {
    const METHODS: [&str; 3] = ["client_secret_basic", "client_secret_post", "none"];
    let url = &state.settings.public_url;
    Json(Metadata {
        issuer: url.origin(),
        token_endpoint: url.join(paths::ACCESS_TOKEN),
        revocation_endpoint: url.join(paths::REVOKE),
        introspection_endpoint: url.join(paths::INTROSPECT),
        response_types_supported: ["code"],
        grant_types_supported: ["authorization_code", "refresh_token"],
        code_challenge_methods_supported: ["S256"],
        token_endpoint_auth_methods_supported: METHODS,
        revocation_endpoint_auth_methods_supported: METHODS,
        introspection_endpoint_auth_methods_supported: METHODS,
    })
}
