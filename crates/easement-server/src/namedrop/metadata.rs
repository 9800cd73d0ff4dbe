//! `GET /.well-known/oauth-authorization-server{base}` (RFC 8414)

use axum::Json;
use axum::extract::State;
use namedrop::Scope;
use serde::Serialize;

use super::paths;
use crate::state::Shared;

/// Where everything is for apps that nobody registered.
#[derive(Serialize)]
pub(crate) struct AppMetadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    scopes_supported: [&'static str; 4],
    response_types_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 2],
    code_challenge_methods_supported: [&'static str; 1],
    token_endpoint_auth_methods_supported: [&'static str; 1],
    revocation_endpoint_auth_methods_supported: [&'static str; 1],
    introspection_endpoint_auth_methods_supported: [&'static str; 1],
}

/// Tells apps what this server speaks.
pub(crate) async fn show_metadata(State(state): State<Shared>) -> Json<AppMetadata> {
    let settings = &state.settings;
    let place = |path: &str| {
        let base = settings.namedrop.base.as_str();
        settings.public_url.join(&format!("{base}{path}"))
    };
    Json(AppMetadata {
        issuer: place(""),
        authorization_endpoint: place(paths::AUTHORIZE),
        token_endpoint: place(paths::TOKEN),
        revocation_endpoint: place(paths::REVOKE),
        introspection_endpoint: place(paths::INTROSPECT),
        scopes_supported: Scope::ALL.map(Scope::as_str),
        response_types_supported: ["code"],
        grant_types_supported: ["authorization_code", "refresh_token"],
        code_challenge_methods_supported: ["S256"],
        token_endpoint_auth_methods_supported: ["none"],
        revocation_endpoint_auth_methods_supported: ["none"],
        introspection_endpoint_auth_methods_supported: ["none"],
    })
}
